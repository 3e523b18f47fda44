"""Events in their two groups: one object, which each group calls by names of its own.

Source: kubernetes `pkg/apis/events/v1/conversion.go`.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from .typeschema import TypeSchema

__all__ = ["CORE_EVENTS", "NEW_EVENTS", "Alias"]

Json = dict[str, Any]

_CORE: Final = "v1"
_NEW: Final = "events.k8s.io/v1"
_NAMES: Final = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "reportingComponent": "reportingController",
}
"""What core/v1 calls something, and what events.k8s.io/v1 does."""
_ALWAYS: Final[dict[str, dict[str, Any]]] = {
    _CORE: {
        "source": {},
        "eventTime": None,
        "firstTimestamp": None,
        "lastTimestamp": None,
        "reportingComponent": "",
        "reportingInstance": "",
    },
    _NEW: {
        "deprecatedSource": {},
        "eventTime": None,
        "deprecatedFirstTimestamp": None,
        "deprecatedLastTimestamp": None,
    },
}
"""What Go writes though it is empty."""


@frozen
class Alias:
    """What a kind has to do with another one that shows the same objects.

    Attributes:
        other: The apiVersion of the other kind.
        schema: Name of the other kind's schema, for merging.
        is_stored: Whether objects are kept as this kind has them, and not as the other does.
    """

    other: str
    schema: str
    is_stored: bool

    @property
    def group(self) -> str:
        """The other kind's group."""
        return self.other.rpartition("/")[0]

    def convert(self, obj: Json, api_version: str) -> Json:
        """Give an object as the kind of that apiVersion has it."""
        if obj.get("apiVersion") == api_version:
            return obj
        names = _NAMES if api_version == _NEW else {new: old for old, new in _NAMES.items()}
        made = {names.get(key, key): value for key, value in obj.items() if value not in ("", None, {})}
        return {**_ALWAYS[api_version], **made, "apiVersion": api_version}

    def type_schema(self) -> TypeSchema:
        """Give the merge types of the other kind."""
        from .builtins import openapi_document

        document = openapi_document(self.group, "v1")
        assert document is not None, f"the document of {self.other} is shipped"
        return TypeSchema.of_openapi(document["components"]["schemas"], self.schema)


CORE_EVENTS: Final = Alias(_NEW, "io.k8s.api.events.v1.Event", is_stored=True)
NEW_EVENTS: Final = Alias(_CORE, "io.k8s.api.core.v1.Event", is_stored=False)
