"""From classes of pydantic, msgspec, dataclasses or attrs to the decorated classes that mean the same."""

from __future__ import annotations

import enum
import inspect
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, get_args, get_origin

from attrs import define, field, frozen

import kubecrd
from kubecrd.errors import DefinitionError
from kubecrd.resource.identity import GroupVersion
from kubecrd.resource.metadata import ObjectMeta
from kubecrd.resource.naming import camel_case, plural_of
from kubecrd.resource.objects import Resource
from kubecrd.resource.typehints import unalias

from .foreign import REQUIRED, ForeignField, fields_of, is_foreign, left_behind, own_doc
from .foreigntypes import SCALARS, container_of, foreign_markers, is_union_type, text_format
from .keywords import docstring_fits
from .model import Annotation, ClassModel, FieldModel, Imports, ModuleModel
from .names import class_name, field_name

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Identity", "adopt", "identity_of"]

_TYPE_META: Final = frozenset({"apiVersion", "kind", "metadata"})
_OF_RESOURCES: Final = frozenset(name for name in dir(Resource) if not name.startswith("_"))
_FIRST_LINE: Final = "# Adopted by kubecrd; from here on it is yours to change."
_RESERVED: Final = frozenset({*kubecrd.__all__, "Annotated", "Any", "Enum", "Factory", "IntEnum", "Literal", "StrEnum"})


@frozen(kw_only=True)
class Identity:
    """Which kind a class becomes.

    Attributes:
        group: API group.
        version: Such as ``v1``.
        kind: Such as ``Pizza``.
        plural: By the rules of English by default.
        scope: ``Namespaced`` or ``Cluster``.
    """

    group: str
    version: str
    kind: str
    plural: str | None = None
    scope: str = "Namespaced"


def identity_of(cls: type) -> Identity | None:
    """Say which kind *cls* describes, as cloudcoil, kubex and lightkube write it; None where it does not say.

    cloudcoil has it in the defaults of ``apiVersion`` and ``kind``, kubex in ``__RESOURCE_CONFIG__``, lightkube in
    ``_api_info``.
    """
    config = getattr(cls, "__RESOURCE_CONFIG__", None)
    info = getattr(cls, "_api_info", None)
    found = config or getattr(info, "resource", None)
    if found is not None and getattr(found, "group", None):
        scope = str(getattr(getattr(found, "scope", ""), "value", getattr(found, "scope", "")))
        plural = getattr(found, "plural", None) or getattr(info, "plural", None)
        return Identity(
            group=found.group,
            version=found.version,
            kind=found.kind or cls.__name__,
            plural=plural,
            scope="Cluster" if scope.lower().startswith("cluster") else "Namespaced",
        )
    said = {each.json_name: each.default for each in fields_of(cls) if each.json_name in _TYPE_META}
    api_version, kind = said.get("apiVersion"), said.get("kind")
    if not (isinstance(api_version, str) and "/" in api_version and isinstance(kind, str)):
        return None
    parsed = GroupVersion.parse(api_version)
    return Identity(group=parsed.group, version=parsed.version, kind=kind)


def adopt(classes: Mapping[type, Identity | None], *, is_camel_case: bool = False) -> ModuleModel:
    """Write the decorated classes for *classes*, and for all that they consist of.

    Args:
        classes: What is adopted; with the kind it becomes, or None for a part of kinds.
        is_camel_case: Whether a name without an alias is ``camelCase`` in JSON, as names of Kubernetes are; by default it is
            in JSON what it is in Python.

    Raises:
        DefinitionError: a type has no equivalent; class and field are named.
    """
    adopter = _Adopter(is_camel_case=is_camel_case)
    for cls, identity in classes.items():
        adopter.kind(cls, identity) if identity else adopter.named(cls)
    names = ", ".join(f"{cls.__module__}.{cls.__qualname__}" for cls in classes)
    return ModuleModel(
        doc=f"What {names} {'was' if len(classes) == 1 else 'were'}, as classes of kubecrd.",
        imports=adopter.imports,
        classes=list(adopter.made.values()),
        first_line=_FIRST_LINE,
    )


@define(kw_only=True)
class _Adopter:
    is_camel_case: bool
    imports: Imports = field(factory=Imports)
    made: dict[Any, ClassModel] = field(factory=dict)
    _names: dict[Any, str] = field(factory=dict)
    _open: list[type] = field(factory=list)

    # --- classes

    def kind(self, cls: type, identity: Identity) -> None:
        """Write a kind: *cls* is all of it, or only its ``spec``."""
        fields = fields_of(cls)
        is_whole = bool({"spec", "status", *_TYPE_META} & {self._json_name(each) for each in fields})
        if is_whole:
            name = self._name(cls, identity.kind)
            members = self._fields(cls, skip=_TYPE_META, reserved=_OF_RESOURCES)
            doc, comment = own_doc(cls), _comment(cls)
        else:
            if identity.kind == cls.__name__:
                self._names[cls] = self._free(f"{identity.kind}Spec")
            spec = FieldModel(name="spec", annotation=self.named(cls))
            name, members, doc, comment = self._name(identity, identity.kind), [spec], "", ""
        said = {
            "group": (identity.group, None),
            "version": (identity.version, None),
            "kind": (identity.kind, name),
            "plural": (identity.plural or plural_of(identity.kind), plural_of(identity.kind)),
            "scope": (identity.scope, "Namespaced"),
        }
        options = ", ".join(f"{word}={value!r}" for word, (value, usual) in said.items() if value != usual)
        self.made[cls if is_whole else identity] = ClassModel(
            name=name,
            decorator=f"{self.imports.use('kubecrd', 'custom_resource')}({options})",
            base=self.imports.use("kubecrd", "Resource"),
            doc=doc if docstring_fits(doc) else "",
            comment=comment,
            fields=members,
        )

    def named(self, cls: type) -> str:
        """Give the name of the class for *cls*, which is written when it is first asked for, after those of its fields."""
        name = self._name(cls, cls.__name__)
        if cls not in self.made:
            self._open.append(cls)
            model = self._enum(cls, name) if issubclass(cls, enum.Enum) else self._part(cls, name)
            self._open.pop()
            self.made[cls] = model
        return name

    def _part(self, cls: type, name: str) -> ClassModel:
        decorator, doc = self.imports.use("kubecrd", "kube_schema"), own_doc(cls)
        options = [] if docstring_fits(doc) or not doc else [f"description={doc!r}"]
        if getattr(cls, "model_config", {}).get("extra") == "allow":
            options.append(f"markers=[{self.imports.use('kubecrd', 'PreserveUnknown')}()]")
        return ClassModel(
            name=name,
            decorator=f"{decorator}({', '.join(options)})" if options else decorator,
            doc=doc if docstring_fits(doc) else "",
            comment=_comment(cls),
            fields=self._fields(cls),
        )

    def _enum(self, cls: type[enum.Enum], name: str) -> ClassModel:
        base = next(each.__name__ for each in (enum.StrEnum, enum.IntEnum, enum.Enum) if issubclass(cls, each))
        mixed = [each.__name__ for each in cls.__mro__ if each in {str, int} and base == "Enum"]
        doc = own_doc(cls)
        members = [FieldModel(name=each.name, annotation="", default=repr(each.value)) for each in cls]
        base = ", ".join([*mixed, self.imports.use("enum", base)])
        return ClassModel(name=name, decorator="", base=base, doc=doc if docstring_fits(doc) else "", fields=members)

    def _name(self, key: Any, wanted: str) -> str:
        if key not in self._names:
            self._names[key] = self._free(class_name(wanted))
        return self._names[key]

    def _free(self, wanted: str) -> str:
        taken, number, name = {*_RESERVED, *self._names.values()}, 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}{number}"
        return name

    # --- fields

    def _fields(
        self, cls: type, skip: frozenset[str] = frozenset(), reserved: frozenset[str] = frozenset()
    ) -> list[FieldModel]:
        taken: set[str] = set()
        found = []
        for each in fields_of(cls):
            if self._json_name(each) not in skip:
                name = field_name(each.name, taken, reserved)
                taken.add(name)
                found.append(self._field(cls, name, each))
        return found

    def _json_name(self, each: ForeignField) -> str:
        is_plain = self.is_camel_case and each.json_name == each.name
        return camel_case(each.json_name) if is_plain else each.json_name

    def _field(self, cls: type, name: str, each: ForeignField) -> FieldModel:
        where = f"{cls.__qualname__}.{each.name}"
        annotation = self._annotation(each.hint, where)
        markers, unknown = foreign_markers(each.metadata, self.imports)
        annotation.markers += markers
        if self._json_name(each) != camel_case(name):
            annotation.markers.insert(0, f"{self.imports.use('kubecrd', 'Alias')}({self._json_name(each)!r})")
        doc = each.doc
        if doc and not docstring_fits(doc):
            annotation.markers.append(self._call("Doc", doc))
            doc = ""
        annotation.markers += [self._call("Title", each.title)] if each.title else []
        annotation.markers += [self._call("Deprecated", each.deprecated)] if each.deprecated else []
        annotation.markers += [self._call("Skip")] if each.is_internal else []
        default, note = self._default(each, annotation)
        notes = [*([f"{', '.join(unknown)}: Python alone, which the API server cannot run."] if unknown else []), *note]
        text = annotation.text(self.imports)
        return FieldModel(name=name, annotation=text, default=default, doc=doc, comment=" ".join(notes))

    def _call(self, word: str, *arguments: Any) -> str:
        return f"{self.imports.use('kubecrd', word)}({', '.join(map(repr, arguments))})"

    def _default(self, each: ForeignField, annotation: Annotation) -> tuple[str | None, list[str]]:
        """Give the default as it is printed, and what is to be said of it."""
        if each.factory is not None:
            return self._made(each.factory, annotation)
        value = each.default
        if value is REQUIRED:
            # What may be None may be left out: so None is never sent.
            if annotation.optional:
                return "None", []
            return None, []
        if isinstance(value, enum.Enum):
            return f"{self.named(type(value))}.{value.name}", []
        if value is None or isinstance(value, str | int | float | bool):
            annotation.optional = annotation.optional or value is None
            return repr(value), []
        if isinstance(value, list | dict | set | frozenset | tuple):
            return self._collected(list(value) if isinstance(value, tuple) else value, annotation)
        annotation.optional = True
        return "None", [f"The default is {value!r} in Python."]

    def _made(self, factory: Any, annotation: Annotation) -> tuple[str | None, list[str]]:
        if factory in {list, dict, set, frozenset}:
            return f"{self.imports.use('attrs', 'Factory')}({factory.__name__})", []
        if is_foreign(factory):
            return f"{self.imports.use('attrs', 'Factory')}({self.named(factory)})", []
        is_constant = getattr(factory, "__name__", "") == "<lambda>" and not inspect.signature(factory).parameters
        value = factory() if is_constant else None
        if isinstance(value, list | dict | set | frozenset):
            return self._collected(value, annotation)
        annotation.optional = True
        return "None", [f"The default is made by {getattr(factory, '__name__', factory)} in Python."]

    def _collected(self, value: Any, annotation: Annotation) -> tuple[str, list[str]]:
        factory, word = self.imports.use("attrs", "Factory"), type(value).__name__
        if not value:
            return f"{factory}({word})", []
        items = list(value.values()) if isinstance(value, dict) else list(value)
        if not all(each is None or isinstance(each, str | int | float | bool) for each in items):
            annotation.optional = True
            return "None", [f"The default is {value!r} in Python."]
        plain = (
            value
            if isinstance(value, dict)
            else [each.value if isinstance(each, enum.Enum) else each for each in value]
        )
        annotation.markers.append(self._call("Default", plain))
        return f"{factory}(lambda: {value!r})", []

    # --- types

    def _annotation(self, hint: Any, where: str) -> Annotation:
        if get_origin(hint) is Annotated:
            inner, *metadata = get_args(hint)
            annotation = self._annotation(inner, where)
            markers, _ = foreign_markers(metadata, self.imports)
            annotation.markers += markers
            return annotation
        if unalias(hint) is not hint:
            return self._annotation(unalias(hint), where)
        if is_union_type(hint):
            return self._union(hint, where)
        if hint in {Any, object} or isinstance(hint, TypeVar):
            return Annotation(self.imports.use("typing", "Any"))
        if get_origin(hint) is Literal:
            return Annotation(f"{self.imports.use('typing', 'Literal')}[{', '.join(map(repr, _values(hint)))}]")
        container = container_of(hint)
        if container is not None:
            return self._container(*container, where)
        return self._scalar(hint, where)

    def _scalar(self, hint: Any, where: str) -> Annotation:
        if hint in SCALARS:
            module, name = SCALARS[hint]
            return Annotation(
                f"{self.imports.module('datetime', 'dt')}.{name}" if module == "datetime" else self._used(module, name)
            )
        is_text, form = text_format(hint)
        if is_text:
            return Annotation("str", [self._call("Format", form)] if form else [])
        if hint is ObjectMeta or getattr(hint, "__name__", "") in {"ObjectMeta", "ObjectMetadata"}:
            return Annotation(self.imports.use("kubecrd", "ObjectMeta"))
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return Annotation(self.named(hint))
        if is_foreign(hint):
            if hint in self._open:
                # A structural schema cannot contain itself; the schema ends here.
                return Annotation(self._names[hint], [self._call("PreserveUnknown")])
            return Annotation(self.named(hint))
        raise DefinitionError(
            f"{where}: {getattr(hint, '__name__', hint)} has no equivalent; "
            f"change it to a scalar, a list, a mapping, or a class with fields"
        )

    def _used(self, module: str, name: str) -> str:
        return self.imports.use(module, name) if module else name

    def _union(self, hint: Any, where: str) -> Annotation:
        members = [each for each in get_args(hint) if each is not type(None)]
        if len(members) == 1:
            annotation = self._annotation(members[0], where)
        else:
            annotation = Annotation(" | ".join(self._annotation(each, where).text(self.imports) for each in members))
        annotation.optional = annotation.optional or len(members) < len(get_args(hint))
        return annotation

    def _container(self, word: str, inner: Any, where: str) -> Annotation:
        if inner is None or inner in {Any, object}:
            inside = self.imports.use("typing", "Any")
        else:
            inside = self._annotation(inner, where).text(self.imports)
        return Annotation(f"dict[str, {inside}]" if word == "dict" else f"{word}[{inside}]")


def _values(hint: Any) -> list[Any]:
    return [each.value if isinstance(each, enum.Enum) else each for each in get_args(hint)]


def _comment(cls: type) -> str:
    names = left_behind(cls)
    if not names:
        return ""
    return (
        f"Python that the API server cannot run stayed behind: {', '.join(names)}. A Rule in `rules` may say it in CEL."
    )
