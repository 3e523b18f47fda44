"""A part that was derived when it was decorated is not derived again, and nobody can tell."""

from __future__ import annotations

from typing import Annotated

import annotated_types as at
import attrs
import pytest

from kubecrd import Alias, Flatten, PreserveUnknown, Rule, kube_schema
from kubecrd.schema import derivation
from kubecrd.schema.derivation import derive


@kube_schema(rules=[Rule("self.size > 0")])
class Leaf:
    """A leaf."""

    size: Annotated[int, at.Le(9)] = 1
    names: list[str] = attrs.field(factory=list)


@kube_schema
class Twig:
    first: Leaf
    second: Annotated[Leaf | None, Alias("zweites")] = None
    more: list[Leaf] = attrs.field(factory=list)
    by_name: dict[str, Leaf] = attrs.field(factory=dict)


@kube_schema
class Flat:
    inline: Annotated[Leaf, Flatten()]


@attrs.define(kw_only=True)
class House:
    room: Annotated[Room | None, PreserveUnknown()] = None


@attrs.define(kw_only=True)
class Room:
    house: Annotated[House | None, PreserveUnknown()] = None


# Each names the other, so both have to be there.
kube_schema(Room)


@kube_schema
class Tree:
    twig: Twig
    other: Twig
    flat: Flat
    room: Room


def derived_from_scratch(cls, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(derivation, "_REMEMBERED", {})
        return derive(cls)


@pytest.mark.parametrize("cls", [Leaf, Twig, Flat, House, Room, Tree])
def test_schema_places_and_problems_are_those_of_a_derivation_from_scratch(cls, monkeypatch):
    schema, found = derive(cls)
    wanted, scratch = derived_from_scratch(cls, monkeypatch)

    assert schema == wanted
    assert found.places == scratch.places
    assert found.problems == scratch.problems == []


def test_a_part_is_another_one_inside_of_a_class_that_it_goes_through_itself():
    alone, _ = derive(Room)
    inside, _ = derive(House)

    assert "properties" in alone["properties"]["house"]
    assert "properties" not in inside["properties"]["room"]["properties"]["house"]


def test_what_is_done_to_a_derived_schema_is_not_remembered():
    schema, _ = derive(Twig)
    schema["properties"]["first"]["properties"].clear()

    assert derive(Twig)[0]["properties"]["first"]["properties"].keys() == {"size", "names"}


def test_a_part_that_is_decorated_once_more_is_derived_anew_where_it_is_used():
    @attrs.define(kw_only=True)
    class Part:
        n: int = 1

    part = kube_schema(Part)

    @kube_schema
    class Whole:
        part: Part

    kube_schema(rules=[Rule("has(self.n)")])(part)

    assert derive(Whole)[0]["properties"]["part"]["x-kubernetes-validations"] == [{"rule": "has(self.n)"}]
