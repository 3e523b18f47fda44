"""Calls to webhooks: over HTTPS, to a URL or to a Service, with a certificate authority of their own.

What goes wrong is told in the words of Go's `net/http` and client-go, since they reach whoever wrote the object.
"""

from __future__ import annotations

import base64
import json
import math
import ssl
from typing import TYPE_CHECKING, Any, Final, Self, final

import anyio
import httpx
from attrs import frozen

from kubecrd.resource.gotext import quoted

from .storage import Key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from .storage import Store

__all__ = ["Reply", "WebhookClient", "WebhookClientError", "WebhookError"]

_IDLE_SECONDS: Final = 5.0
"""How long a connection is kept for the next call; servers close theirs after longer."""
_CONNECTIONS: Final = 100
_DEFAULT_PORT: Final = 443


class WebhookError(Exception):
    """A webhook could not be called, or its answer is none."""


class WebhookClientError(WebhookError):
    """There is no way to call a webhook, since its configuration makes no client."""


@frozen
class Reply:
    """What a webhook sends.

    Attributes:
        body: As it came, of an answer with a status from 200 to 206.
        status: The HTTP status.
        content_type: Its media type.
    """

    body: bytes
    status: int
    content_type: str


@frozen
class _Address:
    """Where a webhook is.

    Attributes:
        shown: The URL as errors show it.
        url: The URL that is connected to.
        host: The name that the certificate must be for, where it is not the URL's; empty otherwise.
    """

    shown: str
    url: str
    host: str = ""


@final
class WebhookClient:
    """Calls webhooks, and keeps connections to them until it is closed.

    Args:
        store: Where Services are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def post(self, config: Mapping[str, Any], document: Any, *, seconds: float) -> Reply:
        """Send *document* to a webhook, and give what it sends back.

        Args:
            config: The ``clientConfig`` of the webhook.
            document: The review.
            seconds: How long it may take.

        Raises:
            WebhookClientError: the configuration makes no client.
            WebhookError: there is no answer, or it has another status than 200 to 206.
        """
        client = self._client(str(config.get("caBundle") or ""))
        timeout = f"timeout={math.ceil(seconds)}s"
        address = self._address(config, timeout)
        headers = {"Accept": "application/json, */*", "Content-Type": "application/json"}
        extensions = {}
        if address.host:
            headers["Host"], extensions["sni_hostname"] = address.host, address.host
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            with anyio.fail_after(seconds):
                answer = await client.post(
                    address.url, content=body, headers=headers, extensions=extensions, timeout=None
                )
        except TimeoutError:
            raise WebhookError(f"Post {quoted(address.shown)}: context deadline exceeded") from None
        except httpx.HTTPError as error:
            raise WebhookError(f"Post {quoted(address.shown)}: {_go_words(error, address.url)}") from error
        reply = Reply(answer.content, answer.status_code, answer.headers.get("content-type", ""))
        if not 200 <= reply.status <= 206:
            raise WebhookError(_failure(reply))
        if not reply.body:
            content = f"status code: {reply.status} and content type: {reply.content_type}"
            raise WebhookError(f"0-length response with {content}")
        return reply

    def _client(self, bundle: str) -> httpx.AsyncClient:
        """Give the client that trusts a bundle of certificates, or what the machine trusts where there is none."""
        client = self._clients.get(bundle)
        if client is None:
            limits = httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=_IDLE_SECONDS)
            client = httpx.AsyncClient(verify=_trust(bundle), limits=limits, trust_env=False)
            self._clients[bundle] = client
        return client

    def _address(self, config: Mapping[str, Any], timeout: str) -> _Address:
        service = config.get("service")
        if service is None:
            url = httpx.URL(config.get("url") or "")
            shown = f"{config.get('url') or ''}?{timeout}"
            return _Address(shown, str(url.copy_with(query=timeout.encode())))
        name, namespace, port = service.get("name"), service.get("namespace"), service.get("port", _DEFAULT_PORT)
        path = service.get("path") or "/"
        host = f"{name}.{namespace}.svc"
        shown = f"https://{host}:{port}{path if path.startswith('/') else '/' + path}?{timeout}"
        try:
            target = self._resolved(name, namespace, port)
        except WebhookError as error:
            raise WebhookError(f"Post {quoted(shown)}: {error}") from None
        return _Address(shown, f"https://{target}{shown.removeprefix(f'https://{host}:{port}')}", host)

    def _resolved(self, name: str, namespace: str, port: int) -> str:
        """Say which host and port a Service stands for (apiserver `proxy.ResolveCluster`).

        Raises:
            WebhookError: it is not there, or leads nowhere.
        """
        service = self._store.get(Key("", "services", namespace, name))
        if service is None:
            raise WebhookError(f"service {quoted(name)} not found")
        spec = service.get("spec") or {}
        if spec.get("type") == "ExternalName":
            return f"{spec.get('externalName')}:{port}"
        if not any(each.get("port") == port for each in spec.get("ports") or ()):
            raise WebhookError(f"no service port {port} found for service {quoted(name)}")
        address = spec.get("clusterIP")
        if not address or address == "None":
            raise WebhookError(f"no endpoints available for service {quoted(name)}")
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _trust(bundle: str) -> ssl.SSLContext:
    if not bundle:
        return ssl.create_default_context()
    text = base64.b64decode(bundle).decode("latin-1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        why = "unable to load root certificates: unable to parse bytes as PEM block"
        raise WebhookClientError(why) from None
    return context


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything that led to it."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _causes(cause)


def _go_words(error: httpx.HTTPError, url: str) -> str:
    """Say as Go would why there is no answer."""
    target = httpx.URL(url)
    address = f"{target.host}:{target.port or _DEFAULT_PORT}"
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"tls: failed to verify certificate: x509: {_certificate_fault(cause, target.host)}"
            case ssl.SSLError():
                return f"tls: {cause.reason or cause}".lower()
            case ConnectionRefusedError():
                return f"dial tcp {address}: connect: connection refused"
            case ConnectionResetError():
                return f"read tcp {address}: read: connection reset by peer"
            case OSError() if "Name or service not known" in str(cause) or "nodename nor servname" in str(cause):
                return f"dial tcp: lookup {target.host}: no such host"
            case _:
                continue
    return "EOF" if isinstance(error, httpx.RemoteProtocolError) else str(error)


def _certificate_fault(error: ssl.SSLCertVerificationError, host: str) -> str:
    match error.verify_code:
        case 10:  # X509_V_ERR_CERT_HAS_EXPIRED
            return "certificate has expired or is not yet valid"
        case 62 | 64:  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
            return f"certificate is not valid for any names, but wanted to match {host}"
        case _:
            return "certificate signed by unknown authority"


_FAILURES: Final = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    406: "the server was unable to respond with a content type that the client supports",
    409: "the server reported a conflict",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, but may still be processing the request",
}


def _failure(reply: Reply) -> str:
    """Say what client-go makes of an answer that is a failure: its Status if it is one, else a sentence by its code."""
    try:
        document = json.loads(reply.body)
    except ValueError:
        document = None
    if isinstance(document, dict) and document.get("kind") == "Status" and document.get("apiVersion") == "v1":
        return str(document.get("message") or "unknown")
    said = "unknown"
    if reply.content_type.startswith("text/"):
        said = reply.body.decode(errors="replace").strip()
    if reply.status in {403, 415}:
        return said
    if reply.status in _FAILURES:
        return _FAILURES[reply.status]
    if reply.status >= 500:
        return f"an error on the server ({quoted(said)}) has prevented the request from succeeding"
    return f"the server responded with the status code {reply.status} but did not return more information"
