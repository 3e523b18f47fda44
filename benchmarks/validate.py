"""Validating a custom resource of 50 fields against its schema, side by side with two JSON Schema validators.

    python -m benchmarks.validate [--objects N] [--json]

The figures are microseconds an object: the median of rounds in which the contenders take turns, so that a machine that
slows down slows all of them. Ratios are to jsonschema-rs, which is written in Rust. All judge the same dictionaries,
as YAML and JSON give them; what is wrong with the invalid object is listed by all. "whole verdict" is what users call:
pruning, defaults, metadata and schema.
"""

from __future__ import annotations

import copy
import statistics
import time
from typing import TYPE_CHECKING, Any

from benchmarks.figures import print_figures
from kubecrd.schema.keywords import KubeValidator, keywords_of
from kubecrd.schema.structural import Structural
from kubecrd.schema.validation import SchemaValidator
from kubecrd.schema.verdict import ObjectValidator

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15
RATED = "jsonschema-rs"


def schema() -> dict[str, Any]:
    """Make the schema of a spec as operators have them: 50 fields at four levels."""
    label = {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
    resources = {
        "type": "object",
        "properties": {name: {"type": "string", "maxLength": 20} for name in ("cpu", "memory", "storage")},
    }
    container = {
        "type": "object",
        "required": ["name", "image"],
        "properties": {
            "name": label,
            "image": {"type": "string", "minLength": 1, "maxLength": 255},
            "pull": {"type": "string", "enum": ["Always", "IfNotPresent", "Never"]},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "tty": {"type": "boolean"},
            "limits": resources,
            "requests": resources,
            "args": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
        },
    }
    fields: dict[str, Any] = {f"text{i}": {"type": "string", "minLength": 1, "maxLength": 40} for i in range(10)}
    fields |= {f"number{i}": {"type": "integer", "minimum": 0, "maximum": 1000} for i in range(8)}
    fields |= {f"flag{i}": {"type": "boolean"} for i in range(4)}
    fields |= {f"label{i}": label for i in range(3)}
    fields |= {
        "size": {"type": "string", "enum": ["small", "medium", "large"]},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "limit": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 20},
        "containers": {"type": "array", "maxItems": 10, "items": container},
    }
    return {"type": "object", "properties": {"spec": {"type": "object", "required": ["size"], "properties": fields}}}


def document(*, valid: bool = True) -> dict[str, Any]:
    """Make an object of 50 leaves; an invalid one has three faults in it."""
    resources = {"cpu": "500m", "memory": "1Gi", "storage": "10Gi"}
    container = {"image": "registry.example.com/shop:1.2.3", "pull": "Always", "port": 8080, "tty": False}
    spec: dict[str, Any] = {f"text{i}": f"some text, the {i}th" for i in range(10)}
    spec |= {f"number{i}": i * 100 for i in range(8)} | {f"flag{i}": i % 2 == 0 for i in range(4)}
    spec |= {f"label{i}": f"checkout-frontend-{i}" for i in range(3)}
    spec |= {
        "size": "medium",
        "share": 0.5,
        "limit": "25%",
        "labels": {"app": "shop", "tier": "frontend", "team": "a"},
        "containers": [
            {**container, "name": "web", "limits": resources, "args": ["--verbose", "--port=8080"]},
            {**container, "name": "proxy", "requests": resources},
        ],
    }
    if not valid:
        spec["number3"] = 5000
        spec["containers"][1]["pull"] = "Sometimes"
        del spec["size"]
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Shop",
        "metadata": {"name": "a", "namespace": "b"},
        "spec": spec,
    }


def json_schema() -> dict[str, Any]:
    """Say in JSON Schema what the structural schema says: int-or-string is an extension of Kubernetes."""
    made = copy.deepcopy(schema())
    made["properties"]["spec"]["properties"]["limit"] = {"type": ["integer", "string"]}
    return made


def contenders() -> dict[str, Callable[[Any], int]]:
    """Give what validates, by name; each gives the number of faults."""
    import jsonschema
    import jsonschema_rs

    ours = SchemaValidator(Structural.of(schema()))
    keywords = KubeValidator(keywords_of(Structural.of(schema())))
    plain = jsonschema.Draft7Validator(json_schema())
    rust = jsonschema_rs.Draft7Validator(json_schema())
    whole = ObjectValidator(definition())
    return {
        "jsonschema-rs": lambda value: len(list(rust.iter_errors(value))),
        "kubecrd, schema": lambda value: len(ours.errors(value)),
        "kubecrd, whole verdict": lambda value: len(whole.verdict(value)),
        "kubecrd, keywords": lambda value: len(list(keywords.iter_errors(value))),
        "jsonschema": lambda value: len(list(plain.iter_errors(value))),
    }


def definition() -> dict[str, Any]:
    """Make the definition that the schema stands in."""
    return {
        "metadata": {"name": "shops.shop.example.com"},
        "spec": {
            "group": "shop.example.com",
            "names": {"plural": "shops", "kind": "Shop"},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema()}},
            ],
        },
    }


def _microseconds(validate: Callable[[Any], int], value: Any, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        validate(value)
    return (time.perf_counter() - started) / times * 1e6


def measure(objects: int) -> dict[str, float]:
    """Take the figures."""
    times = max(objects // (ROUNDS * 10), 1)
    figures: dict[str, float] = {}
    for words, value, faults in (
        ("valid", document(), 0),
        ("invalid", document(valid=False), 3),
    ):
        rounds: dict[str, list[float]] = {name: [] for name in contenders()}
        judges = contenders()
        for name, validate in judges.items():
            assert validate(value) == faults, name  # a wrong answer is not worth timing
        for _ in range(ROUNDS):
            for name, validate in judges.items():
                rounds[name].append(_microseconds(validate, value, times))
        medians = {name: statistics.median(found) for name, found in rounds.items()}
        figures |= {f"{words}: {name}, µs": found for name, found in medians.items()}
        figures |= {f"{words}: {name}, times {RATED}": found / medians[RATED] for name, found in medians.items()}
    return figures


def main() -> None:
    """Print the figures."""
    print_figures(measure, about=__doc__, objects="validations, shared among the contenders' rounds")


if __name__ == "__main__":
    main()
