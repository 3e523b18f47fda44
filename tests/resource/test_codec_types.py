"""Every type that a field can have, from Python to JSON and back, by both ways of decoding."""

from __future__ import annotations

import datetime as dt
import json
from enum import Enum, IntEnum, StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)
from typing import Annotated, Any, Generic, Literal, NewType, NotRequired, Required, TypedDict, TypeVar
from uuid import UUID

import attrs
import pytest
from attrs import define, field
from typing_extensions import TypeAliasType

from kubecrd import Duration, ObjectMeta, Quantity, Resource, resource_view
from kubecrd.errors import DecodeError
from kubecrd.resource import codec
from kubecrd.resource.naming import Flatten, Nullable, Skip
from kubecrd.resource.typehints import type_hints

T = TypeVar("T")
Port = TypeAliasType("Port", Annotated[int, "a marker"])
Many = TypeAliasType("Many", tuple[T, ...], type_params=(T,))
Name = NewType("Name", str)


class Baking(str, Enum):  # noqa: UP042 - as it was written before Python 3.11
    STONE = "Stone"


class Oven(StrEnum):
    STONE = "Stone"
    GAS = "Gas"


class Level(IntEnum):
    LOW = 1


@define(kw_only=True)
class Http:
    base_url: str
    type: Literal["http"] = "http"


@define(kw_only=True)
class Git:
    repo: str
    type: Literal["git", "git-lfs"] = "git"


@define(kw_only=True)
class Left:
    left_hand: int
    note: str | None = None


@define(kw_only=True)
class Right:
    right_hand: int


@attrs.frozen(kw_only=True)
class Point:
    x: int


@define(kw_only=True)
class Page(Generic[T]):
    first_item: T
    items: list[T] = field(factory=list)


@define(kw_only=True)
class LeftPage(Page[Left]):
    number: int = 1


@attrs.define(kw_only=True, slots=False)
class WithDict:
    max_size: int


@define(kw_only=True)
class Converting:
    names: tuple[str, ...] = field(converter=tuple)


class Settings(TypedDict, total=False):
    snake_case: Required[int]
    since: dt.datetime
    left: Left


class Strict(TypedDict):
    a: int
    b: NotRequired[str]


def view(hint, **options):
    """Make a kind with one field, defined where its annotations cannot be looked up by name."""
    made = attrs.make_class(
        "Box", {"f": attrs.field(type=hint, **options)}, bases=(Resource,), kw_only=True, slots=True
    )
    return resource_view(group="shop.example.com")(made)


@pytest.mark.parametrize(
    ("hint", "value", "written"),
    [
        (Port, 80, 80),
        (Name, Name("a"), "a"),
        (Many[Left], (Left(left_hand=1),), [{"leftHand": 1}]),
        (Oven, Oven.STONE, "Stone"),
        (Baking, Baking.STONE, "Stone"),
        (Level, Level.LOW, 1),
        (dict[str, Oven], {"a": Oven.STONE}, {"a": "Stone"}),
        (Quantity, Quantity("1.5Gi"), "1536Mi"),
        (Duration, Duration("90m"), "1h30m0s"),
        (dt.timedelta, dt.timedelta(minutes=90), "1h30m0s"),
        (dt.datetime, dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC), "2026-01-02T03:04:05Z"),
        (dt.date, dt.date(2026, 1, 2), "2026-01-02"),
        (dt.time, dt.time(1, 2, 3), "01:02:03"),
        (bytes, b"wax", "d2F4"),
        (UUID, UUID("5a5b6a3e-6a63-4b07-9b0d-000000000001"), "5a5b6a3e-6a63-4b07-9b0d-000000000001"),
        (IPv4Address, ip_address("10.0.0.1"), "10.0.0.1"),
        (IPv6Address, ip_address("::1"), "::1"),
        (IPv4Network, ip_network("10.0.0.0/8"), "10.0.0.0/8"),
        (IPv6Network, ip_network("fe80::/10"), "fe80::/10"),
        (IPv4Interface, ip_interface("10.0.0.1/8"), "10.0.0.1/8"),
        (IPv6Interface, ip_interface("fe80::1/10"), "fe80::1/10"),
        (IPv4Address | IPv6Address, ip_address("::1"), "::1"),
        (dt.datetime | dt.date, dt.date(2026, 1, 2), "2026-01-02"),
        (set[str], {"b", "a"}, ["a", "b"]),
        (frozenset[int], frozenset({2, 1}), [1, 2]),
        (set[Point], {Point(x=2), Point(x=1)}, [{"x": 1}, {"x": 2}]),
        (int | str, "80%", "80%"),
        (Literal["auto"] | int, "auto", "auto"),
        (Literal["auto"] | int, 3, 3),
        (int | float, 1.5, 1.5),
        (Annotated[int | float | None, Nullable()], None, None),
        (list[Annotated[int | None, Nullable()]], [1, None], [1, None]),
        (list[Left | None], [None, Left(left_hand=1)], [None, {"leftHand": 1}]),
        (Http | Git, Git(repo="r"), {"repo": "r", "type": "git"}),
        (list[Http | Git], [Http(base_url="u")], [{"baseUrl": "u", "type": "http"}]),
        (dict[str, Http | Git], {"a": Git(repo="r", type="git-lfs")}, {"a": {"repo": "r", "type": "git-lfs"}}),
        (Left | Right, Right(right_hand=1), {"rightHand": 1}),
        (Page[Http], Page(first_item=Http(base_url="u")), {"firstItem": {"baseUrl": "u", "type": "http"}, "items": []}),
        (
            Page[Page[int]],
            Page(first_item=Page(first_item=1)),
            {"firstItem": {"firstItem": 1, "items": []}, "items": []},
        ),
        (LeftPage, LeftPage(first_item=Left(left_hand=1)), {"firstItem": {"leftHand": 1}, "items": [], "number": 1}),
        (Settings, {"snake_case": 1, "left": Left(left_hand=1)}, {"snake_case": 1, "left": {"leftHand": 1}}),
        (Strict, {"a": 1}, {"a": 1}),
        (WithDict, WithDict(max_size=1), {"maxSize": 1}),
        (list[WithDict], [WithDict(max_size=1)], [{"maxSize": 1}]),
        (Converting, Converting(names=["a"]), {"names": ["a"]}),
    ],
    # A set prints in another order in each worker; all of them must give a test the same name.
    ids=lambda value: None if isinstance(value, set | frozenset) else str(value),
)
def test_a_value_survives_json(hint, value, written):
    cls = view(hint)
    made = cls(metadata=ObjectMeta(name="a"), f=value)

    assert codec.to_dict(made)["f"] == written
    assert codec.decode(codec.encode(made), cls) == made
    assert cls.from_dict(codec.to_dict(made)) == made


@pytest.mark.parametrize(
    ("hint", "value", "message"),
    [
        (Http | Git, {}, "Box: f: required field 'type' is missing; it is one of 'http', 'git', 'git-lfs'"),
        (Http | Git, {"type": "svn"}, "Box: f: type: 'svn' is not one of 'http', 'git', 'git-lfs'"),
        (Http | Git, {"type": ["git"]}, "Box: f: type: ['git'] is not one of 'http', 'git', 'git-lfs'"),
        (Http | Git, "git", "Box: f: 'git' is not a mapping"),
        (Left | Right, {"note": "a"}, "Box: f: is none of Left (with leftHand), Right (with rightHand)"),
        (IPv4Address | IPv6Address, "a", "Box: f: 'a' is not IPv4Address or IPv6Address"),
        (IPv6Address, 1, "Box: f: 1 is not a string"),
        (Literal["auto"] | int, 1.5, "Box: f: 1.5 is not 'auto' or an integer"),
        (
            Settings,
            {"since": "soon"},
            "Box: f.snake_case: required field 'snake_case' is missing; f.since: Invalid iso",
        ),
        (Oven, "Wood", "Box: f: 'Wood' is not 'Stone' or 'Gas'"),
        (Level, True, "Box: f: True is not 1"),
        (Literal["a", "b"], "c", "Box: f: 'c' is not 'a' or 'b'"),
        (list[str], "abc", "Box: f: 'abc' is not a list"),
        (frozenset[str], {"a": "b"}, "Box: f: {'a': 'b'} is not a list"),
        (tuple[int, int], [1], "Box: f: [1] has 1 items, not 2"),
        (list[Oven], ["Stone", "Wood"], "Box: f[1]: 'Wood' is not 'Stone' or 'Gas'"),
        (dt.timedelta, "PT1S", "Box: f: 'PT1S' is not a duration such as '1h30m'"),
        (Page[Left], {"firstItem": {}}, "Box: f.firstItem.leftHand: required field 'leftHand' is missing"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_told_with_its_path(hint, value, message):
    with pytest.raises(DecodeError) as caught:
        view(hint).from_dict({"apiVersion": "shop.example.com/v1", "kind": "Box", "f": value})

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("oven", list(Oven))
def test_a_choice_is_read_as_a_member_of_its_enum_and_not_as_text(oven):
    document = {"apiVersion": "shop.example.com/v1", "kind": "Box", "f": [oven.value]}

    assert [type(each) for each in view(list[Oven]).from_dict(document).f] == [Oven]


def test_parts_that_cattrs_reads_have_their_path_in_json_too():
    with pytest.raises(DecodeError) as caught:
        codec.decode(b'{"apiVersion":"shop.example.com/v1","kind":"Box","f":[{"type":"svn"}]}', view(list[Http | Git]))

    assert str(caught.value) == "Box: f[0]: type: 'svn' is not one of 'http', 'git', 'git-lfs'"
    assert caught.value.path == "f[0]"


@define(kw_only=True)
class Common:
    tier_name: str
    note: str | None = None


@resource_view(group="shop.example.com")
class Flat(Resource):
    size: int
    common: Annotated[Common, Flatten()]
    source: Annotated[Http | Git | None, Flatten()] = None
    rest: Annotated[dict[str, Any], Flatten()] = field(factory=dict)


@pytest.mark.parametrize("source", [None, Git(repo="r")])
def test_flattened_fields_stand_among_those_around_them(source):
    made = Flat(size=1, common=Common(tier_name="gold"), source=source, rest={"more": [1]})
    document = codec.to_dict(made)

    assert list(document)[:5] == ["apiVersion", "kind", "metadata", "size", "tierName"]
    assert document["more"] == [1]
    assert codec.decode(codec.encode(made), Flat) == made
    assert codec.to_document(codec.decode(codec.encode(made), Flat)) == document


def test_what_is_flattened_gives_way_to_the_fields_of_the_class():
    assert codec.to_dict(Flat(size=1, common=Common(tier_name="a"), rest={"size": 2}))["size"] == 1


def test_a_skipped_field_is_never_in_json_and_has_its_default():
    cls = view(Annotated[list[int], Skip()], factory=lambda: [7])

    assert "f" not in codec.to_dict(cls(f=[1]))
    assert codec.decode(b'{"apiVersion":"shop.example.com/v1","kind":"Box","f":[2]}', cls).f == [7]
    assert cls.from_dict({"apiVersion": "shop.example.com/v1", "kind": "Box", "f": [2]}).f == [7]


def test_unknown_fields_in_the_member_of_a_union_are_written_back():
    cls = view(Http | Git)
    text = {"apiVersion": "shop.example.com/v1", "kind": "Box", "f": {"type": "git", "repo": "a", "depth": 1}}
    made = codec.decode(json.dumps(text), cls)

    made.f.repo = "b"

    assert codec.to_document(made)["f"] == {"type": "git", "repo": "b", "depth": 1}


def test_unknown_fields_of_another_member_are_not():
    cls = view(Http | Git)
    text = {"apiVersion": "shop.example.com/v1", "kind": "Box", "f": {"type": "git", "repo": "a", "depth": 1}}
    made = codec.decode(json.dumps(text), cls)

    made.f = Http(base_url="u")

    assert codec.to_document(made)["f"] == {"type": "http", "baseUrl": "u"}


def test_the_arguments_of_generic_bases_are_known():
    assert type_hints(LeftPage)["items"] == list[Left]
    assert type_hints(Page[int])["items"] == list[int]
