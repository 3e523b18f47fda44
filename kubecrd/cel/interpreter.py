"""The reference: a checked tree, evaluated step by step as cel-go does, with every step paid for.

Errors are values here, as in cel-go: a call whose argument failed is paid for all the same, and what stands beside it is
evaluated. It is slow and exact; generated code answers what is common, and whatever that cannot answer comes here.

Source: cel-go `interpreter/interpretable.go`, and for what is paid `interpreter/runtimecost.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .costs import CALL_LIMIT, LIST_COST, MAP_COST, call_cost
from .mapkeys import map_of_entries
from .operators import range_fault
from .values import CelError, CostLimitError, Optional

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "UNKNOWN",
    "And",
    "Conditional",
    "Constant",
    "Fold",
    "FunctionCall",
    "ListLiteral",
    "MapLiteral",
    "Membership",
    "Meter",
    "Or",
    "OrElse",
    "Step",
    "Variable",
    "call",
]

UNKNOWN: Final = object()
_NO_OVERLOAD: Final = "no such overload"
_ACCIDENTS: Final = (TypeError, AttributeError, LookupError, ValueError, ArithmeticError)

Env = "dict[str, Any]"


class Meter:
    """What an evaluation has cost, and the most it may cost."""

    __slots__ = ("cost", "limit")

    def __init__(self, limit: int = CALL_LIMIT) -> None:
        self.cost = 0
        self.limit = limit

    def charge(self, amount: int) -> None:
        """Pay.

        Raises:
            CostLimitError: this was too much.
        """
        self.cost += amount
        if self.cost > self.limit:
            raise CostLimitError(self.cost)


def call(function: Callable[..., Any], values: Sequence[Any]) -> Any:
    """Call *function*, and give what it raises as a value."""
    try:
        return function(*values)
    except CelError as error:
        return error
    except _ACCIDENTS:
        # A value is of a type that no overload takes: null in a list, a scalar where the schema knows nothing.
        return CelError(_NO_OVERLOAD)


class Step:
    """A part of an expression that can be evaluated.

    Attributes:
        constant: Its value where that was known beforehand, else `UNKNOWN`.
    """

    __slots__ = ()
    constant: Any = UNKNOWN

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Give the value, or a `CelError`, and pay for it."""
        raise NotImplementedError

    def resolve(self, env: dict[str, Any], meter: Meter) -> Any:
        """As `run`, where this stands as a branch or as an index: a variable is not paid for there."""
        return self.run(env, meter)


class Constant(Step):
    """A value that was known beforehand; free."""

    __slots__ = ("constant",)

    def __init__(self, value: Any) -> None:
        self.constant = value

    def run(self, env: dict[str, Any], meter: Meter) -> Any:  # noqa: ARG002 - as every step
        """Give it."""
        return self.constant


class _Later:
    """The first value of an accumulator: computed when it is first asked for, in the scope around the loop."""

    __slots__ = ("env", "step")

    def __init__(self, step: Step, env: dict[str, Any]) -> None:
        self.step = step
        self.env = env


class Variable(Step):
    """The root of an attribute: a name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Give its value; the attribute pays."""
        value = env[self.name]
        if isinstance(value, _Later):
            value = env[self.name] = value.step.run(value.env, meter)
        return value


class Conditional(Step):
    """``a ? b : c``; cel-go has it as the root of an attribute, and free."""

    __slots__ = ("_condition", "_no", "_yes")

    def __init__(self, condition: Step, yes: Step, no: Step) -> None:
        self._condition = condition
        self._yes = yes
        self._no = no

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Evaluate one branch."""
        condition = self._condition.run(env, meter)
        if isinstance(condition, CelError):
            return condition
        if not isinstance(condition, bool):
            return CelError(_NO_OVERLOAD)
        return (self._yes if condition else self._no).resolve(env, meter)


class And(Step):
    """``&&``: false if either side is false, whatever the other does."""

    __slots__ = ("_left", "_right")

    def __init__(self, left: Step, right: Step) -> None:
        self._left = left
        self._right = right

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Evaluate the right side unless the left decides."""
        left = self._left.run(env, meter)
        if left is False:
            return False
        right = self._right.run(env, meter)
        return right if right is False else _undecided(left, right)


class Or(Step):
    """``||``: true if either side is true, whatever the other does."""

    __slots__ = ("_left", "_right")

    def __init__(self, left: Step, right: Step) -> None:
        self._left = left
        self._right = right

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Evaluate the right side unless the left decides."""
        left = self._left.run(env, meter)
        if left is True:
            return True
        right = self._right.run(env, meter)
        return right if right is True else _undecided(left, right)


def _undecided(left: Any, right: Any) -> Any:
    for value in (left, right):
        if not isinstance(value, bool):
            return value if isinstance(value, CelError) else CelError(_NO_OVERLOAD)
    return right


class OrElse(Step):
    """``a.or(b)`` and ``a.orValue(b)``: the other is looked at only if there is nothing, and neither is paid for."""

    __slots__ = ("_other", "_unwrap", "_value")

    def __init__(self, value: Step, other: Step, *, unwrap: bool) -> None:
        self._value = value
        self._other = other
        self._unwrap = unwrap

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Give what is there, or else the other."""
        value = self._value.run(env, meter)
        if not isinstance(value, Optional):
            return value
        if not value.values:
            return self._other.run(env, meter)
        return value.values[0] if self._unwrap else value


class FunctionCall(Step):
    """A call of a function or an operator.

    Args:
        name: Of the function.
        overload: The one that the checker chose; empty when several fit.
        function: What computes it.
        arguments: The target first.
        stops: Whether nothing is evaluated after an argument that failed, and nothing charged. So it is with more than two
            arguments, and where the pattern of a match is constant.
    """

    __slots__ = ("_arguments", "_function", "_name", "_overload", "_stops")

    def __init__(
        self, name: str, overload: str, function: Callable[..., Any], arguments: list[Step], *, stops: bool = False
    ) -> None:
        self._stops = stops or len(arguments) > 2
        self._name = name
        self._overload = overload
        self._function = function
        self._arguments = arguments

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Evaluate the arguments, call, pay."""
        values = []
        error: CelError | None = None
        for argument in self._arguments:
            value = argument.run(env, meter)
            values.append(value)
            if error is None and isinstance(value, CelError):
                error = value
                if self._stops:
                    break
        if len(values) < len(self._arguments):
            assert error is not None
            return error  # cel-go does not find the other arguments on its stack, and charges nothing
        result = call(self._function, values) if error is None else error
        meter.charge(call_cost(self._name, self._overload, values, result))
        return result


class Membership(Step):
    """``x in [constants]``: cel-go looks into a set, for free."""

    __slots__ = ("_function", "_items", "_value")

    def __init__(self, function: Callable[[Any, Any], Any], value: Step, items: list[Any]) -> None:
        self._function = function
        self._value = value
        self._items = items

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Look."""
        value = self._value.run(env, meter)
        return value if isinstance(value, CelError) else call(self._function, (value, self._items))


class ListLiteral(Step):
    """``[a, ?b]`` with parts that are not constant."""

    __slots__ = ("_elements", "_optional")

    def __init__(self, elements: list[Step], optional: frozenset[int]) -> None:
        self._elements = elements
        self._optional = optional

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Build it."""
        result = self._build(env, meter)
        meter.charge(LIST_COST)
        return result

    def _build(self, env: dict[str, Any], meter: Meter) -> Any:
        items = []
        for number, element in enumerate(self._elements):
            value = element.run(env, meter)
            if isinstance(value, CelError):
                return value
            if number not in self._optional:
                items.append(value)
            elif isinstance(value, Optional):
                items += value.values
            else:
                return CelError(_NO_OVERLOAD)
        return items


class MapLiteral(Step):
    """``{k: v, ?k: v}`` with parts that are not constant."""

    __slots__ = ("_entries", "_optional")

    def __init__(self, entries: list[tuple[Step, Step]], optional: frozenset[int]) -> None:
        self._entries = entries
        self._optional = optional

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Build it."""
        result = self._build(env, meter)
        meter.charge(MAP_COST)
        return result

    def _build(self, env: dict[str, Any], meter: Meter) -> Any:
        entries: list[tuple[Any, Any]] = []
        for number, (key_step, value_step) in enumerate(self._entries):
            key = key_step.run(env, meter)
            if isinstance(key, CelError):
                return key
            value = value_step.run(env, meter)
            if isinstance(value, CelError):
                return value
            if number not in self._optional:
                entries.append((key, value))
            elif not isinstance(value, Optional):
                return CelError(_NO_OVERLOAD)
            elif value.values:
                entries.append((key, value.values[0]))
        return map_of_entries(entries)


class Fold(Step):
    """A comprehension, as cel-go expands the macros to: all of them are loops with an accumulator.

    Args:
        items: What is gone through.
        variables: One or two names for the elements.
        accumulator: Its name.
        parts: Its first value, whether to go on, its next value, and what the loop gives.
    """

    __slots__ = ("_accumulator", "_condition", "_init", "_items", "_result", "_step", "_variables")

    def __init__(
        self, items: Step, variables: tuple[str, ...], accumulator: str, parts: tuple[Step, Step, Step, Step]
    ) -> None:
        self._items = items
        self._variables = variables
        self._accumulator = accumulator
        self._init, self._condition, self._step, self._result = parts

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Go through the elements until the condition is false."""
        items = self._items.run(env, meter)
        if isinstance(items, CelError):
            return items
        inner = {**env, self._accumulator: _Later(self._init, env)}
        elements = self._elements(items)
        if isinstance(elements, CelError):
            return elements
        for element in elements:
            inner.update(zip(self._variables, element, strict=True))
            if self._condition.run(inner, meter) is False:
                break
            inner[self._accumulator] = self._step.run(inner, meter)
        return self._result.run(inner, meter)

    def _elements(self, items: Any) -> Iterator[tuple[Any, ...]] | CelError:
        two = len(self._variables) > 1
        if isinstance(items, list):
            return enumerate(items) if two else ((item,) for item in items)
        if isinstance(items, dict):
            return iter(items.items()) if two else ((key,) for key in items)
        return CelError(range_fault(items, two=two))
