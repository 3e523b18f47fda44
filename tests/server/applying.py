"""A kind with every sort of field, for the tests of apply."""

from __future__ import annotations

from typing import Any

from kubecrd.schema.structural import Structural
from kubecrd.server.fieldmanager import FieldManager, reset_fields
from kubecrd.server.typeschema import TypeSchema

API = "shop.example.com/v1"
FIRST, LATER = "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"

TEXT = {"type": "string"}
SPEC: dict[str, Any] = {
    "type": "object",
    "properties": {
        "n": {"type": "integer"},
        "s": TEXT,
        "b": {"type": "boolean"},
        "at": {"type": "string", "format": "date-time"},
        "port": {"x-kubernetes-int-or-string": True},
        "o": {"type": "object", "properties": {"x": TEXT, "y": TEXT}},
        "m": {"type": "object", "additionalProperties": TEXT},
        "am": {"type": "object", "additionalProperties": TEXT, "x-kubernetes-map-type": "atomic"},
        "al": {"type": "array", "items": TEXT},
        "set": {"type": "array", "items": {}, "x-kubernetes-list-type": "set"},
        "ports": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port", "protocol"],
            "items": {
                "type": "object",
                "properties": {
                    "port": {"type": "integer"},
                    "protocol": {"type": "string", "default": "TCP"},
                    "name": TEXT,
                    "o": {"type": "object", "properties": {"x": TEXT}},
                },
            },
        },
        "any": {"x-kubernetes-preserve-unknown-fields": True},
    },
}
SCHEMA = TypeSchema.of_structural(
    Structural.of(
        {
            "type": "object",
            "properties": {
                "spec": SPEC,
                "status": {"type": "object", "properties": {"s": TEXT, "n": {"type": "integer"}}},
            },
        }
    )
)
MANAGER = FieldManager(
    SCHEMA, kind="Thing", resets={"": reset_fields("status"), "status": reset_fields("metadata", "spec")}
)


def thing(spec: Any = None, **more: Any) -> dict[str, Any]:
    """Make an object."""
    made: dict[str, Any] = {"apiVersion": API, "kind": "Thing", "metadata": {"name": "a"}}
    return made | ({} if spec is None else {"spec": spec}) | more


def apply(live: dict[str, Any] | None, config: dict[str, Any], manager: str = "a", **options: Any) -> dict[str, Any]:
    """Apply *config*, or a spec."""
    full = config if "kind" in config else thing(config)
    return MANAGER.apply(live, full, manager=manager, api_version=API, **{"force": False, "now": FIRST, **options})


def update(live: dict[str, Any] | None, new: dict[str, Any], manager: str = "m", **options: Any) -> dict[str, Any]:
    """Write *new*, or a spec."""
    full = new if "kind" in new else thing(new)
    return MANAGER.update(live, full, manager=manager, api_version=API, **{"now": FIRST, **options})


def owners(obj: dict[str, Any]) -> dict[str, Any]:
    """Give the field sets of an object by manager; a status entry is called ``name/status``."""
    return {
        entry["manager"] + ("/" + entry["subresource"] if "subresource" in entry else ""): entry["fieldsV1"]
        for entry in obj["metadata"].get("managedFields", ())
    }
