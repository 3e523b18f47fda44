"""Who sends a request: the user as authentication tells it, or as another one if the request says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from attrs import field, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.gotext import quoted
from kubecrd.resource.status import bad_request

__all__ = [
    "ADMIN",
    "AUTHENTICATED",
    "MASTERS",
    "SERVER",
    "UNAUTHENTICATED",
    "User",
    "account_of",
    "impersonated",
    "service_account",
    "service_account_groups",
]

AUTHENTICATED: Final = "system:authenticated"
UNAUTHENTICATED: Final = "system:unauthenticated"
_ANONYMOUS: Final = "system:anonymous"
MASTERS: Final = "system:masters"
_SERVICE_ACCOUNT: Final = "system:serviceaccount:"
_EXTRA: Final = "impersonate-extra-"


@frozen
class User:
    """Somebody who asks.

    Attributes:
        name: Such as ``jane`` or ``system:serviceaccount:default:bot``.
        uid: What tells two users of one name apart; empty for none.
        groups: Whose rights it has too.
        extra: Whatever else authentication knows.
    """

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the ``userInfo`` of reviews; what is empty is left out."""
        document: dict[str, Any] = {"username": self.name}
        if self.uid:
            document["uid"] = self.uid
        if self.groups:
            document["groups"] = list(self.groups)
        if self.extra:
            document["extra"] = {key: list(values) for key, values in self.extra.items()}
        return document


ADMIN: Final = User("admin", "admin-uid", (MASTERS, AUTHENTICATED))
"""Who asks where nobody has to show who it is."""

SERVER: Final = User("system:apiserver", groups=(MASTERS, AUTHENTICATED))
"""The server itself, when it writes of its own accord."""


def service_account(namespace: str, name: str, *, uid: str = "", extra: Mapping[str, Any] | None = None) -> User:
    """Give the user that a service account is."""
    groups = (*_groups_of_accounts(namespace), AUTHENTICATED)
    return User(f"{_SERVICE_ACCOUNT}{namespace}:{name}", uid, groups, extra or {})


def account_of(name: str) -> tuple[str, str] | None:
    """Give namespace and name of the service account that a user is; None where it is none."""
    if not name.startswith(_SERVICE_ACCOUNT):
        return None
    namespace, _, account = name.removeprefix(_SERVICE_ACCOUNT).partition(":")
    return namespace, account


def service_account_groups(name: str) -> tuple[str, ...]:
    """Give the groups that a user is in because it is a service account."""
    account = account_of(name)
    return () if account is None else _groups_of_accounts(account[0])


def _groups_of_accounts(namespace: str) -> tuple[str, ...]:
    return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")


def impersonated(headers: Mapping[str, tuple[str, ...]]) -> User | None:
    """Give whom a request wants to be taken for (apiserver `filters/impersonation.go`); None where it says nothing.

    Args:
        headers: All values of each header, by lower-case name.

    Raises:
        StatusError: 400, it names groups and the like, but no user.
    """
    name = next(iter(headers.get("impersonate-user", ())), "")
    uid = next(iter(headers.get("impersonate-uid", ())), "")
    groups = headers.get("impersonate-group", ())
    extra = {unquote(key.removeprefix(_EXTRA)): values for key, values in headers.items() if key.startswith(_EXTRA)}
    if not name:
        if uid or groups or extra:
            text = f"requested {_go_user(uid, groups, extra)} without impersonating a user name"
            raise StatusError.of(bad_request(text))
        return None
    groups = groups or service_account_groups(name)
    everybody = UNAUTHENTICATED if name == _ANONYMOUS else AUTHENTICATED
    if not {AUTHENTICATED, UNAUTHENTICATED} & set(groups):
        groups = (*groups, everybody)
    return User(name, uid, groups, extra)


def _go_user(uid: str, groups: tuple[str, ...], extra: Mapping[str, tuple[str, ...]]) -> str:
    """Print a user as Go's ``%#v`` does."""
    shown_groups = f"[]string{{{', '.join(map(quoted, groups))}}}" if groups else "[]string(nil)"
    members = (f"{quoted(key)}:[]string{{{', '.join(map(quoted, values))}}}" for key, values in sorted(extra.items()))
    shown_extra = f"map[string][]string{{{', '.join(members)}}}" if extra else "map[string][]string(nil)"
    return f'&user.DefaultInfo{{Name:"", UID:{quoted(uid)}, Groups:{shown_groups}, Extra:{shown_extra}}}'
