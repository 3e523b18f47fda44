"""Objects as requests see them: read from the store in the version asked for, and written in the one it is kept in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import anyio
from attrs import frozen

from kubecrd.errors import StatusError
from kubecrd.resource.status import Status, StatusCause, StatusDetails, already_exists, conflict

from .access import Access
from .conversion import converted, converted_all, renamed, storable, stored_kind
from .managed import without_times
from .storage import Key, KeyExistsError, KeyMissingError, RevisionMismatchError
from .tokens import Tokens
from .webhookclient import WebhookClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .admission import Admission
    from .kinds import Kinds, ServedKind
    from .storage import Store

__all__ = ["MODIFIED", "Registry", "Snapshot"]

MODIFIED: Final = "the object has been modified; please apply your changes to the latest version and try again"
_DECODED_AT_MOST: Final = 50_000
"""How many decoded objects of one kind are kept."""
_PATIENCE_SECONDS: Final = 3.0
"""How long a read waits for a revision that is not there yet."""


@frozen
class Snapshot:
    """The objects of a collection at one revision.

    Attributes:
        entries: The path of each object within the collection, and the object as it is stored; in order.
        revision: Of the state.
    """

    entries: list[tuple[str, dict[str, Any]]]
    revision: int


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """The store, with kinds around it.

    What does not await is one transaction. What does waits for a conversion webhook at most, which may take long, and
    in which others may write; it notices that, and refuses.

    Args:
        store: Where objects are kept.
        kinds: What is served.
        admission: Who has a say in writes.
        clock: Gives the time; by default the machine's.
        webhook_client: Calls webhooks; one of its own when it is not given.

    Attributes:
        access: Says who may do what.
        tokens: Says whose a token is.
        webhook_client: Calls webhooks.
        listeners: Called after each write, with the object and whether it has been removed; they must not write.
    """

    def __init__(
        self,
        store: Store,
        kinds: Kinds,
        admission: Admission,
        *,
        clock: Callable[[], datetime] = _utc_now,
        webhook_client: WebhookClient | None = None,
    ) -> None:
        self.store = store
        self.kinds = kinds
        self.admission = admission
        self.access = Access(self)
        self.tokens = Tokens(self)
        self.webhook_client = WebhookClient(store) if webhook_client is None else webhook_client
        self.listeners: list[Callable[[dict[str, Any], bool], None]] = []
        self._clock = clock
        self._decoded: WeakKeyDictionary[ServedKind, dict[str, tuple[dict[str, Any], dict[str, Any]]]]
        self._decoded = WeakKeyDictionary()

    def now(self) -> str:
        """Give the time as objects carry it, in whole seconds."""
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @staticmethod
    def key(kind: ServedKind, namespace: str, name: str) -> Key:
        """Say where an object of *kind* is kept, whatever its version."""
        return Key(kind.stored_group, kind.plural, namespace if kind.namespaced else "", name)

    @staticmethod
    def storage_path(kind: ServedKind, namespace: str, name: str) -> str:
        """Give the path that the real server keeps an object at, as some of its errors show it."""
        group = kind.group if kind.is_custom or kind.group == "apiextensions.k8s.io" else ""
        parts = ["/registry", group, kind.plural, namespace, name]
        return "/".join(part for part in parts if part)

    # --- reading

    def served(self, kind: ServedKind, stored: dict[str, Any]) -> dict[str, Any]:
        """Give a stored object in the version of *kind*: pruned and defaulted by its schema.

        Where a webhook converts, `prepare` must have been called for the object.

        Raises:
            StatusError: 500, it is stored in a version that is no more.
        """
        if not kind.is_custom:
            return stored if kind.alias is None else kind.alias.convert(stored, kind.api_version)
        known = self._decoded.setdefault(kind, {}).get(_whole_path(stored))
        # What a store holds is never changed, so a decoded object is good for as long as the stored one is the same.
        if known is not None and known[0] is stored:
            return known[1]
        obj = self._decode(kind, stored)
        if kind.webhook is not None and obj["apiVersion"] != kind.api_version:
            raise AssertionError(f"{_whole_path(stored)} has to be converted before it is served")
        obj = renamed(obj, kind)
        self._remember(kind, stored, obj)
        return obj

    def _decode(self, kind: ServedKind, stored: dict[str, Any]) -> dict[str, Any]:
        """Give a stored object in the version it is stored in: pruned and defaulted by that version's schema."""
        own = stored_kind(stored, kind)
        return own.strategy.decode(stored, drop_malformed=True)[0]

    def _remember(self, kind: ServedKind, stored: dict[str, Any], obj: dict[str, Any]) -> None:
        decoded = self._decoded.setdefault(kind, {})
        if len(decoded) >= _DECODED_AT_MOST:
            decoded.clear()
        decoded[_whole_path(stored)] = (stored, obj)

    async def prepare(self, kind: ServedKind, objects: Iterable[dict[str, Any]], *, anew: bool = False) -> None:
        """Have a webhook convert stored objects where it must, so that they can be served.

        Args:
            kind: In the version in which they are served.
            objects: As they are stored.
            anew: Whether those are converted again that have been; what a list or a watch has is good for the next.

        Raises:
            StatusError: 500, the webhook fails, or one is stored in a version that is no more.
        """
        if kind.webhook is None:
            return
        known = self._decoded.setdefault(kind, {})
        new = [
            stored
            for stored in objects
            if anew or (held := known.get(_whole_path(stored))) is None or held[0] is not stored
        ]
        decoded = [self._decode(kind, stored) for stored in new]
        made = await converted_all([_without_revision(obj) for obj in decoded], kind)
        for stored, obj in zip(new, made, strict=True):
            metadata = {**obj["metadata"], "resourceVersion": stored["metadata"]["resourceVersion"]}
            self._remember(kind, stored, {**obj, "metadata": metadata})

    async def fetch(self, kind: ServedKind, namespace: str, name: str) -> dict[str, Any] | None:
        """Give an object; None when there is none.

        Raises:
            StatusError: 500, it cannot be converted.
        """
        stored = self.store.get(self.key(kind, namespace, name))
        if stored is None:
            return None
        await self.prepare(kind, [stored], anew=True)
        return self.served(kind, stored)

    def read(self, kind: ServedKind, namespace: str, name: str) -> dict[str, Any] | None:
        """Give an object of a kind that no webhook converts; None when there is none."""
        stored = self.store.get(self.key(kind, namespace, name))
        return None if stored is None else self.served(kind, stored)

    def namespace(self, name: str) -> dict[str, Any] | None:
        """Give the namespace object; None when there is none."""
        return self.store.get(Key("", "namespaces", "", name))

    def snapshot(self, kind: ServedKind, namespace: str, *, at: int | None = None) -> Snapshot:
        """Give a collection as it is now, or as it was.

        Args:
            kind: Of the objects.
            namespace: Empty for all namespaces.
            at: The revision of the state; None for the present.

        Raises:
            CompactedError: that state is forgotten.
        """
        objects, revision = self.store.list(kind.stored_group, kind.plural, namespace or None, at=at)
        return Snapshot([(_path(obj, namespace), obj) for obj in objects], revision)

    async def reach(self, revision: int) -> None:
        """Wait until the store is at *revision*, a few seconds at most.

        Raises:
            StatusError: 504, it has not come so far.
        """
        if revision <= self.store.revision:
            return
        written = anyio.Event()

        def notice(*_: object) -> None:
            if self.store.revision >= revision:
                written.set()

        self.listeners.append(notice)
        try:
            with anyio.move_on_after(_PATIENCE_SECONDS):
                await written.wait()
        finally:
            self.listeners.remove(notice)
        if revision > self.store.revision:
            raise StatusError.of(_too_large(revision, self.store.revision))

    # --- writing

    async def add(self, kind: ServedKind, obj: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        """Keep a new object, and give it as it is read.

        Raises:
            AlreadyExistsError: its name is taken.
            StatusError: 500, it cannot be converted.
        """
        kept = storable(await self._in_storage_version(kind, obj))
        metadata = obj["metadata"]
        key = self.key(kind, metadata.get("namespace", ""), metadata["name"])
        taken = StatusError.of(already_exists(kind.plural, key.name, group=kind.group))
        if dry_run:
            if self.store.get(key) is not None:
                raise taken
            return await self._seen(kind, kept, obj)
        try:
            made = self.store.create(key, kept)
        except KeyExistsError:
            raise taken from None
        self._tell(made, removed=False)
        await self.prepare(kind, [made])
        return self.served(kind, made)

    async def change(
        self, kind: ServedKind, obj: dict[str, Any], old: dict[str, Any], *, dry_run: bool
    ) -> dict[str, Any]:
        """As `replace`, for a kind that a webhook may convert.

        Raises:
            ConflictError: *old* has been changed or removed meanwhile.
            StatusError: 500, it cannot be converted.
        """
        if kind.webhook is None:
            return self.replace(kind, obj, old, dry_run=dry_run)
        kept = storable(await self._in_storage_version(kind, obj))
        if dry_run:
            self._current(kind, old)
            return await self._seen(kind, kept, obj)
        made = self._put(kind, kept, old)
        await self.prepare(kind, [made])
        return self.served(kind, made)

    def replace(self, kind: ServedKind, obj: dict[str, Any], old: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        """Keep *obj* in the place of *old*, which must still be there; nothing is written where nothing changes.

        Raises:
            ConflictError: *old* has been changed or removed meanwhile.
        """
        self._current(kind, old)
        if dry_run:
            return obj
        kept = storable(renamed(obj, kind.storage or kind) if kind.is_custom else _aliased(kind, obj))
        return self.served(kind, self._put(kind, kept, old))

    def _put(self, kind: ServedKind, kept: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Store *kept* in the place of *old*, unless it is the same; give what is stored then."""
        stored = self._current(kind, old)
        if without_times(kept) == without_times(stored):
            return stored
        metadata = old["metadata"]
        key = self.key(kind, metadata.get("namespace", ""), metadata["name"])
        made = self.store.update(key, kept, expected=int(metadata["resourceVersion"]))
        self._tell(made, removed=False)
        return made

    def _current(self, kind: ServedKind, old: dict[str, Any]) -> dict[str, Any]:
        """Give what is stored of an object that was read as *old*.

        Raises:
            ConflictError: it has been changed or removed meanwhile.
        """
        metadata = old["metadata"]
        stored = self.store.get(self.key(kind, metadata.get("namespace", ""), metadata["name"]))
        if stored is None or stored["metadata"]["resourceVersion"] != metadata["resourceVersion"]:
            raise _conflict(kind, metadata["name"])
        return stored

    async def _in_storage_version(self, kind: ServedKind, obj: dict[str, Any]) -> dict[str, Any]:
        if not kind.is_custom:
            return _aliased(kind, obj)
        if kind.webhook is None:
            return renamed(obj, kind.storage or kind)
        made = await converted(_without_revision(obj), kind.storage or kind)
        revision = obj["metadata"].get("resourceVersion")
        return {**made, "metadata": {**made["metadata"], "resourceVersion": revision}} if revision else made

    async def _seen(self, kind: ServedKind, kept: dict[str, Any], obj: dict[str, Any]) -> dict[str, Any]:
        """Give what a dry run would have stored as it would be read."""
        if kind.webhook is None or kept["apiVersion"] == kind.api_version:
            return obj
        return await converted(kept, kind)

    def remove(
        self, kind: ServedKind, old: dict[str, Any], *, dry_run: bool, last: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Let go of *old*, and give it as it was last.

        Args:
            kind: Of the object.
            old: As it was read.
            dry_run: Whether it stays in truth.
            last: What the client wrote with the removal, which is what it sees then.

        Raises:
            ConflictError: *old* has been changed or removed meanwhile.
        """
        metadata = old["metadata"]
        key = self.key(kind, metadata.get("namespace", ""), metadata["name"])
        if not dry_run:
            try:
                gone = self.store.delete(key, expected=int(metadata["resourceVersion"]))
            except (KeyMissingError, RevisionMismatchError):
                raise _conflict(kind, metadata["name"]) from None
            self._tell(gone, removed=True)
        return old if last is None else last

    def _tell(self, obj: dict[str, Any], *, removed: bool) -> None:
        for listener in self.listeners:
            listener(obj, removed)

    def has_moved(self, kind: ServedKind, old: dict[str, Any]) -> bool:
        """Say whether an object has been changed or removed since it was read as *old*."""
        metadata = old["metadata"]
        stored = self.store.get(self.key(kind, metadata.get("namespace", ""), metadata["name"]))
        return stored is None or stored["metadata"]["resourceVersion"] != metadata["resourceVersion"]


def _aliased(kind: ServedKind, obj: dict[str, Any]) -> dict[str, Any]:
    """Give an object of a built-in kind as it is kept."""
    alias = kind.alias
    return obj if alias is None or alias.is_stored else alias.convert(obj, alias.other)


def _whole_path(obj: dict[str, Any]) -> str:
    return f"{obj['metadata'].get('namespace', '')}/{obj['metadata']['name']}"


def _without_revision(obj: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in obj["metadata"].items() if key != "resourceVersion"}
    return {**obj, "metadata": metadata}


def _path(obj: dict[str, Any], namespace: str) -> str:
    metadata = obj["metadata"]
    name: str = metadata["name"]
    return name if namespace or not metadata.get("namespace") else f"{metadata['namespace']}/{name}"


def _conflict(kind: ServedKind, name: str) -> StatusError:
    return StatusError.of(conflict(kind.plural, name, MODIFIED, group=kind.group))


def _too_large(wanted: int, current: int) -> Status:
    return Status(
        code=504,
        reason="Timeout",
        message=f"Timeout: Too large resource version: {wanted}, current: {current}",
        details=StatusDetails(
            causes=(StatusCause("ResourceVersionTooLarge", "Too large resource version"),), retry_after_seconds=1
        ),
    )
