"""Kubernetes custom resources from Python classes: definitions, verdicts, client, controllers, and a server to test against.

Everything a user needs is here by name; nothing is imported before it is used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client.aiohttp_transport import AiohttpTransport as AiohttpTransport
    from .client.api import Api as Api
    from .client.client import Client as Client
    from .client.config import Config as Config
    from .errors import KubeError as KubeError
    from .resource.codec import unknown_fields as unknown_fields
    from .resource.conditions import Condition as Condition
    from .resource.conditions import find_condition as find_condition
    from .resource.conditions import is_condition_true as is_condition_true
    from .resource.conditions import set_condition as set_condition
    from .resource.conversion import Versions as Versions
    from .resource.conversion import convert as convert
    from .resource.conversion import lost_fields as lost_fields
    from .resource.durations import Duration as Duration
    from .resource.fields import FieldSelector as FieldSelector
    from .resource.identity import ApiResource as ApiResource
    from .resource.identity import ObjectRef as ObjectRef
    from .resource.labels import Selector as Selector
    from .resource.metadata import ListMeta as ListMeta
    from .resource.metadata import ObjectMeta as ObjectMeta
    from .resource.metadata import OwnerReference as OwnerReference
    from .resource.objects import DynamicObject as DynamicObject
    from .resource.objects import ObjectList as ObjectList
    from .resource.objects import PartialObject as PartialObject
    from .resource.objects import Resource as Resource
    from .resource.objects import resource_view as resource_view
    from .resource.quantity import Quantity as Quantity
    from .resource.status import Status as Status
    from .resource.timestamps import MicroTime as MicroTime
    from .runtime.controller import Controller as Controller
    from .runtime.controller import run_until_signal as run_until_signal
    from .runtime.reconcile import Action as Action
    from .runtime.reconcile import Context as Context
    from .runtime.store import Store as Store
    from .runtime.waiting import wait_for as wait_for
    from .runtime.watcher import Watcher as Watcher
    from .schema.acceptance import check_crd as check_crd
    from .schema.compatibility import compare_crds as compare_crds
    from .schema.crd import CustomResourceDefinition as CustomResourceDefinition
    from .schema.crd import merge_crds as merge_crds
    from .schema.definition import custom_resource as custom_resource
    from .schema.definition import kube_schema as kube_schema
    from .schema.markers import Alias as Alias
    from .schema.markers import AllOf as AllOf
    from .schema.markers import AnyOf as AnyOf
    from .schema.markers import AtLeastOneOf as AtLeastOneOf
    from .schema.markers import AtMostOneOf as AtMostOneOf
    from .schema.markers import Atomic as Atomic
    from .schema.markers import ClientSide as ClientSide
    from .schema.markers import Column as Column
    from .schema.markers import Default as Default
    from .schema.markers import Deprecated as Deprecated
    from .schema.markers import Doc as Doc
    from .schema.markers import EmbeddedResource as EmbeddedResource
    from .schema.markers import ExactlyOneOf as ExactlyOneOf
    from .schema.markers import Flatten as Flatten
    from .schema.markers import Format as Format
    from .schema.markers import Granular as Granular
    from .schema.markers import IntOrString as IntOrString
    from .schema.markers import ListMap as ListMap
    from .schema.markers import ListSet as ListSet
    from .schema.markers import MaxProperties as MaxProperties
    from .schema.markers import MinProperties as MinProperties
    from .schema.markers import Not as Not
    from .schema.markers import Nullable as Nullable
    from .schema.markers import OneOf as OneOf
    from .schema.markers import Open as Open
    from .schema.markers import Pattern as Pattern
    from .schema.markers import PreserveUnknown as PreserveUnknown
    from .schema.markers import Rule as Rule
    from .schema.markers import Scale as Scale
    from .schema.markers import SchemaOverride as SchemaOverride
    from .schema.markers import Skip as Skip
    from .schema.markers import Title as Title
    from .schema.options import kube_type as kube_type
    from .schema.scalars import Int32 as Int32
    from .schema.scalars import Integer as Integer
    from .schema.scalars import IntOrStr as IntOrStr
    from .schema.scalars import Number as Number
    from .schema.verdict import ObjectValidator as ObjectValidator
    from .schema.verdict import validate as validate
    from .schema.verdict import verdict as verdict

_MEMBERS = {
    ".client.aiohttp_transport": ("AiohttpTransport",),
    ".client.api": ("Api",),
    ".client.client": ("Client",),
    ".client.config": ("Config",),
    ".errors": ("KubeError",),
    ".resource.codec": ("unknown_fields",),
    ".resource.conditions": ("Condition", "find_condition", "is_condition_true", "set_condition"),
    ".resource.conversion": ("Versions", "convert", "lost_fields"),
    ".resource.durations": ("Duration",),
    ".resource.fields": ("FieldSelector",),
    ".resource.identity": ("ApiResource", "ObjectRef"),
    ".resource.labels": ("Selector",),
    ".resource.metadata": ("ListMeta", "ObjectMeta", "OwnerReference"),
    ".resource.objects": ("DynamicObject", "ObjectList", "PartialObject", "Resource", "resource_view"),
    ".resource.quantity": ("Quantity",),
    ".resource.status": ("Status",),
    ".resource.timestamps": ("MicroTime",),
    ".runtime.controller": ("Controller", "run_until_signal"),
    ".runtime.reconcile": ("Action", "Context"),
    ".runtime.store": ("Store",),
    ".runtime.waiting": ("wait_for",),
    ".runtime.watcher": ("Watcher",),
    ".schema.acceptance": ("check_crd",),
    ".schema.compatibility": ("compare_crds",),
    ".schema.crd": ("CustomResourceDefinition", "merge_crds"),
    ".schema.definition": ("custom_resource", "kube_schema"),
    ".schema.markers": (
        "Alias",
        "AllOf",
        "AnyOf",
        "AtLeastOneOf",
        "AtMostOneOf",
        "Atomic",
        "ClientSide",
        "Column",
        "Default",
        "Deprecated",
        "Doc",
        "EmbeddedResource",
        "ExactlyOneOf",
        "Flatten",
        "Format",
        "Granular",
        "IntOrString",
        "ListMap",
        "ListSet",
        "MaxProperties",
        "MinProperties",
        "Not",
        "Nullable",
        "OneOf",
        "Open",
        "Pattern",
        "PreserveUnknown",
        "Rule",
        "Scale",
        "SchemaOverride",
        "Skip",
        "Title",
    ),
    ".schema.options": ("kube_type",),
    ".schema.scalars": ("Int32", "IntOrStr", "Integer", "Number"),
    ".schema.verdict": ("ObjectValidator", "validate", "verdict"),
}
_HOMES = {name: module for module, names in _MEMBERS.items() for name in names}

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll] - a test holds it equal to the imports above


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
