"""What a decorator says of a class, beside its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar, dataclass_transform, overload

from attrs import Factory, field, frozen

from kubecrd.resource.records import record

from .markers import Column, Rule, Scale

__all__ = ["TYPE_META", "DefinitionOptions", "SchemaOptions", "TypeMeta", "kube_type"]

TypeMeta = Literal["implied", "plain", "described"] | Mapping[str, Any]
"""How apiVersion, kind and metadata stand in the schema of a custom resource: not at all, since every object has them;
with their types only; with the descriptions that controller-gen writes; or just as these properties, given as JSON."""


@frozen(kw_only=True)
class SchemaOptions:
    """What a decorator says of a class, beside its fields.

    Attributes:
        rules: CEL rules on the whole object.
        description: Instead of the docstring.
        markers: Such as `Atomic` or `PreserveUnknown`, for the whole object.
        type_meta: How apiVersion, kind and metadata stand in the schema; see `TypeMeta`.
    """

    rules: tuple[Rule, ...] = ()
    description: str | None = None
    markers: tuple[Any, ...] = ()
    type_meta: TypeMeta = "implied"

    def type_meta_properties(self) -> dict[str, Any]:
        """Give the properties for apiVersion, kind and metadata."""
        written = TYPE_META[self.type_meta] if isinstance(self.type_meta, str) else self.type_meta
        return dict(written)


@frozen(kw_only=True)
class DefinitionOptions:
    """What `custom_resource` says of a definition; its docstring explains each."""

    group: str
    version: str
    kind: str | None = None
    plural: str | None = None
    singular: str | None = None
    list_kind: str | None = None
    scope: str = "Namespaced"
    short_names: Sequence[str] = ()
    categories: Sequence[str] = ()
    columns: Sequence[Column] = ()
    status_subresource: bool | None = None
    scale: Scale | Mapping[str, str] | None = None
    selectable_fields: Sequence[str] = ()
    served: bool = True
    storage: bool = True
    deprecated: bool | str = False
    labels: Mapping[str, str] = field(factory=dict)
    annotations: Mapping[str, str] = field(factory=dict)
    conversion: Mapping[str, Any] | None = None
    check_paths: bool = True
    schema: Mapping[str, Any] | None = None
    max_description: int | None = None


_API_VERSION: Final = """\
APIVersion defines the versioned schema of this representation of an object.
Servers should convert recognized schemas to the latest internal value, and
may reject unrecognized values.
More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"""
_KIND: Final = """\
Kind is a string value representing the REST resource this object represents.
Servers may infer this from the endpoint the client submits requests to.
Cannot be updated.
In CamelCase.
More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"""

TYPE_META: Final[Mapping[str, Mapping[str, Any]]] = {
    "implied": {},
    "plain": {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}},
    "described": {
        "apiVersion": {"description": _API_VERSION, "type": "string"},
        "kind": {"description": _KIND, "type": "string"},
        "metadata": {"type": "object"},
    },
}
"""The properties that each choice writes. The texts are those of controller-gen 0.14 and later."""


T = TypeVar("T")


@overload
def kube_type(cls: type[T], /) -> type[T]: ...


@overload
def kube_type(*, markers: Sequence[Any] = ()) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(kw_only_default=True, field_specifiers=(field, Factory))
def kube_type(cls: type[T] | None = None, /, *, markers: Sequence[Any] = ()) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class a part of kinds that exist already: an attrs class about which nothing is derived or checked.

    `kube_schema` is for parts of your own kinds. This one costs nothing at import, and lets annotations name what is
    defined later, as generated modules do.

    Args:
        cls: The class, when the decorator has no arguments.
        markers: Such as ``Atomic()``, for the whole object, where the class becomes part of a definition after all.
    """

    def decorate(cls: type[T]) -> type[T]:
        made = record(cls)
        if markers:
            made.__kube_schema__ = SchemaOptions(markers=tuple(markers))  # type: ignore[attr-defined]
        return made

    return decorate if cls is None else decorate(cls)
