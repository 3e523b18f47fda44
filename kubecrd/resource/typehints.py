"""What the annotations of a class mean, looked up once, while the names they use are still in reach."""

from __future__ import annotations

import sys
import typing
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kubecrd.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["type_hints"]

_RESOLVED: WeakKeyDictionary[type, dict[str, Any]] = WeakKeyDictionary()


def type_hints(cls: type, names: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the annotations of *cls* and its bases as types, with their ``Annotated`` markers.

    Args:
        cls: Any class.
        names: What the annotations may use beside the globals of their modules: the local names
            of a function in which the class is defined. Needed at the first call only, which remembers the answer.

    Raises:
        DefinitionError: an annotation names something that is not defined.
    """
    known = _RESOLVED.get(cls)
    if known is not None:
        return known
    try:
        hints = typing.get_type_hints(cls, localns=_names(cls, names), include_extras=True)
    except NameError as error:
        raise DefinitionError(
            f"{cls.__name__}: an annotation uses {error.name!r}, which is not defined here; "
            f"define it before the class, or import it outside of `if TYPE_CHECKING`"
        ) from error
    _RESOLVED[cls] = hints
    return hints


def _names(cls: type, names: Mapping[str, Any] | None) -> dict[str, Any]:
    """Collect the names in reach; bases come first, since each may be of another module."""
    reach: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        module = sys.modules.get(base.__module__)
        reach |= vars(module) if module and base.__module__ != "builtins" else {}
    return {**reach, **(names or {}), cls.__name__: cls}
