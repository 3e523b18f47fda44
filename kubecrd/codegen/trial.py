"""Generated modules, run before they are written: what cannot be imported is told now."""

from __future__ import annotations

import linecache
import sys
from itertools import count
from types import ModuleType
from typing import TYPE_CHECKING

from .printer import print_module

if TYPE_CHECKING:
    from .model import ModuleModel

__all__ = ["run_module"]

_TRIALS = count()


def run_module(model: ModuleModel, name: str) -> ModuleType:
    """Run a module, which consists of declarations only.

    Args:
        model: The module.
        name: What it will be called.

    Raises:
        DefinitionError: a declaration is refused.
    """
    # What is read from a source is remembered by its name, so that no two may have the same.
    text, file = print_module(model), f"<{name}, trial {next(_TRIALS)}>"
    module = ModuleType(f"kubecrd.codegen._tried.{name}")
    module.__file__ = file
    # Annotations are looked up in the module that a class says it is from, and descriptions in its source.
    sys.modules[module.__name__] = module
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    try:
        exec(compile(text, file, "exec"), vars(module))  # noqa: S102 - declarations, printed by us
    finally:
        del sys.modules[module.__name__], linecache.cache[file]
    return module
