"""What a line of a watch says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec
from attrs import frozen

from kubecrd.errors import DecodeError

from .objects import KubeObject
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Added", "Bookmark", "Deleted", "Failed", "Modified", "WatchEvent", "decode_event"]

K = TypeVar("K", bound=KubeObject)

_INITIAL_EVENTS_END: Final = "k8s.io/initial-events-end"


@frozen
class Added(Generic[K]):
    """An object is there that was not before, or that now matches the selector."""

    object: K


@frozen
class Modified(Generic[K]):
    """An object has changed."""

    object: K


@frozen
class Deleted(Generic[K]):
    """An object is gone, or no longer matches the selector; this is its last state."""

    object: K


@frozen
class Bookmark:
    """Nothing changed, but the watch has come this far.

    Attributes:
        resource_version: From where a new watch can go on.
        initial_events_end: Whether this ends the synthetic events at the beginning of a stream (KEP-3157).
    """

    resource_version: str
    initial_events_end: bool = False


@frozen
class Failed:
    """The server says why the stream cannot go on.

    Attributes:
        status: The reason; `Expired` means: list anew.
    """

    status: Status


WatchEvent = Added[K] | Modified[K] | Deleted[K] | Bookmark | Failed


class _Line(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _BookmarkMeta(msgspec.Struct):
    resourceVersion: str = ""  # noqa: N815 - the JSON name
    annotations: dict[str, str] | None = None


class _BookmarkObject(msgspec.Struct):
    metadata: _BookmarkMeta


_LINE: Final = msgspec.json.Decoder(_Line)
_BOOKMARK: Final = msgspec.json.Decoder(_BookmarkObject)


def decode_event(line: bytes | str, item: Callable[[msgspec.Raw], K]) -> WatchEvent[K]:
    """Read one line of a watch; objects are made by *item*.

    Raises:
        DecodeError: the line is no watch event, or the object does not fit.
    """
    try:
        read = _LINE.decode(line)
        match read.type:
            case "BOOKMARK":
                metadata = _BOOKMARK.decode(read.object).metadata
                end = (metadata.annotations or {}).get(_INITIAL_EVENTS_END) == "true"
                return Bookmark(metadata.resourceVersion, end)
            case "ERROR":
                return Failed(Status.from_dict(msgspec.json.decode(read.object)))
    except msgspec.DecodeError as error:
        raise DecodeError(f"watch event: {error}") from error
    match read.type:
        case "ADDED":
            return Added(item(read.object))
        case "MODIFIED":
            return Modified(item(read.object))
        case "DELETED":
            return Deleted(item(read.object))
        case other:
            raise DecodeError(
                f"watch event: the type {other!r} is not one of ADDED, MODIFIED, DELETED, BOOKMARK, ERROR", "type"
            )
