"""Documents with every field that a schema has, to be read and written without loss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kubecrd.resource import codec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kubecrd import Resource

TEXTS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "byte": "YQ==",
    "duration": "1h0m0s",
    "int-or-string": "50%",
}
QUANTITY = "1Gi"
SCALARS = {"integer": 1, "number": 1.5, "boolean": True}


def sample(
    node: Mapping[str, Any], resolve: Callable[[Mapping[str, Any]], Any] = lambda node: node, depth: int = 0
) -> Any:
    """Give a value for *node* in which every field is set; what the schema leaves open is a little tree.

    Args:
        node: The schema.
        resolve: Follows references; gives a schema, or an instance of `Value` that stands for itself.
        depth: How deep the value lies; where a schema contains itself, it ends at some depth.
    """
    node = resolve(node)
    if isinstance(node, Value):
        return node.value
    if node.get("enum"):
        return next(value for value in node["enum"] if value is not None)
    if node.get("x-kubernetes-int-or-string"):
        return QUANTITY if "pattern" in node else "50%"
    match node.get("type"):
        case "string":
            return TEXTS.get(node.get("format", ""), "a")
        case "array":
            return [sample(node["items"], resolve, depth + 1)]
        case "object":
            return _object(node, resolve, depth)
        case kind if kind in SCALARS:
            return SCALARS[kind]
    return {"any": [1, {"b": "c"}]}


class Value:
    """What a reference stands for, whatever its schema says."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _object(node: Mapping[str, Any], resolve: Callable[[Mapping[str, Any]], Any], depth: int) -> dict[str, Any]:
    properties = node.get("properties") or {}
    if node.get("x-kubernetes-embedded-resource") and "apiVersion" not in properties:
        head = {"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}}
        return {**head, **{name: sample(each, resolve, depth + 1) for name, each in properties.items()}}
    found = {name: sample(each, resolve, depth + 1) for name, each in properties.items()}
    values = node.get("additionalProperties")
    if isinstance(values, dict):
        found["a"] = sample(values, resolve, depth + 1)
    return found


def lossy(kinds: Iterable[type[Resource]]) -> list[str]:
    """Name those of *kinds*, custom resources, whose objects are not written as they were read."""
    found = []
    for cls in kinds:
        schema = cls.crd().to_dict()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        head = {"apiVersion": cls.api_version, "kind": cls.kind, "metadata": {"name": "a"}}
        document = {**sample({**schema, "type": "object"}), **head}
        decoded = codec.decode(json.dumps(document), cls)
        if not cls.from_dict(document).to_dict() == json.loads(codec.encode(decoded)) == document:
            found.append(f"{cls.__module__}.{cls.__name__}")
    return found
