"""From a checked tree to Python: two functions an expression, one fast and one exact.

The *fast* one uses Python's own ``and``, ``or``, ``all`` and comparisons wherever the types prove that they mean the same.
It is right whenever it gives an answer. When it raises, whatever it raises, the *exact* one runs, in which
``&&``, ``||``, ``all`` and ``exists`` absorb errors as CEL has it, and every access checks what it finds. Errors are rare,
so they may cost twice; what is common costs what hand-written Python costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import RuleError

from .library import FUNCTIONS
from .operators import HELPERS
from .syntax import Call, CreateList, CreateMap, Expression, Ident, Literal, Macro, Select
from .typesystem import DYN, Type
from .values import TypeValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .typesystem import Field

__all__ = ["generate"]

_SCALARS: Final = frozenset(
    {"int", "uint", "string", "bytes", "bool", "google.protobuf.Timestamp", "google.protobuf.Duration"}
)
_ORDERED: Final = _SCALARS
_NUMBERS: Final = frozenset({"int", "uint"})
_COMPARISONS: Final = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_ARITHMETIC: Final = {"_+_": ("+", "add"), "_-_": ("-", "subtract"), "_*_": ("*", "multiply")}
_HELPER_OF: Final = {"_/_": "divide", "_%_": "modulo", "-_": "negate", "_[?_]": "optional_index"}
_SIZED: Final = frozenset({"string", "bytes", "list", "map"})


def generate(expression: Expression, parameters: Sequence[str], *, exact: bool, names: dict[str, Any]) -> str:
    """Print the source of the function that evaluates *expression*.

    Args:
        expression: Checked.
        parameters: The variables it takes, in order.
        exact: Which of the two functions.
        names: Filled with the globals that the source uses.

    Raises:
        RuleError: the expression uses something that is not supported.
    """
    body = _Generator(names, exact=exact).emit(expression)
    kind = "exact" if exact else "fast"
    return f"def {kind}({', '.join(f'v_{name}' for name in parameters)}):\n    return {body}\n"


class _Generator:
    def __init__(self, names: dict[str, Any], *, exact: bool) -> None:
        self._names = names
        self._exact = exact
        self._names |= HELPERS

    def emit(self, node: Expression) -> str:
        match node:
            case Literal():
                return self._literal(node.value)
            case Ident() if node.type is not None and node.type.name == "type":
                return self._constant(TypeValue(node.type.parameters[0].name))
            case Ident():
                return f"v_{node.name.removeprefix('.')}"
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

    def _constant(self, value: Any) -> str:
        name = f"k{len(self._names)}"
        self._names[name] = value
        return name

    def _literal(self, value: Any) -> str:
        plain = value is None or type(value) in {bool, str, int}
        return repr(value) if plain and not (type(value) is int and value < 0) else self._constant(value)

    # --- fields

    def _select(self, node: Select) -> str:
        assert node.type is not None
        if node.type.name == "type":
            return self._constant(TypeValue(node.type.parameters[0].name))
        operand, kind = self.emit(node.operand), node.operand.type or DYN
        if kind.fields is not None:
            field = kind.fields.get(node.field) or kind.fields[f"__{node.field}__"]
            return self._field(operand, field, test=node.test)
        helper = "has_key" if node.test else "key"
        if kind.name == "map":
            if node.test:
                return f"({node.field!r} in {operand})"
            return f"{operand}[{node.field!r}]" if not self._exact else f"key({operand}, {node.field!r})"
        return f"{helper}({operand}, {node.field!r})"

    def _field(self, operand: str, field: Field, *, test: bool) -> str:
        if test:
            return f"({operand}.get({field.name!r}) is not None)"
        value = f"field({operand}, {field.name!r})" if self._exact or field.nullable else f"{operand}[{field.name!r}]"
        return self.converted(value, field.type)

    def converted(self, value: str, kind: Type) -> str:
        """Turn JSON into what CEL has for it, where the two differ."""
        convert = self._converter(kind)
        return value if convert is None else f"{convert}({value})"

    def _converter(self, kind: Type) -> str | None:
        match kind.name:
            case "double":
                return "to_double"
            case "google.protobuf.Timestamp":
                return "to_timestamp"
            case "google.protobuf.Duration":
                return "to_duration"
            case "bytes":
                return "to_bytes"
            case "list" if (inner := self._converter(kind.parameters[0])) is not None:
                return f"(lambda items: [{inner}(item) for item in items])"
            case "map" if (inner := self._converter(kind.parameters[1])) is not None:
                return f"(lambda items: {{name: {inner}(item) for name, item in items.items()}})"
            case _:
                return None

    # --- calls

    def _call(self, node: Call) -> str:
        emitted = [self.emit(child) for child in node.children()]
        kinds = [child.type or DYN for child in node.children()]
        operator = self._operators.get(node.function)
        if operator is not None:
            return operator(self, node, emitted, kinds)
        name = node.function.removeprefix(".")
        if name == "size" and kinds[0].name in _SIZED:
            return f"len({emitted[0]})"
        if name in _PLAIN_STRING and kinds[0].name == "string" and kinds[-1].name == "string":
            return _PLAIN_STRING[name].format(*emitted)
        function = FUNCTIONS.get(name)
        if function is None:
            raise RuleError(f"the function {name!r} is not supported")
        self._names[f"f_{name.replace('.', '_')}"] = function
        return f"f_{name.replace('.', '_')}({', '.join(emitted)})"

    def _logic(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        word = "and" if node.function == "_&&_" else "or"
        left, right = (self._bool(text, kind) for text, kind in zip(emitted, kinds, strict=True))
        return f"logical_{word}(lambda: {left}, lambda: {right})" if self._exact else f"({left} {word} {right})"

    def _bool(self, text: str, kind: Type) -> str:
        return text if kind.name == "bool" else f"to_bool({text})"

    def _not(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        return f"(not {self._bool(emitted[0], kinds[0])})"

    def _ternary(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        condition = self._bool(emitted[0], kinds[0])
        return f"({emitted[1]} if {condition} else {emitted[2]})"

    def _equals(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        left, right = kinds
        if left.list_type in {"set", "map"}:
            same = f"equal_{left.list_type}({emitted[0]}, {emitted[1]}, {left.list_map_keys!r})"
        elif left == right and (left.name in _SCALARS or left.name == "double"):
            same = f"({emitted[0]} == {emitted[1]})"
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
            return f"checked_int({emitted[0]} {sign} {emitted[1]})"
        plus = node.function == "_+_"
        if left.name == right.name and (left.name == "double" or (plus and left.name in {"string", "bytes"})):
            return f"({emitted[0]} {sign} {emitted[1]})"
        if plus and left.name == "list" and left.list_type in {"set", "map"}:
            return f"union_{left.list_type}({emitted[0]}, {emitted[1]}, {left.list_map_keys!r})"
        return f"{helper}({emitted[0]}, {emitted[1]})"

    def _index(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        if kinds[0].name == "map" and not self._exact and kinds[1].name == "string":
            return f"{emitted[0]}[{emitted[1]}]"
        return f"index({emitted[0]}, {emitted[1]})"

    def _in(self, _node: Call, emitted: list[str], kinds: list[Type]) -> str:
        if kinds[1].name == "map" and kinds[0].name == "string":
            return f"({emitted[0]} in {emitted[1]})"
        if kinds[1].name == "list" and kinds[1].parameters[0] == kinds[0] and kinds[0].name in _SCALARS:
            return f"({emitted[0]} in {emitted[1]})"
        return f"contains_value({emitted[0]}, {emitted[1]})"

    def _binary_helper(self, node: Call, emitted: list[str], _kinds: list[Type]) -> str:
        return f"{_HELPER_OF[node.function]}({', '.join(emitted)})"

    def _itself(self, _node: Call, emitted: list[str], _kinds: list[Type]) -> str:
        return emitted[0]

    def _optional_select(self, node: Call, emitted: list[str], kinds: list[Type]) -> str:
        name = str(node.arguments[1].value)  # type: ignore[attr-defined]
        kind = kinds[0].parameters[0] if kinds[0].name == "optional_type" else kinds[0]
        convert = "None"
        if kind.fields is not None:
            field = kind.fields.get(name) or kind.fields[f"__{name}__"]
            name, convert = field.name, str(self._converter(field.type))
        return f"optional_field({emitted[0]}, {name!r}, {convert})"

    _operators: Final[dict[str, Callable[[_Generator, Call, list[str], list[Type]], str]]] = {
        "_&&_": _logic,
        "_||_": _logic,
        "!_": _not,
        "_?_:_": _ternary,
        "_==_": _equals,
        "_!=_": _equals,
        "_[_]": _index,
        "@in": _in,
        "_?._": _optional_select,
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
        parts = []
        for number, (key, value) in enumerate(node.entries):
            if number in node.optional:
                parts.append(f"**optional_entry({self.emit(key)}, {self.emit(value)})")
            else:
                parts.append(f"{self.emit(key)}: {self.emit(value)}")
        return f"{{{', '.join(parts)}}}"

    # --- comprehensions

    def _macro(self, node: Macro) -> str:
        variables = ", ".join(f"v_{name}" for name in node.variables)
        items = self._items(node)
        condition = "" if node.condition is None else self._bool(self.emit(node.condition), node.condition.type or DYN)
        result = "" if node.result is None else self.emit(node.result)
        when = f" if {condition}" if condition else ""
        match node.name:
            case "all" | "exists" if self._exact:
                pairs = "_pairs" if len(node.variables) > 1 else ""
                return f"{node.name}_of{pairs}({items}, lambda {variables}: {condition})"
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
        ranged, kind = self.emit(node.range), node.range.type or DYN
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
