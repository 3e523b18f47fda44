"""What type checkers see of what tests use; read by mypy and pyright, never run."""

from typing import assert_type

from kubecrd import ObjectMeta, Resource, custom_resource, kube_schema
from kubecrd.resource.fielderrors import FieldError
from kubecrd.testing import ClassRule, assert_invalid, assert_valid, rule


@kube_schema
class PizzaSpec:
    size: int


@custom_resource(group="shop.example.com", version="v1")
class Pizza(Resource):
    spec: PizzaSpec


pizza = Pizza(metadata=ObjectMeta(name="a"), spec=PizzaSpec(size=30))

big = rule(PizzaSpec, "self.size > 10")
assert_type(big, ClassRule[PizzaSpec])
assert_type(big(pizza.spec, old=pizza.spec), bool)
assert_type(big({"size": 30}), bool)
assert_type(big.cost(pizza.spec), int)
big(pizza)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
rule(PizzaSpec, "self.size > 10", optional_old=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

assert_valid(pizza, pizza, subresource="status")
assert_type(assert_invalid(pizza, match="size", field="spec.size"), list[FieldError])
assert_invalid(pizza, reason="Invalid")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
assert_invalid(pizza, subresource="scale")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
assert_valid(pizza.to_dict(), crd=Pizza)
assert_valid(pizza.spec)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
