"""Attributes: a variable or a value and the steps into it, which cel-go evaluates as one.

Source: cel-go `interpreter/attributes.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .equality import RawMap
from .interpreter import Step, call
from .operators import MISSING, find, missing
from .values import CelError, Optional, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from .interpreter import Meter

__all__ = ["Attribute", "FieldAccess", "Presence", "Qualifier"]


class Attribute(Step):
    """A variable or a value, and the steps into it: cel-go evaluates ``a.b[0].c`` as one.

    Args:
        root: What is stepped into.
        free: Whether the root is not paid for: that of ``has()``, and conditionals.
    """

    __slots__ = ("free", "qualifiers", "root")

    def __init__(self, root: Step, *, free: bool = False) -> None:
        self.root = root
        self.free = free
        self.qualifiers: list[Qualifier] = []

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Evaluate, and pay for the root."""
        value = self.resolve(env, meter)
        if not self.free:
            meter.charge(1)
        return value

    def resolve(self, env: dict[str, Any], meter: Meter) -> Any:
        """Evaluate; only the steps are paid for."""
        value = self.root.run(env, meter)
        if isinstance(value, CelError) or not (self.qualifiers or isinstance(value, Optional)):
            return value
        optional = isinstance(value, Optional)
        if optional:
            if not value.values:
                return value
            value = _unwrapped(value)
            if isinstance(value, CelError):
                return value
        for qualifier in self.qualifiers:
            optional = optional or qualifier.optional
            value = (qualifier.peek if optional else qualifier.read)(env, meter, value)
            if value is MISSING:
                return Optional()
            if isinstance(value, CelError):
                return value
        return Optional((value,)) if optional else value


class Presence(Step):
    """``has(a.b)``: an attribute that ends in a test."""

    __slots__ = ("_attribute",)

    def __init__(self, attribute: Attribute) -> None:
        self._attribute = attribute

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Say whether there is something."""
        value = self._attribute.resolve(env, meter)
        return bool(value.values) if isinstance(value, Optional) else value


class FieldAccess:
    """How a field of a declared object is read.

    Args:
        name: In JSON.
        written: In expressions, where some names are escaped.
        convert: What makes a CEL value of the JSON; None where they are the same.
    """

    __slots__ = ("_convert", "_name", "written")

    def __init__(self, name: str, written: str, convert: Callable[[Any], Any] | None) -> None:
        self._name = name
        self._convert = convert
        self.written = written

    def read(self, value: dict[Any, Any]) -> Any:
        """Give the field of *value*; null counts as absent."""
        found = value.get(self._name)
        if found is None:
            return MISSING
        return found if self._convert is None or isinstance(found, CelError) else call(self._convert, (found,))


class Qualifier:
    """One step into a value: ``.name``, ``[index]``, ``.?name``, ``[?index]``.

    Args:
        key: What is looked for.
        optional: Whether there may be nothing.
        test: Whether only presence counts, as in ``has()``.
        field: Of a declared object, if it is one.
    """

    __slots__ = ("_field", "_key", "_test", "optional")

    def __init__(
        self,
        key: Step,
        *,
        optional: bool = False,
        test: bool = False,
        field: FieldAccess | None = None,
    ) -> None:
        self._key = key
        self.optional = optional
        self._test = test
        self._field = field

    def read(self, env: dict[str, Any], meter: Meter, value: Any) -> Any:
        """Step in; it is an error if there is nothing."""
        key = self._key.resolve(env, meter)
        found = key if isinstance(key, CelError) else self._find(value, key)
        meter.charge(1)
        if self._test:
            return found if isinstance(found, CelError) else _is_present(value, found)
        return CelError(missing(value, key)) if found is MISSING else found

    def peek(self, env: dict[str, Any], meter: Meter, value: Any) -> Any:
        """Step in, or give `MISSING`, which is free."""
        key = self._key.resolve(env, meter)
        found = key if isinstance(key, CelError) else self._find(value, key)
        if found is MISSING:
            return found
        if not isinstance(found, CelError):
            meter.charge(1)
        return None if self._test else found

    def _find(self, value: Any, key: Any) -> Any:
        if isinstance(value, Optional):
            return call(_find_in_optional, (value, key))
        if self._field is not None and isinstance(value, dict) and not isinstance(value, RawMap):
            return self._field.read(value)
        return call(find, (value, key))


def _find_in_optional(value: Optional, key: Any) -> Any:
    if not value.values:
        return value
    found = find(value.values[0], key)
    return Optional() if found is MISSING else Optional((found,))


def _is_present(value: Any, found: Any) -> bool:
    # Of an optional it is one that was found; an entry that is an optional is there.
    if isinstance(value, Optional):
        return bool(found.values)
    return found is not MISSING


def _unwrapped(value: Optional) -> Any:
    """Give what an attribute makes of an optional that is there: it goes through Go's own values, which not all survive."""
    inner = value.values[0]
    if isinstance(inner, Optional):
        return inner.values[0] if inner.values else None
    kind = _NO_WAY_BACK.get(type_name(inner))
    return inner if kind is None else CelError(f"unsupported conversion to ref.Val: ({kind}){inner}")


_NO_WAY_BACK: Final = {
    "kubernetes.NamedFormat": "*cel.Format",
    "kubernetes.Quantity": "*resource.Quantity",
    "kubernetes.Semver": "semver.Version",
    "kubernetes.URL": "*url.URL",
    "net.CIDR": "netip.Prefix",
    "net.IP": "netip.Addr",
}
