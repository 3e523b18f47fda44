"""A kind with rules of every sort, to be tested by what tests rules."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Interval, MaxLen
from attrs import field

from kubecrd import ListMap, ObjectMeta, Resource, Rule, custom_resource, kube_schema


@kube_schema(rules=[Rule("self.grams <= 500", message="too heavy")])
class Topping:
    name: Annotated[str, MaxLen(40)]
    grams: int = 30


@kube_schema(
    rules=[
        Rule("self.size >= 20 || size(self.toppings) <= 2", message="too small for so much"),
        Rule("self.size >= oldSelf.size", message="cannot shrink", reason="FieldValueForbidden", field_path=".size"),
    ]
)
class PizzaSpec:
    size: Annotated[int, Interval(ge=10, le=50)]
    toppings: Annotated[list[Topping], ListMap("name"), MaxLen(20)] = field(factory=list)


@custom_resource(group="shop.example.com", version="v1")
class Pizza(Resource):
    spec: PizzaSpec


def pizza(size: int = 30, *toppings: Topping) -> Pizza:
    return Pizza(metadata=ObjectMeta(name="margherita"), spec=PizzaSpec(size=size, toppings=list(toppings)))


HAM, EGG, TUNA = (Topping(name=name) for name in ("ham", "egg", "tuna"))
