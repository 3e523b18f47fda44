"""Which calls are refused at run time: where types were not known beforehand, values are held against the overloads.

Source: cel-go `common/decls`: functions with one implementation for all of their overloads look at the values themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .environment import functions
from .syntax import Literal
from .typesystem import DYN, NULL
from .values import CelError, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .environment import Overload
    from .syntax import Call

__all__ = ["guarded"]

_UNGUARDED: Final = frozenset({"contains", "dyn", "endsWith", "matches", "size", "startsWith", "type"})
_PRECOMPILED: Final = frozenset({"find", "findAll"})


def guarded(node: Call, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Give what computes a call, and refuses values that no overload takes.

    Args:
        node: The call, checked.
        name: Of the function.
        function: What computes it when the values are right.
    """
    kinds = [child.type or DYN for child in node.children()]
    if name in _UNGUARDED or not name[0].isalpha() or not any(kind.is_dyn or kind == NULL for kind in kinds):
        return function
    overloads = [each for each in functions().get(name, ()) if len(each.arguments) == len(kinds)]
    pattern = node.arguments[0] if node.arguments else None
    if name in _PRECOMPILED and isinstance(pattern, Literal):
        return _refusing(overloads, function, lambda _: "no such overload")
    return _refusing(
        overloads, function, lambda values: f"no such overload: {name}({', '.join(map(type_name, values))})"
    )


def _refusing(
    overloads: Sequence[Overload], function: Callable[..., Any], said: Callable[[Sequence[Any]], str]
) -> Callable[..., Any]:
    accepted = [tuple(_accepted(argument.name) for argument in each.arguments) for each in overloads]

    def checked(*values: Any) -> Any:
        names = list(map(type_name, values))
        for wanted in accepted:
            if all(each in {name, None} for name, each in zip(names, wanted, strict=True)):
                return function(*values)
        raise CelError(said(values))

    return checked


def _accepted(name: str) -> str | None:
    return None if name.startswith("<") or name == "dyn" else name
