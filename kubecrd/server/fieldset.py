"""Sets of paths into an object, as server-side apply keeps them: who owns what.

A path is a sequence of elements. An element is a plain tuple, so that it hashes and sorts fast, and in the order the
API server lists paths in: first a number for its sort, then

- `FIELD`: the name of a member of an object;
- `KEY`: the members that tell an item of a map list apart, sorted, each with its value's sort key;
- `VALUE`: the sort key of an item of a set;
- `INDEX`: a position in a list.

`value_key` makes the sort keys: numbers by value, then strings, then booleans, and so on; it also keeps 1 and True apart.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, final

from kubecrd.resource.gotext import json_text, number, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "EMPTY",
    "FIELD",
    "INDEX",
    "KEY",
    "VALUE",
    "Element",
    "FieldSet",
    "FieldsV1Error",
    "Path",
    "element_text",
    "field_element",
    "key_element",
    "path_text",
    "value_element",
    "value_key",
]

FIELD: Final = 0
KEY: Final = 1
VALUE: Final = 2
INDEX: Final = 3

Element = tuple[int, Any]
Path = tuple[Element, ...]

_NUMBER: Final = 0
_TEXT: Final = 1
_FLAG: Final = 2
_LIST: Final = 3
_MAP: Final = 4
_NULL: Final = (5, None)
_SHORTEST: Final = 2
_REMEMBERED: Final = 8192


class FieldsV1Error(ValueError):
    """A ``fieldsV1`` document cannot be read."""


def value_key(value: Any) -> tuple[int, Any]:
    """Give what *value* is compared, hashed and sorted by: equal numbers are equal, whether int or float."""
    match value:
        case str():
            return (_TEXT, value)
        case bool():
            return (_FLAG, value)
        case int() | float():
            return (_NUMBER, value)
        case None:
            return _NULL
        case list():
            return (_LIST, tuple(value_key(item) for item in value))
        case _:
            return (_MAP, tuple((name, value_key(value[name])) for name in sorted(value)))


def _value_of(key: tuple[int, Any]) -> Any:
    sort, content = key
    if sort == _LIST:
        return [_value_of(item) for item in content]
    if sort == _MAP:
        return {name: _value_of(item) for name, item in content}
    return content


def field_element(name: str) -> Element:
    """Make the element of a member of an object."""
    return (FIELD, name)


def value_element(value: Any) -> Element:
    """Make the element of an item of a set."""
    return (VALUE, value_key(value))


def key_element(keys: Mapping[str, Any]) -> Element:
    """Make the element of an item of a map list that has these *keys*."""
    if len(keys) == 1:
        ((name, value),) = keys.items()
        return (KEY, ((name, value_key(value)),))
    return (KEY, tuple([(name, value_key(keys[name])) for name in sorted(keys)]))


def element_text(element: Element) -> str:
    """Print an element as in the messages of apply: ``.name``, ``[k="v"]``, ``[="item"]``, ``[0]``."""
    sort, content = element
    if sort == FIELD:
        return f".{content}"
    if sort == KEY:
        return "[" + ",".join(f"{name}={_key_text(key)}" for name, key in content) + "]"
    return f"[={_key_text(content)}]" if sort == VALUE else f"[{content}]"


def path_text(path: Iterable[Element]) -> str:
    """Print a path as in the messages of apply, such as ``.spec.ports[port=80,protocol="TCP"].name``."""
    return "".join(map(element_text, path))


def _key_text(key: tuple[int, Any]) -> str:
    value = _value_of(key)
    match value:
        case str():
            return quoted(value)
        case float():
            return number(value, most_exponent=21)
        case _:
            return json_text(value)


# The elements of a kind are few and come with every write; the bound is for keys and items, which are data.
@lru_cache(maxsize=_REMEMBERED)
def _encoded(element: Element) -> str:
    sort, content = element
    if sort == FIELD:
        return f"f:{content}"
    if sort == KEY:
        return "k:" + json_text({name: _value_of(key) for name, key in content})
    return "v:" + json_text(_value_of(content)) if sort == VALUE else f"i:{content}"


@lru_cache(maxsize=_REMEMBERED)
def _decoded(text: str) -> Element | None:
    """Read an element; None for one of an unknown sort, which is passed over."""
    if len(text) < _SHORTEST or text[1] != ":":
        raise FieldsV1Error(f"{text!r} is not an element of a path")
    sort, content = text[0], text[2:]
    if sort == "f":
        return (FIELD, content)
    try:
        match sort:
            case "k":
                return key_element(dict(json.loads(content).items()))
            case "v":
                return value_element(json.loads(content))
            case "i":
                return (INDEX, int(content))
    except (ValueError, AttributeError) as error:
        raise FieldsV1Error(f"{text!r} is not an element of a path: {error}") from None
    return None


@final
class FieldSet:
    """A set of paths, as a tree. Never changed once it is made, so that parts can be shared.

    Only who has made it fills it, with `insert` or by its attributes.

    Args:
        members: The elements that are paths of the set themselves.
        children: What lies below an element; never an empty set.

    Attributes:
        members: The elements that are paths of the set themselves.
        children: What lies below an element.
    """

    __slots__ = ("children", "members")

    def __init__(self, members: Iterable[Element] = (), children: Mapping[Element, FieldSet] | None = None) -> None:
        self.members: set[Element] = set(members)
        self.children: dict[Element, FieldSet] = dict(children) if children else {}

    @classmethod
    def of(cls, *paths: Path) -> FieldSet:
        """Make the set of *paths*; the empty path, which is the object itself, cannot be in a set."""
        made = cls()
        for path in paths:
            made.insert(path)
        return made

    def insert(self, path: Path) -> None:
        """Put a path into a set that is still being built."""
        node = self
        for element in path[:-1]:
            below = node.children.get(element)
            if below is None:
                below = node.children[element] = FieldSet()
            node = below
        node.members.add(path[-1])

    def __bool__(self) -> bool:
        """Whether any path is in the set."""
        return bool(self.members or self.children)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FieldSet):
            return NotImplemented
        return self is other or (self.members == other.members and self.children == other.children)

    def __hash__(self) -> int:
        return hash((frozenset(self.members), frozenset(self.children)))

    def __repr__(self) -> str:
        return f"FieldSet({', '.join(map(path_text, self))})"

    def __contains__(self, path: Path) -> bool:
        node: FieldSet | None = self
        for element in path[:-1]:
            node = node.children.get(element) if node is not None else None
        return node is not None and path[-1] in node.members

    def __iter__(self) -> Iterator[Path]:
        """Give the paths in the server's order: the members of a node first, then what lies below each child."""
        return _walk(self, ())

    def __len__(self) -> int:
        return len(self.members) + sum(len(child) for child in self.children.values())

    def __or__(self, other: FieldSet) -> FieldSet:
        """Give the paths in either set."""
        if self is other or not other:
            return self
        if not self:
            return other
        children = dict(self.children)
        for element, below in other.children.items():
            mine = children.get(element)
            children[element] = below if mine is None else mine | below
        return _made(self.members | other.members, children)

    def __and__(self, other: FieldSet) -> FieldSet:
        """Give the paths in both sets."""
        if self is other:
            return self
        children: dict[Element, FieldSet] = {}
        for element, below in self.children.items():
            theirs = other.children.get(element)
            if theirs is not None and (both := below & theirs):
                children[element] = both
        return _made(self.members & other.members, children)

    def __sub__(self, other: FieldSet) -> FieldSet:
        """Give the paths of this set that are not in *other*; exact paths, whatever lies below them stays."""
        if not other:
            return self
        children: dict[Element, FieldSet] = {}
        for element, below in self.children.items():
            theirs = other.children.get(element)
            if left := below if theirs is None else below - theirs:
                children[element] = left
        return _made(self.members - other.members, children)

    def without_trees(self, other: FieldSet) -> FieldSet:
        """Give the paths of this set that are neither in *other* nor below a path in it."""
        if not other:
            return self
        children: dict[Element, FieldSet] = {}
        for element, below in self.children.items():
            if element in other.members:
                continue
            theirs = other.children.get(element)
            if left := below if theirs is None else below.without_trees(theirs):
                children[element] = left
        return _made(self.members - other.members, children)

    def to_fields_v1(self) -> dict[str, Any]:
        """Give the ``fieldsV1`` document."""
        document: dict[str, Any] = {}
        for element in sorted(self.members | self.children.keys()):
            below = self.children.get(element)
            if below is None:
                document[_encoded(element)] = {}
            elif element in self.members:
                document[_encoded(element)] = {".": {}, **below.to_fields_v1()}
            else:
                document[_encoded(element)] = below.to_fields_v1()
        return document

    @classmethod
    def from_fields_v1(cls, document: Any) -> FieldSet:
        """Read a ``fieldsV1`` document; elements of an unknown sort are passed over with all below.

        Raises:
            FieldsV1Error: an element is malformed.
        """
        return _read(document)[0]


def _walk(paths: FieldSet, prefix: Path) -> Iterator[Path]:
    for element in sorted(paths.members):
        yield (*prefix, element)
    for element in sorted(paths.children):
        yield from _walk(paths.children[element], (*prefix, element))


def _made(members: set[Element], children: dict[Element, FieldSet]) -> FieldSet:
    """Make a set of parts that nobody else will change."""
    made = FieldSet.__new__(FieldSet)
    made.members = members
    made.children = children
    return made


def _read(document: Any) -> tuple[FieldSet, bool]:
    """Read a node: what lies below it, and whether it is a member itself."""
    if not isinstance(document, dict):
        raise FieldsV1Error(f"expected an object of path elements, found {document!r}")
    found = FieldSet()
    is_member = False
    for text, content in document.items():
        if text == ".":
            is_member = True
            continue
        element = _decoded(text)
        if element is None:
            continue
        below, member = _read(content)
        if member:
            found.members.add(element)
        if below:
            found.children[element] = below
    return found, is_member or not found


EMPTY: Final = FieldSet()
"""The set of no paths."""
