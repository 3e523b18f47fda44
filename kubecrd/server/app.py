"""The API server: an ASGI application, and the background work that goes with it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final, Self, final

import anyio

from kubecrd.errors import StatusError
from kubecrd.resource.status import Status, internal_error

from .access import Attributes
from .admission import Admission
from .answers import PAGE_NOT_FOUND, Answer, Document, Stream, encode_json, failure
from .builtins import builtin_kinds
from .crds import DefinitionLifecycle
from .create import create
from .delete import delete
from .deletecollection import delete_collection
from .discovery import discover
from .establishing import DefinitionController
from .garbage import GarbageCollector
from .get import get
from .kinds import Handler, Kinds
from .list import list_objects
from .mutatingpolicies import MutatingPolicies
from .namespaces import NamespaceController, NamespaceLifecycle, create_defaults
from .negotiation import accepted_form, check_watch_form, failure_answer, render, render_event
from .openapi import OpenApi
from .patch import check_patch_type, patch
from .pods import PodAdmission
from .policies import ValidatingPolicies
from .registry import Registry
from .request import Request, read_request
from .routes import UnknownPathError, resolve
from .storage import Store
from .update import update
from .users import impersonated
from .warningheaders import warning_headers
from .watch import watch
from .webhooks import MutatingWebhooks, ValidatingWebhooks

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["ApiServer"]

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

_logger = logging.getLogger(__name__)

_VERBS: Final[dict[str, Handler]] = {
    "get": get,
    "list": list_objects,
    "watch": watch,
    "create": create,
    "update": update,
    "patch": patch,
    "delete": delete,
    "deletecollection": delete_collection,
}


@final
class ApiServer:
    """A Kubernetes API server that answers as kube-apiserver does, as an ASGI application.

    It serves any number of requests at once on one event loop. Definitions are established, dependents are
    collected and namespaces emptied by background work that runs inside ``async with server:``; an ASGI server
    that sends lifespan events does that too. Outside, requests are answered, but nothing happens by itself.

    Args:
        store: Where objects are kept; in memory when it is not given.
        token: The bearer token that clients must show; None lets everybody do everything.
        controller_manager: Whether dependents are collected and namespaces emptied, which in a cluster is not the
            API server's work.

    Attributes:
        kinds: What is served now.
        store: Where objects are kept.
        registry: The store, with kinds around it.
    """

    def __init__(
        self, store: Store | None = None, *, token: str | None = None, controller_manager: bool = True
    ) -> None:
        self.kinds = Kinds()
        self.store = Store() if store is None else store
        self.registry = Registry(self.store, self.kinds, Admission())
        self.registry.admission.add(NamespaceLifecycle(self.registry))
        self.registry.admission.add(DefinitionLifecycle(self.registry))
        self.registry.admission.add(PodAdmission(self.registry))
        self.registry.admission.add(MutatingPolicies(self.registry))
        self.registry.admission.add(MutatingWebhooks(self.registry))
        self.registry.admission.add(ValidatingPolicies(self.registry))
        self.registry.admission.add(ValidatingWebhooks(self.registry))
        for kind in builtin_kinds():
            self.kinds.add(kind)
        self._openapi = OpenApi(self.kinds)
        self._token = token
        self._controller_manager = controller_manager
        self._running: AsyncExitStack | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await create_defaults(self.registry)
            # A client can only know of later states, so the past before a start is as good as compacted.
            self.store.compact()
            await stack.enter_async_context(self.registry.webhook_client)
            tasks = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(tasks.cancel_scope.cancel)
            definitions = DefinitionController(self.registry)
            definitions.look_at_all()
            tasks.start_soon(definitions.run)
            if self._controller_manager:
                tasks.start_soon(GarbageCollector(self.registry).run)
                tasks.start_soon(NamespaceController(self.registry).run)
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._running is not None
        running, self._running = self._running, None
        await running.__aexit__(kind, error, traceback)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one connection, as ASGI has it: ``http`` requests and the ``lifespan``."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        request = await read_request(scope, receive)
        if request is None:
            return
        answer = await self.answer(request)
        if isinstance(answer, Stream):
            await self._stream(answer, request, receive, send)
        else:
            await _send(self._rendered(answer, request), request, send)

    async def answer(self, request: Request) -> Answer | Document | Stream:
        """Say what the server says to *request*, before it is turned into bytes."""
        kind = None
        try:
            self._authenticate(request)
            about = discover(request, self.kinds) or self._openapi.answer(request)
            if about is not None:
                return about
            route = resolve(request, self.kinds)
            if route is None:
                return PAGE_NOT_FOUND
            kind = route.kind
            if kind.deprecation:
                request.warn(kind.deprecation)
            if route.verb == "patch":
                check_patch_type(request, kind)
            if route.verb == "watch":
                check_watch_form(request, kind)
            else:
                accepted_form(request, kind)
            verb = kind.handlers.get((route.subresource, route.verb)) or _VERBS[route.verb]
            return await verb(self.registry, request, route)
        except UnknownPathError:
            return PAGE_NOT_FOUND
        except StatusError as error:
            return failure(error, kind)
        except Exception as error:
            _logger.exception("%s %s", request.method, request.path)
            return failure(StatusError.of(internal_error(str(error))), kind)

    def _authenticate(self, request: Request) -> None:
        """Find out who asks, and refuse what that user may not do.

        Whoever shows the server's token, and everybody where it has none, is an administrator; who shows the token of
        a service account is that account.

        Raises:
            StatusError: 401, 403, or 400 where somebody without a name is impersonated.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        account = self.registry.tokens.user(token)
        if account is not None:
            request.user = account[0]
        elif self._token is not None and not compare_digest(token.encode(), self._token.encode()):
            raise StatusError.of(Status(code=401, reason="Unauthorized", message="Unauthorized"))
        other = impersonated(request.header_values)
        if other is not None:
            self.registry.access.check_impersonation(request.user, other)
            request.user = other
        self.registry.access.check(request.user, Attributes.of(request))

    def _rendered(self, answer: Answer | Document, request: Request) -> Answer:
        if isinstance(answer, Answer):
            return answer
        try:
            return render(answer, request)
        except StatusError as error:
            return failure_answer(error, request)

    async def _stream(self, stream: Stream, request: Request, receive: Receive, send: Send) -> None:
        """Send events until they end, time is up, or the client is gone."""
        try:
            form = accepted_form(request, stream.kind)
        except StatusError as error:
            await _send(failure_answer(error, request), request, send)
            return
        include = request.param("includeObject") or ""
        headers = _headers(Answer(200), request)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        async with anyio.create_task_group() as tasks:

            async def leave() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                tasks.cancel_scope.cancel()

            tasks.start_soon(leave)
            with anyio.move_on_after(stream.seconds):
                first = True
                async for event in stream.events:
                    shaped = render_event(event, stream.kind, form, include=include, first=first)
                    body, first = encode_json(shaped) + b"\n", False
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            tasks.cancel_scope.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _live(self, receive: Receive, send: Send) -> None:
        """Run the background work for as long as an ASGI server lives."""
        await receive()
        async with self:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _headers(answer: Answer, request: Request) -> list[tuple[bytes, bytes]]:
    headers = {
        "Content-Type": answer.content_type,
        "Cache-Control": "no-cache, private",
        "Audit-Id": str(uuid.uuid4()),
        **answer.headers,
    }
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return pairs + [(b"warning", text.encode()) for text in warning_headers(request.warnings)]


async def _send(answer: Answer, request: Request, send: Send) -> None:
    body = b"" if request.method == "HEAD" else answer.body
    headers = [*_headers(answer, request), (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
