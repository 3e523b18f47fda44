"""What type checkers see of decorated classes, clients and controllers; read by mypy and pyright, never run."""

from typing import Annotated, assert_type

from annotated_types import Ge
from attrs import field

from kubecrd import (
    Action,
    Api,
    ApiResource,
    Client,
    Context,
    Controller,
    CustomResourceDefinition,
    DynamicObject,
    ListMap,
    ObjectList,
    ObjectMeta,
    PartialObject,
    Resource,
    custom_resource,
    kube_schema,
    resource_view,
    validate,
)
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.status import Status
from kubecrd.runtime.store import Store
from kubecrd.schema.verdict import verdict


@kube_schema
class Topping:
    name: str
    grams: int = 30


@kube_schema(description="What to bake.")
class PizzaSpec:
    size: Annotated[int, Ge(1)]
    toppings: Annotated[list[Topping], ListMap("name")] = field(factory=list)


@custom_resource(group="shop.example.com", version="v1")
class Pizza(Resource):
    spec: PizzaSpec


@resource_view(group="apps")
class Deployment(Resource):
    replicas: int = 1


pizza = Pizza(metadata=ObjectMeta(name="a"), spec=PizzaSpec(size=30, toppings=[Topping(name="ham")]))
assert_type(pizza.spec, PizzaSpec)
assert_type(pizza.spec.size, int)
assert_type(pizza.spec.toppings, list[Topping])
assert_type(pizza.metadata.labels, dict[str, str])
assert_type(Pizza.crd(), CustomResourceDefinition)
assert_type(Pizza.api_resource, ApiResource)
assert_type(Pizza.from_dict({}), Pizza)
assert_type(Deployment().replicas, int)
assert_type(verdict(pizza), list[FieldError])
validate(pizza, old=pizza)

PizzaSpec()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
PizzaSpec(30)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
PizzaSpec(size="big")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Topping(name="ham", gram=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def use(client: Client) -> None:
    api = Api(client, Pizza)
    assert_type(api, Api[Pizza])
    assert_type(await api.get("a"), Pizza)
    assert_type(await api.get_opt("a"), Pizza | None)
    assert_type(await api.list(), ObjectList[Pizza])
    assert_type(await api.create(pizza), Pizza)
    assert_type(await api.delete("a"), Pizza | Status)
    async for each in api.list_all():
        assert_type(each, Pizza)
    assert_type(api.metadata_only(), Api[PartialObject])

    dynamic = Api(client, ApiResource.of("v1", "ConfigMap"))
    assert_type(dynamic, Api[DynamicObject])
    assert_type(await dynamic.get("a"), DynamicObject)

    await api.create(Topping(name="ham"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


controller = Controller(Pizza).owns(Deployment)
assert_type(controller, Controller[Pizza])
assert_type(controller.store, Store[Pizza])


@controller.reconciler
async def bake(pizza: Pizza, ctx: Context) -> Action:
    assert_type(await ctx.api(Pizza).get("a"), Pizza)
    assert_type(await ctx.apply(Deployment(replicas=pizza.spec.size), owner=pizza), Deployment)
    return Action.requeue(minutes=5)


@controller.reconciler  # type: ignore[arg-type]
async def wrong(pizza: str, ctx: Context) -> Action:  # pyright: ignore[reportArgumentType]
    return Action.done()


@controller.finalizer("shop.example.com/crumbs")
async def sweep(pizza: Pizza, ctx: Context) -> None:
    assert_type(pizza.spec.size, int)
