"""Classes that only hold fields, made cheaply: there are a thousand of them among the built-in kinds.

Comparison, hash and ``repr`` are shared by all such classes instead of being compiled for each, which is half of what
making an attrs class costs, and most of what importing kubecrd did.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["record", "value"]

T = TypeVar("T")


def record(cls: type[T]) -> type[T]:
    """Make *cls* an attrs class with slots and keyword-only arguments.

    The ``repr`` leaves out what is None: built-in kinds have dozens of optional fields.
    """
    made: type[T] = attrs.define(kw_only=True, eq=False, repr=False)(cls)
    return _with(made, vars(cls), __eq__=_equal, __repr__=_repr, __hash__=None)


@overload
def value(cls: type[T], /) -> type[T]: ...


@overload
def value(*, init: bool = True, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field, attrs.Factory))
def value(
    cls: type[T] | None = None, /, *, init: bool = True, kw_only: bool = False
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class an attrs class with slots whose instances are frozen, comparable and hashable.

    Args:
        cls: The class, when the decorator has no arguments.
        init: Whether it gets an ``__init__``; one that has its own says False.
        kw_only: Whether all arguments are keyword-only.
    """

    def decorate(cls: type[T]) -> type[T]:
        made: type[T] = attrs.frozen(init=init, kw_only=kw_only, eq=False, repr=False)(cls)
        return _with(made, vars(cls), __eq__=_equal, __repr__=_full_repr, __hash__=_hash)

    return decorate if cls is None else decorate(cls)


def _with(made: type[T], own: Mapping[str, Any], **methods: Any) -> type[T]:
    """Give *made* those of *methods* that are not its *own*."""
    for name, method in methods.items():
        # A class that compares has a ``__hash__`` of None from Python.
        if own.get(name) is None:
            setattr(made, name, method)
    return made


def _equal(self: Any, other: object) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]
    values = _getter(self.__class__)
    return bool(values is None or values(self) == values(other))


_GETTERS: dict[type, attrgetter[Any] | None] = {}


def _getter(cls: type) -> attrgetter[Any] | None:
    """Give what reads all fields of an instance at once; None for a class without any."""
    if cls not in _GETTERS:
        names = [each.name for each in attrs.fields(cls) if each.eq]
        _GETTERS[cls] = attrgetter(*names) if names else None
    return _GETTERS[cls]


def _hash(self: Any) -> int:
    values = _getter(self.__class__)
    return hash((self.__class__, None if values is None else values(self)))


def _full_repr(self: Any) -> str:
    fields = (f"{each.name}={getattr(self, each.name)!r}" for each in attrs.fields(self.__class__))
    return f"{self.__class__.__qualname__}({', '.join(fields)})"


def _repr(self: Any) -> str:
    fields = ((each.name, getattr(self, each.name)) for each in attrs.fields(self.__class__) if each.repr)
    shown = ", ".join(f"{name}={value!r}" for name, value in fields if value is not None)
    return f"{self.__class__.__qualname__}({shown})"
