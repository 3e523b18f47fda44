"""Typed access to one kind: every verb, with objects of its class."""

from __future__ import annotations

import logging
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import msgspec
from attrs import evolve

from kubecrd.errors import DecodeError, ExpiredError, NotFoundError, RequestError
from kubecrd.resource import codec, request
from kubecrd.resource.events import WatchEvent, decode_event
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.objects import DynamicObject, KubeObject, ObjectList, PartialObject, Resource, Undecodable
from kubecrd.resource.params import DeleteParams, GetParams, ListParams, PatchParams, WatchParams, WriteParams
from kubecrd.resource.patches import ApplyPatch, MergePatch, Patch
from kubecrd.resource.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from .client import Client

__all__ = ["Api"]

K = TypeVar("K", bound=KubeObject)
R = TypeVar("R", bound=Resource)

_logger = logging.getLogger(__name__)

_PAGE = 500
"""Objects a page, as client-go asks for."""
_IDLE_MARGIN = 5.0
"""Seconds beyond the watch's own timeout after which a silent stream counts as dead."""
_SERVER_SET = (
    "creationTimestamp",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)


class Api(Generic[K]):
    """Reads and writes the objects of one kind.

    ``Api(client, Pizza)`` gives `Pizza` objects, ``Api(client, ApiResource.of("v1", "ConfigMap"))`` dynamic ones.

    Args:
        client: The connection.
        kind: A class, or the name of a kind without one.
        namespace: Where to look; by default the client's. Of no meaning to cluster-scoped kinds.
    """

    @overload
    def __init__(self: Api[R], client: Client, kind: type[R], *, namespace: str | None = None) -> None: ...

    @overload
    def __init__(
        self: Api[DynamicObject], client: Client, kind: ApiResource, *, namespace: str | None = None
    ) -> None: ...

    def __init__(self, client: Client, kind: type[Any] | ApiResource, *, namespace: str | None = None) -> None:
        self.client = client
        self.resource = kind if isinstance(kind, ApiResource) else kind.api_resource
        self.namespace: str | None = (namespace or client.namespace) if self.resource.namespaced else None
        self._kind = kind
        self._partial = False
        self._lenient = False

    def all_namespaces(self) -> Self:
        """Give access to all namespaces: to list, to watch, and to objects that say where they are."""
        other = self._copy()
        other.namespace = None
        return other

    def metadata_only(self) -> Api[PartialObject]:
        """Give access to the metadata of the objects only, which is what is sent and held."""
        other: Any = self._copy()
        other._partial = True  # noqa: SLF001 - a copy of this very object
        return other  # type: ignore[no-any-return]

    def lenient(self) -> Self:
        """Give access that lists and watches objects which do not fit their class, as `Undecodable`.

        Without it, one such object makes the whole list a DecodeError.
        """
        other = self._copy()
        other._lenient = True  # noqa: SLF001 - a copy of this very object
        return other

    def _copy(self) -> Self:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    # --- reading

    async def get(self, name: str, *, namespace: str | None = None, params: GetParams | None = None) -> K:
        """Read an object.

        Args:
            name: Which.
            namespace: Where, if not where this `Api` looks.
            params: How fresh; the newest by default.

        Raises:
            NotFoundError: there is none.
            RequestError: the name is empty, or no namespace is known.
        """
        where = namespace or self.namespace
        built = request.get(self.resource, name, namespace=where, params=params, partial=self._partial)
        return self._decode(await self.client.send(built))

    async def get_opt(self, name: str, *, namespace: str | None = None, params: GetParams | None = None) -> K | None:
        """Read an object; None when there is none.

        Raises:
            RequestError: the name is empty, or no namespace is known.
        """
        try:
            return await self.get(name, namespace=namespace, params=params)
        except NotFoundError:
            return None

    async def list(self, params: ListParams | None = None) -> ObjectList[K]:
        """Read one page of objects; `list_all` reads all pages.

        Raises:
            ExpiredError: the continue token is too old.
        """
        built = request.list_(self.resource, namespace=self.namespace, params=params, partial=self._partial)
        return codec.decode_list(await self.client.send(built), self._item)

    async def list_all(self, params: ListParams | None = None, *, page_size: int = _PAGE) -> AsyncIterator[K]:
        """Go through all objects, a page at a time.

        When the server forgets the list meanwhile, it is read anew, now in one piece, which cannot be forgotten; what was
        given already is not given again.

        Args:
            params: Which.
            page_size: Objects a page.
        """
        params = evolve(params or ListParams(), limit=page_size, continue_token=None)
        page, seen = params, set[tuple[str | None, str | None]]()
        while True:
            try:
                found = await self.list(page)
            except ExpiredError:
                if page is params:
                    raise
                page = params = evolve(params, limit=None)
                continue
            for item in found:
                key = (item.metadata.namespace, item.metadata.name)
                if key not in seen:
                    seen.add(key)
                    yield item
            if not found.metadata.continue_:
                return
            page = params.next_page(found.metadata.continue_)

    @asynccontextmanager
    async def watch(
        self, since: str = "0", params: WatchParams | None = None
    ) -> AsyncIterator[AsyncIterator[WatchEvent[K]]]:
        """Follow what happens, until the server ends the stream; a `Watcher` goes on by itself.

        ``async with api.watch(version) as events: async for event in events:``

        Args:
            since: The resource version after which events are wanted.
            params: Which objects, and for how long.

        Raises:
            ExpiredError: *since* is too old; list anew.
            TransportError: the stream broke off.
            DecodeError: from the iteration: a line is no event, or an object does not fit the class.
        """
        params = params or WatchParams()
        built = request.watch(
            self.resource, since=since, namespace=self.namespace, params=params, partial=self._partial
        )
        async with (
            self.client.stream(built, idle_timeout=params.timeout + _IDLE_MARGIN) as lines,
            aclosing(self._events(lines)) as events,
        ):
            yield events

    async def _events(self, lines: AsyncIterator[bytes]) -> AsyncGenerator[WatchEvent[K], None]:
        async for line in lines:
            try:
                event = decode_event(line, self._item)
            except DecodeError:
                if await anext(lines, None) is None and not _is_json(line):
                    _logger.debug("watch %s: the stream ended amid a line", self.resource.resource)
                    return
                raise
            yield event

    # --- writing

    async def create(self, obj: K, params: WriteParams | None = None) -> K:
        """Create an object, and give it as the server has it.

        Raises:
            AlreadyExistsError: there is one of this name.
            InvalidError: the server refuses it.
        """
        built = request.create(self.resource, codec.to_document(obj), namespace=self._where(obj), params=params)
        return self._decode(await self.client.send(built))

    async def replace(self, obj: K, params: WriteParams | None = None, *, subresource: str | None = None) -> K:
        """Replace an object, which must have been read before: its version guards against lost updates.

        Fields that its class does not know are written back as they were read.

        Raises:
            ConflictError: it has changed meanwhile.
            InvalidError: the server refuses it.
        """
        built = request.replace(
            self.resource,
            obj.metadata.name or "",
            codec.to_document(obj),
            namespace=self._where(obj),
            subresource=subresource,
            params=params,
        )
        return self._decode(await self.client.send(built))

    async def patch(
        self,
        name: str,
        change: Patch,
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        params: PatchParams | None = None,
    ) -> K:
        """Change an object.

        Raises:
            NotFoundError: there is none.
            InvalidError: the server refuses the outcome.
        """
        where = namespace or self.namespace
        built = request.patch(self.resource, name, change, namespace=where, subresource=subresource, params=params)
        return self._decode(await self.client.send(built))

    async def apply(
        self,
        obj: KubeObject | Mapping[str, Any],
        *,
        field_manager: str,
        force: bool = False,
        subresource: str | None = None,
        dry_run: bool = False,
    ) -> K:
        """Say which fields are wanted; the server keeps who wants what (server-side apply).

        What the server sets, such as uid and version, is left out of what is sent.

        Args:
            obj: An object, or a document with metadata.name.
            field_manager: Who says so.
            force: Whether to take fields over from other managers.
            subresource: Such as ``status``.
            dry_run: Whether the server only tells what would happen.

        Raises:
            ConflictError: another manager owns a field; the causes name it.
            InvalidError: the server refuses the outcome.
        """
        document = obj.to_dict() if isinstance(obj, KubeObject) else dict(obj)
        metadata = {name: value for name, value in document.get("metadata", {}).items() if name not in _SERVER_SET}
        document |= {"apiVersion": self.resource.api_version, "kind": self.resource.kind, "metadata": metadata}
        return await self.patch(
            metadata.get("name", ""),
            ApplyPatch(document),
            namespace=self._namespace_of(metadata.get("name"), metadata.get("namespace")),
            subresource=subresource,
            params=PatchParams(field_manager=field_manager, force=force, dry_run=dry_run),
        )

    async def delete(
        self, name: str, *, namespace: str | None = None, params: DeleteParams | None = None
    ) -> K | Status:
        """Delete an object; gives the object while finalizers hold it, else a Status.

        Raises:
            NotFoundError: there is none.
            ConflictError: the preconditions do not hold.
        """
        built = request.delete(self.resource, name, namespace=namespace or self.namespace, params=params)
        answer = await self.client.send(built)
        document = msgspec.json.decode(answer, type=dict[str, Any])
        return Status.from_dict(document) if document.get("kind") == "Status" else self._decode(answer)

    async def delete_collection(self, which: ListParams | None = None, params: DeleteParams | None = None) -> None:
        """Delete all objects that *which* selects, all of them when it is None."""
        built = request.delete_collection(self.resource, namespace=self.namespace, params=params, which=which)
        await self.client.send(built)

    # --- subresources

    async def get_status(self, name: str, *, namespace: str | None = None) -> K:
        """Read an object through its status subresource, for which other rights are needed than for the object.

        Raises:
            NotFoundError: there is none, or its kind has no status subresource.
        """
        where = namespace or self.namespace
        return self._decode(
            await self.client.send(request.get(self.resource, name, namespace=where, subresource="status"))
        )

    async def apply_status(self, obj: KubeObject | Mapping[str, Any], *, field_manager: str, force: bool = False) -> K:
        """Say which fields of the status are wanted; use a field manager of its own for that.

        Only the status of *obj* is sent, whole: a field that is left out the next time is given up.

        Raises:
            ConflictError: another manager owns a field; the causes name it.
            NotFoundError: there is no such object.
        """
        document = obj.to_dict() if isinstance(obj, KubeObject) else dict(obj)
        named = {key: value for key, value in document.get("metadata", {}).items() if key in {"name", "namespace"}}
        return await self.apply(
            {"metadata": named, "status": document.get("status") or {}},
            field_manager=field_manager,
            force=force,
            subresource="status",
        )

    async def get_scale(self, name: str, *, namespace: str | None = None) -> int:
        """Read the number of replicas that is wanted, through the scale subresource.

        Raises:
            NotFoundError: there is no such object, or its kind cannot be scaled.
        """
        where = namespace or self.namespace
        answer = await self.client.send(request.get(self.resource, name, namespace=where, subresource="scale"))
        document = msgspec.json.decode(answer, type=dict[str, Any])
        replicas: int = (document.get("spec") or {}).get("replicas", 0)  # the server leaves 0 out
        return replicas

    async def patch_status(self, name: str, status: Mapping[str, Any], *, namespace: str | None = None) -> K:
        """Change the status: a merge patch, without the word ``status`` around it."""
        return await self.patch(name, MergePatch({"status": dict(status)}), namespace=namespace, subresource="status")

    async def replace_status(self, obj: K) -> K:
        """Replace the status of an object; the rest of it is ignored by the server."""
        return await self.replace(obj, subresource="status")

    async def scale(self, name: str, replicas: int, *, namespace: str | None = None) -> None:
        """Set the number of replicas through the scale subresource.

        Raises:
            NotFoundError: there is no such object, or its kind cannot be scaled.
        """
        change = MergePatch({"spec": {"replicas": replicas}})
        where = namespace or self.namespace
        await self.client.send(request.patch(self.resource, name, change, namespace=where, subresource="scale"))

    # --- objects

    def _where(self, obj: K) -> str | None:
        return self._namespace_of(obj.metadata.name, obj.metadata.namespace)

    def _namespace_of(self, name: str | None, named: str | None) -> str | None:
        if named and self.namespace and named != self.namespace:
            raise RequestError(
                f"{self.resource.kind} {name!r} is in the namespace {named!r}, but this Api writes to "
                f"{self.namespace!r}; use Api(..., namespace={named!r})"
            )
        return named or self.namespace

    def _decode(self, data: bytes) -> K:
        return self._made(data, check_kind=True)

    def _item(self, data: msgspec.Raw) -> K:
        # The items of a list of built-in kinds have no apiVersion and kind; those of a watch are what was asked for.
        if not self._lenient:
            return self._made(data, check_kind=False)
        try:
            return self._made(data, check_kind=False)
        except DecodeError as error:
            partial = codec.decode_partial(data, self.resource)
            left: Any = Undecodable(resource=self.resource, metadata=partial.metadata, error=error)
            return left  # type: ignore[no-any-return]

    def _made(self, data: bytes | msgspec.Raw, *, check_kind: bool) -> K:
        made: Any
        if self._partial:
            made = codec.decode_partial(data, self.resource)
        elif isinstance(self._kind, ApiResource):
            made = codec.decode_dynamic(data, self.resource)
        else:
            made = codec.decode(data, self._kind, check_kind=check_kind)
        return made  # type: ignore[no-any-return]


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError:
        return False
    return True
