"""What is wrong with Events: little in the old form, more in the new one (kubernetes `core/validation/events.go`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.schema import names
from kubecrd.schema.wording import immutable, invalid, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["check_event"]

Json = dict[str, Any]

_MOST_NOTE: Final = 1024
_MOST: Final = 128
_IMMUTABLE: Final = (
    ("regarding", "involvedObject"),
    ("reason", "reason"),
    ("note", "message"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
    ("type", "type"),
    ("eventTime", "eventTime"),
    ("action", "action"),
    ("related", "related"),
    ("reportingController", "reportingController"),
    ("reportingInstance", "reportingInstance"),
)
"""What an update through events.k8s.io may not change, and what the internal type calls it."""
_UNSET: Final = (
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
)


def check_event(event: Json, old: Json | None) -> list[FieldError]:
    """List what is wrong with an Event of either group.

    Args:
        event: The document.
        old: What is stored of it.
    """
    errors = list(_check_namespace(event))
    is_new_form = event.get("apiVersion") == "events.k8s.io/v1"
    if old is None and (is_new_form or event.get("eventTime")):
        errors += _check_strict(event, is_new_form=is_new_form)
    if old is not None and is_new_form:
        errors += [
            immutable(internal, event.get(name))
            for name, internal in _IMMUTABLE
            if (event.get(name) or None) != (old.get(name) or None)
        ]
    return errors


def _check_namespace(event: Json) -> Iterator[FieldError]:
    about = event.get("involvedObject") or event.get("regarding") or {}
    namespace, own = about.get("namespace", ""), event["metadata"].get("namespace", "")
    if namespace != own and not (not namespace and own == "default"):
        yield invalid("involvedObject.namespace", namespace, "does not match event.namespace")


def _check_strict(event: Json, *, is_new_form: bool) -> Iterator[FieldError]:
    """Yield what the rules of events.k8s.io are broken by; the paths are those of the internal type, and so are odd."""
    controller_name = "reportingController" if is_new_form else "reportingComponent"
    if not event.get("eventTime"):
        yield required("eventTime")
    controller = event.get(controller_name) or ""
    if not controller:
        yield required(controller_name)
    yield from (invalid(controller_name, controller, text) for text in names.qualified_name(controller))
    for name in ("reportingInstance", "action", "reason"):
        value = event.get(name) or ""
        if not value:
            yield required(name)
        elif len(value.encode()) > _MOST:
            yield invalid(name, "", f"can have at most {_MOST} characters")
    kind = event.get("type") or ""
    if kind not in {"Normal", "Warning"}:
        yield invalid("type", "", f"has invalid value: {kind}")
    note = event.get("note" if is_new_form else "message") or ""
    if len(note.encode()) > _MOST_NOTE:
        yield invalid("message", "", f"can have at most {_MOST_NOTE} characters")
    series = event.get("series")
    if series is not None and (series.get("count") or 0) < 2:
        yield invalid("series.count", "", "should be at least 2")
    if is_new_form:
        for name, internal in _UNSET:
            if event.get(name):
                yield invalid(internal, "", "needs to be unset")
        if event.get("deprecatedSource"):
            yield invalid("source", "", "needs to be unset")
