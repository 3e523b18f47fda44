"""Options of the decorators that say nothing, or lead nowhere: what is told, and what would be right."""

from __future__ import annotations

import pytest

from kubecrd import (
    AtMostOneOf,
    Atomic,
    Column,
    ExactlyOneOf,
    Pattern,
    Resource,
    Rule,
    Scale,
    custom_resource,
    kube_schema,
)
from kubecrd.errors import DefinitionError


@kube_schema
class Item:
    name: str
    note: str | None = None


def schema(**options):
    def make():
        @kube_schema(**options)
        class Spec:
            a: int | None = None
            b: int | None = None
            c: int = 1

    return make


def resource(**options):
    def make():
        @custom_resource(**{"group": "shop.example.com", "version": "v1", **options})
        class Cake(Resource):
            spec: Item

    return make


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (schema(rule=[Rule("true")]), "Spec: kube_schema has no option 'rule'; did you mean 'rules'?"),
        (schema(rules=["self.a > 1"]), "Spec: 'self.a > 1' is no Rule; write Rule('self.a > 1')"),
        (
            schema(rules=Rule("true")),
            "Spec: rules is a list, not Rule(rule='true', message=None, message_expression=None, reason=None, field_path=None, optional_old_self=None); write rules=[…]",
        ),
        (schema(markers=[Atomic]), "Spec: Atomic is a class, which says nothing; write Atomic(…), with brackets"),
        (schema(markers=["atomic"]), "Spec: 'atomic' is no marker; see kubecrd.schema.markers for what there is"),
        (
            schema(markers=[ExactlyOneOf("a")]),
            "Spec: ExactlyOneOf('a') has nothing to choose from; name at least two optional fields",
        ),
        (
            schema(markers=[ExactlyOneOf("a", "d")]),
            "Spec: ExactlyOneOf('a', 'd'), but there is no field 'd'; choose from a, b, c",
        ),
        (
            schema(markers=[AtMostOneOf("a", "c")]),
            "Spec: AtMostOneOf('a', 'c'), but 'c' is always there; make it optional: write `= None`",
        ),
        (
            schema(markers=[Pattern("a")]),
            "Spec: Pattern is for strings, not for mappings; take it away, or change the type",
        ),
        (resource(short_name=["pz"]), "Cake: custom_resource has no option 'short_name'; did you mean 'short_names'?"),
        (
            resource(scope="cluster"),
            'Cake: spec.scope: Unsupported value: "cluster": supported values: "Cluster", "Namespaced"',
        ),
        (
            resource(columns=[("Size", ".spec.size")]),
            "Cake: ('Size', '.spec.size') is no Column; write Column('Size', '.spec.size')",
        ),
        (
            resource(columns=[Column("Note", ".spec.notes")]),
            "Cake: the column 'Note' reads .spec.notes, but .spec has no field 'notes'; did you mean 'note'?",
        ),
        (
            resource(columns=[Column("Note", ".spec.note.text")]),
            "Cake: the column 'Note' reads .spec.note.text, but .spec.note has no field 'text'",
        ),
        (
            resource(columns=[Column("Age", ".metadata.creationTimestam")]),
            "Cake: the column 'Age' reads .metadata.creationTimestam, but .metadata has no field 'creationTimestam'; did you mean 'creationTimestamp'?",
        ),
        (
            resource(columns=[Column("Note", ".spec.note", "text")]),
            'Cake: spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        ),
        (
            resource(scale=Scale()),
            "Cake: scale reads .spec.replicas, but .spec has no field 'replicas'; choose from name, note\nCake: scale reads .status.replicas, but the object has no field 'status'; choose from apiVersion, kind, metadata, spec",
        ),
        (
            resource(scale=Scale(spec_replicas_path=".spec.name", status_replicas_path=".status.x")),
            "Cake: scale reads .spec.name, which is no integer; name a field of that type\nCake: scale reads .status.x, but the object has no field 'status'; choose from apiVersion, kind, metadata, spec",
        ),
        (resource(rules=["true"]), "Cake: 'true' is no Rule; write Rule('true')"),
        (resource(max_description=-1), "Cake: max_description is -1; write 0 to leave descriptions out"),
        (
            resource(deprecated="a\nb"),
            'Cake: spec.versions[0].deprecationWarning: Invalid value: "a\\nb": must only contain printable UTF-8 characters; non-printable character found at index 1',
        ),
        (
            resource(list_kind="Cake"),
            'Cake: spec.names.listKind: Invalid value: "Cake": kind and listKind may not be the same',
        ),
        (resource(schema={"type": "string"}), 'Cake: type: Invalid value: "string": must be object at the root'),
        (
            resource(markers=[Atomic()], status_subresource=True),
            "Cake: only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled",
        ),
    ],
)
def test_an_option_that_is_wrong_says_what_would_be_right(make, message):
    with pytest.raises(DefinitionError) as caught:
        make()

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "column",
    [
        Column("Age", ".metadata.creationTimestamp", "date"),
        Column("Team", r".metadata.labels.team\.example\.com"),
        Column("First", ".spec.items[0].name"),
        Column("All", ".spec.items[*].name"),
        Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
        Column("Any", ".spec..name"),
        Column("Kind", ".kind"),
        Column("Deep", ".spec.free.anything.goes"),
    ],
)
def test_a_column_may_read_whatever_is_there(column):
    from typing import Annotated, Any

    from kubecrd import Condition, ListMap, PreserveUnknown

    @kube_schema
    class Spec:
        items: list[Item] | None = None
        free: Annotated[dict[str, Any] | None, PreserveUnknown()] = None

    @kube_schema
    class Status:
        conditions: Annotated[list[Condition] | None, ListMap("type")] = None

    @custom_resource(group="shop.example.com", version="v1", columns=[column])
    class Cake(Resource):
        spec: Spec
        status: Status | None = None

    assert Cake.crd().spec.versions[0].additional_printer_columns[0].json_path == column.json_path


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            ".spec.items[0].nam",
            "Cake: the column 'X' reads .spec.items[0].nam, but .spec.items[0] has no field 'nam'; did you mean 'name'?",
        ),
        (".spec.name[0]", "Cake: the column 'X' reads .spec.name[0], but .spec.name has no field '0'"),
    ],
)
def test_a_column_that_reads_nothing_is_refused(path, message):
    @kube_schema
    class Spec:
        items: list[Item] | None = None
        name: str | None = None

    with pytest.raises(DefinitionError) as caught:

        @custom_resource(group="shop.example.com", version="v1", columns=[Column("X", path)])
        class Cake(Resource):
            spec: Spec

    assert str(caught.value) == message


def test_a_status_cannot_be_required():
    with pytest.raises(DefinitionError) as caught:

        @custom_resource(group="shop.example.com", version="v1")
        class Cake(Resource):
            spec: Item
            status: Item

    assert str(caught.value) == (
        "Cake.status: is required, but the server drops the status of new objects; write `status: … | None = None`"
    )
