"""Values seen through their merge types: which elements list items are, what is owned in a value, what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .fieldset import FIELD, INDEX, Element, FieldSet, element_text, key_element, value_element
from .goprint import plain, source, type_name
from .typeschema import ListShape, MapShape

if TYPE_CHECKING:
    from .typeschema import Type

__all__ = ["ItemError", "item_element", "named_members", "owned", "reconciled", "same", "type_errors"]


class ItemError(ValueError):
    """An item of a set or map list is not one that could be told apart."""


def same(one: Any, other: Any) -> bool:
    """Say whether two values are equal: numbers by value, 1 and true apart, objects in any order."""
    if one is other:
        return True
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and len(one) == len(other)
            and all(key in other and same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(mine, theirs) for mine, theirs in zip(one, other, strict=True))
        )
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def item_element(shape: ListShape, item: Any) -> Element:
    """Give the path element of an item of a set or map list.

    Raises:
        ItemError: it cannot be told apart from others, in the server's words.
    """
    return _keyed_element(shape, item) if shape.keys else _set_element(item)


def _keyed_element(shape: ListShape, item: Any) -> Element:
    if item is None:
        raise ItemError("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise ItemError("associative list with keys may not have non-map elements")
    defaults = shape.key_defaults
    keys = {key: item.get(key, defaults.get(key)) for key in shape.keys if key in item or key in defaults}
    if not keys:
        names = source(list(shape.keys)).removeprefix("[]interface {}{").removesuffix("}").replace(", ", " ")
        raise ItemError(
            f"associative list with keys has an element that omits all key fields [{names}] "
            "(and doesn't have default values for any key fields)"
        )
    return key_element(keys)


def _set_element(item: Any) -> Element:
    if isinstance(item, dict):
        raise ItemError("associative list without keys has an element that's a map type")
    if isinstance(item, list):
        raise ItemError("not supported: associative list with lists as elements")
    if item is None:
        raise ItemError("associative list without keys has an element that's an explicit null")
    return value_element(item)


# --- what is owned in a value


def owned(value: Any, type_: Type) -> FieldSet:
    """Give the paths that an applier of *value* owns (``ToFieldSet``): leaves, list items, undeclared and empty members.

    Raises:
        ItemError: a list item cannot be told apart.
    """
    found = FieldSet()
    _own(value, type_, found)
    return found


def _own(value: Any, type_: Type, found: FieldSet) -> bool:
    """Put what is owned below *value* into *found*; say whether its own path is owned as a leaf."""
    shape = type_.shape_of(value)
    if isinstance(shape, MapShape):
        if shape.atomic:
            return True
        if isinstance(value, dict):
            _own_members(value, shape, found)
        return False
    if isinstance(shape, ListShape):
        if shape.atomic:
            return True
        if isinstance(value, list):
            for item in value:
                element = item_element(shape, item)
                found.members.add(element)
                _own_below(item, shape.item, element, found)
        return False
    return True


def _own_members(value: dict[str, Any], shape: MapShape, found: FieldSet) -> None:
    elements, fields, rest = shape.elements, shape.fields, shape.rest
    for name, member in value.items():
        element = elements.get(name)
        type_ = rest if element is None else fields[name]
        if element is None:
            element = (FIELD, name)
            found.members.add(element)
        if member is None or member == {}:
            found.members.add(element)
        if type_ is not None:
            _own_below(member, type_, element, found)


def _own_below(value: Any, type_: Type, element: Element, found: FieldSet) -> None:
    if type_.map is None and type_.list is None:
        found.members.add(element)
        return
    below = FieldSet()
    if _own(value, type_, below):
        found.members.add(element)
    if below:
        present = found.children.get(element)
        found.children[element] = below if present is None else present | below


def named_members(paths: FieldSet, type_: Type | None) -> FieldSet:
    """Give *paths* with every declared member on the way to a path in it (``EnsureNamedFieldsAreMembers``)."""
    shape = None if type_ is None else type_.map
    items = None if type_ is None or type_.list is None else type_.list.item
    made = FieldSet(paths.members)
    for element, below in paths.children.items():
        sort, name = element
        inner: Type | None = items
        if sort == FIELD:
            inner = None
            if shape is not None:
                inner = shape.fields.get(name)
                if inner is None:
                    inner = shape.rest
                else:
                    made.members.add(element)
        made.children[element] = named_members(below, inner)
    return made


def reconciled(paths: FieldSet, type_: Type) -> FieldSet:
    """Give *paths* as they are after the schema has changed: what has become atomic is owned as a whole.

    The very same set is given where nothing has changed.
    """
    changed: dict[Element, FieldSet] = {}
    whole: set[Element] = set()
    for element, below in paths.children.items():
        inner = _inner_type(type_, element)
        if inner is None or inner.scalar is not None:
            continue
        shape = inner.map or inner.list
        if shape is not None and shape.atomic:
            whole.add(element)
        elif (now := reconciled(below, inner)) is not below:
            changed[element] = now
    if not whole and not changed:
        return paths
    children = {element: below for element, below in (paths.children | changed).items() if element not in whole}
    return FieldSet(paths.members | whole, children)


def _inner_type(type_: Type, element: Element) -> Type | None:
    if element[0] != FIELD:
        return None if type_.list is None else type_.list.item
    return None if type_.map is None else type_.map.fields.get(element[1], type_.map.rest)


# --- what does not fit


def type_errors(value: Any, type_: Type, *, duplicates: bool = False) -> list[str]:
    """Say where *value* does not fit its merge types, each as ``path: what``.

    Args:
        value: A whole object.
        type_: Its type.
        duplicates: Whether items of sets and map lists may be there twice, as in objects that are stored.
    """
    errors: list[str] = []
    _check(value, type_, "", errors, duplicates)
    return errors


def _check(value: Any, type_: Type, path: str, errors: list[str], duplicates: bool) -> None:  # noqa: FBT001
    shape = type_.shape_of(value)
    if value is None:
        return
    if isinstance(shape, MapShape):
        if isinstance(value, dict):
            _check_members(value, shape, path, errors, duplicates)
        else:
            errors.append(_at(path, f"expected map, got &{{{plain(value)}}}"))
    elif isinstance(shape, ListShape):
        if isinstance(value, list):
            _check_items(value, shape, path, errors, duplicates)
        else:
            errors.append(_at(path, f"expected list, got &{{{plain(value)}}}"))
    elif shape is not None and (why := _SCALAR_CHECKS[shape](value)):
        errors.append(_at(path, why))


def _at(path: str, why: str) -> str:
    return f"{path}: {why}" if path else why


def _check_members(value: dict[str, Any], shape: MapShape, path: str, errors: list[str], duplicates: bool) -> None:  # noqa: FBT001
    for name, member in value.items():
        type_ = shape.fields.get(name, shape.rest)
        if type_ is None:
            # The real walker gives up the rest of an object at its first undeclared member.
            errors.append(f"{path}.{name}: field not declared in schema")
            return
        if member is not None:
            _check(member, type_, f"{path}.{name}", errors, duplicates)


def _check_items(value: list[Any], shape: ListShape, path: str, errors: list[str], duplicates: bool) -> None:  # noqa: FBT001
    seen: set[Element] = set()
    for index, item in enumerate(value):
        element: Element = (INDEX, index)
        if not shape.atomic:
            try:
                element = item_element(shape, item)
            except ItemError as error:
                errors.append(_at(path, f"element {index}: {error}"))
                return
            if element in seen and not duplicates:
                errors.append(_at(path, f"duplicate entries for key {element_text(element)}"))
            seen.add(element)
        if item is not None:
            _check(item, shape.item, path + element_text(element), errors, duplicates)


def _numeric(value: Any) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return None
    return f"expected numeric (int or float), got {type_name(value)}"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else f"expected string, got &value.valueUnstructured{{Value:{source(value)}}}"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"expected boolean, got &{{{plain(value)}}}"


def _any_scalar(value: Any) -> str | None:
    return None if not isinstance(value, (dict, list)) else f"expected any scalar, got &{{{plain(value)}}}"


_SCALAR_CHECKS: Final = {"numeric": _numeric, "string": _text, "boolean": _flag, "untyped": _any_scalar}
