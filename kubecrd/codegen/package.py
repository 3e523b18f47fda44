"""From definitions to the files of a package: a module for each kind and version, and one that exports the kinds."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from kubecrd.errors import DefinitionError, KubeError

from .definitions import Style, identity, version_module, without_type_meta
from .model import GENERATED, ClassModel, Imports, ModuleModel
from .names import class_name, snake_case
from .printer import format_source, print_module
from .trial import run_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kubecrd.resource.objects import Resource

__all__ = [
    "Export",
    "GeneratedVersion",
    "VersionOf",
    "comes_back",
    "exporting_module",
    "generate_version",
    "joined",
    "versions_of",
]

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_COUNTED = ("properties", "items", "additionalProperties")


@frozen
class VersionOf:
    """One version of a definition, and what is written for it.

    Attributes:
        crd: The definition, as JSON.
        version: One of its ``spec.versions``.
        module: The name of the module.
        name: The name by which the package exports the kind; empty where another version has it.
    """

    crd: Mapping[str, Any]
    version: Mapping[str, Any]
    module: str
    name: str

    @property
    def kind(self) -> str:
        """The kind."""
        return str(self.crd["spec"]["names"]["kind"])


@frozen
class Export:
    """What a package exports of a module.

    Attributes:
        module: The name of the module.
        name: The name by which the package exports the kind; empty where another version has it.
        root: The name of the kind's class.
    """

    module: str
    name: str
    root: str


@frozen
class GeneratedVersion:
    """The module for one version.

    Attributes:
        source: Of what.
        model: What is written.
        nodes: How many schemas the version consists of.
        overrides: For how many of them classes have no words, all together or in part.
    """

    source: VersionOf
    model: ModuleModel
    nodes: int
    overrides: int

    @property
    def root(self) -> str:
        """The name of the kind's class."""
        return self.model.classes[-1].name

    @property
    def export(self) -> Export:
        """What the package exports of it."""
        return Export(self.source.module, self.source.name, self.root)

    def text(self) -> str:
        """Give the module, formatted."""
        return format_source(print_module(self.model))


def versions_of(crds: Sequence[Mapping[str, Any]], versions: Sequence[str] = ()) -> list[VersionOf]:
    """Give the versions to be written, sorted by kind and group, and name them.

    A kind is exported in the version that is stored; where that one is left out, in the newest that is served.

    Args:
        crds: Definitions as JSON, each kind once.
        versions: The versions that are wanted; all by default.
    """
    crds = sorted(crds, key=lambda crd: (crd["spec"]["names"]["kind"], crd["spec"]["group"]))
    kinds = Counter(snake_case(crd["spec"]["names"]["kind"]) for crd in crds)
    found = []
    for crd in crds:
        kind, group = crd["spec"]["names"]["kind"], crd["spec"]["group"]
        wanted = [each for each in crd["spec"]["versions"] if not versions or each["name"] in versions]
        best = max(wanted, key=_preference, default=None)
        apart = kinds[snake_case(kind)] > 1
        stem = "_".join([snake_case(kind), *([re.sub(r"\W", "_", group)] if apart else [])])
        name = class_name(group, kind) if apart else class_name(kind)
        found += [VersionOf(crd, each, f"{stem}_{each['name']}", name if each is best else "") for each in wanted]
    return found


def _preference(version: Mapping[str, Any]) -> tuple[Any, ...]:
    match = _VERSION.fullmatch(version["name"])
    stable = {None: 2, "beta": 1, "alpha": 0}[match[2]] if match else -1
    numbers = (int(match[1]), int(match[3] or 0)) if match else (0, 0)
    return version["storage"], version["served"], stable, *numbers


def generate_version(source: VersionOf, style: Style) -> GeneratedVersion:
    """Write the classes for one version, try them, and give the schema beside them where they do not give it back.

    Args:
        source: What to write.
        style: How classes are written.

    Raises:
        DefinitionError: no class can say it, not even with the schema beside it.
    """
    made = _written(source, style)
    if _is_faithful(made):
        return made
    made = _written(source, evolve(style, kept=frozenset(_contradicted(source, style))))
    if _is_faithful(made):
        return made
    made = _written(source, evolve(style, whole_schema=True))
    try:
        _classes(made)
    except KubeError as error:
        where = f"{source.crd['metadata']['name']}, version {source.version['name']}"
        raise DefinitionError(f"{where}: {error}") from error
    return made


def _contradicted(source: VersionOf, style: Style) -> list[str]:
    """Give the schemas that do not come back from classes, by `identity`: each is tried by itself, from the top down."""
    root = (source.version.get("schema") or {}).get("openAPIV3Schema") or {}
    below = [key for node in _below(root) for key in _contradicted_below(node, source, style)]
    if below and _is_faithful(_written(source, evolve(style, kept=frozenset(below)))):
        return below
    return [*below, identity(without_type_meta(root))]


def _contradicted_below(node: Mapping[str, Any], source: VersionOf, style: Style) -> list[str]:
    schema = {"type": "object", "properties": {"spec": node}}
    alone = evolve(
        source, version={"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    )
    if _is_faithful(_written(alone, style)):
        return []
    below = [key for inner in _below(node) for key in _contradicted_below(inner, source, style)]
    if below and _is_faithful(_written(alone, evolve(style, kept=frozenset(below)))):
        return below
    return [*below, identity(node)]


def _written(source: VersionOf, style: Style) -> GeneratedVersion:
    model = version_module(source.crd, source.version, style)
    schema = (source.version.get("schema") or {}).get("openAPIV3Schema") or {}
    nodes = sum(1 for _ in _nodes(schema))
    overridden = nodes if style.whole_schema else sum(each.places * _overridden(each) for each in model.classes)
    return GeneratedVersion(source, model, nodes, overridden)


def _overridden(model: ClassModel) -> int:
    """Count the schemas in the overrides of a class: the one that each is laid over, and those that stand in it."""
    trees = [ast.parse(text, mode="eval") for text in model.expressions() if "SchemaOverride(" in text]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return sum(
        sum(1 for _ in _nodes(ast.literal_eval(call.args[0])))
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "SchemaOverride"
    )


def _nodes(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for each in _below(schema):
        yield from _nodes(each)


def _below(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas that stand in *schema*."""
    for name in _COUNTED:
        below = schema.get(name)
        if isinstance(below, dict):
            yield from below.values() if name == "properties" else [below]


def _is_faithful(made: GeneratedVersion) -> bool:
    try:
        kind = _classes(made)
    except KubeError:
        return False
    return comes_back(made.source.version, kind.crd().to_dict()["spec"]["versions"][0])


def _classes(made: GeneratedVersion) -> type[Resource]:
    """Run the module, and give the kind's class."""
    found: type[Resource] = vars(run_module(made.model, made.source.module))[made.root]
    return found


def comes_back(wanted: Any, given: Any) -> bool:
    """Say whether a version of a definition means the same as another: order and what is false or empty count for nothing.

    Args:
        wanted: One, as JSON.
        given: The other.
    """
    return bool(_plain(wanted) == _plain(given))


_FALSE = frozenset(["nullable", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum", "deprecated"])
_FALSE_OF_KUBERNETES = frozenset(
    [
        *("x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"),
        "x-kubernetes-preserve-unknown-fields",
    ]
)
_EMPTY_TEXT = frozenset(["$ref", "$schema", "description", "format", "id", "pattern", "title"])
"""What Go leaves out where it is empty (``omitempty`` of apiextensions/v1 JSONSchemaProps)."""

_EMPTY = frozenset(["required", "subresources", "additionalPrinterColumns", "selectableFields", "properties"])


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        plain = {name: _plain(each) for name, each in value.items() if not _says_nothing(name, each)}
        if isinstance(plain.get("required"), list):
            plain["required"] = sorted(plain["required"])
        return plain
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _says_nothing(name: str, value: Any) -> bool:
    if (name == "default" and value is None) or (name in _EMPTY_TEXT and value == ""):
        return True
    return (value is False and name in _FALSE | _FALSE_OF_KUBERNETES) or (name in _EMPTY and not value)


def exporting_module(exports: Iterable[Export]) -> str:
    """Give ``__init__.py``: it loads every module, and exports each kind.

    Raises:
        DefinitionError: two kinds would have the same name.
    """
    exports = sorted(exports, key=lambda each: (each.name, each.module))
    names = [each.name for each in exports if each.name]
    taken = [name for name, times in Counter(names).items() if times > 1]
    if taken:
        raise DefinitionError(f"several kinds would be exported as {', '.join(taken)}; generate them into two packages")
    others = [each.module for each in exports if not each.name]
    lines = [GENERATED, '"""The kinds, each in the version that is stored."""', ""]
    lines += [f"from . import {module}" for module in others]
    for each in exports[len(others) :]:
        lines.append(f"from .{each.module} import {each.root}{f' as {each.name}' if each.name != each.root else ''}")
    lines += ["", f"__all__ = [{', '.join(repr(name) for name in sorted([*names, *others]))}]"]
    return format_source("\n".join(lines) + "\n")


def joined(
    sources: Sequence[VersionOf], style: Style, *, told: Callable[[str], None] = lambda _: None
) -> tuple[str, list[GeneratedVersion]]:
    """Write all versions into one module; a version that is not exported has its name in the names of its classes.

    Args:
        sources: What to write.
        style: How classes are written.
        told: Called with the name of each version's module, as it would be by itself, before it is written.

    Raises:
        DefinitionError: no class can say one of them.
    """
    made: list[GeneratedVersion] = []
    taken: set[str] = set()
    for source in sources:
        told(source.module)
        name = source.name or class_name(source.crd["spec"]["group"], source.kind, source.version["name"])
        made.append(generate_version(source, evolve(style, name=name, taken=frozenset(taken))))
        taken |= {each.name for each in made[-1].model.classes}
    imports, classes = Imports(), list[ClassModel]()
    for each in made:
        classes += each.model.classes
        imports.modules |= each.model.imports.modules
        for module, names in each.model.imports.names.items():
            imports.names.setdefault(module, set()).update(names)
    whole = ModuleModel(doc="The kinds, and what they consist of.", imports=imports, classes=classes)
    return format_source(print_module(whole)), made
