"""Classes that only hold fields, made cheaply: there are a thousand of them among the built-in kinds."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar

import attrs

__all__ = ["record"]

T = TypeVar("T")


def record(cls: type[T]) -> type[T]:
    """Make *cls* an attrs class with slots and keyword-only arguments.

    Comparison and ``repr`` are shared by all such classes instead of being compiled for each, which is half of what
    making an attrs class costs. The ``repr`` leaves out what is None: built-in kinds have dozens of optional fields.
    """
    made: type[T] = attrs.define(kw_only=True, eq=False, repr=False)(cls)
    for name, method in (("__eq__", _equal), ("__repr__", _repr), ("__hash__", None)):
        if name not in vars(cls):
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


def _repr(self: Any) -> str:
    fields = ((each.name, getattr(self, each.name)) for each in attrs.fields(self.__class__) if each.repr)
    shown = ", ".join(f"{name}={value!r}" for name, value in fields if value is not None)
    return f"{self.__class__.__qualname__}({shown})"
