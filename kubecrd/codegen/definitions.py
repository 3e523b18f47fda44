"""From a CustomResourceDefinition to a module of decorated classes for each of its versions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, field, frozen

import kubecrd
from kubecrd.resource.naming import camel_case, plural_of
from kubecrd.resource.objects import Resource
from kubecrd.schema.definitionchecks import path_problems
from kubecrd.schema.options import TYPE_META

from .annotations import annotate, is_class
from .keywords import constraints, docstring_fits, kept, rule_text
from .model import Annotation, ClassModel, FieldModel, Imports, ModuleModel
from .names import class_name, field_name, shortest_names, singular

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Style", "identity", "version_module", "without_type_meta"]

_TYPE_META: Final = ("apiVersion", "kind", "metadata")
_OF_RESOURCES: Final = frozenset(name for name in dir(Resource) if not name.startswith("_"))
_RESERVED: Final = frozenset({*kubecrd.__all__, "Annotated", "Any", "Literal"})


@frozen(kw_only=True)
class Style:
    """How classes are written.

    Attributes:
        names: ``short`` names a class by as few words of its path as tell it from the others, ``path`` by all of them.
        depth: How many levels of nested objects get classes; those below stay ``dict[str, Any]``, with their schema.
            All by default.
        name: Of the kind's class, with which the names of all others begin; by default the kind.
        taken: Names that no class may have.
        kept: Schemas, as `identity` gives them, that markers contradict; an override keeps what they say beside the type.
        whole_schema: Whether the schema is given beside the classes as it is, since they cannot say it.
    """

    names: Literal["short", "path"] = "short"
    depth: int | None = None
    name: str | None = None
    taken: Collection[str] = ()
    kept: Collection[str] = ()
    whole_schema: bool = False


def version_module(crd: Mapping[str, Any], version: Mapping[str, Any], style: Style | None = None) -> ModuleModel:
    """Give the module for one version of a definition.

    Args:
        crd: The definition, as JSON.
        version: One of its ``spec.versions``.
        style: How classes are written.
    """
    return _Version(crd, version, style or Style()).module()


@define
class _Version:
    """Writes the classes of one version."""

    crd: Mapping[str, Any]
    version: Mapping[str, Any]
    style: Style
    imports: Imports = field(factory=Imports)
    _names: dict[str, str] = field(factory=dict)
    _places: Counter[str] = field(factory=Counter)
    _made: dict[str, ClassModel] = field(factory=dict)

    def module(self) -> ModuleModel:
        spec, schema = self.crd["spec"], self._schema()
        if self.style.whole_schema:
            schema = _types_of(schema)
        kind = spec["names"]["kind"]
        name = class_name(self.style.name or kind)
        if name in _RESERVED:
            name = f"{name}Resource"
        self._choose_names(name, schema)
        root = self._root(name, schema)
        doc = f"{kind} of {spec['group']}/{self.version['name']}."
        return ModuleModel(doc=doc, imports=self.imports, classes=[*self._made.values(), root])

    def _schema(self) -> dict[str, Any]:
        return dict((self.version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"})

    # --- names

    def _choose_names(self, first: str, schema: dict[str, Any]) -> None:
        """Name every class: the same schema is the same class, and has the name of the first place it stands at."""
        paths: dict[str, tuple[str, ...]] = {}
        for path, node in _objects(without_type_meta(schema), ()):
            if not self._is_too_deep(path):
                paths.setdefault(identity(node), path)
                self._places[identity(node)] += 1
        paths.pop(identity(without_type_meta(schema)), None)
        taken = {*_RESERVED, *self.style.taken, first}
        chosen = shortest_names(list(paths.values()), first=first, taken=taken, whole=self.style.names == "path")
        self._names = dict(zip(paths, chosen, strict=True))

    def named(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Annotation | None:
        """Give the class of an object; it is written when it is first asked for, after those of its fields."""
        if not is_class(schema):
            return None
        key = identity(schema)
        if key not in self._names:
            return self._kept(schema)
        if key not in self._made:
            made = self._class(self._names[key], schema, path)
            made.places = self._places[key]
            self._made[key] = made
        return Annotation(self._names[key])

    def is_kept(self, schema: Mapping[str, Any]) -> bool:
        """Say whether an override keeps all that *schema* says beside its type."""
        return bool(self.style.kept) and identity(schema) in self.style.kept

    def _is_too_deep(self, path: tuple[str, ...]) -> bool:
        return self.style.depth is not None and len(path) > self.style.depth

    def _kept(self, schema: Mapping[str, Any]) -> Annotation:
        """Give a dictionary that has the schema of an object all the same."""
        said = {name: value for name, value in schema.items() if name not in {"nullable", "default", "description"}}
        entries = {"x-kubernetes-preserve-unknown-fields": None, "additionalProperties": None, **said}
        override = f"{self.imports.use('kubecrd', 'SchemaOverride')}({entries!r})"
        return Annotation(f"dict[str, {self.imports.use('typing', 'Any')}]", [override])

    # --- classes

    def _class(self, name: str, schema: Mapping[str, Any], path: tuple[str, ...]) -> ClassModel:
        fields = self._fields(schema, path)
        options, doc = self._options(schema)
        decorator = self.imports.use("kubecrd", "kube_schema")
        if options:
            decorator = f"{decorator}({', '.join(options)})"
        return ClassModel(name=name, decorator=decorator, doc=doc, fields=fields, comment=_comment(decorator))

    def _options(self, schema: Mapping[str, Any]) -> tuple[list[str], str]:
        """Give what the decorator says of the object itself, and its docstring."""
        options = []
        is_kept = self.is_kept(schema)
        rules = [rule_text(rule, self.imports) for rule in schema.get("x-kubernetes-validations") or ()]
        if rules and not is_kept:
            options.append(f"rules=[{', '.join(rules)}]")
        said = {"x-kubernetes-validations"}
        markers = [kept(schema, self.imports)] if is_kept else constraints(schema, self.imports, said)
        if markers:
            options.append(f"markers=[{', '.join(markers)}]")
        doc = schema.get("description", "")
        if doc and not (docstring_fits(doc) and fits_a_class(doc)):
            options.append(f"description={doc!r}")
            doc = ""
        return options, doc

    def _root(self, name: str, schema: dict[str, Any]) -> ClassModel:
        fields = self._fields(without_type_meta(schema), (), reserved=_OF_RESOURCES)
        options, doc = self._options(schema)
        if {*_TYPE_META} & {*(schema.get("required") or ())}:
            override = self.imports.use("kubecrd", "SchemaOverride")
            options.append(f"markers=[{override}({ {'required': schema['required']}!r})]")
        decorator = f"{self.imports.use('kubecrd', 'custom_resource')}({', '.join([*self._identity(name), *options])})"
        base = self.imports.use("kubecrd", "Resource")
        return ClassModel(
            name=name, decorator=decorator, doc=doc, base=base, fields=fields, comment=_comment(decorator)
        )

    def _fields(
        self, schema: Mapping[str, Any], path: tuple[str, ...], reserved: Collection[str] = ()
    ) -> list[FieldModel]:
        required = set(schema.get("required") or ())
        taken: set[str] = set()
        fields = []
        for json_name, node in (schema.get("properties") or {}).items():
            name = field_name(json_name, taken, reserved)
            taken.add(name)
            fields.append(self._field(name, json_name, node, (*path, json_name), required=json_name in required))
        return fields

    def _field(
        self, name: str, json_name: str, node: Mapping[str, Any], path: tuple[str, ...], *, required: bool
    ) -> FieldModel:
        inner = (*path[:-1], singular(path[-1])) if node.get("type") == "array" else path
        annotation = annotate(node, inner, self, self.imports)
        doc = node.get("description", "")
        if is_class(node) and identity(node) in self._names:
            doc = ""
        elif doc and not docstring_fits(doc):
            annotation.markers.append(f"{self.imports.use('kubecrd', 'Doc')}({doc!r})")
            doc = ""
        default = self._default(node, annotation, required=required)
        if default == "None":
            annotation.optional = True
        if camel_case(name) != json_name:
            annotation.markers.insert(0, f"{self.imports.use('kubecrd', 'Alias')}({json_name!r})")
        text = annotation.text(self.imports)
        return FieldModel(name=name, annotation=text, default=default, doc=doc, comment=_comment(text))

    def _default(self, node: Mapping[str, Any], annotation: Annotation, *, required: bool) -> str | None:
        """Give the default of the class: what the schema says where it is a scalar; other defaults the server fills in."""
        if node.get("default") is None:
            # As JSON, a default of null is none.
            return None if required else "None"
        if self.is_kept(node) and not is_class(node):
            return None if required else "None"
        value = node["default"]
        plain = node.get("type") in {"string", "integer", "number", "boolean"} and node.get("format") in _PLAIN_FORMATS
        if not required and plain:
            return repr(float(value) if node["type"] == "number" else value)
        annotation.markers.append(f"{self.imports.use('kubecrd', 'Default')}({value!r})")
        return None if required else "None"

    # --- identity

    def _identity(self, name: str) -> Iterator[str]:
        spec = self.crd["spec"]
        names, version, kind = spec["names"], self.version, spec["names"]["kind"]
        yield f"group={spec['group']!r}"
        yield f"version={version['name']!r}"
        said = {
            "kind": (kind, name),
            "plural": (names["plural"], plural_of(kind)),
            "singular": (names.get("singular") or kind.lower(), kind.lower()),
            "list_kind": (names.get("listKind") or f"{kind}List", f"{kind}List"),
            "scope": (spec["scope"], "Namespaced"),
            "short_names": (names.get("shortNames") or [], []),
            "categories": (names.get("categories") or [], []),
            "served": (version["served"], True),
            "storage": (version["storage"], True),
            "deprecated": (version.get("deprecationWarning") or version.get("deprecated") or False, False),
            "labels": (self.crd["metadata"].get("labels") or {}, {}),
            "annotations": (self.crd["metadata"].get("annotations") or {}, {}),
            "conversion": (spec.get("conversion"), None),
            "type_meta": (_type_meta(self._schema()), "implied"),
            "check_paths": (not any(path_problems(Resource, self._schema(), version)), True),
            "schema": (self._schema() if self.style.whole_schema else None, None),
        }
        yield from (f"{option}={value!r}" for option, (value, usual) in said.items() if value != usual)
        yield from self._surfaces()

    def _surfaces(self) -> Iterator[str]:
        subresources = self.version.get("subresources") or {}
        has_status = "status" in (self._schema().get("properties") or {})
        if ("status" in subresources) != has_status:
            yield f"status_subresource={'status' in subresources}"
        if scale := subresources.get("scale"):
            yield f"scale={self.imports.use('kubecrd', 'Scale')}({_scale(scale)})"
        if columns := self.version.get("additionalPrinterColumns"):
            yield f"columns=[{', '.join(self._column(column) for column in columns)}]"
        if selectable := self.version.get("selectableFields"):
            yield f"selectable_fields={[each['jsonPath'] for each in selectable]!r}"

    def _column(self, column: Mapping[str, Any]) -> str:
        parts = [repr(column["name"]), repr(column["jsonPath"])]
        if column["type"] != "string":
            parts.append(repr(column["type"]))
        parts += [
            f"{option}={column[option]!r}" for option in ("description", "format", "priority") if column.get(option)
        ]
        return f"{self.imports.use('kubecrd', 'Column')}({', '.join(parts)})"


def _comment(text: str) -> str:
    """Say why there is an override in what is printed below."""
    if "schema={" in text:
        return "The classes cannot say all of this schema; it is given as it is."
    return "No type says what SchemaOverride adds; it is kept as it is." if "SchemaOverride(" in text else ""


_PLAIN_FORMATS: Final = frozenset({None, "int32", "int64", "float", "double"})


def _scale(scale: Mapping[str, Any]) -> str:
    words = {
        "specReplicasPath": "spec_replicas_path",
        "statusReplicasPath": "status_replicas_path",
        "labelSelectorPath": "label_selector_path",
    }
    return ", ".join(f"{word}={scale[name]!r}" for name, word in words.items() if scale.get(name))


def fits_a_class(doc: str) -> bool:
    """Say whether a class docstring gives *doc* back: a line that reads like the head of a section would end it."""
    from kubecrd.schema.descriptions import is_section

    return not any(is_section(line) for line in doc.split("\n"))


def without_type_meta(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the schema of an object without what every object has: apiVersion, kind and metadata."""
    properties = {name: node for name, node in (schema.get("properties") or {}).items() if name not in _TYPE_META}
    required = [name for name in schema.get("required") or () if name not in _TYPE_META]
    return {**schema, "properties": properties, "required": required}


_TYPE_WORDS: Final = frozenset(
    [
        *("type", "description", "nullable", "required", "x-kubernetes-embedded-resource"),
        *("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"),
    ]
)


def _types_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give what types and descriptions say of *schema*; the rest is told by the schema beside the classes."""
    types = {name: value for name, value in schema.items() if name in _TYPE_WORDS}
    if properties := schema.get("properties"):
        types["properties"] = {name: _types_of(node) for name, node in properties.items()}
    for name in ("items", "additionalProperties"):
        below = schema.get(name)
        if below is not None:
            types[name] = _types_of(below) if isinstance(below, Mapping) else below
    return types


def _type_meta(schema: Mapping[str, Any]) -> Any:
    written = {name: node for name, node in (schema.get("properties") or {}).items() if name in _TYPE_META}
    return next((word for word, properties in TYPE_META.items() if properties == written), written)


def identity(schema: Mapping[str, Any]) -> str:
    """Give what makes two objects the same class; whether null is admitted, and the default, is said where it is used."""
    return json.dumps(
        {name: value for name, value in schema.items() if name not in {"nullable", "default"}}, sort_keys=True
    )


def _objects(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Give every object that gets a class, with the words of its path."""
    if is_class(schema):
        yield path, schema
    for name, node in (schema.get("properties") or {}).items():
        yield from _objects(node, (*path, name))
    items, values = schema.get("items"), schema.get("additionalProperties")
    if isinstance(items, dict):
        yield from _objects(items, (*path[:-1], singular(path[-1])) if path else path)
    if isinstance(values, dict):
        yield from _objects(values, path)
