"""The tokens of service accounts: made on request, recognised, and told about.

They are JSON web tokens, signed with a key that the server makes when it starts: after a restart they are good no more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, final

from kubecrd.errors import StatusError
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.status import bad_request, invalid, not_found

from .answers import Document
from .bodies import parse_body
from .storage import Key
from .users import User, service_account

if TYPE_CHECKING:
    from .registry import Registry
    from .request import Request
    from .routes import Route

__all__ = ["Tokens", "request_token"]

_ISSUER: Final = "https://kubernetes.default.svc"
_GROUP: Final = "authentication.k8s.io"
_CREDENTIAL: Final = "authentication.kubernetes.io/credential-id"
_DEFAULT_SECONDS: Final = 3600
_LEAST_SECONDS: Final = 600
_BOUND_TO: Final = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}


@final
class Tokens:
    """Makes tokens for service accounts, and knows whose they are.

    Args:
        registry: Where the service accounts are, and the time.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._key = secrets.token_bytes(32)

    def issue(self, account: dict[str, Any], audiences: list[str], seconds: int) -> tuple[str, str]:
        """Make a token, and say until when it is good.

        Args:
            account: The ServiceAccount.
            audiences: For whom it is.
            seconds: How long it is good.
        """
        metadata = account["metadata"]
        now = self._now()
        expiry = now + timedelta(seconds=seconds)
        claims = {
            "aud": audiences,
            "exp": int(expiry.timestamp()),
            "iat": int(now.timestamp()),
            "iss": _ISSUER,
            "jti": str(uuid.uuid4()),
            "kubernetes.io": {
                "namespace": metadata["namespace"],
                "serviceaccount": {"name": metadata["name"], "uid": metadata["uid"]},
            },
            "nbf": int(now.timestamp()),
            "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
        }
        signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{signed}.{self._signature(signed)}", expiry.strftime("%Y-%m-%dT%H:%M:%SZ")

    def user(self, token: str) -> tuple[User, list[str]] | None:
        """Say whose a token is, and for whom it was made; None where it is none of ours, or good no more."""
        signed, _, signature = token.rpartition(".")
        # Other letters are in no token, and compare_digest refuses them.
        if not signed or not token.isascii() or not hmac.compare_digest(signature, self._signature(signed)):
            return None
        claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
        about = claims["kubernetes.io"]
        namespace, named = about["namespace"], about["serviceaccount"]
        account = self._registry.store.get(Key("", "serviceaccounts", namespace, named["name"]))
        if account is None or account["metadata"]["uid"] != named["uid"] or claims["exp"] < self._now().timestamp():
            return None
        extra = {_CREDENTIAL: (f"JTI={claims['jti']}",)}
        return service_account(namespace, named["name"], uid=named["uid"], extra=extra), claims["aud"]

    def _now(self) -> datetime:
        return datetime.strptime(self._registry.now(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _encoded(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).rstrip(b"=").decode()


async def request_token(registry: Registry, request: Request, route: Route) -> Document:
    """POST to the token of a service account: make one.

    Raises:
        StatusError: 404, there is no such account, or not what the token is to be bound to; 400 or 422, it cannot be
            bound, or would be good for too short or too long.
    """
    document = parse_body(request, "TokenRequest", kind_required=False).document
    account = registry.store.get(Key("", "serviceaccounts", route.namespace, route.name))
    if account is None:
        raise StatusError.of(not_found("serviceaccounts", route.name))
    spec = document.get("spec") or {}
    seconds = spec.get("expirationSeconds") or _DEFAULT_SECONDS
    why = ""
    if seconds < _LEAST_SECONDS:
        why = "may not specify a duration less than 10 minutes"
    elif seconds > 2**32:
        why = "may not specify a duration larger than 2^32 seconds"
    if why:
        error = FieldError("spec.expirationSeconds", "FieldValueInvalid", why, seconds)
        raise StatusError.of(invalid("TokenRequest", "", [error], group=_GROUP))
    _check_bound(registry, spec.get("boundObjectRef"), route.namespace)
    audiences = spec.get("audiences") or [_ISSUER]
    token, expiry = registry.tokens.issue(account, audiences, seconds)
    made = {
        "kind": "TokenRequest",
        "apiVersion": f"{_GROUP}/v1",
        "metadata": {"name": route.name, "namespace": route.namespace, "creationTimestamp": registry.now()},
        "spec": {**spec, "audiences": audiences, "expirationSeconds": seconds},
        "status": {"token": token, "expirationTimestamp": expiry},
    }
    return Document(made, 201, route.kind)


def _check_bound(registry: Registry, reference: dict[str, Any] | None, namespace: str) -> None:
    """Refuse to bind a token to what is not there, or cannot be bound to.

    Raises:
        StatusError: 400, 404.
    """
    if reference is None:
        return
    kind, api_version = reference.get("kind") or "", reference.get("apiVersion") or ""
    group, _, version = api_version.rpartition("/")
    plural = _BOUND_TO.get(kind)
    if plural is None or api_version != "v1":
        message = f"cannot bind token to object of type {group}/{version}, Kind={kind}"
        raise StatusError.of(bad_request(message))
    name = reference.get("name") or ""
    if registry.store.get(Key("", plural, "" if plural == "nodes" else namespace, name)) is None:
        raise StatusError.of(not_found(plural, name))
