"""Classes made by hypothesis: fields of any types and constraints, with values that fit and values that do not."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import uuid
from typing import Annotated, Any, Literal

import annotated_types as at
import attrs
from hypothesis import strategies as st

from kubecrd import Duration, ListMap, Nullable, Pattern, Quantity, kube_schema

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
NAMES = st.sampled_from(["name", "min_size", "from_", "host_name", "value", "items_", "port"])


class Color(enum.StrEnum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, TEXT),
    (int, INTEGERS),
    (bool, st.booleans()),
    (float, FLOATS),
    (bytes, st.binary(min_size=1, max_size=9)),
    (dt.datetime, st.datetimes(min_value=dt.datetime(1, 1, 2), max_value=dt.datetime(9999, 12, 30)).map(  # noqa: DTZ001
        lambda time: time.replace(microsecond=0, tzinfo=dt.UTC)
    )),
    (dt.date, st.dates()),
    (dt.timedelta, st.timedeltas(dt.timedelta(days=-9), dt.timedelta(days=9))),
    (uuid.UUID, st.uuids()),
    (ipaddress.IPv4Address, st.ip_addresses(v=4)),
    (ipaddress.IPv6Address, st.ip_addresses(v=6)),
    (Quantity, st.integers(-(2**40), 2**40).map(Quantity)),
    (Duration, st.integers(-(2**62), 2**62).map(lambda number: Duration(f"{number}ns"))),
    (Color, st.sampled_from(Color)),
    (Level, st.sampled_from(Level)),
    (Literal["a", "b"], st.sampled_from(["a", "b"])),
    (int | str, INTEGERS | TEXT),
    (Annotated[int, at.Interval(ge=-3, lt=9)], st.integers(-3, 8)),
    (Annotated[int, at.MultipleOf(3)], st.integers(-99, 99).map(lambda number: number * 3)),
    (Annotated[str, at.Len(1, 3)], st.text("abé", min_size=1, max_size=3)),
    (Annotated[str, Pattern("^[a-z]+$")], st.text("abc", min_size=1, max_size=5)),
    (Annotated[str | None, Nullable()], TEXT | st.none()),
]  # fmt: skip
"""Types without parts, and values that fit them."""

KEYED: type = kube_schema(
    attrs.make_class("Keyed", {"key": attrs.field(type=str), "size": attrs.field(type=int, default=1)}, kw_only=True)
)
SCALARS = [leaf for leaf in LEAVES if leaf[0] in {str, int, bool, Color, uuid.UUID}]


@st.composite
def hints(draw: st.DrawFn, depth: int) -> tuple[Any, st.SearchStrategy[Any]]:
    """A type, and values of it."""
    kind = (
        draw(st.sampled_from(["leaf", "leaf", "list", "tuple", "dict", "set", "keyed", "class"])) if depth else "leaf"
    )
    match kind:
        case "leaf":
            return draw(st.sampled_from(LEAVES))
        case "set":
            hint, values = draw(st.sampled_from(SCALARS))
            return frozenset[hint], st.frozensets(values, max_size=3)  # type: ignore[valid-type]
        case "keyed":
            items = st.builds(KEYED, key=TEXT, size=INTEGERS)
            return Annotated[list[KEYED], ListMap("key")], st.lists(items, max_size=3, unique_by=lambda each: each.key)
        case "class":
            cls, values = draw(classes(depth - 1))
            return cls, values
    hint, values = draw(hints(depth - 1))
    if kind == "dict":
        return dict[str, hint], st.dictionaries(TEXT, values, max_size=2)  # type: ignore[valid-type]
    if kind == "tuple":
        return tuple[hint, ...], st.lists(values, max_size=2).map(tuple)  # type: ignore[valid-type]
    return list[hint], st.lists(values, max_size=2)  # type: ignore[valid-type]


@st.composite
def classes(draw: st.DrawFn, depth: int = 2) -> tuple[type, st.SearchStrategy[Any]]:
    """A class decorated with `kube_schema`, and objects of it."""
    fields: dict[str, Any] = {}
    values: dict[str, st.SearchStrategy[Any]] = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        hint, fitting = draw(hints(depth))
        is_optional = draw(st.booleans())
        default = None if is_optional else attrs.NOTHING
        fields[name] = attrs.field(type=hint | None if is_optional else hint, default=default)
        values[name] = fitting | st.none() if is_optional else fitting
    cls = kube_schema(attrs.make_class("Made", fields, kw_only=True))
    return cls, st.builds(cls, **values)


WRONG = st.sampled_from([None, True, 0, -7, 1.5, "", "red", "x" * 70, [], [1], {}, {"a": "b"}])


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> Any:
    """A document with one value in it replaced by any other, or one member missing."""
    if not document or not isinstance(document, dict | list) or draw(st.integers(0, 4)) == 0:
        return draw(WRONG)
    made = dict(document) if isinstance(document, dict) else list(document)
    key = draw(st.sampled_from(sorted(made) if isinstance(made, dict) else range(len(made))))
    if isinstance(made, dict) and draw(st.integers(0, 4)) == 0:
        del made[key]
    else:
        made[key] = draw(spoilt(document[key]))
    return made
