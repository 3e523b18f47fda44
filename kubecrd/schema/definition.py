"""The decorators: a class becomes part of a schema, or a whole definition. All problems are told while decorating."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, dataclass_transform, overload

import attrs

from kubecrd.resource.codec import from_dict
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.resource.naming import plural_of
from kubecrd.resource.objects import Resource, identify
from kubecrd.resource.typehints import type_hints

from .acceptance import check_crd, prepare_crd
from .crd import (
    CustomResourceColumnDefinition,
    CustomResourceDefinition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
    CustomResourceSubresources,
    CustomResourceSubresourceScale,
    CustomResourceValidation,
    SelectableField,
)
from .derivation import Derivation, derive
from .markers import Column, Rule, Scale
from .options import SchemaOptions, TypeMeta
from .problems import Problem, did_you_mean, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kubecrd.resource.fielderrors import FieldError

__all__ = ["custom_resource", "kube_schema"]

T = TypeVar("T")
R = TypeVar("R", bound=Resource)


@overload
def kube_schema(cls: type[T], /) -> type[T]: ...


@overload
def kube_schema(
    *, rules: Sequence[Rule] = (), description: str | None = None, markers: Sequence[Any] = ()
) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field, attrs.Factory))
def kube_schema(
    cls: type[T] | None = None,
    /,
    *,
    rules: Sequence[Rule] = (),
    description: str | None = None,
    markers: Sequence[Any] = (),
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class part of a schema: an attrs class with slots and keyword-only arguments, unless it is attrs already.

    Args:
        cls: The class, when the decorator has no arguments.
        rules: CEL rules on the whole object.
        description: Instead of the docstring.
        markers: Such as ``Atomic()`` or ``PreserveUnknown()``, for the whole object.

    Raises:
        DefinitionError: something cannot be said in a structural schema; every problem is told, with class and field.
    """
    names = sys._getframe(1).f_locals  # noqa: SLF001 - the class may be defined in a function

    def decorate(cls: type[T]) -> type[T]:
        made = _attrs_class(cls, names)
        made.__kube_schema__ = SchemaOptions(rules=tuple(rules), description=description, markers=tuple(markers))  # type: ignore[attr-defined]
        schema, derivation = derive(made)
        refuse(derivation.problems)
        refuse(_rule_problems(schema, derivation))
        return made

    return decorate if cls is None else decorate(cls)


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field, attrs.Factory))
def custom_resource(
    *,
    group: str,
    version: str,
    kind: str | None = None,
    plural: str | None = None,
    singular: str | None = None,
    list_kind: str | None = None,
    scope: Literal["Namespaced", "Cluster"] = "Namespaced",
    short_names: Sequence[str] = (),
    categories: Sequence[str] = (),
    columns: Sequence[Column] = (),
    status_subresource: bool | None = None,
    scale: Scale | Mapping[str, str] | None = None,
    selectable_fields: Sequence[str] = (),
    rules: Sequence[Rule] = (),
    description: str | None = None,
    markers: Sequence[Any] = (),
    type_meta: TypeMeta = "implied",
    served: bool = True,
    storage: bool = True,
    deprecated: bool | str = False,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Callable[[type[R]], type[R]]:
    """Make a class a custom resource: its definition is derived from it, and checked as the API server would.

    A field called ``status`` makes the status subresource, unless *status_subresource* says otherwise.

    Args:
        group: API group, such as ``shop.example.com``.
        version: Such as ``v1``.
        kind: The class's name by default.
        plural: By the rules of English by default.
        singular: The kind in lower case by default.
        list_kind: The kind with ``List`` by default.
        scope: Whether its objects live in namespaces; they do by default.
        short_names: For ``kubectl get``.
        categories: Groups of kinds that ``kubectl get`` knows, such as ``all``.
        columns: The columns of ``kubectl get``; name and age by default.
        status_subresource: Whether the status is written apart from the rest; by default it is when there is one.
        scale: The scale subresource, through which a number of replicas is set.
        selectable_fields: Paths that field selectors may use, such as ``.spec.color``.
        rules: CEL rules on the whole object.
        description: Instead of the docstring.
        markers: Such as ``PreserveUnknown()``, for the whole object.
        type_meta: How apiVersion, kind and metadata stand in the schema: ``"implied"`` leaves them out, since every
            object has them; ``"plain"`` gives their types; ``"described"`` what controller-gen writes.
        served: Whether the server has this version.
        storage: Whether objects are stored in this version.
        deprecated: Whether clients are warned; a text says how.
        labels: Of the definition, not of its objects.
        annotations: Of the definition, not of its objects.

    Raises:
        DefinitionError: the API server would refuse the definition, or something cannot be said; every problem is told.
    """
    names = sys._getframe(1).f_locals  # noqa: SLF001 - the class may be defined in a function

    def decorate(cls: type[R]) -> type[R]:
        refuse(_shape_problems(cls, scale, short_names=short_names, categories=categories))
        made = _attrs_class(cls, names)
        made.__kube_schema__ = SchemaOptions(  # type: ignore[attr-defined]
            rules=tuple(rules), description=description, markers=tuple(markers), type_meta=type_meta
        )
        name = kind or cls.__name__
        resource = ApiResource(group, version, name, plural or plural_of(name), scope == "Namespaced")
        identify(made, resource)
        schema, derivation = derive(made)
        refuse(derivation.problems)
        crd = CustomResourceDefinition(
            metadata=ObjectMeta(
                name=f"{resource.plural}.{group}", labels=dict(labels or {}), annotations=dict(annotations or {})
            ),
            spec=CustomResourceDefinitionSpec(
                group=group,
                names=CustomResourceDefinitionNames(
                    plural=resource.plural,
                    singular=singular or name.lower(),
                    kind=name,
                    list_kind=list_kind or f"{name}List",
                    short_names=list(short_names) or None,
                    categories=list(categories) or None,
                ),
                scope=scope,
                versions=[
                    CustomResourceDefinitionVersion(
                        name=version,
                        served=served,
                        storage=storage,
                        deprecated=bool(deprecated) or None,
                        deprecation_warning=deprecated if isinstance(deprecated, str) else None,
                        schema=from_dict(CustomResourceValidation, {"openAPIV3Schema": schema}),
                        subresources=_subresources(schema, scale, status=status_subresource),
                        additional_printer_columns=[
                            from_dict(CustomResourceColumnDefinition, column.to_dict()) for column in columns
                        ]
                        or None,
                        selectable_fields=[SelectableField(json_path=path) for path in selectable_fields] or None,
                    )
                ],
            ),
        )
        document = crd.to_dict()
        # A version that is not stored is one of several; it is checked as if it were the one that is.
        alone = [{**version, "storage": True} for version in document["spec"]["versions"]]
        errors = check_crd(prepare_crd({**document, "spec": {**document["spec"], "versions": alone}}))
        refuse(_problem_of(error, derivation, made) for error in errors)
        made.__kube_definition__ = lambda: CustomResourceDefinition.from_dict(document)  # type: ignore[attr-defined]
        return made

    return decorate


def _attrs_class(cls: type[T], names: Mapping[str, Any]) -> type[T]:
    """Make *cls* an attrs class, unless it is one; an inherited ``__attrs_attrs__`` does not count."""
    made: type[T] = cls if "__attrs_attrs__" in vars(cls) else attrs.define(kw_only=True)(cls)
    type_hints(made, names)
    return made


_SCALE_OPTIONS: Final = tuple(each.name for each in attrs.fields(Scale))


def _shape_problems(cls: type, scale: Scale | Mapping[str, str] | None, **lists: Sequence[str]) -> list[Problem]:
    options = () if scale is None or isinstance(scale, Scale) else tuple(scale)
    problems = [
        Problem(cls.__name__, f"scale has no option {option!r}", did_you_mean(option, _SCALE_OPTIONS))
        for option in options
        if option not in _SCALE_OPTIONS
    ]
    problems += [
        Problem(cls.__name__, f"{name} is a list, not the text {given!r}", f"write {name}=[{given!r}]")
        for name, given in lists.items()
        if isinstance(given, str)
    ]
    if not issubclass(cls, Resource):
        problems.append(Problem(cls.__name__, "is no Resource", f"write class {cls.__name__}(Resource)"))
    return problems


def _subresources(
    schema: dict[str, Any], scale: Scale | Mapping[str, str] | None, *, status: bool | None
) -> CustomResourceSubresources | None:
    has_status = "status" in schema.get("properties", {}) if status is None else status
    if not has_status and scale is None:
        return None
    paths = scale if scale is None or isinstance(scale, Scale) else Scale(**scale)
    return CustomResourceSubresources(
        status={} if has_status else None,
        scale=None if paths is None else from_dict(CustomResourceSubresourceScale, paths.to_dict()),
    )


def _rule_problems(schema: dict[str, Any], derivation: Derivation) -> list[Problem]:
    """Compile the rules in *schema*, so that a mistake is told where the class is, not where it is used."""
    from .rules import SchemaRules
    from .structural import Structural

    errors = SchemaRules(Structural.of(schema), is_root=False).definition_errors("")
    return [_problem_of(error, derivation, None) for error in errors]


_SCHEMA_PATH: Final = re.compile(r"^spec\.(?:validation|versions\[\d+\]\.schema)\.openAPIV3Schema")


def _problem_of(error: FieldError, derivation: Derivation, cls: type | None) -> Problem:
    """Say an error of the API server with the class and the field it is about."""
    path = _SCHEMA_PATH.sub("", error.field)
    if path == error.field and cls is not None:
        return Problem(cls.__name__, f"{error.field}: {error.message}")
    place = path
    while place not in derivation.places and place:
        place = place[: max(place.rfind("."), 0)]
    where = derivation.places.get(place, cls.__name__ if cls else "")
    rest = path[len(place) :].lstrip(".")
    return Problem(where, f"{rest}: {error.message}" if rest else error.message)
