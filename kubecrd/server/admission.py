"""Admission: who else has a say before an object is created, changed or removed. All of it happens here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol

from attrs import define, field

from .kinds import ServedKind
from .request import Request

__all__ = ["Admission", "Operation", "Plugin"]


@define
class Operation:
    """One write on its way through admission.

    Attributes:
        verb: What is done.
        kind: The kind, in the version of the request.
        namespace: Empty for a cluster-scoped object.
        name: Empty where a create leaves it to the server.
        obj: The object as it would be stored; None for a removal. Mutating plugins put another in its place.
        old: The object as it is stored now; None for a create.
        subresource: Such as ``status``; empty for the object itself.
        dry_run: Whether nothing will be stored.
        options: The options of the request, as a document.
        request: Where it comes from; warnings go there. None for what the server does by itself.
    """

    verb: Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]
    kind: ServedKind
    namespace: str
    name: str
    obj: dict[str, Any] | None = None
    old: dict[str, Any] | None = None
    subresource: str = ""
    dry_run: bool = False
    options: Mapping[str, Any] = field(factory=dict)
    request: Request | None = None


class Plugin(Protocol):
    """One part of admission. It refuses by raising `StatusError`."""

    async def mutate(self, operation: Operation, /) -> None:
        """Change ``operation.obj``, or refuse, before validation."""
        ...

    async def validate(self, operation: Operation, /) -> None:
        """Refuse, or not, when the object is final and valid."""
        ...


class Admission:
    """All plugins, asked in the order in which they were added."""

    def __init__(self, plugins: tuple[Plugin, ...] = ()) -> None:
        self._plugins = list(plugins)

    def add(self, plugin: Plugin) -> None:
        """Ask *plugin* too, after the others."""
        self._plugins.append(plugin)

    async def mutate(self, operation: Operation) -> None:
        """Let every plugin change the object.

        Raises:
            StatusError: one refuses.
        """
        await _ask(operation, [plugin.mutate for plugin in self._plugins])

    async def validate(self, operation: Operation) -> None:
        """Let every plugin judge the final object.

        Raises:
            StatusError: one refuses.
        """
        await _ask(operation, [plugin.validate for plugin in self._plugins])


async def _ask(operation: Operation, steps: list[Callable[[Operation], Awaitable[None]]]) -> None:
    for step in steps:
        await step(operation)
