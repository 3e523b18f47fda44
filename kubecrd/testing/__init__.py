"""Testing kinds and their rules, in pytest or elsewhere, without a cluster.

`rule` evaluates an expression on objects of a class; `assert_valid` and `assert_invalid` ask for the API server's verdict. pytest finds
the fixtures and ``--cel-coverage`` by itself; see `kubecrd.testing.plugin`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assertions import assert_invalid as assert_invalid
    from .assertions import assert_valid as assert_valid
    from .classrules import ClassRule as ClassRule
    from .classrules import rule as rule

_HOMES = {
    "ClassRule": ".classrules",
    "assert_invalid": ".assertions",
    "assert_valid": ".assertions",
    "rule": ".classrules",
}

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll] - a test holds it equal to the imports above


def __getattr__(name: str) -> Any:
    # pytest loads the plugin in every run, and with it this module: what is not used is not imported.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
