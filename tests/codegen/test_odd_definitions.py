"""What the API server takes becomes classes and comes back, however odd it is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from kubecrd.cli.loading import load_module
from kubecrd.codegen.definitions import Style
from kubecrd.codegen.package import generate_version, versions_of
from kubecrd.errors import DefinitionError
from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.modules import custom_resources
from tests.codegen.strategies import SPECS
from tests.codegen.test_package import TEXT, definition, made, of
from tests.samples import lossy
from tools.check_generation import check_generation, type_errors


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(SPECS)
def test_any_definition_comes_back(spec):
    crd = definition(spec)
    assume(not check_crd(prepare_crd(crd)))
    (source,) = versions_of([crd])

    # What classes cannot give back node by node would be given whole, beside them.
    assert "schema={" not in generate_version(source, Style()).text()


CONTRADICTORY = {**TEXT, "minLength": 3, "maxLength": 2}


def test_what_contradicts_itself_is_kept_where_it_stands():
    found = made(of(a=CONTRADICTORY, b=of(c={**TEXT, "maxLength": 9})))

    assert found.overrides == 1
    assert 'a: Annotated[str | None, SchemaOverride({"minLength": 3, "maxLength": 2})] = None' in found.text()
    assert "c: Annotated[str | None, at.MaxLen(9)] = None" in found.text()


@pytest.mark.parametrize(
    ("spec", "overrides"),
    [
        ({**of(a=TEXT), "minProperties": 2, "maxProperties": 1}, 1),
        ({**of(a=TEXT), "minProperties": 2, "maxProperties": 1, "nullable": True, "x-kubernetes-preserve-unknown-fields": True}, 1),
        (of(a={"type": "array", "items": CONTRADICTORY}, b=CONTRADICTORY), 2),
        (of(a={"type": "array", "items": {"type": "integer", "format": "int32", "minimum": 9, "maximum": 1}}), 1),
        (of(a={**TEXT, "not": {}}, b={"type": "integer", "oneOf": [{}]}), 1),
        ({**of(a=CONTRADICTORY), "minProperties": 2, "maxProperties": 1, "required": ["a"]}, 2),
        (of(a=of(x=CONTRADICTORY), b=of(y=of(x=CONTRADICTORY))), 2),
    ],
    ids=["object", "open-object", "items", "numbers", "not-of-nothing", "two-levels", "one-class-twice"],
)  # fmt: skip
def test_an_override_is_counted_wherever_its_schema_stands(spec, overrides):
    assert made(spec).overrides == overrides


def test_what_stands_in_an_override_is_counted_too():
    embedded = {**of(apiVersion=TEXT, spec=of(x=TEXT)), "x-kubernetes-embedded-resource": True}

    assert made(of(a=embedded)).overrides == 4


QUOTES = 'It says "no"\\n, \'yes\' or """both"""; {x} %s \\N{DASH} \u2028 ü é 日本'


def several_versions():
    """A definition that says everything that one can say beside a schema."""
    rules = [
        {"rule": "self.min <= self.max", "messageExpression": "'\"min\" is %d'.format([self.min])", "reason": "FieldValueForbidden", "fieldPath": ".min"},
        {"rule": "!oldSelf.hasValue() || self.max >= oldSelf.value().max", "message": QUOTES.replace("\u2028", "").replace("\\n", "n"), "optionalOldSelf": True},
    ]  # fmt: skip
    number = {"type": "integer", "default": 0, "minimum": -9, "format": "int32"}
    port = {
        **of(**{"a-b": TEXT, "port": {"type": "integer", "default": 80}, "protocol": {**TEXT, "default": "TCP"}}),
        "required": ["a-b"],
    }
    spec = {
        **of(
            min=number, max=number, replicas=number, class_={"type": "boolean"}, **{"class": TEXT, "größe": TEXT, "x.y/z": TEXT},
            ports={"type": "array", "items": port, "maxItems": 9, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a-b", "port", "protocol"]},
            tree={"type": "object", "additionalProperties": {"type": "array", "items": {"type": "object", "additionalProperties": of(a=TEXT)}}},
            anything={"x-kubernetes-preserve-unknown-fields": True, "nullable": True, "default": {"a": [1, None, {"b": QUOTES}]}},
            amount={"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, TEXT], "default": "50%"},
            choice={**TEXT, "enum": ["", " ", "True", "null", "1", QUOTES], "default": ""},
            nested=of(a=of(b=of(c=of(d=of(e={**of(f=TEXT), "description": QUOTES}))))), empty={"type": "object"}, open={"type": "object", "additionalProperties": True},
        ), "description": QUOTES, "x-kubernetes-validations": rules, "required": ["ports", "class"],
    }  # fmt: skip
    status = of(replicas={"type": "integer"}, selector=TEXT, phase={**TEXT, "description": "Args:\n  none"})
    schema = {"type": "object", "description": "Note:\n  odd", "properties": {"spec": spec, "status": status}}
    whole = {
        "served": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"},
        },
        "additionalPrinterColumns": [
            {"name": "Größe", "type": "string", "jsonPath": ".spec.größe", "priority": 1},
            {"name": 'A "b"', "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": QUOTES},
        ],
        "selectableFields": [{"jsonPath": ".spec.class"}, {"jsonPath": ".spec.min"}],
    }  # fmt: skip
    crd = definition(kind="Widget")
    crd["metadata"] |= {"labels": {"a.b/c": "d"}, "annotations": {"e": QUOTES}}
    crd["spec"] |= {
        "scope": "Cluster",
        "names": {"kind": "Widget", "plural": "widgets", "singular": "wd", "listKind": "WidgetItems", "shortNames": ["w"], "categories": ["all"]},
        "versions": [
            {"name": "v1", "storage": True, **whole},
            {"name": "v1beta1", "storage": False, **whole, "deprecated": True, "deprecationWarning": 'say "v1"'},
            {"name": "odd", "storage": False, "served": False, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}},
        ],
        "conversion": {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://example.com/convert"}}},
    }  # fmt: skip
    return crd


def test_definitions_that_say_everything_come_back_are_taken_and_typed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    names = (
        "class",
        "None",
        "self",
        "str",
        "int",
        "dict",
        "list",
        "1st",
        "a-b",
        "a_b",
        "aB",
        "größe",
        "$ref",
        "_",
        "field",
    )
    others = definition(of(**{name: of(**{name: TEXT}) for name in names}), kind="Resource")
    keywords = definition(of(a=CONTRADICTORY, b=of(c=TEXT)), kind="Annotated", group="example.org")

    result = check_generation([several_versions(), others, keywords], tmp_path / "odd_kinds")

    assert (result.changed, result.refused) == ([], {})
    # Once for what contradicts itself; `additionalProperties: true` has no type, and stands in two versions.
    assert sum(each.overrides for each in result.versions) == 3
    assert lossy(custom_resources(load_module("odd_kinds"))) == []
    assert type_errors(tmp_path / "odd_kinds") == ""


def test_what_no_class_can_say_is_told_with_the_definition_and_the_path():
    crd = definition(of(a={"type": "integer", "format": "int32", "minimum": -(2**53), "default": 0}))
    (source,) = versions_of([crd])

    with pytest.raises(DefinitionError) as error:
        generate_version(source, Style())

    assert str(error.value) == (
        'widgets.example.com, version v1: Widget: properties[spec].properties[a].default: Invalid value: "": '
        "Minimum boundary value must be of type integer with format int32 in "
    )
