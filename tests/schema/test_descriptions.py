"""Descriptions come from where people write them: docstrings of four styles, strings and comments at attributes, markers."""

from __future__ import annotations

import json
from typing import Annotated

import pytest

from kubecrd import Deprecated, Doc, Resource, custom_resource, kube_schema
from kubecrd.errors import DefinitionError
from kubecrd.schema.derivation import derive
from kubecrd.schema.descriptions import with_shorter_descriptions


@kube_schema
class Google:
    """What it is.

    More about it.

    Attributes:
        a: The first.
        b (int): The second, which
            goes on.

            In two paragraphs.
        c: Has: a colon.

    Example:
        a: not this
    """

    a: int
    b: int
    c: int


@kube_schema
class Arguments:
    """What it is.

    Args:
        a: What to give.
    """

    a: int


@kube_schema
class NumPy:
    """What it is.

    Attributes
    ----------
    a : int
        The first
        line.
    b
        The second.

    Notes
    -----
    c
        Not this.
    """

    a: int
    b: int
    c: int


@kube_schema
class Fields:
    """What it is.

    :ivar a: The first
        goes on.
    :var int b: The second.
    :type b: int
    :param c: The third.
    """

    a: int
    b: int
    c: int


@kube_schema
class Directives:
    """What it is.

    .. attribute:: a

        The first.
    """

    a: int


@kube_schema
class AtAttributes:
    """What it is.

    Attributes:
        a: Not this, since a string stands under it.
        f: Only here.
    """

    a: int
    """Under it."""
    b: int  #: behind it
    #: above it
    #: over two lines
    c: int
    d: Annotated[int, Doc("In its type.")]
    """Not this."""
    e: Annotated[int, Deprecated("use f")]
    """Old."""
    f: int
    g: Arguments
    h: Arguments
    """Of the field."""
    i: int


@pytest.mark.parametrize(
    ("cls", "fields"),
    [
        (Google, {"a": "The first.", "b": "The second, which\ngoes on.\n\nIn two paragraphs.", "c": "Has: a colon."}),
        (Arguments, {"a": "What to give."}),
        (NumPy, {"a": "The first\nline.", "b": "The second."}),
        (Fields, {"a": "The first\ngoes on.", "b": "The second.", "c": "The third."}),
        (Directives, {"a": "The first."}),
        (
            AtAttributes,
            {
                "a": "Under it.",
                "b": "behind it",
                "c": "above it\nover two lines",
                "d": "In its type.",
                "e": "Old.\n\nDeprecated: use f",
                "f": "Only here.",
                "g": "What it is.",
                "h": "Of the field.",
            },
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_field_is_described_where_people_describe_it(cls, fields):
    properties = derive(cls)[0]["properties"]

    assert {name: each["description"] for name, each in properties.items() if "description" in each} == fields


@pytest.mark.parametrize("cls", [Google, Arguments, NumPy, Fields, Directives, AtAttributes])
def test_a_class_is_described_without_the_sections_about_its_fields(cls):
    assert derive(cls)[0]["description"].splitlines()[0] == "What it is."
    assert "first" not in derive(cls)[0]["description"]


def test_a_description_is_inherited_with_its_field():
    @kube_schema
    class Derived(Google):
        """Another."""

        d: int

    schema = derive(Derived)[0]
    assert schema["description"] == "Another."
    assert schema["properties"]["a"]["description"] == "The first."


TEXT = "The first sentence. The second one is longer. And a third"


@pytest.mark.parametrize(
    ("most", "made"),
    [
        (100, TEXT),
        (50, "The first sentence. The second one is longer."),
        (30, "The first sentence."),
        (12, "The first…"),
        (0, None),
    ],
)
def test_a_long_description_ends_with_a_whole_sentence_or_word(most, made):
    properties = {"description": {"type": "string", "description": TEXT, "default": {"description": TEXT}}}
    schema = with_shorter_descriptions({"type": "object", "properties": properties}, most)
    field = schema["properties"]["description"]

    assert field.get("description") == made
    assert field["default"] == {"description": TEXT}


def described(most: int | None) -> type[Resource]:
    @custom_resource(group="shop.example.com", version="v1", max_description=most)
    class Shop(Resource):
        spec: Google

    return Shop


def test_a_definition_can_do_with_short_descriptions_or_none():
    assert "goes on" in json.dumps(described(None).crd().to_dict())
    assert "goes on" not in json.dumps(described(12).crd().to_dict())
    assert "description" not in json.dumps(described(0).crd().to_dict())
    with pytest.raises(DefinitionError, match=r"^Shop: max_description is -1; write 0 to leave descriptions out$"):
        described(-1)
