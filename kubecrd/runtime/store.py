"""The objects of a kind as they were last seen, for reading without asking the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio

from kubecrd.resource.identity import ObjectRef
from kubecrd.resource.objects import KubeObject

from .watcher import Apply, Delete, Event, Init, InitApply, InitDone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubecrd.resource.labels import Selector

__all__ = ["Store"]

K = TypeVar("K", bound=KubeObject)


class Store(Generic[K]):
    """Objects by namespace and name. What is given out is shared: change a copy, not the object.

    While a new list comes in, the old objects stay; when it is whole they change places at once.
    """

    def __init__(self) -> None:
        self._objects: dict[tuple[str | None, str | None], K] = {}
        self._staged: dict[tuple[str | None, str | None], K] = {}
        self._ready = anyio.Event()

    def take(self, event: Event[K]) -> list[K]:
        """Take what a watcher says; gives the objects that this is news about.

        After a list, these are all objects that are there, and those that are not there any more.
        """
        match event:
            case Init():
                self._staged = {}
                return []
            case InitApply(found):
                self._staged[_key(found)] = found
                return []
            case InitDone():
                return self._swap()
            case Apply(found):
                self._objects[_key(found)] = found
                return [found]
            case Delete(found):
                self._objects.pop(_key(found), None)
                return [found]

    def _swap(self) -> list[K]:
        gone = [found for key, found in self._objects.items() if key not in self._staged]
        self._objects, self._staged = self._staged, {}
        self._ready.set()
        return [*self._objects.values(), *gone]

    def get(self, ref: ObjectRef | str, namespace: str | None = None) -> K | None:
        """Give an object; None when there is none.

        Args:
            ref: Which, or its name.
            namespace: Where, when *ref* is a name.
        """
        key = (ref.namespace, ref.name) if isinstance(ref, ObjectRef) else (namespace, ref)
        return self._objects.get(key)

    def all(self, selector: Selector | None = None, where: Callable[[K], bool] | None = None) -> list[K]:
        """Give the objects that *selector* and *where* hold for; all of them by default."""
        return [
            found
            for found in self._objects.values()
            if (selector is None or selector.matches(found.metadata.labels)) and (where is None or where(found))
        ]

    def __iter__(self) -> Iterator[K]:
        return iter(list(self._objects.values()))

    def __len__(self) -> int:
        return len(self._objects)

    @property
    def is_ready(self) -> bool:
        """Whether everything there is has been seen once."""
        return self._ready.is_set()

    async def wait_until_ready(self) -> None:
        """Return when everything there is has been seen once."""
        await self._ready.wait()


def _key(found: Any) -> tuple[str | None, str | None]:
    return (found.metadata.namespace, found.metadata.name)
