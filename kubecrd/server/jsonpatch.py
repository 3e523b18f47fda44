"""JSON patch (RFC 6902) as the API server runs it, with the habits of its patch library (evanphx/json-patch)."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Never, final

from kubecrd.errors import StatusError
from kubecrd.resource.gotext import json_text, quoted
from kubecrd.resource.status import Status, StatusDetails, bad_request
from kubecrd.schema.jsonvalues import copied

from .gojson import go_type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAX_OPERATIONS", "JsonPatchError", "apply_operations", "json_patch"]

MAX_OPERATIONS: Final = 10_000
"""`maxJSONPatchOperations` of the endpoint handlers."""
_MAX_COPIED: Final = 3 * 1024 * 1024
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_ABSENT: Final = object()
_MISSING: Final = ": missing value"


class JsonPatchError(Exception):
    """An operation fails, for the reason the patch library gives; a client that patches never learns of it."""


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
    except JsonPatchError:
        message = "the server rejected our request due to an error in our request"
        raise StatusError.of(Status(code=422, reason="Invalid", message=message, details=StatusDetails())) from None
    return _plain_numbers(run.document) if exact else run.document


def apply_operations(document: Any, operations: list[Any]) -> Any:
    """Give *document* with all *operations* of a webhook or policy applied; it is not changed itself.

    Raises:
        JsonPatchError: an operation fails; with the library's words.
    """
    run = _Run(copied(document))
    for step in operations:
        run.step(step)
    return run.document


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
        kind = operation.get("op") if isinstance(operation, dict) else None
        run = _STEPS.get(kind) if isinstance(kind, str) else None
        if run is None:
            raise JsonPatchError(f"Unexpected kind: {kind if isinstance(kind, str) else 'unknown'}")
        run(self, operation)

    def add(self, operation: dict[str, Any]) -> None:
        path = _path(operation, "path", "add operation failed to decode path")
        container, key = self._place(path, f'add operation does not apply: doc is missing path: "{path}"')
        with _told(f"error in add for path: '{path}'"):
            _add(container, key, copied(operation.get("value")))

    def remove(self, operation: dict[str, Any]) -> None:
        path = _path(operation, "path", "remove operation failed to decode path")
        container, key = self._place(path, f'remove operation does not apply: doc is missing path: "{path}"')
        with _told(f"error in remove for path: '{path}'"):
            _remove(container, key)

    def replace(self, operation: dict[str, Any]) -> None:
        path, value = _path(operation, "path", "replace operation failed to decode path"), operation.get("value")
        if path == "":
            if not isinstance(value, (dict, list)):
                raise JsonPatchError(f"replace operation value must be object or array{_MISSING}")
            self.document = copied(value)
            return
        container, key = self._place(path, f"replace operation does not apply: doc is missing path: {path}")
        if isinstance(container, list):
            try:
                index = _index(key, len(container))
            except JsonPatchError:
                raise JsonPatchError(
                    f"replace operation does not apply: doc is missing key: {path}{_MISSING}"
                ) from None
            container[index] = copied(value)
        else:
            container[key] = copied(value)

    def move(self, operation: dict[str, Any]) -> None:
        source = _path(operation, "from", "move operation failed to decode from")
        container, key = self._place(source, f"move operation does not apply: doc is missing from path: {source}")
        with _told(f"error in move for path: '{key}'"):
            value = _get(container, key)
            _remove(container, key)
        path = _path(operation, "path", "move operation failed to decode path")
        container, key = self._place(path, f"move operation does not apply: doc is missing destination path: {path}")
        with _told(f"error in move for path: '{path}'"):
            _add(container, key, value)

    def copy(self, operation: dict[str, Any]) -> None:
        source = _path(operation, "from", "copy operation failed to decode from")
        container, key = self._place(source, f"copy operation does not apply: doc is missing from path: {source}")
        with _told(f"error in copy for from: '{source}'"):
            found = _get(container, key)
        value = None if found is _ABSENT else copied(found)
        path = _path(operation, "path", "copy operation failed to decode path")
        target, name = self._place(path, f"copy operation does not apply: doc is missing destination path: {path}")
        self._copied += len(json_text(value))
        if self._copied > _MAX_COPIED:
            raise JsonPatchError(
                f"Unable to complete the copy, the accumulated size increase of copy is {self._copied}, "
                f"exceeding the limit {_MAX_COPIED}"
            )
        with _told("error while adding value during copy"):
            _add(target, name, value)

    def test(self, operation: dict[str, Any]) -> None:
        path = _path(operation, "path", "test operation failed to decode path")
        failed = JsonPatchError(f"testing value {path} failed: test failed")
        if path == "":
            if not _equal(self.document, operation.get("value")):
                raise failed
            return
        container, key = self._place(path, f"test operation does not apply: is missing path: {path}")
        with _told(f"error in test for path: '{path}'"):
            found = _get(container, key)
        expected = operation.get("value")
        if found is _ABSENT or found is None:
            if expected is not None:
                raise failed
        elif expected is None or not _equal(found, expected):
            raise failed

    def _place(self, path: str, missing: str) -> tuple[Any, str]:
        """Find the container that *path* ends in, and the key there; what stands before the first slash is dropped."""
        parts = path.split("/")[1:]
        container = self.document if parts else None
        for part in parts[:-1]:
            try:
                container = _get(container, _unescaped(part))
            except JsonPatchError:
                container = None
            if not isinstance(container, (dict, list)):
                break
        if not isinstance(container, (dict, list)):
            raise JsonPatchError(f"{missing}{_MISSING}")
        return container, _unescaped(parts[-1])


_STEPS: Final[dict[str, Callable[[_Run, dict[str, Any]], None]]] = {
    "add": _Run.add,
    "remove": _Run.remove,
    "replace": _Run.replace,
    "move": _Run.move,
    "copy": _Run.copy,
    "test": _Run.test,
}


def _path(operation: dict[str, Any], name: str, failure: str) -> str:
    value = operation.get(name)
    if not isinstance(value, str):
        raise JsonPatchError(f"{failure}{_MISSING}")
    return value


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Put where an operation fails before why."""
    try:
        yield
    except JsonPatchError as error:
        raise JsonPatchError(f"{place}: {error}") from None


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
        try:
            position = _number(key)
        except JsonPatchError as error:
            raise JsonPatchError(f"value was not a proper array index: '{key}': {error}") from None
        container.insert(_within(position, len(container) + 1), value)


def _remove(container: Any, key: str) -> None:
    if isinstance(container, list):
        del container[_index(key, len(container))]
    elif key in container:
        del container[key]
    else:
        raise JsonPatchError(f"Unable to remove nonexistent key: {key}{_MISSING}")


def _index(key: str, size: int) -> int:
    return _within(_number(key), size)


def _number(key: str) -> int:
    """Read a position as Go's Atoi does."""
    if not _INTEGER.fullmatch(key):
        raise JsonPatchError(f"strconv.Atoi: parsing {quoted(key)}: invalid syntax")
    return int(key)


def _within(index: int, size: int) -> int:
    """Hold a position to a list's size; a negative one counts from the end."""
    if not -size <= index < size:
        raise JsonPatchError(f"Unable to access invalid index: {index}: invalid index referenced")
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
