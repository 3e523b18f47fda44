"""What type checkers see of decorated classes, clients and controllers; read by mypy and pyright, never run."""

from typing import Annotated, Any, Generic, Literal, TypeVar, assert_type

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
    Duration,
    DynamicObject,
    ListMap,
    ObjectList,
    ObjectMeta,
    ObjectValidator,
    PartialObject,
    Quantity,
    Resource,
    check_crd,
    compare_crds,
    convert,
    custom_resource,
    kube_schema,
    resource_view,
    validate,
    verdict,
)
from kubecrd.k8s.core.v1 import PodTemplateSpec
from kubecrd.resource.fielderrors import FieldError
from kubecrd.resource.status import Status
from kubecrd.runtime.store import Store
from kubecrd.schema.schemachanges import Change


@kube_schema
class Topping:
    name: str
    grams: int = 30


@kube_schema(description="What to bake.")
class PizzaSpec:
    size: Annotated[int, Ge(1)]
    toppings: Annotated[list[Topping], ListMap("name")] = field(factory=list)


T = TypeVar("T")


@kube_schema
class Page(Generic[T]):
    items: list[T]
    first: T | None = None


@kube_schema
class Http:
    type: Literal["http"] = "http"
    path: str


@kube_schema
class Tcp:
    type: Literal["tcp"] = "tcp"


@kube_schema
class Probe(Page[str]):
    how: Http | Tcp
    every: Duration = Duration("10s")
    memory: Quantity | None = None
    pod: PodTemplateSpec | None = None


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
assert_type(verdict(pizza.spec), list[FieldError])
assert_type(ObjectValidator(Pizza).stored(pizza), dict[str, Any])
assert_type(check_crd(Pizza.crd().to_dict()), list[FieldError])
assert_type(compare_crds(Pizza.crd(), Pizza.crd()), list[Change])
assert_type(convert(pizza, to=Deployment), Deployment)

assert_type(Page(items=[1]), Page[int])
assert_type(Page[str](items=[]).first, str | None)
probe = Probe(items=["a"], how=Http(path="/"))
assert_type(probe.items, list[str])
assert_type(probe.first, str | None)
assert_type(probe.how, Http | Tcp)
assert_type(probe.memory, Quantity | None)
assert_type(probe.pod, PodTemplateSpec | None)
if probe.how.type == "http":
    assert_type(probe.how, Http)

Probe(items=[1], how=Tcp())  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
Page[int](items=["a"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
kube_schema(rules="self.size > 1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

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
