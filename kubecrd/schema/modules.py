"""Which custom resources are in a module."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kubecrd.resource.objects import Resource

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["custom_resources"]


def custom_resources(module: ModuleType, *, imported: bool = False) -> list[type[Resource]]:
    """Give the custom resources of *module*, in the order in which they stand there.

    Args:
        module: Where to look; of a package also the modules in it that are loaded.
        imported: Whether those count that it takes from elsewhere.
    """
    inside = f"{module.__name__}."
    modules = [module, *(each for name, each in list(sys.modules.items()) if name.startswith(inside))]
    found: dict[type[Resource], None] = {}
    for value in (value for each in modules for value in vars(each).values()):
        if not (isinstance(value, type) and issubclass(value, Resource) and "__kube_definition__" in vars(value)):
            continue
        if imported or f"{value.__module__}.".startswith(inside):
            found[value] = None
    return list(found)
