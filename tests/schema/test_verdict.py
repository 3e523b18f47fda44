"""The API server's verdict by the functions that users call: what is refused, what is stored, what is warned of."""

from __future__ import annotations

import pytest

from kubecrd import ObjectValidator, Resource, custom_resource, kube_schema, validate, verdict
from kubecrd.errors import DecodeError, DefinitionError, InvalidObjectError, RequestError
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.schema.markers import Rule
from tests.schema.helpers import definition, field, widget

SPEC = {
    "type": "object",
    "properties": {"n": {"type": "integer", "default": 3, "maximum": 9}},
    "x-kubernetes-validations": [{"rule": "self.n != 4"}],
}
WIDGETS = definition(
    {
        "type": "object",
        "properties": {"spec": SPEC, "status": {"type": "object", "properties": {"n": {"type": "integer"}}}},
    },
    version={"subresources": {"status": {}}},
)


def texts(errors):
    return list(map(str, errors))


def test_what_would_be_stored_is_pruned_and_defaulted():
    stored = ObjectValidator(WIDGETS).stored(widget({"x": 1}, metadata={"uid": "made up"}, status={"n": 1}))

    assert stored == {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "a", "namespace": "default", "generation": 1},
        "spec": {"n": 3},
    }


def test_an_update_keeps_what_only_the_server_writes():
    old = widget({"n": 1}, metadata={"uid": "u", "generation": 7, "resourceVersion": "1"}, status={"n": 1})

    stored = ObjectValidator(WIDGETS).stored(widget({"n": 2}, status={"n": 2}), old)

    assert (stored["metadata"]["uid"], stored["metadata"]["generation"], stored["status"]) == ("u", 8, {"n": 1})


def test_a_status_update_changes_nothing_else():
    stored = ObjectValidator(WIDGETS).stored(
        widget({"n": 2}, status={"n": 2}), widget({"n": 1}, status={"n": 1}), subresource="status"
    )

    assert (stored["spec"], stored["status"]) == ({"n": 1}, {"n": 2})


def test_what_cannot_be_stored_is_refused():
    with pytest.raises(
        InvalidObjectError, match=r'^Widget.example.com "a" is invalid: spec.n: Invalid value: 10: spec'
    ):
        ObjectValidator(WIDGETS).stored(widget({"n": 10}))


def test_an_object_in_another_namespace_is_another_object():
    old = widget({"n": 1}, metadata={"namespace": "other"})
    new = widget({"n": 2}, metadata={"namespace": ""})

    assert ObjectValidator(WIDGETS).verdict(new, old) == []
    assert set(texts(ObjectValidator(WIDGETS).verdict(widget({"n": 2}), old))) == {
        'metadata.namespace: Invalid value: "default": field is immutable'
    }


def test_a_generated_name_needs_no_name():
    generated = {**widget({"n": 1}), "metadata": {"generateName": "a-"}}

    assert ObjectValidator(WIDGETS).verdict(generated) == []
    assert texts(ObjectValidator(WIDGETS).verdict({**generated, "metadata": {}}))[0] == (
        "metadata.name: Required value: name or generateName is required"
    )


def test_unknown_fields_and_forgiven_rules_are_warned_of():
    validator = ObjectValidator(WIDGETS)

    assert validator.warnings(widget({"n": 1, "x": 1})) == ['unknown field "spec.x"']
    assert validator.warnings(widget({"n": 4}, metadata={"labels": {"a": "b"}}), widget({"n": 4})) == [
        "spec: Invalid value: failed rule: self.n != 4"
    ]


def test_an_object_of_another_kind_or_version_is_refused():
    validator = ObjectValidator(WIDGETS)

    assert texts(validator.verdict({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})) == [
        'kind: Invalid value: "Pod": must be Widget',
        'apiVersion: Invalid value: "v1": must be example.com/v1',
    ]
    assert texts(validator.verdict({**widget({"n": 1}), "kind": "Pod"}, widget({"n": 1}))) == [
        'kind: Invalid value: "Pod": must be Widget'
    ]


def test_a_stored_object_may_be_of_another_version():
    crd = definition(field(SPEC))
    crd["spec"]["versions"].append({**crd["spec"]["versions"][0], "name": "v2", "storage": False})

    assert ObjectValidator(crd).verdict({**widget({"n": 5}), "apiVersion": "example.com/v2"}, widget({"n": 1})) == []


def test_metadata_of_the_wrong_type_is_no_verdict():
    with pytest.raises(DecodeError, match=r"cannot unmarshal number into Go struct field ObjectMeta\.labels"):
        ObjectValidator(WIDGETS).verdict({**widget(), "metadata": {"name": "a", "labels": 3}})


def test_a_kind_or_version_that_is_no_text_is_no_verdict():
    with pytest.raises(DecodeError, match=r"^\.apiVersion accessor error: map\[a:1\] is of the type map"):
        ObjectValidator(WIDGETS).verdict({**widget(), "apiVersion": {"a": 1}})


@pytest.mark.parametrize(
    ("crd", "old", "message"),
    [
        (WIDGETS, None, "Widget: the status of a stored object is written; give it as old"),
        (definition(field(SPEC)), widget(), "Widget of example.com/v1 has no status subresource"),
    ],
)
def test_a_status_that_cannot_be_written_is_told(crd, old, message):
    with pytest.raises(RequestError, match=message):
        ObjectValidator(crd).verdict(widget(), old, subresource="status")


def test_a_definition_without_served_versions_takes_no_objects():
    with pytest.raises(DefinitionError, match=r"^widgets.example.com: no version is served, so no object is taken$"):
        ObjectValidator(definition(version={"served": False}))


@kube_schema(rules=[Rule("self.n == oldSelf.n", message="n is fixed")])
class CakeSpec:
    n: int


@kube_schema
class CakeStatus:
    n: int | None = None


@custom_resource(group="shop.example.com", version="v2", storage=False, served=False)
class Cake(Resource):
    spec: CakeSpec
    status: CakeStatus | None = None


def cake(n, status=None):
    return Cake(metadata=ObjectMeta(name="a", namespace="default"), spec=CakeSpec(n=n), status=status)


def test_a_class_judges_its_objects_whether_it_is_served_or_stored_alone_or_not():
    assert verdict(cake(1)) == []
    assert texts(verdict(cake(1), cake(2))) == ["spec: Invalid value: n is fixed"]
    assert verdict(cake(2), cake(1, CakeStatus()), subresource="status") == []
    with pytest.raises(InvalidObjectError, match="n is fixed") as refused:
        validate(cake(1), cake(2))
    assert [cause.field for cause in refused.value.causes] == ["spec"]


def test_a_class_can_be_validated_against_as_documents():
    assert ObjectValidator(Cake).verdict({**cake(1).to_dict(), "spec": {}})[0].field == "spec.n"
