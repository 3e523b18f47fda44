"""From a checked tree to Python: a function that is right whenever it gives an answer.

It uses Python's own ``and``, ``or``, ``all`` and comparisons wherever the types prove that they mean the same. When it
raises, whatever it raises, the reference (`interpreter.py`) is asked, in which ``&&``, ``||``, ``all`` and ``exists`` absorb
errors as CEL has it. Errors are rare, so they may cost more; what is common costs what hand-written Python costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import RuleError

from .concatenation import concatenation_of, is_reread
from .conversions import converter_of
from .equality import differs_from_json, equality_of
from .interpreter import UNKNOWN
from .library import FUNCTIONS
from .operators import HELPERS
from .patterns import LONGEST_FOR_QUICK, quick_search, searcher
from .planner import constant_of, function_of
from .syntax import Call, CreateList, CreateMap, Expression, Ident, Macro, Select
from .typesystem import DYN, Type
from .values import INT_MAX, INT_MIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from .typesystem import Field

__all__ = ["Generator"]

_SCALARS: Final = frozenset(
    {"int", "uint", "string", "bytes", "bool", "google.protobuf.Timestamp", "google.protobuf.Duration"}
)
_ORDERED: Final = _SCALARS
_NUMBERS: Final = frozenset({"int", "uint"})
_COMPARISONS: Final = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_ARITHMETIC: Final = {"_+_": ("+", "add"), "_-_": ("-", "subtract"), "_*_": ("*", "multiply")}
_HELPER_OF: Final = {"_/_": "divide", "_%_": "modulo", "-_": "negate"}
_SIZED: Final = frozenset({"string", "bytes", "list", "map"})


class Generator:
    """Prints the expression in Python that a checked tree stands for.

    Args:
        names: Filled with the globals that it uses.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._names |= HELPERS
        self._values = 0
        self._is_range = False

    def emit(self, node: Expression) -> str:
        """Print *node*.

        Args:
            node: Checked.

        Raises:
            RuleError: it uses something that is not supported.
        """
        value = constant_of(node)
        if value is not UNKNOWN:
            return self._literal(value)
        match node:
            case Ident():
                return self._variable(node.name.removeprefix("."))
            case Select():
                return self._select(node)
            case Call():
                return self._call(node)
            case CreateList():
                return self._list(node)
            case CreateMap():
                return self._map(node)
            case Macro():
                return self._macro(node)
            case _:
                raise RuleError(f"{type(node).__name__} is not supported")

    def _variable(self, name: str) -> str:
        return f"v_{name}"

    def _constant(self, value: Any) -> str:
        name = f"k{len(self._names)}"
        self._names[name] = value
        return name

    def _literal(self, value: Any) -> str:
        plain = value is None or type(value) in {bool, str, int}
        return repr(value) if plain and not (type(value) is int and value < 0) else self._constant(value)

    # --- fields

    def _select(self, node: Select) -> str:
        return self._select_from(node, self.emit(node.operand))

    def _select_from(self, node: Select, operand: str) -> str:
        kind = node.operand.type or DYN
        if kind.fields is not None:
            field = kind.fields.get(node.field) or kind.fields[f"__{node.field}__"]
            return self._field(operand, field, test=node.test)
        if kind.name == "map":
            return f"({node.field!r} in {operand})" if node.test else f"{operand}[{node.field!r}]"
        if kind.name == "optional_type" and not node.test:
            return self._optional(operand, kind, node.field)
        return f"{'has_key' if node.test else 'key'}({operand}, {node.field!r})"

    def _field(self, operand: str, field: Field, *, test: bool) -> str:
        convert = self._converter(field.type)
        if test:
            found = f"{operand}.get({field.name!r}) is not None"
            if convert in {"None", "to_double"}:
                return f"({found})"
            # What cannot be read is an error, also where only its presence counts.
            return f"({found} and {convert}({operand}[{field.name!r}]) is not None)"
        value = f"field({operand}, {field.name!r})" if field.nullable else f"{operand}[{field.name!r}]"
        return value if convert == "None" else f"{convert}({value})"

    def _converter(self, kind: Type) -> str:
        """Name what turns JSON into what CEL has for it; None where the two do not differ."""
        convert = converter_of(kind)
        if convert is None:
            return "None"
        return convert.__name__ if convert.__name__ in HELPERS else self._constant(convert)

    # --- calls

    def _call(self, node: Call) -> str:
        return self._combined(node, [self.emit(child) for child in node.children()])

    def _combined(self, node: Call, emitted: list[str]) -> str:
        kinds = [child.type or DYN for child in node.children()]
        operator = self._operators.get(node.function)
        if operator is not None:
            return operator(self, node, emitted, kinds)
        name = node.function.removeprefix(".")
        if name == "size" and kinds[0].name in _SIZED:
            return f"len({emitted[0]})"
        if name in _PLAIN_STRING and kinds[0].name == "string" and kinds[-1].name == "string":
            return _PLAIN_STRING[name].format(*emitted)
        if (
            name == "matches"
            and kinds[0].name == "string"
            and isinstance(pattern := constant_of(node.arguments[-1]), str)
        ):
            return self._matches(emitted[0], pattern)
        function = function_of(node, name)
        if function is not FUNCTIONS.get(name):
            return f"{self._constant(function)}({', '.join(emitted)})"
        self._names[f"f_{name.replace('.', '_')}"] = function
        return f"f_{name.replace('.', '_')}({', '.join(emitted)})"

    def _matches(self, text: str, pattern: str) -> str:
        """Print a search for a pattern that is constant."""
        exact, quick = self._constant(searcher(pattern)), quick_search(pattern)
        if quick is None or self._is_range:
            return f"{exact}({text})"
        name = self._assigned()
        found = f"{self._constant(quick)}({name}) is not None"
        return f"({found} if len({name} := {text}) <= {LONGEST_FOR_QUICK} else {exact}({name}))"

    def _logic(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        word = "and" if node.function == "_&&_" else "or"
        left, right = (self._bool(text, kind) for text, kind in zip(emitted, kinds, strict=True))
        return f"({left} {word} {right})"

    def _bool(self, text: str, kind: Type) -> str:
        return text if kind.name == "bool" else f"to_bool({text})"

    def _not(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        return f"(not {self._bool(emitted[0], kinds[0])})"

    def _ternary(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        condition = self._bool(emitted[0], kinds[0])
        return f"({emitted[1]} if {condition} else {emitted[2]})"

    def _equals(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        left, right = kinds
        if left == right and (left.name in _SCALARS or left.name == "double"):
            same = f"({emitted[0]} == {emitted[1]})"
        elif differs_from_json(left) or (left.is_dyn and differs_from_json(right)):
            same = f"{self._constant(equality_of(right if left.is_dyn else left))}({emitted[0]}, {emitted[1]})"
        else:
            same = f"equal({emitted[0]}, {emitted[1]})"
        return same if node.function == "_==_" else f"(not {same})"

    def _compare(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        sign = _COMPARISONS[node.function]
        left, right = kinds[0].name, kinds[1].name
        if (left == right and left in _ORDERED) or {left, right} <= _NUMBERS:
            return f"({emitted[0]} {sign} {emitted[1]})"
        return f"(compare({emitted[0]}, {emitted[1]}, {node.function!r}) {sign} 0)"

    def _arithmetic(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        sign, helper = _ARITHMETIC[node.function]
        left, right = kinds
        if left.name == right.name == "int":
            return self._checked(f"{emitted[0]} {sign} {emitted[1]}")
        plus = node.function == "_+_"
        if left.name == right.name and (left.name == "double" or (plus and left.name in {"string", "bytes"})):
            return f"({emitted[0]} {sign} {emitted[1]})"
        if plus and is_reread(left, right):
            return f"add_unreadable({emitted[0]}, {emitted[1]})"
        if plus and (concatenate := concatenation_of(left, right)) is not None:
            return f"{self._constant(concatenate)}({emitted[0]}, {emitted[1]})"
        return f"{helper}({emitted[0]}, {emitted[1]})"

    def _checked(self, number: str) -> str:
        """Print a number that must have 64 bits."""
        if self._is_range:  # Python allows no assignment there
            return f"checked_int({number})"
        name = self._assigned()
        return f"({name} if {INT_MIN} <= ({name} := {number}) <= {INT_MAX} else checked_int({name}))"

    def _assigned(self) -> str:
        """Name a value that is looked at twice."""
        self._values += 1
        return f"n{self._values}"

    def _index(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        if kinds[0].name == "map" and kinds[1].name == "string":
            return f"{emitted[0]}[{emitted[1]}]"
        return f"index({emitted[0]}, {emitted[1]})"

    def _in(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        if kinds[1].name == "map" and kinds[0].name == "string":
            return f"({emitted[0]} in {emitted[1]})"
        if kinds[1].name == "list" and differs_from_json(kinds[0]):
            return f"any({self._constant(equality_of(kinds[0]))}({emitted[0]}, each) for each in {emitted[1]})"
        if kinds[1].name == "list" and kinds[1].parameters[0] == kinds[0] and kinds[0].name in _SCALARS:
            return f"({emitted[0]} in {emitted[1]})"
        return f"contains_value({emitted[0]}, {emitted[1]})"

    def _binary_helper(self, node: Call, emitted: list[str], _kinds: list[Type]) -> str:
        return f"{_HELPER_OF[node.function]}({', '.join(emitted)})"

    def _itself(self, _node: Call, emitted: list[str], _kinds: list[Type]) -> str:
        return emitted[0]

    def _optional_select(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        return self._optional(emitted[0], kinds[0], str(node.arguments[1].value))  # type: ignore[attr-defined]

    def _optional_index(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        step = "optional_step" if kinds[0].name == "optional_type" else "optional_index"
        return f"{step}({', '.join(emitted)})"

    def _optional(self, operand: str, kind: Type, name: str) -> str:
        inner = kind.parameters[0] if kind.name == "optional_type" else kind
        if inner.fields is None:
            return f"{'optional_index' if inner is kind else 'optional_step'}({operand}, {name!r})"
        field = inner.fields.get(name) or inner.fields[f"__{name}__"]
        return f"optional_field({operand}, {field.name!r}, {self._converter(field.type)})"

    _operators: Final[dict[str, Callable[[Generator, Call, list[str], list[Type]], str]]] = {
        "_&&_": _logic,
        "_||_": _logic,
        "!_": _not,
        "_?_:_": _ternary,
        "_==_": _equals,
        "_!=_": _equals,
        "_[_]": _index,
        "@in": _in,
        "_?._": _optional_select,
        "_[?_]": _optional_index,
        "dyn": _itself,
        **dict.fromkeys(_COMPARISONS, _compare),
        **dict.fromkeys(_ARITHMETIC, _arithmetic),
        **dict.fromkeys(_HELPER_OF, _binary_helper),
    }

    # --- aggregates

    def _list(self, node: CreateList) -> str:
        parts = [
            f"*optional_values({self.emit(each)})" if number in node.optional else self.emit(each)
            for number, each in enumerate(node.elements)
        ]
        return f"[{', '.join(parts)}]"

    def _map(self, node: CreateMap) -> str:
        kinds = {(key.type or DYN).name for key, _ in node.entries}
        if kinds & {"dyn", "list", "map"} or len(kinds) > 1:
            return self._map_of_many_kinds(node)
        parts = []
        for number, (key, value) in enumerate(node.entries):
            if number in node.optional:
                parts.append(f"**optional_entry({self.emit(key)}, {self.emit(value)})")
            else:
                parts.append(f"{self.emit(key)}: {self.emit(value)}")
        return f"{{{', '.join(parts)}}}"

    def _map_of_many_kinds(self, node: CreateMap) -> str:
        """Print a map whose keys Python could take for each other."""
        parts = []
        for number, (key, value) in enumerate(node.entries):
            one = f"({self.emit(key)}, {self.emit(value)})"
            parts.append(f"*optional_entry{one}.items()" if number in node.optional else one)
        return f"map_of_entries([{', '.join(parts)}])"

    # --- comprehensions

    def _macro(self, node: Macro) -> str:
        variables = ", ".join(f"v_{name}" for name in node.variables)
        items = "" if node.name in {"optMap", "optFlatMap"} else self._items(node)
        condition = "" if node.condition is None else self._bool(self.emit(node.condition), node.condition.type or DYN)
        result = "" if node.result is None else self.emit(node.result)
        when = f" if {condition}" if condition else ""
        match node.name:
            case "all":
                return f"all({condition} for {variables} in {items})"
            case "exists":
                return f"any({condition} for {variables} in {items})"
            case "exists_one" | "existsOne":
                return f"(sum(1 for {variables} in {items}{when}) == 1)"
            case "map" | "transformList":
                return f"[{result} for {variables} in {items}{when}]"
            case "filter":
                return f"[{variables} for {variables} in {items}{when}]"
            case "transformMap":
                return f"{{v_{node.variables[0]}: {result} for {variables} in {items}{when}}}"
            case "transformMapEntry":
                return f"merged_entries([{result} for {variables} in {items}{when}])"
            case "sortBy":
                return f"sort_by({items}, lambda {variables}: {result})"
            case "optMap":
                return f"opt_map({self.emit(node.range)}, lambda {variables}: {result})"
            case _:
                return f"opt_flat_map({self.emit(node.range)}, lambda {variables}: {result})"

    def _items(self, node: Macro) -> str:
        outer, self._is_range = self._is_range, True
        ranged, kind = self.emit(node.range), node.range.type or DYN
        self._is_range = outer
        if len(node.variables) == 1:
            return ranged if kind.name in {"list", "map"} else f"items_of({ranged})"
        if kind.name == "list":
            return f"enumerate({ranged})"
        return f"{ranged}.items()" if kind.name == "map" else f"pairs_of({ranged})"


_PLAIN_STRING: Final = {
    "startsWith": "{0}.startswith({1})",
    "endsWith": "{0}.endswith({1})",
    "contains": "({1} in {0})",
}
