"""A kind to test with, as an operator writes it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from attrs import define, field, frozen

from kubecrd.resource.naming import Alias, Nullable
from kubecrd.resource.objects import Resource, resource_view


class Oven(StrEnum):
    STONE = "Stone"
    GAS = "Gas"


@frozen
class Origin:
    country: str
    since_year: int | None = None


@define(kw_only=True)
class Topping:
    name: str
    grams: int = 30
    origin: Origin | None = None


@define(kw_only=True)
class PizzaSpec:
    size: int
    crust: Literal["thin", "thick"] = "thin"
    toppings: list[Topping] = field(factory=list)
    by_guest: dict[str, Topping] = field(factory=dict)
    oven: Oven = Oven.STONE
    port: int | str | None = None
    cluster_ip: Annotated[str | None, Alias("clusterIP")] = None
    glaze: Annotated[str | None, Nullable()] = "oil"
    seal: bytes | None = None
    price: float = 1.0
    extra: Any = None


@define(kw_only=True)
class PizzaStatus:
    phase: str | None = None
    baked_at: datetime | None = None


@resource_view(group="shop.example.com")
class Pizza(Resource):
    spec: PizzaSpec
    status: PizzaStatus | None = None
