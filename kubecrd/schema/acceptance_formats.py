"""What the API server remarks on the formats of a definition: the unknown ones are stored, and never checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubecrd.resource.gotext import quoted

from .formats import is_known

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["format_warnings"]


def format_warnings(crd: dict[str, Any], old: dict[str, Any] | None = None) -> list[str]:
    """Give the warnings about unknown formats, each text once, versions in order.

    Args:
        crd: The definition, as `prepare_crd` gives it.
        old: The stored definition when this is an update; formats that it had already are not remarked on.
    """
    known = set() if old is None else set(_unknown_formats(old))
    return [f"unrecognized format {quoted(name)}" for name in dict.fromkeys(_unknown_formats(crd)) if name not in known]


def _unknown_formats(crd: dict[str, Any]) -> Iterator[str]:
    for version in crd["spec"]["versions"] or ():
        yield from _in_schema((version.get("schema") or {}).get("openAPIV3Schema") or {})


def _in_schema(schema: dict[str, Any]) -> Iterator[str]:
    name = schema.get("format")
    if name and not is_known(name, schema.get("type") or None):
        yield name
    for key in ("properties", "patternProperties", "definitions"):
        for child in schema.get(key, {}).values():
            yield from _in_schema(child)
    for key in ("allOf", "anyOf", "oneOf"):
        for child in schema.get(key, ()):
            yield from _in_schema(child)
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            yield from _in_schema(schema[key])
