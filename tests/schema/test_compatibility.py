"""What an upgrade of a definition breaks, change by change."""

import copy

import pytest

from kubecrd import Pattern, Resource, compare_crds, custom_resource, kube_schema
from kubecrd.schema.compatibility import Change


def crd(spec=None, **version):
    schema = {"type": "object", "properties": {"spec": {"type": "object", **(spec or {})}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "pizzas.shop.example.com"},
        "spec": {
            "group": "shop.example.com",
            "names": {"kind": "Pizza", "plural": "pizzas", "shortNames": ["pz"]},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **version}
            ],
        },
    }


def field(**schema):
    return {"properties": {"f": schema}}


STRING, INTEGER = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (field(**STRING), {}, "breaking: v1: spec.f: the field is gone: what is stored in it is dropped"),
        (field(**STRING), field(**INTEGER), "breaking: v1: spec.f: the type was string, and is integer"),
        (
            {},
            {**field(**STRING), "required": ["f"]},
            "breaking: v1: spec.f: the field is new and required: objects without it are refused",
        ),
        (
            field(**STRING),
            {**field(**STRING), "required": ["f"]},
            "breaking: v1: spec.f: the field is required now: objects without it are refused",
        ),
        (
            field(type="string", enum=["a", "b", "c"]),
            field(type="string", enum=["a"]),
            "breaking: v1: spec.f: 'b', 'c' are no longer allowed",
        ),
        (field(**STRING), field(type="string", enum=["a"]), "breaking: v1: spec.f: only 'a' are allowed now"),
        (
            field(type="string", maxLength=9),
            field(type="string", maxLength=5),
            "breaking: v1: spec.f: the maximal length was 9, and is 5",
        ),
        (
            field(**INTEGER),
            field(type="integer", minimum=1),
            "breaking: v1: spec.f: the minimum is 1 now; there was none",
        ),
        (
            field(type="integer", minimum=1),
            field(type="integer", minimum=1, exclusiveMinimum=True),
            "breaking: v1: spec.f: the minimum itself is no longer allowed",
        ),
        (
            field(type="string", pattern="a"),
            field(type="string", pattern="b"),
            "breaking: v1: spec.f: the pattern was 'a', and is 'b'",
        ),
        (
            field(type="string", nullable=True),
            field(**STRING),
            "breaking: v1: spec.f: null was a value, and is none now",
        ),
        (
            field(type="object", **{"x-kubernetes-preserve-unknown-fields": True}),
            field(type="object"),
            "breaking: v1: spec.f: unknown fields were kept, and are dropped now",
        ),
        (field(**STRING), field(type="string", format="uuid"), "breaking: v1: spec.f: the format is uuid now"),
        (
            field(type="array", items=STRING),
            field(type="array", items=INTEGER),
            "breaking: v1: spec.f[]: the type was string, and is integer",
        ),
        (
            field(type="object", additionalProperties=STRING),
            field(type="object", additionalProperties=INTEGER),
            "breaking: v1: spec.f[*]: the type was string, and is integer",
        ),
        (
            field(type="array", items=STRING),
            field(type="array", items=STRING, **{"x-kubernetes-list-type": "set"}),
            "breaking: v1: spec.f: the list was atomic, and is set: items are merged and owned otherwise",
        ),
        (
            field(**STRING),
            field(type="string", **{"x-kubernetes-validations": [{"rule": "self != ''"}]}),
            "warning: v1: spec.f: the rule \"self != ''\" is new: what breaks it can no longer be written",
        ),
        (
            field(type="integer", default=1),
            field(type="integer", default=2),
            "warning: v1: spec.f: the default was 1, and is 2",
        ),
        (
            field(type="integer", default=1),
            field(**INTEGER),
            "warning: v1: spec.f: the default 1 is gone: new objects have nothing there",
        ),
        (
            field(**STRING),
            field(**STRING, anyOf=[{"maxLength": 3}]),
            "breaking: v1: spec.f: anyOf is new: it must hold now",
        ),
        (
            field(**STRING, anyOf=[{"maxLength": 3}, {"minLength": 9}]),
            field(**STRING, anyOf=[{"maxLength": 3}]),
            "breaking: v1: spec.f: anyOf has changed: what it took may be refused",
        ),
        (
            field(**STRING, **{"not": {"pattern": "a"}}),
            field(**STRING, **{"not": {"pattern": "b"}}),
            "breaking: v1: spec.f: not has changed: what it took may be refused",
        ),
        (
            field(type="object", additionalProperties=STRING),
            field(type="object", properties={"a": STRING}),
            "breaking: v1: spec.f: any key could be set, and only 'a' can be now: others are dropped",
        ),
        (
            field(type="object", additionalProperties=STRING),
            field(type="object"),
            "breaking: v1: spec.f: any key could be set, and none can now: stored ones are dropped",
        ),
        (
            field(type="object", properties={"a": STRING}),
            field(type="object", additionalProperties=INTEGER),
            "breaking: v1: spec.f.a: the type was string, and is integer",
        ),
        (
            field(type="object", additionalProperties=True),
            field(type="object", additionalProperties=STRING),
            "breaking: v1: spec.f[*]: any value was taken, and only string is now",
        ),
        (
            {"x-kubernetes-preserve-unknown-fields": True},
            {"x-kubernetes-preserve-unknown-fields": True, **field(**STRING)},
            "warning: v1: spec.f: the field was kept as an unknown one, whatever it was, and is string now",
        ),
        (
            field(type="object", **{"x-kubernetes-preserve-unknown-fields": True}),
            field(
                type="object", **{"x-kubernetes-preserve-unknown-fields": True, "x-kubernetes-embedded-resource": True}
            ),
            "breaking: v1: spec.f: it must be a whole object now, with apiVersion and kind",
        ),
        (
            field(type="integer", multipleOf=2),
            field(type="integer", multipleOf=4),
            "breaking: v1: spec.f: the divisor was 2, and is 4",
        ),
        (
            field(type="string", **{"x-kubernetes-validations": [{"rule": "self != oldSelf"}]}),
            field(
                type="string", **{"x-kubernetes-validations": [{"rule": "self != oldSelf", "optionalOldSelf": True}]}
            ),
            "warning: v1: spec.f: the rule 'self != oldSelf' is asked of new objects too",
        ),
    ],
)
def test_a_change_of_the_schema_is_told(old, new, change):
    assert list(map(str, compare_crds(crd(old), crd(new)))) == [change]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {}),
        ({}, field(**STRING)),
        ({}, {**field(type="integer", default=1), "required": ["f"]}),
        (field(type="integer", maximum=5), field(type="integer", maximum=9)),
        (field(type="string", enum=["a"]), field(type="string", enum=["a", "b"])),
        (field(type="string", enum=["a"]), field(**STRING)),
        (field(**INTEGER), field(type="number")),
        (field(**STRING), field(**{"x-kubernetes-int-or-string": True})),
        (field(**STRING), field(type="string", nullable=True)),
        (field(type="string", description="a"), field(type="string", description="b")),
        (field(type="string", **{"x-kubernetes-validations": [{"rule": "true"}]}), field(**STRING)),
        (field(**STRING), {"x-kubernetes-preserve-unknown-fields": True}),
        (field(type="integer", multipleOf=4), field(type="integer", multipleOf=2)),
        (field(**STRING), field(type="string", minLength=0)),
        (field(**STRING), field(type="string", format="unknown-to-servers")),
        (field(**STRING, anyOf=[{"maxLength": 3}]), field(**STRING, anyOf=[{"maxLength": 3}, {"minLength": 9}])),
        (field(**STRING, allOf=[{"maxLength": 3}, {"minLength": 1}]), field(**STRING, allOf=[{"maxLength": 3}])),
        (field(type="object", properties={"a": STRING}), field(type="object", additionalProperties=STRING)),
        (
            field(**{"x-kubernetes-int-or-string": True}),
            field(**{"x-kubernetes-int-or-string": True, "anyOf": [INTEGER, STRING]}),
        ),
    ],
)
def test_what_only_allows_more_is_safe(old, new):
    assert compare_crds(crd(old), crd(new)) == []


def changed(change):
    made = copy.deepcopy(crd())
    change(made["spec"])
    return made


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda spec: spec.update(group="other.example.com"), "breaking: group: the group cannot change"),
        (
            lambda spec: spec.update(scope="Cluster"),
            "breaking: scope: the scope cannot change: it was Namespaced, and is Cluster",
        ),
        (lambda spec: spec["names"].update(kind="Pie"), "breaking: names.kind: it was Pizza, and is Pie"),
        (
            lambda spec: spec["names"].update(shortNames=[]),
            "warning: names.shortNames: 'pz' is gone, which somebody may type",
        ),
        (
            lambda spec: spec["versions"][0].update(name="v2"),
            "breaking: v1: the version is gone, but objects are stored in it",
        ),
        (
            lambda spec: spec["versions"][0].update(subresources={"status": {}}),
            "breaking: v1: the status has become a subresource",
        ),
        (
            lambda spec: spec["versions"][0].update(deprecated=True),
            "warning: v1: the version is deprecated now, of which all clients are told",
        ),
        (
            lambda spec: spec["names"].update(listKind="Pizze"),
            "warning: names.listKind: it was PizzaList, and is Pizze",
        ),
    ],
)
def test_a_change_of_the_kind_is_told(change, told):
    assert str(compare_crds(crd(), changed(change))[0]).startswith(told)


def test_a_version_that_is_no_longer_served_is_told():
    old = crd()
    old["spec"]["versions"].append({**old["spec"]["versions"][0], "name": "v2", "storage": False})
    new = copy.deepcopy(old)
    new["spec"]["versions"][1]["served"] = False

    assert compare_crds(old, new) == [
        Change("breaking", "v2", "the version is no longer served, but clients ask for it")
    ]


def test_a_version_in_which_objects_are_still_stored_must_stay():
    """The status of an installed definition knows what the spec no longer says."""
    old = {**crd(), "status": {"storedVersions": ["v1", "v1beta1"]}}
    old["spec"]["versions"].append({**old["spec"]["versions"][0], "name": "v1beta1", "storage": False, "served": False})

    assert compare_crds(old, crd()) == [
        Change("breaking", "v1beta1", "the version is gone, but objects are stored in it")
    ]


SCALE = {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a", "labelSelectorPath": ".status.s"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            {"subresources": {"scale": SCALE}},
            {"subresources": {"scale": {**SCALE, "specReplicasPath": ".spec.b"}}},
            "breaking: v1: the path of the wanted replicas of scale was .spec.a, and is .spec.b, but autoscalers rely on it",
        ),
        (
            {"subresources": {"scale": SCALE}},
            {"subresources": {"scale": {**SCALE, "labelSelectorPath": ""}}},
            "breaking: v1: the path of the selector of scale is gone: it was .status.s, but autoscalers rely on it",
        ),
        (
            {"selectableFields": [{"jsonPath": ".spec.f"}]},
            {},
            "breaking: v1: spec.f: field selectors by it are refused now",
        ),
    ],
    ids=["scale moved", "selector gone", "not selectable"],
)
def test_a_change_of_a_version_is_told(old, new, told):
    schema = field(**STRING)

    assert list(map(str, compare_crds(crd(schema, **old), crd(schema, **new)))) == [told]


def two_versions(stored, *, strategy="None"):
    made = crd(field(**STRING))
    (first,) = made["spec"]["versions"]
    second = {**crd()["spec"]["versions"][0], "name": "v2"}
    made["spec"]["versions"] = [{**each, "storage": each["name"] == stored} for each in (first, second)]
    made["spec"]["conversion"] = {"strategy": strategy}
    return made


def test_storing_in_a_version_that_has_fewer_fields_loses_them():
    assert list(map(str, compare_crds(two_versions("v1"), two_versions("v2")))) == [
        "breaking: v1: spec.f: objects are stored in v2 now, which has no such field: it is dropped"
    ]
    assert compare_crds(two_versions("v1", strategy="Webhook"), two_versions("v2", strategy="Webhook")) == []


def test_objects_that_a_webhook_converted_are_missed():
    assert list(map(str, compare_crds(two_versions("v2", strategy="Webhook"), two_versions("v2")))) == [
        "breaking: conversion: a webhook converted objects, and only their apiVersion changes now"
    ]


def test_classes_can_be_compared():
    from typing import Annotated

    @kube_schema
    class Loose:
        name: str

    @kube_schema
    class Strict:
        name: Annotated[str, Pattern("^a")]

    def made(spec_class):
        @custom_resource(group="shop.example.com", version="v1", kind="Cake")
        class Cake(Resource):
            spec: spec_class

        return Cake.crd()

    assert [str(change) for change in compare_crds(made(Loose), made(Strict))] == [
        "breaking: v1: spec.name: the pattern is '^a' now; there was none"
    ]
