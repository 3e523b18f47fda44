"""JSON patch (RFC 6902) as the API server runs it, with the habits of its patch library (evanphx/json-patch)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Never, final

from kubecrd.errors import StatusError
from kubecrd.resource.gotext import json_text
from kubecrd.resource.status import Status, StatusDetails, bad_request
from kubecrd.schema.jsonvalues import copied

from .gojson import go_type_name

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_OPERATIONS", "json_patch"]

MAX_OPERATIONS: Final = 10_000
"""`maxJSONPatchOperations` of the endpoint handlers."""
_MAX_COPIED: Final = 3 * 1024 * 1024
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_ABSENT: Final = object()


class _RefusedError(Exception):
    """An operation fails; why never reaches the client."""


class _Written(float):
    """A number as a patch writes it: `test` compares the text."""

    text = ""


def json_patch(document: Any, operations: Any, *, strict: bool = True, text: bytes | None = None) -> Any:
    """Give *document* with all *operations* applied; it is not changed itself.

    Args:
        document: What is patched.
        operations: The parsed body of the request.
        strict: Whether the body must be a list of operations (fieldValidation Warn and Strict); otherwise the patch
            library alone judges it.
        text: The body itself, so that ``test`` can tell ``2.0`` from ``2``; None compares parsed numbers.

    Raises:
        StatusError: 400, the body is no patch; 413, more than 10000 operations; 422, an operation fails.
    """
    steps = _operations(operations, strict=strict)
    if len(steps) > MAX_OPERATIONS:
        why = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(steps)}"
        message = f"Request entity too large: {why}"
        raise StatusError.of(Status(code=413, reason="RequestEntityTooLarge", message=message))
    exact = text is not None and any(isinstance(step, dict) and step.get("op") == "test" for step in steps)
    if exact:
        assert text is not None
        steps = json.loads(text, parse_float=_written)
    run = _Run(copied(document))
    try:
        for step in steps:
            run.step(step)
    except _RefusedError:
        message = "the server rejected our request due to an error in our request"
        raise StatusError.of(Status(code=422, reason="Invalid", message=message, details=StatusDetails())) from None
    return _plain_numbers(run.document) if exact else run.document


def _written(text: str) -> float:
    number = _Written(text)
    number.text = text
    return number


def _plain_numbers(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain_numbers(member) for key, member in value.items()}
        case list():
            return [_plain_numbers(item) for item in value]
        case _Written():
            return float(value)
        case _:
            return value


def _operations(operations: Any, *, strict: bool) -> list[Any]:
    """Check that the body is a list of operations.

    Raises:
        StatusError: 400, in Go's words.
    """
    if operations is None:
        return []
    if not isinstance(operations, list):
        wanted = "[]handlers.jsonPatchOp" if strict else "jsonpatch.Patch"
        _unreadable(operations, f"Go value of type {wanted}", strict=strict)
    for index, step in enumerate(operations):
        if step is None:
            continue
        if not isinstance(step, dict):
            if strict:
                _unreadable(step, "Go value of type handlers.jsonPatchOp", strict=True)
            _unreadable(step, f"Patch.{index} of type jsonpatch.Operation", strict=False)
        if strict:
            for name in ("op", "path", "from"):
                if step.get(name) is not None and not isinstance(step[name], str):
                    _unreadable(step[name], f"Go struct field jsonPatchOp.{name} of type string", strict=True)
    return operations


def _unreadable(value: Any, target: str, *, strict: bool) -> Never:
    message = f"json: cannot unmarshal {go_type_name(value)} into {target}"
    raise StatusError.of(bad_request(f"error decoding patch: {message}" if strict else message))


@final
class _Run:
    """One run of a patch over a document that it may change."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self._copied = 0

    def step(self, operation: Any) -> None:
        run = _STEPS.get(_string(operation, "op")) if isinstance(operation, dict) else None
        if run is None:
            raise _RefusedError
        run(self, operation)

    def add(self, operation: dict[str, Any]) -> None:
        container, key = self._place(_string(operation, "path"))
        _add(container, key, copied(operation.get("value")))

    def remove(self, operation: dict[str, Any]) -> None:
        container, key = self._place(_string(operation, "path"))
        _remove(container, key)

    def replace(self, operation: dict[str, Any]) -> None:
        path, value = _string(operation, "path"), operation.get("value")
        if path == "":
            if not isinstance(value, (dict, list)):
                raise _RefusedError
            self.document = copied(value)
            return
        container, key = self._place(path)
        if isinstance(container, list):
            container[_index(key, len(container))] = copied(value)
        else:
            container[key] = copied(value)

    def move(self, operation: dict[str, Any]) -> None:
        container, key = self._place(_string(operation, "from"))
        value = _get(container, key)
        _remove(container, key)
        container, key = self._place(_string(operation, "path"))
        _add(container, key, value)

    def copy(self, operation: dict[str, Any]) -> None:
        container, key = self._place(_string(operation, "from"))
        found = _get(container, key)
        value = None if found is _ABSENT else copied(found)
        target, name = self._place(_string(operation, "path"))
        self._copied += len(json_text(value))
        if self._copied > _MAX_COPIED:
            raise _RefusedError
        _add(target, name, value)

    def test(self, operation: dict[str, Any]) -> None:
        path = _string(operation, "path")
        if path == "":
            if not _equal(self.document, operation.get("value")):
                raise _RefusedError
            return
        container, key = self._place(path)
        found = _get(container, key)
        expected = operation.get("value")
        if found is _ABSENT or found is None:
            if expected is not None:
                raise _RefusedError
        elif expected is None or not _equal(found, expected):
            raise _RefusedError

    def _place(self, path: str) -> tuple[Any, str]:
        """Find the container that *path* ends in, and the key there; what stands before the first slash is dropped."""
        parts = path.split("/")[1:]
        if not parts:
            raise _RefusedError
        container = self.document
        for part in parts[:-1]:
            container = _get(container, _unescaped(part))
            if not isinstance(container, (dict, list)):
                raise _RefusedError
        return container, _unescaped(parts[-1])


_STEPS: Final[dict[str, Callable[[_Run, dict[str, Any]], None]]] = {
    "add": _Run.add,
    "remove": _Run.remove,
    "replace": _Run.replace,
    "move": _Run.move,
    "copy": _Run.copy,
    "test": _Run.test,
}


def _string(operation: dict[str, Any], name: str) -> str:
    value = operation.get(name)
    if not isinstance(value, str):
        raise _RefusedError
    return value


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _get(container: Any, key: str) -> Any:
    if isinstance(container, list):
        return container[_index(key, len(container))]
    return container.get(key, _ABSENT)


def _add(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
    elif key == "-":
        container.append(value)
    else:
        container.insert(_index(key, len(container) + 1), value)


def _remove(container: Any, key: str) -> None:
    if isinstance(container, list):
        del container[_index(key, len(container))]
    elif key in container:
        del container[key]
    else:
        raise _RefusedError


def _index(key: str, size: int) -> int:
    """Read a position as Go's Atoi does; a negative one counts from the end."""
    if not _INTEGER.fullmatch(key):
        raise _RefusedError
    index = int(key)
    if not -size <= index < size:
        raise _RefusedError
    return index + size if index < 0 else index


def _equal(one: Any, other: Any) -> bool:
    """Compare objects in any order, lists in order, and scalars by their JSON text."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(_equal(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(_equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))
        )
    return not isinstance(other, (dict, list)) and _scalar_text(one) == _scalar_text(other)


def _scalar_text(value: Any) -> str:
    return value.text if isinstance(value, _Written) else json_text(value)
