"""The user's modules: found as Python finds them, from the current folder on; and the definitions of their kinds."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kubecrd.errors import DefinitionError
from kubecrd.schema.crd import merge_crds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from kubecrd.resource.objects import Resource
    from kubecrd.schema.crd import CustomResourceConversion, CustomResourceDefinition

__all__ = ["definitions_of", "load_module", "load_object"]


def load_module(name: str) -> ModuleType:
    """Import the module *name*.

    Raises:
        BadParameter: there is no such module; what is wrong inside it is raised as it is.
    """
    if not name or name.startswith("."):
        raise _bad_module(f"{name!r} is no module")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(
            0, here
        )  # as `python -m` does; a command that is installed as a script has its own folder there
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise _bad_module(f"no module named {error.name!r}") from error


def _bad_module(fault: str) -> click.BadParameter:
    return click.BadParameter(f"{fault}; give it as Python imports it, such as shop.models", param_hint="MODULE")


def load_object(where: str) -> tuple[ModuleType, Any]:
    """Import what stands behind ``MODULE:NAME``.

    Raises:
        BadParameter: there is no such module, or nothing of that name in it.
    """
    module_name, colon, name = where.partition(":")
    if not colon or not name:
        raise click.BadParameter(
            f"{where!r} names no object; write it as shop.operator:controller", param_hint="MODULE:NAME"
        )
    module = load_module(module_name)
    found: Any = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            raise click.BadParameter(f"module {module_name!r} has no {name!r}", param_hint="MODULE:NAME") from error
    return module, found


def definitions_of(
    kinds: Iterable[type[Resource]], conversion: CustomResourceConversion | None = None
) -> list[CustomResourceDefinition]:
    """Give the definitions of *kinds*, sorted by name; versions of one kind become one definition.

    Args:
        kinds: The classes.
        conversion: How versions become each other where a kind has several.

    Raises:
        DefinitionError: versions of one kind differ in what must be the same, or not exactly one of them is stored.
    """
    by_name: dict[str, list[CustomResourceDefinition]] = {}
    for kind in kinds:
        crd = kind.crd()
        by_name.setdefault(str(crd.metadata.name), []).append(crd)
    return [_merged(name, crds, conversion) for name, crds in sorted(by_name.items())]


def _merged(
    name: str, crds: list[CustomResourceDefinition], conversion: CustomResourceConversion | None
) -> CustomResourceDefinition:
    stored = [version.name for crd in crds for version in crd.spec.versions if version.storage]
    if len(stored) != 1:
        versions = ", ".join(version.name for crd in crds for version in crd.spec.versions)
        raise DefinitionError(
            f"{name}: of the versions {versions}, {len(stored)} are stored; "
            "exactly one must be, say storage=False to @custom_resource of the others"
        )
    return crds[0] if len(crds) == 1 else merge_crds(crds, stored=stored[0], conversion=conversion)
