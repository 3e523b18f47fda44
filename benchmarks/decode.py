"""Decoding a list of 5,000 custom resources to typed objects, side by side with what else one could use.

    python -m benchmarks.decode [--objects N] [--passes N] [--json]

Each contender runs in a process of its own, with the garbage collector as its users run it: on for everybody, which
kubecrd itself pauses while a page decodes. The passes take turns, so that a machine that slows down slows all of
them. What is told is the median of the passes' medians, and its ratio to kubecrd's.

The objects are what an API server stores for an operator's kind: metadata with the managed fields of two managers,
a spec with a list and a mapping, a status with conditions. Each contender's result is checked before it is timed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import define, field

from kubecrd.resource.naming import Alias, wire_name
from kubecrd.resource.objects import Resource, resource_view
from kubecrd.resource.typehints import type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7


@define(kw_only=True)
class Topping:
    """What lies on it."""

    name: str
    grams: int = 30
    origin: str | None = None


@define(kw_only=True)
class PizzaSpec:
    """What to bake."""

    size: int
    crust: Literal["thin", "thick"] = "thin"
    oven_ip: Annotated[str | None, Alias("ovenIP")] = None
    toppings: list[Topping] = field(factory=list)
    notes: dict[str, str] = field(factory=dict)


@define(kw_only=True)
class Condition:
    """What a controller says of it."""

    type: str
    status: str
    reason: str | None = None
    message: str | None = None
    last_transition_time: datetime | None = None


@define(kw_only=True)
class PizzaStatus:
    """How it is."""

    phase: str | None = None
    conditions: list[Condition] = field(factory=list)


@resource_view(group="shop.example.com")
class Pizza(Resource):
    """A pizza, on order."""

    spec: PizzaSpec
    status: PizzaStatus | None = None


def document(objects: int) -> bytes:
    """Make the answer to a list of *objects* pizzas."""
    head = {"kind": "PizzaList", "apiVersion": "shop.example.com/v1", "metadata": {"resourceVersion": "90210"}}
    return json.dumps({**head, "items": [_pizza(i) for i in range(objects)]}, separators=(",", ":")).encode()


def _pizza(i: int) -> dict[str, Any]:
    now = "2026-01-01T00:00:00Z"
    managed = {"apiVersion": "shop.example.com/v1", "time": now, "fieldsType": "FieldsV1"}
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Pizza",
        "metadata": {
            "name": f"pizza-{i:06}",
            "namespace": "default",
            "uid": f"5a5b6a3e-6a63-4b07-9b0d-{i:012}",
            "resourceVersion": str(i + 1000),
            "generation": 2,
            "creationTimestamp": now,
            "labels": {"app": "pizza", "team": "a"},
            "managedFields": [
                {
                    "manager": "kubectl",
                    "operation": "Apply",
                    **managed,
                    "fieldsV1": {"f:spec": {"f:size": {}, "f:crust": {}}},
                },
                {
                    "manager": "baker",
                    "operation": "Update",
                    **managed,
                    "fieldsV1": {"f:status": {"f:phase": {}}},
                    "subresource": "status",
                },
            ],
        },
        "spec": {
            "size": 30,
            "ovenIP": "10.0.0.7",
            "toppings": [{"name": "cheese", "grams": 100, "origin": "Italy"}, {"name": "basil", "grams": 5}],
            "notes": {"door": "green"},
        },
        "status": {
            "phase": "Baked",
            "conditions": [
                {"type": "Ready", "status": "True", "reason": "Baked", "message": "done", "lastTransitionTime": now}
            ],
        },
    }


def kubecrd() -> Callable[[bytes], Any]:
    """To attrs classes, by our codec."""
    from kubecrd.resource import codec

    return lambda data: codec.decode_list(data, lambda raw: codec.decode(raw, Pizza, check_kind=False)).items


def json_loads() -> Callable[[bytes], Any]:
    """To dicts, by the standard library."""
    return lambda data: json.loads(data)["items"]


def msgspec_dict() -> Callable[[bytes], Any]:
    """To dicts, by msgspec."""
    import msgspec

    decoder = msgspec.json.Decoder()
    return lambda data: decoder.decode(data)["items"]


def cattrs_typed() -> Callable[[bytes], Any]:
    """To the same attrs classes, by cattrs as its users tune it: msgspec's parser, no detailed validation."""
    import attrs
    from cattrs.gen import make_dict_structure_fn, override
    from cattrs.preconf.msgspec import make_converter

    converter = make_converter(detailed_validation=False)
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))

    def by_json_names(cls: type) -> Any:
        hints = type_hints(cls)
        renames = {each.name: override(rename=wire_name(each.name, hints[each.name])) for each in attrs.fields(cls)}
        return make_dict_structure_fn(cls, converter, **renames)

    import msgspec

    converter.register_structure_hook(msgspec.Raw, lambda value, _: value)
    converter.register_structure_hook_factory(attrs.has, by_json_names)
    hook = converter.get_structure_hook(list[Pizza])
    decoder = msgspec.json.Decoder()
    return lambda data: hook(decoder.decode(data)["items"], list[Pizza])


def pydantic_typed() -> Callable[[bytes], Any]:
    """To pydantic models with the same fields, by ``model_validate_json``."""
    import attrs
    from pydantic import BaseModel, Field, create_model

    models: dict[type, type[BaseModel]] = {}

    def model(cls: type) -> type[BaseModel]:
        if cls not in models:
            hints = type_hints(cls)
            fields = {
                each.name: (
                    translate(hints[each.name]),
                    Field(alias=wire_name(each.name, hints[each.name]), **default(each)),
                )
                for each in attrs.fields(cls)
            }
            models[cls] = create_model(cls.__name__, **fields)
        return models[cls]

    def default(each: Any) -> dict[str, Any]:
        if each.default is attrs.NOTHING:
            return {}
        return (
            {"default_factory": each.default.factory}
            if isinstance(each.default, attrs.Factory)
            else {"default": each.default}
        )

    def translate(hint: Any) -> Any:
        import msgspec

        if hint is msgspec.Raw:
            return dict[str, Any]
        if isinstance(hint, type) and attrs.has(hint):
            return model(hint)
        arguments = getattr(hint, "__args__", None)
        origin = getattr(hint, "__origin__", None)
        if not arguments or origin is Literal:
            return hint
        if hasattr(hint, "__metadata__"):
            return translate(origin)
        if origin in {list, dict}:
            return origin[tuple(map(translate, arguments))]
        from typing import Union

        return Union[tuple(map(translate, arguments))]  # noqa: UP007 - made at run time

    pizza_list = create_model("PizzaList", items=(list[model(Pizza)], ...))
    return lambda data: pizza_list.model_validate_json(data).items


CONTENDERS = {
    "kubecrd, typed": kubecrd,
    "json.loads, dicts": json_loads,
    "msgspec, dicts": msgspec_dict,
    "cattrs, typed": cattrs_typed,
    "pydantic, typed": pydantic_typed,
}


def check(items: Any, objects: int) -> None:
    """Refuse to time a wrong answer."""
    last = items[-1]
    size = last["spec"]["size"] if isinstance(last, dict) else last.spec.size
    oven = last["spec"]["ovenIP"] if isinstance(last, dict) else last.spec.oven_ip
    assert (len(items), size, oven) == (objects, 30, "10.0.0.7")


def run(name: str, objects: int) -> float:
    """Time one contender in this process; the milliseconds of the median round."""
    decode, data = CONTENDERS[name](), document(objects)
    held = decode(data)
    check(held, objects)
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        held = decode(data)  # the page before is let go only now, as an informer that lists anew does
        rounds.append(time.perf_counter() - started)
    return statistics.median(rounds) * 1000


def main() -> None:
    """Run every contender in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=5000, help="objects in the list (default: 5000)")
    parser.add_argument("--passes", type=int, default=3, help="processes of each contender (default: 3)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(run(options.only, options.objects))
        return
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for number in range(options.passes):
        for name in CONTENDERS:
            print(f"pass {number + 1} of {options.passes}: {name}", file=sys.stderr)
            command = [sys.executable, "-m", "benchmarks.decode", "--only", name, "--objects", str(options.objects)]
            times[name].append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))  # noqa: S603
    medians = {name: statistics.median(values) for name, values in times.items()}
    ours = medians["kubecrd, typed"]
    if options.json:
        print(json.dumps({name: {"ms": value, "ratio": value / ours} for name, value in medians.items()}))
        return
    print(
        f"{options.objects} objects of {len(document(options.objects)) // options.objects} bytes, Python {sys.version.split()[0]}"
    )
    for name, value in medians.items():
        print(f"{name:<20} {value:8.1f} ms   {value / ours:5.2f} times kubecrd")


if __name__ == "__main__":
    main()
