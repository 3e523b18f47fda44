"""Admission: who else has a say before an object is created, changed or removed. All of it happens here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from attrs import define, field

from .kinds import ServedKind
from .request import Request
from .users import SERVER, User

__all__ = ["Admission", "Operation", "Plugin"]

Verb = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]


@define
class Operation:
    """One write on its way through admission.

    Attributes:
        verb: What is done.
        kind: The kind, in the version of the request.
        namespace: Empty for a cluster-scoped object.
        name: Empty where a create leaves it to the server, and for the objects of a deleted collection.
        obj: The object as it would be stored; None for a removal. Mutating plugins put another in its place.
        old: The object as it is stored now; None for a create.
        subresource: Such as ``status``; empty for the object itself. For ``scale``, the objects are Scales.
        dry_run: Whether nothing will be stored.
        options: The options of the request, as a document without kind and version.
        request: Where it comes from; warnings go there. None for what the server does by itself.
        reinvoked: Whether plugins are asked a second time, since something changed after their turn.
        wants_reinvocation: Whether a plugin has changed the object in a way that others should see.
    """

    verb: Verb
    kind: ServedKind
    namespace: str
    name: str
    obj: dict[str, Any] | None = None
    old: dict[str, Any] | None = None
    subresource: str = ""
    dry_run: bool = False
    options: Mapping[str, Any] = field(factory=dict)
    request: Request | None = None
    reinvoked: bool = False
    wants_reinvocation: bool = False
    _notes: dict[object, Any] = field(factory=dict, init=False)

    @property
    def user(self) -> User:
        """Who does it."""
        return SERVER if self.request is None else self.request.user

    @property
    def is_namespace(self) -> bool:
        """Whether it is about a Namespace."""
        return self.kind.plural == "namespaces" and not self.kind.group

    @property
    def review_namespace(self) -> str:
        """The namespace as reviews have it: a Namespace is in itself."""
        return self.name if self.is_namespace else self.namespace

    def notes(self, owner: object, make: Callable[[], Any]) -> Any:
        """Give what a plugin keeps about this operation from one phase or round to the next.

        Args:
            owner: The plugin.
            make: Gives the notes the first time.
        """
        if owner not in self._notes:
            self._notes[owner] = make()
        return self._notes[owner]


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
        """Let every plugin change the object; a second time, and no more, where one wants the others to see it.

        Raises:
            StatusError: one refuses.
        """
        steps = [plugin.mutate for plugin in self._plugins]
        await _ask(operation, steps)
        if operation.wants_reinvocation:
            operation.reinvoked = True
            await _ask(operation, steps)

    async def validate(self, operation: Operation) -> None:
        """Let every plugin judge the final object.

        Raises:
            StatusError: one refuses.
        """
        await _ask(operation, [plugin.validate for plugin in self._plugins])


async def _ask(operation: Operation, steps: Sequence[Callable[[Operation], Awaitable[None]]]) -> None:
    for step in steps:
        await step(operation)
