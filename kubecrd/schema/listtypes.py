"""Lists that are sets or maps: no item twice (apiextensions `structural/listtype`)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from kubecrd.resource.gotext import json_text

from .jsonvalues import json_type
from .pruning import child_schema
from .wording import duplicate, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubecrd.resource.fielderrors import FieldError

    from .structural import Structural

__all__ = ["check_lists"]


def check_lists(value: Any, schema: Structural, path: str = "") -> list[FieldError]:
    """List the repeated items of all sets and map lists in *value*, outer lists first."""
    return list(_check(value, schema, path))


def _check(value: Any, schema: Structural | None, path: str) -> Iterator[FieldError]:
    if schema is None:
        return
    if isinstance(value, dict):
        for key, member in value.items():
            # Map keys stand in brackets here, unlike in the schema's own errors.
            is_property = key in schema.properties
            step = (f".{key}" if path else key) if is_property else f"[{key}]"
            yield from _check(member, child_schema(schema, key), f"{path}{step}")
    elif isinstance(value, list):
        if schema.list_type == "set":
            yield from _repeats(value, path, lambda item: item)
        elif schema.list_type == "map":
            yield from _check_map_list(value, schema, path)
        for index, item in enumerate(value):
            yield from _check(item, schema.items, f"{path}[{index}]")


def _check_map_list(items: list[Any], schema: Structural, path: str) -> Iterator[FieldError]:
    for index, item in enumerate(items):
        if not isinstance(item, dict | None):
            yield invalid(f"{path}[{index}]", item, "must be an object for an array of list-type map")
            return
    key_names = schema.list_map_keys

    def keys_of(item: Any) -> dict[str, Any]:
        return {key: item[key] for key in key_names if key in (item or {})}

    if len(key_names) == 1:
        # One key is compared as it is, so that 1 and 1.0 differ; several are compared as JSON, where they do not.
        yield from _repeats(items, path, keys_of, identity=lambda key: _identity(key[key_names[0]]) if key else "")
    else:
        yield from _repeats(items, path, keys_of)


def _identity(value: Any) -> str:
    """Give a text that equal values share: scalars with their type, anything else as JSON."""
    text = json_text(value)
    return text if isinstance(value, dict | list) else f"{json_type(value)} {text}"


def _repeats(
    items: list[Any],
    path: str,
    key_of: Callable[[Any], Any],
    *,
    identity: Callable[[Any], str] = _identity,
) -> Iterator[FieldError]:
    """Report the second of equal items, and none of those that follow it."""
    counts: Counter[str] = Counter()
    for index, item in enumerate(items):
        key = key_of(item)
        text = identity(key)
        counts[text] += 1
        if counts[text] == 2:
            yield duplicate(f"{path}[{index}]", key)
