"""Paths into objects, as errors write them, such as ``spec.toppings[0].name``: what stands there, and under which schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kubecrd.resource.fielderrors import ABSENT
from kubecrd.resource.spelling import did_you_mean

from .costadvice import EACH, Place
from .pruning import META_FIELDS, child_schema
from .structural import NOTHING_DECLARED, Structural
from .typemeta import with_type_meta

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ObjectPathError", "node_at", "place_of", "value_at"]

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[([^\[\]]*)\]")


class ObjectPathError(ValueError):
    """A path leads nowhere; the message says where it ends, and what may have been meant."""


def node_at(path: str, schema: Structural) -> Structural:
    """Give the schema of what stands at *path*.

    Args:
        path: Properties behind dots; indices, or keys of mappings, in brackets. Empty for the whole object.
        schema: Of the whole object.

    Raises:
        ObjectPathError: the schema has nothing there.
    """
    *_, (_, node) = _walk(path, schema)
    return node


def place_of(path: str, schema: Structural) -> Place:
    """Give the way through the schema that *path* takes.

    Args:
        path: As for `node_at`.
        schema: Of the whole object.

    Raises:
        ObjectPathError: the schema has nothing there.
    """
    return tuple(step for step, _ in _walk(path, schema) if step)


def _walk(path: str, schema: Structural) -> Iterator[tuple[str, Structural]]:
    """Yield the schemas on the way, each with the step that leads to it; the first with none."""
    node, passed = with_type_meta(schema), ""
    yield "", node
    for name, key in _steps(path):
        found = _item(node) if name is None else _member(node, name)
        if found is None:
            raise ObjectPathError(_nowhere(node, passed, f"[{key}]" if name is None else name))
        is_property = name is not None and name in node.properties
        node = found
        passed += f"[{key}]" if name is None else f".{name}" if passed else name
        if passed == "metadata" and not node.properties.keys() - {"name", "generateName"}:
            node = NOTHING_DECLARED  # what every object has there is not in the schema
        yield name if name is not None and is_property else EACH, node


def value_at(path: str, document: Any) -> Any:
    """Give what stands at *path* in a document; `ABSENT` if nothing does.

    Args:
        path: As for `node_at`.
        document: A JSON value.

    Raises:
        ObjectPathError: *path* is not written as one.
    """
    value = document
    for name, key in _steps(path):
        if isinstance(value, list) and key is not None and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and (name if name is not None else key) in value:
            value = value[name if name is not None else key]
        else:
            return ABSENT
    return value


def _steps(path: str) -> list[tuple[str | None, str | None]]:
    """Part a path into names, and what stands in brackets."""
    found, at = [], 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ObjectPathError(f"{path!r} is no path; write it as spec.toppings[0].name")
        found.append((match[1], match[2]))
        at = match.end()
    return found


def _item(node: Structural) -> Structural | None:
    if isinstance(node.additional_properties, Structural):
        return node.additional_properties
    return NOTHING_DECLARED if _is_open(node) else node.items


def _member(node: Structural, name: str) -> Structural | None:
    return child_schema(node, name) or (NOTHING_DECLARED if _is_open(node) or name in _ever(node) else None)


def _ever(node: Structural) -> frozenset[str]:
    return META_FIELDS if node.embedded_resource else frozenset()


def _is_open(node: Structural) -> bool:
    return node.preserve_unknown_fields or node.additional_properties is True or node is NOTHING_DECLARED


def _nowhere(node: Structural, passed: str, step: str) -> str:
    place = passed or "the object"
    if step.startswith("["):
        return f"{place} is no list and no mapping, and has no {step}"
    if node.items is not None:
        return f"{place} is a list; write {passed}[0].{step}"
    if not node.properties:
        return f"{place} has no fields"
    return f"{place} has no field {step!r}; {did_you_mean(step, node.properties)}"
