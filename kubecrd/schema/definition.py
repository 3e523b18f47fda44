"""The decorators: a class becomes part of a schema, or a whole definition. All problems are told while decorating."""

from __future__ import annotations

import inspect
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, Never, TypeVar, dataclass_transform, overload

import attrs

from kubecrd.errors import DecodeError, DefinitionError
from kubecrd.resource.identity import ApiResource
from kubecrd.resource.naming import plural_of
from kubecrd.resource.objects import Resource, identify
from kubecrd.resource.spelling import did_you_mean
from kubecrd.resource.typehints import type_hints

from .acceptance import check_crd
from .costadvice import EACH
from .crd import CustomResourceDefinition
from .definitionchecks import class_problems, marker_problems, option_problems, path_problems
from .derivation import Derivation, derive, derive_part
from .descriptions import with_shorter_descriptions
from .document import definition_document
from .options import DefinitionOptions, SchemaOptions, TypeMeta
from .problems import Problem, refuse
from .rulehints import rule_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kubecrd.resource.fielderrors import FieldError

    from .costadvice import Limit
    from .markers import Column, Rule, Scale

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
    **unknown: object,
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class part of a schema: an attrs class with slots and keyword-only arguments, unless it is attrs already.

    Args:
        cls: The class, when the decorator has no arguments.
        rules: CEL rules on the whole object.
        description: Instead of the docstring.
        markers: Such as ``Atomic()`` or ``PreserveUnknown()``, for the whole object.
        unknown: Nothing: what is misspelt ends up here, and is refused with the nearest option.

    Raises:
        DefinitionError: something cannot be said in a structural schema; every problem is told, with class and field.
    """
    names = sys._getframe(1).f_locals  # noqa: SLF001 - the class may be defined in a function

    def decorate(cls: type[T]) -> type[T]:
        _refuse_misspelt(cls, kube_schema, unknown)
        refuse(marker_problems(cls, rules, markers))
        made = _attrs_class(cls, names)
        made.__kube_schema__ = SchemaOptions(rules=tuple(rules), description=description, markers=tuple(markers))  # type: ignore[attr-defined]
        schema, derivation = derive_part(made)
        refuse(derivation.problems)
        if not getattr(made, "__parameters__", ()):
            # What a type variable stands for is known where the class is used; it is checked there.
            refuse(_part_problems(schema, derivation, made))
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
    conversion: Mapping[str, Any] | None = None,
    check_paths: bool = True,
    schema: Mapping[str, Any] | None = None,
    max_description: int | None = None,
    **unknown: Never,
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
        conversion: How versions become each other, as the definition says it in JSON; all versions must say the same.
        check_paths: Whether columns and scale paths that lead nowhere are refused, and a status that is required. The
            API server takes them, and nothing is seen there.
        schema: Instead of what is derived from the class: the whole schema, as JSON.
        max_description: Most characters of a description; longer ones end with the last sentence that fits, and 0
            leaves them all out. All by default. ``kubectl apply`` keeps a copy of the definition in an annotation,
            and all annotations together have 262,144 bytes.
        unknown: Nothing: what is misspelt ends up here, and is refused with the nearest option.

    Raises:
        DefinitionError: the API server would refuse the definition, or something cannot be said; every problem is told.
    """
    names = sys._getframe(1).f_locals  # noqa: SLF001 - the class may be defined in a function
    options = DefinitionOptions(
        group=group, version=version, kind=kind, plural=plural, singular=singular, list_kind=list_kind, scope=scope,
        short_names=short_names, categories=categories, columns=columns, status_subresource=status_subresource,
        scale=scale, selectable_fields=selectable_fields, served=served, storage=storage, deprecated=deprecated,
        labels=labels or {}, annotations=annotations or {}, conversion=conversion, check_paths=check_paths, schema=schema, max_description=max_description,
    )  # fmt: skip

    def decorate(cls: type[R]) -> type[R]:
        _refuse_misspelt(cls, custom_resource, unknown)
        refuse(option_problems(cls, options, rules, markers))
        made = _attrs_class(cls, names)
        made.__kube_schema__ = SchemaOptions(  # type: ignore[attr-defined]
            rules=tuple(rules), description=description, markers=tuple(markers), type_meta=type_meta
        )
        _define(made, options)
        return made

    return decorate


def _define(cls: type[Resource], options: DefinitionOptions) -> None:
    """Derive the definition of *cls*, check it, and keep it."""
    kind = options.kind or cls.__name__
    plural = options.plural or plural_of(kind)
    identify(cls, ApiResource(options.group, options.version, kind, plural, options.scope == "Namespaced"))
    if options.schema is None:
        schema, derivation = derive(cls)
        refuse(derivation.problems)
    else:
        schema, derivation = dict(options.schema), Derivation()
    if options.max_description is not None:
        schema = with_shorter_descriptions(schema, options.max_description)
    document = definition_document(cls.api_resource, schema, options)
    # A version that is not stored is one of several; it is checked as if it were the one that is.
    alone = [{**version, "storage": True} for version in document["spec"]["versions"]]
    refuse(_server_problems({**document, "spec": {**document["spec"], "versions": alone}}, derivation, cls))
    if options.check_paths:
        refuse(path_problems(cls, schema, document["spec"]["versions"][0]))
    cls.__kube_definition__ = lambda: CustomResourceDefinition.from_dict(document)  # type: ignore[attr-defined]


def _attrs_class(cls: type[T], names: Mapping[str, Any]) -> type[T]:
    """Make *cls* an attrs class, unless it is one; an inherited ``__attrs_attrs__`` does not count."""
    refuse(class_problems(cls))
    if "__attrs_attrs__" in vars(cls):
        made = cls
    else:
        try:
            made = attrs.define(kw_only=True, auto_attribs=True)(cls)
        except (attrs.exceptions.UnannotatedAttributeError, ValueError) as error:
            raise DefinitionError(f"{cls.__name__}: {error}") from error
    type_hints(made, names)
    return made


def _refuse_misspelt(cls: type, decorator: Callable[..., Any], unknown: Mapping[str, object]) -> None:
    options = [name for name, each in inspect.signature(decorator).parameters.items() if each.kind is each.KEYWORD_ONLY]
    refuse(
        Problem(cls.__name__, f"{decorator.__name__} has no option {name!r}", did_you_mean(name, options))
        for name in unknown
    )


_PART_NAME: Final = "part"
_PART: Final = f".properties[{_PART_NAME}]"


def _part_problems(schema: dict[str, Any], derivation: Derivation, cls: type) -> list[Problem]:
    """Say what the API server would say to *schema* inside of any definition, so that it is told where the class is."""
    resource = ApiResource("example.com", "v1", "Whole", "wholes")
    whole = {"type": "object", "properties": {_PART_NAME: schema}}
    document = definition_document(resource, whole, DefinitionOptions(group="example.com", version="v1"))
    return _server_problems(document, derivation, cls)


def _server_problems(document: dict[str, Any], derivation: Derivation, cls: type) -> list[Problem]:
    try:
        errors = check_crd(document)
    except DecodeError as error:
        return [Problem(cls.__name__, str(error))]
    show = partial(_limit_in_python, derivation)
    return [_problem_of(error, derivation, cls, rule_hints(document, error, show)) for error in errors]


def _limit_in_python(derivation: Derivation, limit: Limit, value: int) -> str:
    """Say which marker sets a limit, and where."""
    steps = limit.place[1:] if limit.place[:1] == (_PART_NAME,) else limit.place
    depth = len(steps)
    while depth and steps[depth - 1] == EACH:
        depth -= 1
    within = "".join(".items" if step == EACH else f".properties[{step}]" for step in steps[:depth])
    where = derivation.places.get(within) or limit.path
    inside = f"what is in {where}" if depth < len(steps) else where
    return (
        f"add MaxLen({value}) to {inside}" if limit.now is None else f"lower MaxLen({limit.now}) of {inside} to {value}"
    )


_TOO_LONG: Final = 1000
_SCHEMA_PATH: Final = re.compile(r"^spec\.(?:validation|versions\[\d+\]\.schema)\.openAPIV3Schema")


def _problem_of(error: FieldError, derivation: Derivation, cls: type, hints: Sequence[str]) -> Problem:
    """Say an error of the API server with the class and the field it is about; what may help has lines of its own."""
    path = _SCHEMA_PATH.sub("", error.field)
    # The whole schema as Go prints it tells nobody more than the class does.
    message = error.message if len(error.message) < _TOO_LONG or not error.detail else error.detail
    message = "\n".join([message, *hints])
    if path == error.field:
        return Problem(cls.__name__, f"{error.field}: {message}")
    if path.startswith(_PART):
        path = path.removeprefix(_PART)
    place = path
    while place not in derivation.places and place:
        place = place[: max(place.rfind("."), 0)]
    where = derivation.places.get(place, cls.__name__)
    rest = path[len(place) :].lstrip(".")
    return Problem(where, f"{rest}: {message}" if rest else message)
