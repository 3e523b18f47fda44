"""Room for expressions that are nested as deeply as the API server takes them, which is more than Python does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["with_room"]

P = ParamSpec("P")
R = TypeVar("R")

_ROOM: Final = 20_000
"""Calls of Python functions: a dozen for each of the 250 levels, and as many for macros that stand for several."""


def with_room(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call *function*, and where Python's limit on recursion stops it, once more with the limit raised meanwhile.

    Calls of Python functions take no space on the stack of C, so that the limit can be raised without harm.
    """
    try:
        return function(*args, **kwargs)
    except RecursionError:
        pass  # what has no limit at all is stopped by the one below
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(limit + _ROOM)
        return function(*args, **kwargs)
    finally:
        sys.setrecursionlimit(limit)
