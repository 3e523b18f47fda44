"""Strategic merge patch: a merge patch in which lists merge by the strategies of the kind's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import StatusError
from kubecrd.resource.status import Status, bad_request

from .gojson import go_type_name
from .goprint import plain, type_name
from .typedvalues import same
from .typeschema import OBJECT_META, MapShape, Type, TypeSchema

if TYPE_CHECKING:
    from .typeschema import ListShape

__all__ = ["strategic_merge_patch"]

_DIRECTIVE: Final = "$patch"
_RETAIN: Final = "$retainKeys"
_DELETE_FROM: Final = "$deleteFromPrimitiveList/"
_ORDER: Final = "$setElementOrder/"
_ONLY_METADATA: Final = TypeSchema(Type(map=MapShape(fields={"metadata": OBJECT_META})), custom=False)


def strategic_merge_patch(document: dict[str, Any], patch: Any, type_schema: TypeSchema | None) -> dict[str, Any]:
    """Give *document* with *patch* merged into it; neither is changed.

    Args:
        document: What is patched.
        patch: The parsed body of the request; null changes nothing.
        type_schema: The merge types of the kind, from its OpenAPI document; None where only metadata is known.

    Raises:
        StatusError: 400 or 500, in the server's words: the patch is no object, or a directive in it is wrong.
    """
    if patch is None:
        return document
    if not isinstance(patch, dict):
        message = f"json: cannot unmarshal {go_type_name(patch)} into Go value of type map[string]interface {{}}"
        raise StatusError.of(bad_request(message))
    return _merge_map(document, patch, (type_schema or _ONLY_METADATA).root)


def _failure(message: str) -> StatusError:
    return StatusError.of(Status(code=500, message=message))


# --- objects


def _merge_map(original: dict[str, Any], patch: dict[str, Any], type_: Type | None) -> dict[str, Any]:
    if _DIRECTIVE in patch:
        return _directed(patch)
    shape = None if type_ is None else type_.map
    merged = _retained(original, patch)
    orders = {key.removeprefix(_ORDER): value for key, value in patch.items() if key.startswith(_ORDER)}
    for name, order in orders.items():
        _merge_in_order(merged, patch, name, order, shape)
    for key, value in patch.items():
        if key == _RETAIN or key.startswith(_ORDER) or key in orders:
            continue
        if key.startswith(_DELETE_FROM):
            _delete_items(merged, key.removeprefix(_DELETE_FROM), value)
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_member(merged.get(key), value, _member(shape, key))
    return merged


def _directed(patch: dict[str, Any]) -> dict[str, Any]:
    """Give what a map becomes that has a ``$patch`` of its own."""
    match patch[_DIRECTIVE]:
        case "replace":
            return {key: value for key, value in patch.items() if key != _DIRECTIVE}
        case "delete":
            return {}
    raise _failure(_bad_directive(patch))


def _bad_directive(patch: dict[str, Any]) -> str:
    found = patch[_DIRECTIVE]
    shown = found if isinstance(found, str) else f"%!s({type_name(found)}={plain(found)})"
    return f"unknown patch type: {shown} in map: {plain(patch)}"


def _member(shape: MapShape | None, name: str) -> Type | None:
    return None if shape is None else shape.fields.get(name, shape.rest)


def _merge_member(present: Any, value: Any, type_: Type | None) -> Any:
    """Merge one member; where the two are of different sorts, or nothing is there, the patch's value is taken."""
    if isinstance(present, dict) and isinstance(value, dict):
        return _merge_map(present, value, type_)
    if isinstance(present, list) and isinstance(value, list):
        shape = None if type_ is None else type_.list
        return value if shape is None or shape.merge_key is None else _merge_list(present, value, shape)
    return _taken(value)


def _taken(value: Any) -> Any:
    """Give what a patch puts where nothing was: without nulls in objects, and without directives."""
    match value:
        case dict():
            return {
                key: _taken(member)
                for key, member in value.items()
                if member is not None
                and key not in {_DIRECTIVE, _RETAIN}
                and not key.startswith((_DELETE_FROM, _ORDER))
            }
        case list():
            return [_taken(item) for item in value if not (isinstance(item, dict) and _DIRECTIVE in item)]
        case _:
            return value


def _retained(original: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Give a copy of *original* with only the keys that ``$retainKeys`` names, if the patch has it."""
    if _RETAIN not in patch:
        return dict(original)
    names = patch[_RETAIN]
    if not isinstance(names, list):
        raise StatusError.of(bad_request("invalid patch format of retainKeys"))
    for key, value in patch.items():
        if key != _RETAIN and value is not None and not key.startswith((_DELETE_FROM, _ORDER)) and key not in names:
            raise StatusError.of(bad_request("invalid patch format of retainKeys"))
    return {key: value for key, value in original.items() if key in names}


def _delete_items(merged: dict[str, Any], name: str, values: Any) -> None:
    present = merged.get(name)
    if isinstance(present, list) and isinstance(values, list):
        merged[name] = [item for item in present if not any(same(item, value) for value in values)]


def _merge_in_order(
    merged: dict[str, Any], patch: dict[str, Any], name: str, order: Any, shape: MapShape | None
) -> None:
    """Merge a list and put it into the order that ``$setElementOrder`` gives."""
    if not isinstance(order, list):
        raise StatusError.of(bad_request("invalid patch format of setElementOrder list"))
    original, patched = merged.get(name), patch.get(name)
    type_ = _member(shape, name)
    items = type_.list if type_ is not None else None
    key = (items.merge_key if items is not None else None) or ""
    if isinstance(patched, list):
        _check_order(patched, order, key)
    if original is None and patched is None:
        merged.pop(name, None)
        return
    both = _merge_member(original, patched, type_) if patched is not None else original
    if not isinstance(both, list):
        return
    live = original if isinstance(original, list) else []
    merged[name] = _ordered(both, order, live, key)


def _check_order(patched: list[Any], order: list[Any], key: str) -> None:
    """Refuse an order that does not hold the items of the patch, in their order."""
    plain_items = [item for item in patched if not (isinstance(item, dict) and _DIRECTIVE in item)]
    wanted = [_mark(item, key) for item in plain_items]
    rest = iter([_mark(item, key) for item in order])
    if not all(any(same(item, other) for other in rest) for item in wanted):
        raise _failure(
            f"The order in patch list:\n{plain(plain_items)}\n doesn't match {_ORDER.rstrip('/')} list:\n{plain(order)}\n"
        )


# --- lists


def _merge_list(original: list[Any], patch: list[Any], shape: ListShape) -> list[Any]:
    if not original and not patch:
        return original
    if not _one_sort(original, patch):
        raise _failure(f"list element types are not identical: [{plain(original)} {plain(patch)}]")
    key = shape.merge_key or ""
    if not isinstance((original or patch)[0], dict):
        merged: list[Any] = []
        for item in [*original, *patch]:
            if not any(same(item, other) for other in merged):
                merged.append(item)
        return _ordered(merged, patch, original, "")
    if not key:
        raise _failure("cannot merge lists without merge key")
    original, patch = _without_special(original, patch, key)
    merged = list(original)
    for item in patch:
        if key not in item:
            raise _failure(f"map: {plain(item)} does not contain declared merge key: {key}")
        found = next((index for index, other in enumerate(merged) if same(other.get(key), item[key])), None)
        if found is None:
            merged.append(_taken(item))
        else:
            merged[found] = _merge_map(merged[found], item, shape.item)
    return _ordered(merged, patch, original, key)


def _one_sort(original: list[Any], patch: list[Any]) -> bool:
    return len({type(item) for item in [*original, *patch]}) == 1


def _without_special(original: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Carry out the items of a patch that say ``$patch``; give what is left of both lists."""
    ordinary: list[Any] = []
    replace = False
    for item in patch:
        if _DIRECTIVE not in item:
            ordinary.append(item)
            continue
        match item[_DIRECTIVE]:
            case "delete":
                if key not in item:
                    raise _failure(f"map: {plain(item)} does not contain declared merge key: {key}")
                original = [other for other in original if not same(other.get(key), item[key])]
            case "replace":
                replace = True
            case "merge":
                raise _failure("merging lists cannot yet be specified in the patch")
            case _:
                raise _failure(_bad_directive(item))
    return ([] if replace else original), ordinary


def _mark(item: Any, key: str) -> Any:
    """Give what an item is told apart by."""
    return item.get(key) if key and isinstance(item, dict) else item


def _position(items: list[Any], mark: Any, key: str) -> int:
    return next((index for index, item in enumerate(items) if same(_mark(item, key), mark)), -1)


def _ordered(merged: list[Any], order: list[Any], live: list[Any], key: str) -> list[Any]:
    """Put the items that *order* names into its order, among the others, which keep that of *live*.

    Where two could come next, the live one does whose place among the live was first (`normalizeElementOrder`).
    """
    marks = [(item, _mark(item, key)) for item in merged]
    places = [(_position(order, mark, key), _position(live, mark, key), item) for item, mark in marks]
    named = sorted((each for each in places if each[0] >= 0), key=lambda each: each[0])
    others = sorted((each for each in places if each[0] < 0), key=lambda each: each[1])
    result: list[Any] = []
    while named and others:
        mine, theirs = others[0], named[0]
        first = others if mine[1] >= 0 and theirs[1] >= 0 and mine[1] < theirs[1] else named
        result.append(first.pop(0)[2])
    return result + [each[2] for each in [*others, *named]]
