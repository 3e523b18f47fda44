"""Between the version an object is stored in and the version it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio.to_thread

from kubecrd.errors import DecodeError, StatusError
from kubecrd.schema.defaults import fill_defaults
from kubecrd.schema.jsonvalues import copied
from kubecrd.schema.pruning import prune
from kubecrd.schema.strategy import CustomResourceStrategy

from .options import plain_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import ServedKind

__all__ = [
    "check_version",
    "converted",
    "converted_all",
    "defaulted",
    "renamed",
    "storable",
    "stored_kind",
    "worked_out",
]


def renamed(obj: dict[str, Any], kind: ServedKind) -> dict[str, Any]:
    """Give a custom object in the version of *kind*, as the strategy None does.

    Only the apiVersion changes; then what the version's schema has no place for is left out. Defaults of that version
    are not filled in: that happens to what clients send, and to what is read from storage in the version it is in.
    """
    if obj.get("apiVersion") == kind.api_version:
        return obj
    return _pruned({**obj, "apiVersion": kind.api_version}, kind)


def _pruned(obj: dict[str, Any], kind: ServedKind) -> dict[str, Any]:
    made: dict[str, Any] = copied(obj)
    if isinstance(kind.strategy, CustomResourceStrategy):
        prune(made, kind.strategy.structural, is_root=True)
    return made


async def converted(obj: dict[str, Any], kind: ServedKind) -> dict[str, Any]:
    """Give a custom object in the version of *kind*, as the definition has it: renamed, or by its webhook.

    Raises:
        StatusError: 500, the webhook fails.
    """
    return (await converted_all([obj], kind))[0]


async def converted_all(objects: list[dict[str, Any]], kind: ServedKind) -> list[dict[str, Any]]:
    """As `converted` for many; those of one version are sent to a webhook together.

    Raises:
        StatusError: 500, the webhook fails.
    """
    if kind.webhook is None:
        return [renamed(obj, kind) for obj in objects]
    waiting: dict[str, list[int]] = {}
    for place, obj in enumerate(objects):
        if obj["apiVersion"] != kind.api_version:
            waiting.setdefault(obj["apiVersion"], []).append(place)
    made = list(objects)
    for places in waiting.values():
        found = await kind.webhook.convert([objects[place] for place in places], kind.api_version)
        for place, obj in zip(places, found, strict=True):
            made[place] = _pruned(obj, kind)
    return made


def stored_kind(stored: dict[str, Any], kind: ServedKind) -> ServedKind:
    """Give the kind in the version that an object is stored in.

    Raises:
        StatusError: 500, the definition has that version no more.
    """
    version = stored["apiVersion"].rpartition("/")[2]
    found = kind.versions.get(version) if kind.versions else kind.storage or kind
    if found is None:
        message = f"request to convert CR from an invalid group/version: {stored['apiVersion']}"
        raise StatusError.of(plain_failure(message))
    return found


async def worked_out(
    kind: ServedKind, change: Callable[[dict[str, Any]], dict[str, Any]], old: dict[str, Any]
) -> dict[str, Any]:
    """Give what *change* makes of *old*; where that may ask a conversion webhook, it does so in a worker thread."""
    if kind.webhook is None:
        return change(old)
    return await anyio.to_thread.run_sync(change, old)


def check_version(obj: dict[str, Any], kind: ServedKind) -> None:
    """Hold a custom object that admission has changed to the version it was in.

    Raises:
        StatusError: 500, it says another one.
    """
    said = obj.get("apiVersion") or ""
    if kind.is_custom and said != kind.api_version:
        group, _, version = said.rpartition("/")
        named = f"{group}/{version}, Kind={obj.get('kind') or ''}"
        message = f'{named} is unstructured and is not suitable for converting to "{kind.api_version}"'
        raise StatusError.of(plain_failure(message))


def defaulted(obj: dict[str, Any], kind: ServedKind) -> dict[str, Any]:
    """Give what admission has made of an object with the defaults of its kind; unknown fields stay where they can.

    Raises:
        StatusError: 500, an object of a built-in kind cannot be decoded any more.
    """
    if isinstance(kind.strategy, CustomResourceStrategy):
        filled: dict[str, Any] = copied(obj)
        fill_defaults(filled, kind.strategy.structural)
        return filled
    try:
        return kind.strategy.decode(obj)[0]
    except DecodeError as error:
        raise StatusError.of(plain_failure(str(error))) from error


def storable(obj: dict[str, Any]) -> dict[str, Any]:
    """Give an object as it is kept: numbers as JSON from Go has them."""
    return {key: _whole_numbers(value) for key, value in obj.items()}


def _whole_numbers(value: Any) -> Any:
    """Copy a value, with floats without a fraction as integers, as JSON from Go has them."""
    match value:
        case dict():
            return {key: _whole_numbers(member) for key, member in value.items()}
        case list():
            return [_whole_numbers(item) for item in value]
        case float() if value.is_integer() and -(2**63) <= value < 2**63:
            return int(value)
        case _:
            return value
