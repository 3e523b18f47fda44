"""JSON merge patch (RFC 7386) as the API server runs it."""

from __future__ import annotations

from typing import Any

from kubecrd.errors import StatusError
from kubecrd.resource.status import bad_request

from .gojson import go_type_name

__all__ = ["merge_patch"]


def merge_patch(document: dict[str, Any], patch: Any, *, strict: bool = True) -> Any:
    """Give *document* with *patch* merged into it; neither is changed.

    Args:
        document: What is patched.
        patch: The parsed body of the request.
        strict: Whether the body must be an object (fieldValidation Warn and Strict); otherwise a list becomes the
            new document.

    Raises:
        StatusError: 400, the body is no merge patch.
    """
    if isinstance(patch, dict):
        return _merged(document, patch)
    if patch is not None and strict:
        found = go_type_name(patch)
        message = (
            f"error decoding patch: json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
        )
        raise StatusError.of(bad_request(message))
    if isinstance(patch, list):
        return _without_nulls(patch)
    raise StatusError.of(bad_request("Invalid JSON Patch"))


def _merged(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    merged = dict(document)
    for name, value in patch.items():
        present = merged.get(name)
        if value is None:
            merged.pop(name, None)
        elif isinstance(present, dict):
            merged[name] = _merged(present, value) if isinstance(value, dict) else value
        else:
            merged[name] = _without_nulls(value)
    return merged


def _without_nulls(value: Any) -> Any:
    """Give what a patch puts where no object was: members that are null go, items of lists that are null stay."""
    match value:
        case dict():
            return {name: _without_nulls(member) for name, member in value.items() if member is not None}
        case list():
            return [_without_nulls(item) for item in value]
        case _:
            return value
