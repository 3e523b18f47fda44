"""What a team asks for when it wants an application on the web."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Interval, MaxLen, MinLen
from attrs import field

from kubecrd import Column, Condition, ListMap, Pattern, Resource, Rule, custom_resource, kube_schema


@kube_schema
class Port:
    """A port that the application listens on."""

    name: Annotated[str, Pattern(r"^[a-z]([-a-z0-9]*[a-z0-9])?$"), MaxLen(15)]
    """How the port is called, such as http."""
    port: Annotated[int, Interval(ge=1, le=65535)]
    """Where the application listens."""


@kube_schema
class EnvVar:
    """A variable in the application's environment."""

    name: Annotated[str, Pattern(r"^[A-Za-z_][A-Za-z0-9_]*$"), MaxLen(100)]
    """The variable's name."""
    value: Annotated[str, MaxLen(4096)] = ""
    """The variable's value."""


@kube_schema
class Ingress:
    """How the application is reached from outside."""

    host: Annotated[str, Pattern(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$"), MaxLen(253)]
    """The host name, which is registered in the zone file."""


@kube_schema(
    rules=[
        Rule(
            "self.minReplicas <= self.maxReplicas",
            message_expression="'minReplicas is %d, above maxReplicas, which is %d'.format([self.minReplicas, self.maxReplicas])",
            field_path=".minReplicas",
        )
    ]
)
class Autoscaling:
    """Between which bounds the number of replicas may move."""

    min_replicas: Annotated[int, Interval(ge=1, le=100)] = 1
    """Never fewer than this."""
    max_replicas: Annotated[int, Interval(ge=1, le=100)]
    """Never more than this."""


@kube_schema(
    rules=[
        Rule(
            "!has(self.autoscaling) || (self.replicas >= self.autoscaling.minReplicas"
            " && self.replicas <= self.autoscaling.maxReplicas)",
            message="replicas must lie within the bounds of autoscaling",
        )
    ]
)
class WebAppSpec:
    """What is to run."""

    image: Annotated[str, MinLen(1), MaxLen(512)]
    """The container image."""
    tenant: Annotated[str, MinLen(1), MaxLen(63), Rule("self == oldSelf", message="the tenant cannot be changed")]
    """Who pays for it; fixed once the application exists."""
    replicas: Annotated[int, Interval(ge=0, le=100)] = 1
    """How many instances run."""
    ports: Annotated[list[Port], ListMap("name"), MinLen(1), MaxLen(10)]
    """Where the application listens; the first is what the ingress leads to."""
    environment: Annotated[list[EnvVar], ListMap("name"), MaxLen(100)] = field(factory=list)
    """Variables in the application's environment."""
    ingress: Ingress | None = None
    """How it is reached from outside; not at all when left out."""
    autoscaling: Autoscaling | None = None
    """Between which bounds replicas may move."""


@kube_schema
class WebAppStatus:
    """What runs."""

    observed_generation: int | None = None
    """The generation of the spec that this status is about."""
    ready_replicas: int | None = None
    """How many instances are ready."""
    url: str | None = None
    """Where it is reached from outside."""
    conditions: Annotated[list[Condition], ListMap("type")] = field(factory=list)
    """Ready: whether as many instances are ready as were asked for."""


@custom_resource(
    group="apps.example.com",
    version="v1",
    short_names=["wa"],
    categories=["all"],
    columns=[
        Column("Image", ".spec.image", "string", priority=1),
        Column("Replicas", ".spec.replicas", "integer"),
        Column("Ready", ".status.readyReplicas", "integer"),
        Column("URL", ".status.url", "string"),
        Column("Age", ".metadata.creationTimestamp", "date"),
    ],
    scale={"spec_replicas_path": ".spec.replicas", "status_replicas_path": ".status.readyReplicas"},
)
class WebApp(Resource):
    """An application on the web: its instances, its configuration, its address."""

    spec: WebAppSpec
    status: WebAppStatus | None = None
