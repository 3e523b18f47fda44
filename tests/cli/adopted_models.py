"""What people bring along: models of pydantic, and dataclasses."""

from __future__ import annotations

import datetime as dt
import enum
import socket
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar, Literal

import attrs
import msgspec
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, PositiveInt, SecretStr, StringConstraints, field_validator
from pydantic.alias_generators import to_camel


class Crust(str, enum.Enum):  # noqa: UP042 - as many have it
    """How thick."""

    THIN = "thin"
    THICK = "thick"


class Size(enum.IntEnum):
    SMALL = 20
    LARGE = 40


class Topping(BaseModel):
    """What lies on it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern="^[a-z]+$")]
    grams: int = Field(30, ge=1, le=500, description="How much of it.")


class Courier(BaseModel):
    how: Literal["courier"]
    address: str


class Pickup(BaseModel):
    how: Literal["pickup"]
    at: dt.datetime


class Node(BaseModel):
    value: int
    children: list[Node] = []


class PizzaSpec(BaseModel):
    """What to bake."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    crust_kind: Crust = Crust.THIN
    size: Size = Size.LARGE
    toppings: list[Topping] = Field(default_factory=list, max_length=5)
    delivery: Courier | Pickup | None = Field(None, discriminator="how")
    cluster_ip: str | None = Field(None, alias="clusterIP", title="The address")
    labels: dict[str, Annotated[str, Field(max_length=3)]] = {}
    slices: PositiveInt
    tags: set[str] = set()
    order: list[str] = ["dough", "sauce"]
    secret: SecretStr | None = None
    link: AnyUrl | None = None
    baked: dt.date | None = None
    tree: Node | None = None
    anything: Any = None
    class_: str = Field("a", alias="class", description='Says "class"\n  indented')

    @field_validator("slices")
    @classmethod
    def is_even(cls, value: int) -> int:
        return value


class PizzaStatus(BaseModel):
    model_config = ConfigDict(extra="allow")

    phase: str | None = None


class Pizza(BaseModel):
    """A pizza, as cloudcoil writes a kind."""

    api_version: Annotated[Literal["shop.example.com/v1"] | None, Field(alias="apiVersion")] = "shop.example.com/v1"
    kind: Literal["Pizza"] | None = "Pizza"
    metadata: dict[str, Any] = {}
    spec: PizzaSpec
    status: PizzaStatus | None = None


@dataclass
class Shelf:
    """Where things stand."""

    width_cm: int
    """How wide."""
    items: list[str] = field(default_factory=list)
    depth: float = 0.5
    from_: str | None = field(metadata={"json": "from"}, default=None)


@dataclass
class Odd:
    value: complex


class Recipe(BaseModel):
    made: dt.datetime = Field(default_factory=lambda: dt.datetime.now(tz=dt.UTC))
    by: str = Field(default_factory=socket.gethostname)
    steps: list[str] = Field(default_factory=lambda: ["knead", "bake"])
    topping: Topping = Field(default_factory=lambda: Topping(name="ham"))
    pairs: list[Topping] = [Topping(name="ham")]


@attrs.define
class Crate:
    size: int
    items: list[str] = attrs.Factory(list)
    label: str = attrs.field(default=attrs.Factory(lambda self: f"crate {self.size}", takes_self=True))
    parts: Shelf | None = None


class BasketSpec(msgspec.Struct, kw_only=True):
    from_: Annotated[str, msgspec.Meta(max_length=9, pattern="^[a-z]+$")] | None = msgspec.field(
        default=None, name="from"
    )
    holds: list[str] = []
    weight: Annotated[int, msgspec.Meta(ge=1)]


class Basket(msgspec.Struct):
    spec: BasketSpec | None = None

    _api_info: ClassVar[Any] = SimpleNamespace(
        resource=SimpleNamespace(group="shop.example.com", version="v1", kind="Basket"), plural="basketry"
    )
