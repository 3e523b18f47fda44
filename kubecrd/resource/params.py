"""What can be said with a request: which objects, how fresh, who writes, whether to try only. Checked when made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import evolve, field, frozen

from kubecrd.errors import RequestError

from .fields import FieldSelector
from .labels import Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    import attrs

__all__ = [
    "DeleteParams",
    "FieldValidation",
    "GetParams",
    "ListParams",
    "PatchParams",
    "Preconditions",
    "Propagation",
    "VersionMatch",
    "WatchParams",
    "WriteParams",
]

VersionMatch = Literal["NotOlderThan", "Exact"]
FieldValidation = Literal["Strict", "Warn", "Ignore"]
Propagation = Literal["Orphan", "Background", "Foreground"]
Query = tuple[tuple[str, str], ...]

_MANAGER_LIMIT: Final = 128
_WATCH_TIMEOUT: Final = 290
_WATCH_TIMEOUT_LIMIT: Final = 294
"""The server's own write timeout is 295 s: a watch that is told to live longer looks broken when it ends."""


def _selector(value: str | Mapping[str, str] | Selector | None) -> Selector:
    match value:
        case None:
            return Selector()
        case Selector():
            return value
        case str():
            return Selector.parse(value)
        case _:
            return Selector.of(value)


def _field_selector(value: str | FieldSelector | None) -> FieldSelector:
    match value:
        case None:
            return FieldSelector()
        case FieldSelector():
            return value
        case _:
            return FieldSelector.parse(value)


def _check_manager(_: Any, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None and not 0 < len(value) <= _MANAGER_LIMIT:
        raise RequestError(f"{attribute.name}: {value!r} has {len(value)} characters; use 1 to {_MANAGER_LIMIT}")


@frozen(kw_only=True)
class GetParams:
    """How fresh a single object must be.

    Attributes:
        resource_version: At least this version; ``"0"`` for whatever the server has cached; None for the newest.
    """

    resource_version: str | None = None

    def query(self) -> Query:
        """Give the query parameters."""
        return _given(resourceVersion=self.resource_version)


@frozen(kw_only=True)
class ListParams:
    """Which objects to list, how many a page, and how fresh.

    Attributes:
        labels: A selector, its text, or a mapping of labels that all must match. None selects all.
        fields: A field selector or its text, such as ``metadata.name=web``. None selects all.
        limit: Objects a page, at most; None for all at once.
        continue_token: Where the page before ended; the other conditions must be the same.
        resource_version: The state to show, as *version_match* says; ``"0"`` for whatever the server has cached.
        version_match: How *resource_version* is meant.
        timeout: Seconds after which the server gives up; None for its own limit.

    Raises:
        RequestError: *version_match* stands without a version, or is ``Exact`` at version 0.
    """

    labels: Selector = field(default=None, converter=_selector)
    fields: FieldSelector = field(default=None, converter=_field_selector)
    limit: int | None = None
    continue_token: str | None = None
    resource_version: str | None = None
    version_match: VersionMatch | None = None
    timeout: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.version_match and self.resource_version is None:
            raise RequestError(f"version_match: {self.version_match!r} needs a resource_version")
        if self.version_match == "Exact" and self.resource_version == "0":
            raise RequestError("version_match: 'Exact' needs a resource_version other than '0', which means any")

    def next_page(self, continue_token: str) -> ListParams:
        """Ask for the page that *continue_token* begins."""
        return evolve(self, continue_token=continue_token, resource_version=None, version_match=None)

    def query(self) -> Query:
        """Give the query parameters.

        At version 0 no limit is sent: servers without a watch cache for paging would ignore the version instead.
        """
        cached = self.resource_version == "0" and self.continue_token is None
        return (
            *_selectors(self.labels, self.fields),
            *_given(
                limit=None if cached else self.limit,
                **{"continue": self.continue_token},
                resourceVersion=None if self.continue_token else self.resource_version,
                resourceVersionMatch=None if self.continue_token else self.version_match,
                timeoutSeconds=self.timeout,
            ),
        )


@frozen(kw_only=True)
class WatchParams:
    """Which objects to watch, and for how long.

    Attributes:
        labels: As in `ListParams`.
        fields: As in `ListParams`.
        timeout: Seconds after which the *server* ends the stream, 1 to 294; 290 by default, as in kube-rs.
        bookmarks: Whether the server may send events that carry only a resource version.
        initial_events: Whether the stream begins with a synthetic ADDED for each object, then a bookmark (KEP-3157).

    Raises:
        RequestError: *timeout* is out of range, or *initial_events* stands without *bookmarks*.
    """

    labels: Selector = field(default=None, converter=_selector)
    fields: FieldSelector = field(default=None, converter=_field_selector)
    timeout: int = _WATCH_TIMEOUT
    bookmarks: bool = True
    initial_events: bool = False

    def __attrs_post_init__(self) -> None:
        if not 0 < self.timeout <= _WATCH_TIMEOUT_LIMIT:
            raise RequestError(f"timeout: {self.timeout} s is out of range; use 1 to {_WATCH_TIMEOUT_LIMIT}")
        if self.initial_events and not self.bookmarks:
            raise RequestError("initial_events: needs bookmarks, since a bookmark marks their end")

    def query(self, since: str) -> Query:
        """Give the query parameters of a watch from the version *since* on."""
        return (
            ("watch", "true"),
            ("timeoutSeconds", str(self.timeout)),
            *_selectors(self.labels, self.fields),
            *_given(
                allowWatchBookmarks="true" if self.bookmarks else None,
                sendInitialEvents="true" if self.initial_events else None,
                resourceVersionMatch="NotOlderThan" if self.initial_events else None,
                resourceVersion=since,
            ),
        )


@frozen(kw_only=True)
class WriteParams:
    """How to create or replace.

    Attributes:
        dry_run: Whether the server only tells what would happen.
        field_manager: Who writes; 1 to 128 characters. The server takes the User-Agent by default.
        field_validation: What happens to fields the kind does not have; the server warns by default.

    Raises:
        RequestError: *field_manager* is empty or too long.
    """

    dry_run: bool = False
    field_manager: str | None = field(default=None, validator=_check_manager)
    field_validation: FieldValidation | None = None

    def query(self) -> Query:
        """Give the query parameters."""
        return _given(
            dryRun="All" if self.dry_run else None,
            fieldManager=self.field_manager,
            fieldValidation=self.field_validation,
        )


@frozen(kw_only=True)
class PatchParams(WriteParams):
    """How to patch.

    Attributes:
        force: For an apply: whether to take fields over from other managers.
    """

    force: bool = False

    def query(self) -> Query:
        """Give the query parameters."""
        return (*super().query(), *_given(force="true" if self.force else None))


@frozen(kw_only=True)
class Preconditions:
    """Delete only this very object, in this very state.

    Attributes:
        uid: The object's uid; None for any.
        resource_version: The object's version; None for any.
    """

    uid: str | None = None
    resource_version: str | None = None


@frozen(kw_only=True)
class DeleteParams:
    """How to delete.

    Attributes:
        propagation: What becomes of dependents; each kind has its own default, mostly ``Background``.
        grace_period: Seconds before the object goes; None for the kind's default.
        preconditions: What must hold for it to be deleted.
        dry_run: Whether the server only tells what would happen.
    """

    propagation: Propagation | None = None
    grace_period: int | None = None
    preconditions: Preconditions | None = None
    dry_run: bool = False

    def body(self) -> dict[str, Any] | None:
        """Give the DeleteOptions document, None when there is nothing to say."""
        options: dict[str, Any] = {}
        if self.propagation:
            options["propagationPolicy"] = self.propagation
        if self.grace_period is not None:
            options["gracePeriodSeconds"] = self.grace_period
        if self.preconditions:
            conditions = {"uid": self.preconditions.uid, "resourceVersion": self.preconditions.resource_version}
            options["preconditions"] = {key: value for key, value in conditions.items() if value is not None}
        if self.dry_run:
            options["dryRun"] = ["All"]
        return {"apiVersion": "v1", "kind": "DeleteOptions", **options} if options else None


def _given(**parameters: str | int | None) -> Query:
    return tuple((name, str(value)) for name, value in parameters.items() if value is not None)


def _selectors(labels: Selector, fields: FieldSelector) -> Query:
    return _given(labelSelector=str(labels) or None, fieldSelector=str(fields) or None)
