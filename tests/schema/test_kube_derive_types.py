"""What the derive macros of kube-rs make of types, made by annotations; the marks name the rows of docs/kube-rs.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import annotated_types as at
import attrs
import pytest
from attrs import field

from kubecrd import (
    Alias,
    Doc,
    ExactlyOneOf,
    Flatten,
    IntOrStr,
    Nullable,
    Pattern,
    PreserveUnknown,
    Rule,
    SchemaOverride,
    Skip,
    kube_schema,
    verdict,
)
from kubecrd.errors import DefinitionError
from kubecrd.schema.derivation import derive


def schema(cls: type) -> dict[str, Any]:
    return derive(cls)[0]


@pytest.mark.kube_rs("D62", "K106", "K107")
def test_what_may_be_absent_is_not_nullable_unless_null_is_a_value():
    @kube_schema
    class Made:
        a: str | None = None
        b: Annotated[str | None, Nullable()] = None
        c: Literal["x", "y"] | None = None

    assert schema(Made) == {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"type": "string", "nullable": True},
            "c": {"type": "string", "enum": ["x", "y"]},
        },
    }


@pytest.mark.kube_rs("D68")
def test_exactly_one_of_some_fields_is_what_an_externally_tagged_enum_is():
    @kube_schema(markers=[ExactlyOneOf("a", "b")])
    class Source:
        a: str | None = None
        b: int | None = None

    assert schema(Source)["oneOf"] == [{"required": ["a"]}, {"required": ["b"]}]
    assert [error.message for error in verdict(Source(a="x", b=1))] == [
        'Invalid value: "": "" must validate one and only one schema (oneOf). Found 2 valid alternatives'
    ]


@kube_schema
class ByName:
    name: Annotated[str, Doc("The name.")]
    port: int = 80


@kube_schema
class ByAddress:
    address: str
    port: int = 80


@pytest.mark.kube_rs("D69", "K100", "K101")
def test_an_untagged_union_has_the_fields_of_all_and_what_each_requires():
    made = schema(attrs.make_class("Made", {"f": attrs.field(type=ByName | ByAddress)}))["properties"]["f"]

    assert made == {
        "type": "object",
        "properties": {
            "name": {"description": "The name.", "type": "string"},
            "port": {"type": "integer", "format": "int64", "default": 80},
            "address": {"type": "string"},
        },
        "anyOf": [{"required": ["name"]}, {"required": ["address"]}],
    }


@pytest.mark.kube_rs("D70", "K103")
def test_a_tagged_union_allows_the_fields_of_its_tag_only():
    @kube_schema
    class Http:
        type: Literal["http"] = "http"
        path: str

    @kube_schema
    class Tcp:
        type: Literal["tcp"] = "tcp"

    @kube_schema
    class Probe:
        how: Http | Tcp

    made = schema(Probe)["properties"]["how"]
    assert made["properties"]["type"] == {"type": "string", "enum": ["http", "tcp"]}
    assert made["oneOf"] == [
        {"properties": {"type": {"enum": ["http"]}}, "required": ["path"]},
        {"properties": {"type": {"enum": ["tcp"]}}, "not": {"required": ["path"]}},
    ]


@pytest.mark.kube_rs("K102")
def test_choices_stand_in_the_order_in_which_they_were_written():
    made = schema(attrs.make_class("Made", {"f": attrs.field(type=Literal["b", "a", "c"])}))

    assert made["properties"]["f"]["enum"] == ["b", "a", "c"]


@pytest.mark.kube_rs("D71", "K104")
def test_flattened_fields_stand_among_those_around_them_and_a_flattened_mapping_keeps_the_rest():
    @kube_schema
    class Made:
        own: int
        common: Annotated[ByName, Flatten()]
        rest: Annotated[dict[str, Any], Flatten()] = field(factory=dict)

    made = schema(Made)
    assert list(made["properties"]) == ["own", "name", "port"]
    assert made["required"] == ["name", "own"]
    assert made["x-kubernetes-preserve-unknown-fields"] is True
    assert "additionalProperties" not in made


@pytest.mark.kube_rs("D64", "K105")
@pytest.mark.parametrize("hint", [set[str], frozenset[str]], ids=["set", "frozenset"])
def test_a_set_is_a_list_in_which_nothing_stands_twice(hint):
    made = schema(attrs.make_class("Made", {"f": attrs.field(type=hint)}))["properties"]["f"]

    assert made == {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}


@pytest.mark.kube_rs("K108")
@pytest.mark.kube_rs("K28")
def test_an_optional_int_or_string_is_not_nullable():
    made = schema(attrs.make_class("Made", {"f": attrs.field(type=IntOrStr | None, default=None)}))["properties"]["f"]

    assert "nullable" not in made
    assert made["x-kubernetes-int-or-string"] is True


@pytest.mark.kube_rs("D74")
def test_anything_is_a_schema_that_keeps_unknown_fields():
    made = schema(attrs.make_class("Made", {"f": attrs.field(type=Annotated[dict[str, Any], PreserveUnknown()])}))

    assert made["properties"]["f"] == {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


@pytest.mark.kube_rs("D76")
def test_limits_are_in_the_schema_and_are_checked():
    @kube_schema
    class Made:
        name: Annotated[str, at.Len(1, 3), Pattern("^[a-z]+$")]
        size: Annotated[int, at.Interval(ge=1, lt=9)]
        tags: Annotated[list[str], at.MaxLen(1)]

    assert schema(Made)["properties"] == {
        "name": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-z]+$"},
        "size": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 9, "exclusiveMaximum": True},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 1},
    }
    assert [error.field for error in verdict(Made(name="A", size=9, tags=["a", "b"]))] == [
        "self.name",
        "self.size",
        "self.tags",
    ]


@pytest.mark.kube_rs("D77")
def test_names_are_camel_case_by_rule_and_others_by_alias_and_a_skipped_field_is_not_there():
    @kube_schema
    class Made:
        min_size: int
        cluster_ip: Annotated[str, Alias("clusterIP")]
        cache: Annotated[int, Skip()] = 0

    assert list(schema(Made)["properties"]) == ["minSize", "clusterIP"]


@pytest.mark.kube_rs("D78")
def test_what_nothing_else_can_say_is_laid_over_a_schema():
    hint = Annotated[str, SchemaOverride({"format": "email", "type": "string"})]
    made = schema(attrs.make_class("Made", {"f": attrs.field(type=hint)}))

    assert made["properties"]["f"] == {"type": "string", "format": "email"}


@pytest.mark.kube_rs("D79")
def test_all_that_is_wrong_is_told_while_the_class_is_decorated():
    with pytest.raises(DefinitionError) as caught:

        @kube_schema(rules=[Rule("self.zise > 0")])
        class Bad:
            size: Annotated[int, Pattern("a")]
            parts: list

    assert [line.partition(";")[0] for line in str(caught.value).splitlines()] == [
        "Bad.size: Pattern is for strings, not for integers",
        "Bad.parts: a bare list does not say of what",
    ]
