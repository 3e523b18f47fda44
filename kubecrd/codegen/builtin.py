"""From OpenAPI v3 documents to the classes of the built-in kinds: one module a group and version."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

import kubecrd
from kubecrd.errors import DefinitionError
from kubecrd.resource.naming import camel_case, plural_of
from kubecrd.resource.objects import Resource

from .annotations import annotate
from .keywords import constraints
from .model import GENERATED, Annotation, ClassModel, FieldModel, Imports, ModuleModel
from .names import field_name
from .openapi import kinds_of, read_documents
from .printer import format_source, print_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["SHIPPED_VERSION", "builtin_files", "builtin_modules", "shipped_documents"]

SHIPPED_VERSION: Final = "v1.36"
"""The version of Kubernetes whose documents come with kubecrd."""

_SCHEMA_NAME: Final = re.compile(
    r"^io\.k8s\.(?:api\.|apimachinery\.pkg\.apis\.|[a-z-]+\.pkg\.apis\.)(?P<group>[a-z]+)\.(?P<version>v[0-9a-z]+)\.(?P<name>\w+)$"
)
_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1."
_OURS: Final = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": ("kubecrd", "Quantity"),
    **{f"{_META}{name}": ("kubecrd", name) for name in ("Condition", "ListMeta", "ObjectMeta", "OwnerReference")},
    f"{_META}ManagedFieldsEntry": ("kubecrd.resource.metadata", "ManagedFieldsEntry"),
    f"{_META}MicroTime": ("kubecrd", "MicroTime"),
    f"{_META}Status": ("kubecrd", "Status"),
}
"""What has a class of ours, for it does more than hold data."""

_ANYTHING: Final = frozenset(
    [
        "io.k8s.apimachinery.pkg.runtime.RawExtension",
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
        f"{_META}FieldsV1",
    ]
)
_WRITTEN_BY_HAND: Final = {"apiextensions": ("kubecrd.schema.crd", "kubecrd.schema.jsonschemaprops")}
"""Groups whose classes the toolkit itself is built on."""

_LEFT_OUT: Final = frozenset([f"{_META}Patch", f"{_META}Time", f"{_META}StatusCause", f"{_META}StatusDetails"])

_SECRET: Final = frozenset(
    [
        ("Secret", "data"),
        ("Secret", "stringData"),
        ("TokenRequestStatus", "token"),
        ("TokenReviewSpec", "token"),
    ]
)
"""Fields that no ``repr`` shows, since one is easily logged."""

_TYPE_META: Final = frozenset(["apiVersion", "kind", "metadata"])
_NOT_STRUCTURAL: Final = frozenset(
    [
        *("$ref", "allOf", "oneOf", "x-kubernetes-group-version-kind", "x-kubernetes-patch-merge-key"),
        *("x-kubernetes-patch-strategy", "x-kubernetes-unions"),
    ]
)
_OF_RESOURCES: Final = frozenset(name for name in dir(Resource) if not name.startswith("_"))
_WIDTH: Final = 112


def builtin_modules(documents: Iterable[Mapping[str, Any]], *, version: str) -> dict[tuple[str, str], ModuleModel]:
    """Give the modules for all groups and versions in *documents*, by group and version.

    Args:
        documents: As `kubecrd.codegen.openapi.read_documents` gives them.
        version: Of Kubernetes, for the docstrings, such as ``v1.36``.

    Raises:
        DefinitionError: a schema refers to one that is not there; the path in the schema is named.
    """
    schemas: dict[str, Mapping[str, Any]] = {}
    kinds: dict[str, Mapping[str, Any]] = {}
    for document in documents:
        schemas |= document["components"]["schemas"]
        kinds |= {kind["schema"]: kind for kind in kinds_of(dict(document)) if kind["schema"]}
    keys = _keys_of_lists(schemas.values())
    homes: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for name, schema in sorted(schemas.items()):
        match = _SCHEMA_NAME.match(name)
        if match and name not in _OURS and name not in _LEFT_OUT | _ANYTHING and not _is_list(schema):
            homes.setdefault((match["group"], match["version"]), {})[name] = schema
    return {
        home: _Module(home, kinds, keys, schemas.keys()).model(
            members, f"Kubernetes {'/'.join(home)}, as of {version}."
        )
        for home, members in sorted(homes.items())
        if home[0] not in _WRITTEN_BY_HAND
    }


def _keys_of_lists(schemas: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Give the fields by which items of lists are told apart, by the name of the items' schema."""
    keys: dict[str, set[str]] = {}
    for schema in schemas:
        for node in (schema.get("properties") or {}).values():
            reference = _structural(node.get("items") or {}).get("$ref", "")
            keys.setdefault(reference.rpartition("/")[2], set()).update(node.get("x-kubernetes-list-map-keys") or ())
    return keys


def builtin_files(
    documents: Iterable[Mapping[str, Any]], *, package: str, version: str, told: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Give the files of a package with the classes of all kinds in *documents*, by their path in the package.

    Args:
        documents: As `kubecrd.codegen.openapi.read_documents` gives them.
        package: What the package is called where it is imported, such as ``kubecrd.k8s``; said in its docstring only.
        version: Of Kubernetes, such as ``v1.36``.
        told: Called with the group and version of each module, before it is printed.

    Raises:
        DefinitionError: a schema refers to one that is not there; the path in the schema is named.
        MissingExtraError: ruff, which formats the code, is not installed.
    """
    about = f"The built-in kinds of Kubernetes {version}, a module for each group and version."
    files = {"__init__.py": _package_text(f"{about}\n\n``from {package}.apps.v1 import Deployment``\n")}
    for (group, name), module in builtin_modules(documents, version=version).items():
        told(f"{group}/{name}")
        files[f"{group}/__init__.py"] = _package_text(f"The kinds of the group {group}.")
        files[f"{group}/{name}.py"] = format_source(print_module(module))
    for group, written in _WRITTEN_BY_HAND.items():
        files[f"{group}/__init__.py"] = _package_text(f"The kinds of the group {group}.")
        files[f"{group}/v1.py"] = format_source(_reexport(group, written))
    return dict(sorted(files.items()))


def shipped_documents() -> list[Mapping[str, Any]]:
    """Give the OpenAPI documents of Kubernetes `SHIPPED_VERSION`, which the embedded server serves too."""
    folder = Path(kubecrd.__file__).parent / "server" / "openapi_v1_36"
    return list(read_documents(folder).values())


def _package_text(doc: str) -> str:
    return f'{GENERATED}\n"""{doc}"""\n'


def _reexport(group: str, homes: Iterable[str]) -> str:
    """Print a module that gives the classes of *homes*, on which the toolkit itself is built."""
    imports = Imports()
    for home in homes:
        for name in import_module(home).__all__:
            if name[0].isupper():
                imports.use(home, name)
    doc = f"Kubernetes {group}/v1: the classes that the toolkit itself uses."
    return print_module(ModuleModel(doc=doc, imports=imports, public=sorted(set().union(*imports.names.values()))))


def _is_list(schema: Mapping[str, Any]) -> bool:
    """Say whether this is a list of a kind: those are `ObjectList`."""
    properties = schema.get("properties") or {}
    return "x-kubernetes-group-version-kind" in schema and {"items", "metadata"} <= set(properties)


@define
class _Module:
    """Writes the classes of one group and version."""

    home: tuple[str, str]
    kinds: Mapping[str, Mapping[str, Any]]
    keys: Mapping[str, Collection[str]]
    known: Collection[str]
    imports: Imports = field(factory=Imports)

    def model(self, schemas: Mapping[str, Mapping[str, Any]], doc: str) -> ModuleModel:
        classes = [self._class(name, schema) for name, schema in schemas.items()]
        return ModuleModel(doc=doc, imports=self.imports, classes=classes)

    def _class(self, full_name: str, schema: Mapping[str, Any]) -> ClassModel:
        name = full_name.rpartition(".")[2]
        identity = schema.get("x-kubernetes-group-version-kind") or []
        has_metadata = "metadata" in (schema.get("properties") or {})
        is_kind = len(identity) == 1 and has_metadata
        base = self.imports.use("kubecrd", "Resource") if is_kind else ""
        decorator = self._view(name, full_name, identity[0]) if is_kind else self._type(schema)
        fields = self._fields(full_name, schema, skip=_TYPE_META if is_kind else frozenset())
        return ClassModel(name=name, decorator=decorator, doc=_doc(schema), base=base, fields=fields)

    def _view(self, name: str, full_name: str, identity: Mapping[str, str]) -> str:
        served = self.kinds.get(full_name)
        plural = served["plural"] if served else plural_of(name)
        said = {
            "group": (identity["group"], ""),
            "version": (identity["version"], "v1"),
            "plural": (plural, plural_of(name)),
            "namespaced": (served["namespaced"] if served else True, True),
        }
        options = ", ".join(f"{option}={value!r}" for option, (value, usual) in said.items() if value != usual)
        return f"{self.imports.use('kubecrd', 'resource_view')}({options})"

    def _type(self, schema: Mapping[str, Any]) -> str:
        markers = constraints(schema, self.imports, _NOT_STRUCTURAL)
        decorator = self.imports.use("kubecrd", "kube_type")
        return f"{decorator}(markers=[{', '.join(markers)}])" if markers else decorator

    def _fields(self, full_name: str, schema: Mapping[str, Any], *, skip: frozenset[str]) -> list[FieldModel]:
        keys = self.keys.get(full_name, ())
        required = set(schema.get("required") or ())
        taken: set[str] = set()
        fields = []
        for json_name, node in (schema.get("properties") or {}).items():
            if json_name in skip:
                continue
            name = field_name(json_name, taken, _OF_RESOURCES if skip else ())
            taken.add(name)
            path = (full_name, json_name)
            fields.append(self._field(name, path, node, keys, required=json_name in required))
        return fields

    def _field(
        self, name: str, path: tuple[str, str], node: Mapping[str, Any], keys: Collection[str], *, required: bool
    ) -> FieldModel:
        json_name = path[-1]
        annotation = annotate(_structural(node), path, self, self.imports)
        if not required:
            annotation.optional = True
            # What is empty is Go's zero and no default of the API, but a key of a list must have a value.
            if node.get("default") or (json_name in keys and "default" in node):
                annotation.markers.append(f"{self.imports.use('kubecrd', 'Default')}({node['default']!r})")
        if camel_case(name) != json_name:
            annotation.markers.insert(0, f"{self.imports.use('kubecrd', 'Alias')}({json_name!r})")
        text = annotation.text(self.imports)
        default = None if required else "None"
        if (path[0].rpartition(".")[2], json_name) in _SECRET:
            default = f"{self.imports.use('attrs', 'field')}({'' if required else 'default=None, '}repr=False)"
        return FieldModel(name=name, annotation=text, default=default, doc=_doc(node))

    def named(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Annotation | None:
        """Give what a reference refers to, and enums, which stay open: a newer server may have more values."""
        reference = schema.get("$ref")
        if reference is None:
            return self._open_enum(schema)
        annotation = self._referred(reference.rpartition("/")[2], path)
        annotation.markers += constraints(schema, self.imports, _NOT_STRUCTURAL)
        return annotation

    def is_kept(self, schema: Mapping[str, Any]) -> bool:  # noqa: ARG002 - Kubernetes' own types contradict nothing
        """Say no: markers can say what these schemas say."""
        return False

    def _open_enum(self, schema: Mapping[str, Any]) -> Annotation | None:
        if "enum" not in schema:
            return None
        values = ", ".join(repr(value) for value in schema["enum"])
        literal = f"{self.imports.use('typing', 'Literal')}[{values}]"
        opened = f"{self.imports.use('typing', 'Annotated')}[{literal}, {self.imports.use('kubecrd', 'Open')}()]"
        return Annotation(opened, constraints(schema, self.imports, {"enum", *_NOT_STRUCTURAL}))

    def _referred(self, name: str, path: tuple[str, ...]) -> Annotation:
        if name in _OURS:
            return Annotation(self.imports.use(*_OURS[name]))
        if name in _ANYTHING:
            anything = self.imports.use("typing", "Any")
            return Annotation(f"dict[str, {anything}]", [f"{self.imports.use('kubecrd', 'PreserveUnknown')}()"])
        if name == f"{_META}Time":
            return Annotation(f"{self.imports.module('datetime', 'dt')}.datetime")
        if name == "io.k8s.apimachinery.pkg.util.intstr.IntOrString":
            return Annotation(self.imports.use("kubecrd", "IntOrStr"))
        match = _SCHEMA_NAME.match(name)
        if match is None or name not in self.known:
            owner, *fields = path
            raise DefinitionError(
                f"components.schemas[{owner}].properties[{fields[0]}]: refers to {name!r}, which is in none of the "
                f"documents; give those of all groups of one server together"
            )
        home = (match["group"], match["version"])
        if home == self.home:
            return Annotation(match["name"])
        alias = "_".join(home)
        self.imports.lazy[alias] = f"..{'.'.join(home)}"
        return Annotation(f"{alias}.{match['name']}")


def _structural(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a reference out of its ``allOf``, which is there only so that a description can stand beside it."""
    parts = node.get("allOf") or []
    if len(parts) == 1 and "$ref" in parts[0]:
        node = {**node, "$ref": parts[0]["$ref"]}
    if node.get("type") == "string":  # bytes are a list to Go, and only there
        node = {name: value for name, value in node.items() if name != "x-kubernetes-list-type"}
    inner = {
        name: _structural(node[name]) for name in ("items", "additionalProperties") if isinstance(node.get(name), dict)
    }
    return {name: value for name, value in {**node, **inner}.items() if name == "$ref" or name not in _NOT_STRUCTURAL}


def _doc(node: Mapping[str, Any]) -> str:
    """Wrap a description: the documents have a paragraph a line."""
    lines = (node.get("description") or "").replace("\t", "    ").split("\n")
    return "\n".join(
        part
        for line in lines
        for part in (textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""])
    ).strip()
