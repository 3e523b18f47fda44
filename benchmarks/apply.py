"""Server-side apply on an object of fifty fields, without the HTTP around it.

    python -m benchmarks.apply [--rounds N]

Twenty scalars, ten keys of a map, and ten items of a map list with two fields each, of which another manager owns one.
What is told is the best of the rounds' means, in microseconds for one write.
"""

from __future__ import annotations

import argparse
import timeit
from functools import partial
from typing import TYPE_CHECKING, Any

from kubecrd.schema.structural import Structural
from kubecrd.server.fieldmanager import FieldManager
from kubecrd.server.typeschema import TypeSchema

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = {"type": "string"}
PORTS = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["port", "protocol"],
    "items": {
        "type": "object",
        "properties": {"port": {"type": "integer"}, "protocol": {**TEXT, "default": "TCP"}, "name": TEXT},
    },
}
SPEC = {
    "type": "object",
    "properties": {
        **{f"f{index}": TEXT for index in range(20)},
        "m": {"type": "object", "additionalProperties": TEXT},
        "ports": PORTS,
    },
}
SCHEMA = TypeSchema.of_structural(Structural.of({"type": "object", "properties": {"spec": SPEC}}))
MANAGER = FieldManager(SCHEMA, kind="Thing")
WRITES = 300


def thing(text: str) -> dict[str, Any]:
    """An object whose fields all hold *text*."""
    spec: dict[str, Any] = {f"f{index}": text for index in range(20)}
    spec["m"] = {f"k{index}": text for index in range(10)}
    spec["ports"] = [{"port": index, "name": text} for index in range(10)]
    return {"apiVersion": "shop.example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": spec}


def contenders() -> dict[str, Callable[[], Any]]:
    """The writes that are timed."""
    options: dict[str, Any] = {"api_version": "shop.example.com/v1", "now": "2026-01-02T03:04:05Z"}

    def apply(live: dict[str, Any] | None, config: dict[str, Any], *, force: bool) -> dict[str, Any]:
        return MANAGER.apply(live, config, manager="a", force=force, **options)

    live = apply(None, thing("x"), force=False)
    live = MANAGER.apply(live, {**thing("x"), "spec": {"f1": "x"}}, manager="b", force=False, **options)
    changed = {**live, "spec": {**live["spec"], "f3": "y"}}
    fewer = {**thing("x"), "spec": {**thing("x")["spec"], "ports": []}}
    return {
        "apply that creates": partial(apply, None, thing("x"), force=False),
        "apply that changes nothing": partial(apply, live, thing("x"), force=False),
        "apply that changes all, by force": partial(apply, live, thing("y"), force=True),
        "apply that gives up ten items": partial(apply, live, fewer, force=False),
        "update of one field": partial(MANAGER.update, live, changed, manager="m", **options),
    }


def main() -> None:
    """Time each write, and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    for name, write in contenders().items():
        best = min(timeit.repeat(write, number=WRITES, repeat=rounds)) / WRITES
        print(f"{name:<34}{best * 1e6:8.0f} µs")


if __name__ == "__main__":
    main()
