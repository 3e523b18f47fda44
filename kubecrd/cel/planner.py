"""From a checked tree to the steps of the reference: what is folded, what is one attribute, what macros expand to.

Source: cel-go `interpreter/planner.go`, `interpreter/decorators.go`, `parser/macro.go`, `ext/comprehensions.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import RuleError

from .attributes import Attribute, FieldAccess, Presence, Qualifier
from .concatenation import concatenation_of
from .conversions import converter_of
from .costs import MESSAGE_COST
from .dispatch import guarded
from .equality import differs_from_json, equality_of
from .interpreter import (
    UNKNOWN,
    And,
    Conditional,
    Constant,
    Fold,
    FunctionCall,
    ListLiteral,
    MapLiteral,
    Membership,
    Or,
    OrElse,
    Step,
    Variable,
    call,
)
from .library import FUNCTIONS
from .library.lists import ZEROS, total_of
from .mapkeys import map_of_entries
from .messages import MESSAGES
from .operators import BINARY, UNARY, insert_entries, insert_entry, sort_by_keys
from .syntax import Call, CreateList, CreateMap, CreateStruct, Expression, Ident, Literal, Macro, Select
from .typesystem import DYN, Type
from .values import CelError, Optional, TypeValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .interpreter import Meter
    from .typesystem import Field

__all__ = ["constant_of", "function_of", "is_attribute", "plan"]

_FOLDED: Final = frozenset({"bool", "bytes", "double", "dyn", "duration", "int", "string", "timestamp", "type", "uint"})
_PATTERNS: Final = frozenset({"find", "findAll", "matches"})
_RESULT: Final = "@result"
_TRUE: Final = Constant(value=True)


def plan(node: Expression) -> Step:
    """Give what evaluates *node*.

    Args:
        node: Checked.

    Raises:
        RuleError: it uses a function that there is none of.
        CelError: a constant in it cannot be converted.
    """
    match node:
        case Literal():
            return Constant(node.value)
        case Ident() | Select() if node.type is not None and node.type.name == "type":
            return Constant(TypeValue(node.type.parameters[0].name))
        case Ident():
            return Attribute(Variable(node.name.removeprefix(".")))
        case Select():
            return _select(node)
        case Call():
            return _call(node)
        case CreateList():
            return _list([plan(each) for each in node.elements], node.optional)
        case CreateMap():
            return _map(node)
        case CreateStruct():
            return _Message(node.name.removeprefix("."), [(name, plan(value)) for name, value in node.fields])
        case Macro():
            return _MACROS[node.name](node)
        case _:
            raise RuleError(f"{type(node).__name__} is not supported")


def constant_of(node: Expression) -> Any:
    """Give the value of *node* if it is known beforehand, else `UNKNOWN`.

    Args:
        node: Checked.

    Raises:
        CelError: it is a conversion that fails.
    """
    match node:
        case Literal():
            return node.value
        case Ident() | Select() if node.type is not None and node.type.name == "type":
            return TypeValue(node.type.parameters[0].name)
        case CreateList():
            known = all(constant_of(each) is not UNKNOWN for each in node.elements)
        case CreateMap():
            known = all(constant_of(each) is not UNKNOWN for each in node.children())
        case Call():
            arguments = list(node.children())
            converts = node.function.removeprefix(".") in _FOLDED and len(arguments) == 1
            looks = node.function == "@in" and node.overloads == ("in_list",)
            known = (converts and constant_of(arguments[0]) is not UNKNOWN) or (
                looks and constant_of(arguments[1]) == []
            )
        case _:
            return UNKNOWN
    return plan(node).constant if known else UNKNOWN


# --- attributes


def is_attribute(node: Expression) -> bool:
    """Say whether cel-go takes *node* for an attribute, of which only the root and the steps are paid for."""
    if isinstance(node, Ident | Select):
        return True
    return isinstance(node, Call) and node.function in {"_[_]", "_[?_]", "_?._", "_?_:_"}


def _attribute(node: Expression) -> Attribute:
    """Give what can be stepped into further; each part of a tree is planned once, so it may be changed."""
    step = plan(node)
    return step if isinstance(step, Attribute) else Attribute(step)


def _select(node: Select) -> Step:
    attribute = _attribute(node.operand)
    attribute.qualifiers.append(_named(node.operand.type or DYN, node.field, optional=node.optional, test=node.test))
    return Presence(attribute) if node.test else attribute


def _named(kind: Type, name: str, *, optional: bool = False, test: bool = False) -> Qualifier:
    declared = _declared(kind, name)
    if declared is None:
        return Qualifier(Constant(name), optional=optional, test=test)
    written = name if name in (_fields(kind) or {}) else f"__{name}__"
    field = FieldAccess(declared.name, written, converter_of(declared.type))
    return Qualifier(Constant(written), optional=optional, test=test, field=field)


def _declared(kind: Type, name: str) -> Field | None:
    fields = _fields(kind)
    return None if fields is None else fields.get(name) or fields.get(f"__{name}__")


def _fields(kind: Type) -> Mapping[str, Field] | None:
    while kind.name == "optional_type":
        kind = kind.parameters[0]
    return kind.fields


def _index(node: Call) -> Step:
    attribute = _attribute(node.arguments[0])
    attribute.qualifiers.append(Qualifier(plan(node.arguments[1]), optional=node.function == "_[?_]"))
    return attribute


def _optional_select(node: Call) -> Step:
    operand, name = node.arguments
    assert isinstance(name, Literal)
    attribute = _attribute(operand)
    attribute.qualifiers.append(_named(operand.type or DYN, str(name.value), optional=True))
    return attribute


def _conditional(condition: Step, yes: Step, no: Step) -> Attribute:
    return Attribute(Conditional(condition, yes, no), free=True)


# --- calls


def _call(node: Call) -> Step:
    if node.function in {"_[_]", "_[?_]"}:
        return _index(node)
    if node.function == "_?._":
        return _optional_select(node)
    steps = [plan(child) for child in node.children()]
    match node.function:
        case "_&&_":
            return And(*steps)
        case "_||_":
            return Or(*steps)
        case "_?_:_":
            return _conditional(*steps)
        case "@in" if node.overloads == ("in_list",) and steps[1].constant is not UNKNOWN:
            return _membership(node, steps)
    name = node.function.removeprefix(".")
    overload = node.overloads[0] if len(node.overloads) == 1 else ""
    if name == "@not_strictly_false":
        return _strictly(steps[0])
    if name in {"or", "orValue"}:
        return OrElse(steps[0], steps[1], unwrap=name == "orValue")
    function = function_of(node, name)
    if name in _FOLDED and len(steps) == 1 and steps[0].constant is not UNKNOWN:
        value = call(function, (steps[0].constant,))
        if isinstance(value, CelError):
            raise value
        return Constant(value)
    has_constant_pattern = name in _PATTERNS and len(steps) > 1 and isinstance(steps[1].constant, str)
    return FunctionCall(name, overload, function, steps, stops=has_constant_pattern)


def function_of(node: Call, name: str) -> Callable[..., Any]:
    """Give what computes a call.

    Raises:
        RuleError: there is no such function here.
    """
    kinds = [child.type or DYN for child in node.children()]
    if name in {"_==_", "_!=_"}:
        return _equality(kinds, negated=name == "_!=_")
    if name == "@in" and kinds[1].name == "list" and differs_from_json(kinds[0]):
        same = equality_of(kinds[0])
        return lambda value, items: any(same(value, each) for each in items)
    if name == "_+_" and (concatenate := concatenation_of(*kinds)) is not None:
        return concatenate
    found = (BINARY if len(kinds) == 2 else UNARY).get(name) or FUNCTIONS.get(name)
    if found is None:
        raise RuleError(f"the function {name!r} is not supported")
    if name == "sum" and len(node.overloads) == 1 and kinds[0].parameters[0].name in ZEROS:
        found = total_of(ZEROS[kinds[0].parameters[0].name])
    if name == "optional.ofNonZeroValue" and (kinds[0].is_declared or kinds[0].fields is not None):
        found = FUNCTIONS["optional.of"]  # values from a schema have no zero in the server
    return guarded(node, name, found)


def _equality(kinds: list[Type], *, negated: bool) -> Callable[[Any, Any], bool]:
    # A value of unknown type on the left compares as what stands on the right is declared to be.
    same = equality_of(kinds[1] if kinds[0].is_dyn else kinds[0])
    return (lambda left, right: not same(left, right)) if negated else same


def _membership(node: Call, steps: list[Step]) -> Step:
    items = steps[1].constant
    if not items:
        return Constant(value=False)
    # cel-go hashes what it can: not bytes, null, lists.
    hashed = all(isinstance(item, bool | int | float | str) for item in items)
    function = BINARY["@in"]
    return Membership(function, steps[0], items) if hashed else FunctionCall("@in", node.overloads[0], function, steps)


# --- literals


def _list(elements: list[Step], optional: frozenset[int] = frozenset()) -> Step:
    if any(each.constant is UNKNOWN for each in elements):
        return ListLiteral(elements, optional)
    return Constant([each.constant for each in elements])


def _map(node: CreateMap) -> Step:
    entries = [(plan(key), plan(value)) for key, value in node.entries]
    if any(key.constant is UNKNOWN or value.constant is UNKNOWN for key, value in entries):
        return MapLiteral(entries, node.optional)
    return Constant(map_of_entries((key.constant, value.constant) for key, value in entries))


class _Message(Step):
    """``Name{field: value}``."""

    __slots__ = ("_build", "_fields")

    def __init__(self, name: str, fields: list[tuple[str, Step]]) -> None:
        self._build = MESSAGES[name].build
        self._fields = fields

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Build it."""
        given = {}
        result: Any = None
        for name, step in self._fields:
            given[name] = step.run(env, meter)
            if isinstance(given[name], CelError):
                result = given[name]
                break
        else:
            result = call(self._build, (given,))
        meter.charge(MESSAGE_COST)
        return result


# --- macros


class _Fresh(Step):
    """A new empty list or map; constant, and free, in cel-go."""

    __slots__ = ("_kind",)

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def run(self, env: dict[str, Any], meter: Any) -> Any:  # noqa: ARG002 - as every step
        """Make it."""
        return self._kind()


def _result() -> Attribute:
    return Attribute(Variable(_RESULT))


def _loop(node: Macro, init: Step, condition: Step, step: Step, result: Step | None = None) -> Step:
    return Fold(plan(node.range), node.variables, _RESULT, (init, condition, step, result or _result()))


def _condition(node: Macro) -> Step:
    assert node.condition is not None
    return plan(node.condition)


def _strictly(step: Step) -> Step:
    return FunctionCall("@not_strictly_false", "not_strictly_false", lambda value: value is not False, [_Lenient(step)])


class _Lenient(Step):
    """What cel-go passes to ``@not_strictly_false``: an error there is as good as true."""

    __slots__ = ("_step",)

    def __init__(self, step: Step) -> None:
        self._step = step

    def run(self, env: dict[str, Any], meter: Any) -> Any:
        """Evaluate, and take errors for true."""
        value = self._step.run(env, meter)
        return True if isinstance(value, CelError) else value


def _all(node: Macro) -> Step:
    return _loop(node, _TRUE, _strictly(_result()), And(_result(), _condition(node)))


def _exists(node: Macro) -> Step:
    negated = FunctionCall("!_", "logical_not", UNARY["!_"], [_result()])
    return _loop(node, Constant(value=False), _strictly(negated), Or(_result(), _condition(node)))


def _exists_one(node: Macro) -> Step:
    one = Constant(1)
    counted = FunctionCall("_+_", "add_int64", BINARY["_+_"], [_result(), one])
    found = FunctionCall("_==_", "equals", equality_of(DYN), [_result(), one])
    return _loop(node, Constant(0), _TRUE, _conditional(_condition(node), counted, _result()), found)


def _when(node: Macro, step: Step) -> Step:
    return step if node.condition is None else _conditional(_condition(node), step, _result())


def _appended(element: Step) -> Step:
    return FunctionCall("_+_", "add_list", _append, [_result(), _list([element])])


def _append(items: list[Any], more: list[Any]) -> list[Any]:
    """Add to the list that the loop itself has made."""
    items += more
    return items


def _listed(node: Macro) -> Step:
    assert node.result is not None
    return _loop(node, _Fresh(list), _TRUE, _when(node, _appended(plan(node.result))))


def _filter(node: Macro) -> Step:
    element = Attribute(Variable(node.variables[0]))
    return _loop(node, _Fresh(list), _TRUE, _when(node, _appended(element)))


def _mapped(node: Macro) -> Step:
    assert node.result is not None
    key = Attribute(Variable(node.variables[0]))
    step = FunctionCall("cel.@mapInsert", "", insert_entry, [_result(), key, plan(node.result)])
    return _loop(node, _Fresh(dict), _TRUE, _when(node, step))


def _merged(node: Macro) -> Step:
    assert node.result is not None
    step = FunctionCall("cel.@mapInsert", "", insert_entries, [_result(), plan(node.result)])
    return _loop(node, _Fresh(dict), _TRUE, _when(node, step))


def _bound(name: str, value: Step, body: Step) -> Step:
    """Give *body* with a name for *value*: a loop over nothing, whose accumulator it is."""
    return Fold(Constant([]), (), name, (value, _TRUE, _TRUE, body))


class _Twice(Step):
    """What the server evaluates twice in a row: done once, and paid for twice.

    A chain of these would take time without end otherwise, for each part holds two of the one before.
    """

    __slots__ = ("_is_first", "_key", "_step")

    def __init__(self, step: Step, key: str = "", *, is_first: bool = True) -> None:
        self._step = step
        self._key = key or f"@twice{id(self)}"
        self._is_first = is_first

    def again(self) -> _Twice:
        """Give the second time."""
        return _Twice(self._step, self._key, is_first=False)

    def run(self, env: dict[str, Any], meter: Meter) -> Any:
        """Evaluate, or give what was evaluated just before in the same scope."""
        if self._is_first:
            before = meter.cost
            value = self._step.run(env, meter)
            env[self._key] = (value, meter.cost - before)
            return value
        value, cost = env[self._key]
        meter.charge(cost)
        return value


def _opt_map(node: Macro) -> Step:
    assert node.result is not None
    ranged = _Twice(plan(node.range))
    present = FunctionCall("hasValue", "optional_hasValue", FUNCTIONS["hasValue"], [ranged])
    value = FunctionCall("value", "optional_value", FUNCTIONS["value"], [ranged.again()])
    body = _bound(node.variables[0], value, plan(node.result))
    if node.name == "optMap":
        body = FunctionCall("optional.of", "optional_of", FUNCTIONS["optional.of"], [body])
    return _conditional(present, body, FunctionCall("optional.none", "optional_none", Optional, []))


def _sort_by(node: Macro) -> Step:
    assert node.result is not None
    bound = "@__sortBy_input__"
    step = _appended(plan(node.result))
    keys = Fold(Attribute(Variable(bound)), node.variables, _RESULT, (_Fresh(list), _TRUE, step, _result()))
    items = Attribute(Variable(bound))
    kind = node.result.type or DYN
    overload = "" if kind.is_dyn else f"list_{kind.name}_sortByAssociatedKeys"
    body = FunctionCall("@sortByAssociatedKeys", overload, sort_by_keys, [items, keys])
    return _bound(bound, plan(node.range), body)


_MACROS: Final[dict[str, Callable[[Macro], Step]]] = {
    "all": _all,
    "exists": _exists,
    "exists_one": _exists_one,
    "existsOne": _exists_one,
    "filter": _filter,
    "map": _listed,
    "optFlatMap": _opt_map,
    "optMap": _opt_map,
    "sortBy": _sort_by,
    "transformList": _listed,
    "transformMap": _mapped,
    "transformMapEntry": _merged,
}
