"""Modules that are imported when something of theirs is looked up, for annotations that few programs resolve."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["LazyModule"]


class LazyModule:
    """Stands for a module until it is needed.

    Generated classes refer to those of other modules, and Python would import them all: a Deployment needs the pods'
    module only when one is decoded.

    Args:
        name: Of the module; one that begins with dots is relative to *package*.
        package: The ``__package__`` of the module that refers to it; None for an absolute name.
    """

    __slots__ = ("_name", "_package")

    def __init__(self, name: str, package: str | None = None) -> None:
        self._name, self._package = name, package

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name, self._package), name)

    def __repr__(self) -> str:
        return f"LazyModule({self._name!r})"
