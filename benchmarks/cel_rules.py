"""The rules that the CEL benchmark evaluates: what operators write, each with the same in Python by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from attrs import frozen

__all__ = ["OLD", "RULES", "SPEC", "BenchmarkRule", "schema"]


@frozen
class BenchmarkRule:
    """A rule, and the same in Python.

    Attributes:
        name: What it shows.
        text: In CEL.
        by_hand: In Python; takes the value and the old value.
    """

    name: str
    text: str
    by_hand: Callable[[Any, Any], bool]


IMAGE = re.compile(r"^[a-z0-9./-]+:[0-9]+\.[0-9]+\.[0-9]+$")

RULES = [
    BenchmarkRule(
        "compare",
        "self.replicas <= self.maxReplicas",
        lambda this, _: this["replicas"] <= this["maxReplicas"],
    ),
    BenchmarkRule(
        "nested 50x50",
        "self.items.all(x, self.items.exists_one(y, y.name == x.name))",
        lambda this, _: all(sum(y["name"] == x["name"] for y in this["items"]) == 1 for x in this["items"]),
    ),
    BenchmarkRule(
        "regex",
        r"self.image.matches('^[a-z0-9./-]+:[0-9]+\\.[0-9]+\\.[0-9]+$')",
        lambda this, _: IMAGE.search(this["image"]) is not None,
    ),
    BenchmarkRule(
        "map 20",
        "self.labels.all(k, k.startsWith('example.com/') && self.labels[k] != '')",
        lambda this, _: all(k.startswith("example.com/") and v for k, v in this["labels"].items()),
    ),
    BenchmarkRule(
        "has-guard",
        "!has(self.autoscaling) || has(self.autoscaling.limit) && self.autoscaling.limit >= self.replicas",
        lambda this, _: (
            "autoscaling" not in this
            or ("limit" in this["autoscaling"] and this["autoscaling"]["limit"] >= this["replicas"])
        ),
    ),
    BenchmarkRule(
        "transition",
        "self.replicas >= oldSelf.replicas && self.replicas - oldSelf.replicas <= 5",
        lambda this, old: this["replicas"] >= old["replicas"] and this["replicas"] - old["replicas"] <= 5,
    ),
]

SPEC: dict[str, Any] = {
    "replicas": 5,
    "maxReplicas": 10,
    "image": "registry.example.com/shop/frontend:1.2.3",
    "items": [{"name": f"item-{number}", "value": number} for number in range(50)],
    "labels": {f"example.com/label-{number}": f"value-{number}" for number in range(20)},
    "autoscaling": {"enabled": True, "limit": 20},
}
OLD: dict[str, Any] = {**SPEC, "replicas": 3}


def schema(*rules: str) -> dict[str, Any]:
    """Give the schema of the spec, with *rules* on it."""
    text = {"type": "string", "maxLength": 100}
    number = {"type": "integer"}
    item = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}, "value": number}}
    return {
        "type": "object",
        "properties": {
            "replicas": number,
            "maxReplicas": number,
            "image": text,
            "items": {"type": "array", "maxItems": 50, "items": item},
            "labels": {"type": "object", "maxProperties": 20, "additionalProperties": text},
            "autoscaling": {"type": "object", "properties": {"enabled": {"type": "boolean"}, "limit": number}},
        },
        "x-kubernetes-validations": [{"rule": rule} for rule in rules],
    }
