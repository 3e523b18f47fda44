"""A schema as generated Python that says yes or no, for the many objects with which nothing is wrong.

Each node becomes the few lines that one would write by hand; the source stays in `linecache`, so that tracebacks show it.
Large schemas become several functions, each made when a value first needs it. A *no* is explained by the keywords of
`KubeValidator`, which must agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from kubecrd.cel.patterns import searcher
from kubecrd.resource._generated import define_function

from . import formats
from .keywords import Quick, is_enumerated, passes_type
from .numbers import bounds_of, comparable, in_range
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["QUICK", "compile_members", "compile_schema"]

_SAMPLES: Final[dict[type, Any]] = {dict: {}, list: [], str: "", int: 1, bool: True, float: 1.5, type(None): None}
_MOST_NODES: Final = 150
"""So many nodes are written into one function before others are called."""
_MOST_LEVELS: Final = 8
"""So deep the blocks of a function are nested; Python allows 20 loops."""


def compile_schema(schema: Structural) -> Callable[[Any], bool]:
    """Make the function that says whether a JSON value is valid under *schema*.

    Args:
        schema: The node; nothing is compiled before the function is first called.
    """
    made: Callable[[Any], bool] | None = None

    def fits(value: Any) -> bool:
        nonlocal made
        if made is None:
            made = _Program().compile(schema)
        return made(value)

    return fits


def compile_members(schema: Structural) -> Callable[[dict[str, Any]], list[str]]:
    """Make the function that names the declared members of an object that are not valid, in the order of *schema*.

    Args:
        schema: The node of the object; nothing is compiled before the function is first called.
    """
    made: Callable[[dict[str, Any]], list[str]] | None = None

    def wrong(value: dict[str, Any]) -> list[str]:
        nonlocal made
        if made is None:
            made = _Program().compile_members(schema)
        return made(value)

    return wrong


QUICK: Final = Quick(compile_schema, compile_members)
"""What tells the keywords where they need not look."""


@define
class _Case:
    """What values of one Python type must fulfil: none of *faults*, and the lines of *block*, which may return."""

    faults: list[str] = field(factory=list)
    block: list[str] = field(factory=list)

    @property
    def is_free(self) -> bool:
        return not self.faults and not self.block


@define
class _Program:
    """One generated function, and the names it uses."""

    names: dict[str, Any] = field(factory=lambda: {"ABSENT": object()})
    nodes: int = 0

    def compile(self, schema: Structural) -> Callable[[Any], bool]:
        lines = ["def fits(v0):", *_indented(self.node(schema, 0)), "    return True"]
        made: Callable[[Any], bool] = define_function("fits", "\n".join(lines) + "\n", self.names)
        return made

    def compile_members(self, schema: Structural) -> Callable[[dict[str, Any]], list[str]]:
        lines = ["def wrong(v0):", "    get, found = v0.get, []"]
        for name, child in schema.properties.items():
            fault = self.member_fault(child)
            if fault:
                lines.append(
                    f"    if (v1 := get({name!r}, ABSENT)) is not ABSENT and ({fault}): found.append({name!r})"
                )
        lines.append("    return found")
        made: Callable[[dict[str, Any]], list[str]] = define_function("wrong", "\n".join(lines) + "\n", self.names)
        return made

    def member_fault(self, schema: Structural) -> str:
        """Write the condition under which the member in the variable v1 is wrong; empty where it never is."""
        if not (schema.properties or schema.items or schema.additional_properties):
            lines = self.node(schema, 1)
            if len(lines) < 2:
                return "True" if lines == ["return False"] else "".join(lines)[len("if ") : -len(": return False")]
        return f"not {self.called(schema)}(v1)"

    def named(self, value: Any) -> str:
        """Give *value* a name that the source can use."""
        name = f"N{len(self.names)}"
        self.names[name] = value
        return name

    def called(self, schema: Structural) -> str:
        """Give the name of a function for *schema*, which is compiled when it is first called."""
        name = f"N{len(self.names)}"

        def first_call(value: Any) -> bool:
            self.names[name] = made = _Program().compile(schema)
            return made(value)

        self.names[name] = first_call
        return name

    # --- one node

    def node(self, schema: Structural, level: int) -> list[str]:
        """Write what refuses the value in the variable of *level*; nothing where all is allowed."""
        if level >= _MOST_LEVELS or self.nodes >= _MOST_NODES:
            return [f"if not {self.called(schema)}(v{level}): return False"]
        self.nodes += 1
        cases = {kind: self.case(schema, kind, level) for kind in _SAMPLES}
        if all(case is not None and case.is_free for case in cases.values()):
            return []
        var = f"v{level}"
        free = [kind for kind, case in cases.items() if case is not None and case.is_free]
        held = {kind: case for kind, case in cases.items() if case is not None and not case.is_free}
        if len(held) == 1 and not free:
            (kind, case), *_ = held.items()
            return _refusal([f"type({var}) is not {kind.__name__}", *case.faults]) + case.block
        if not held and len(free) == 1:
            return _refusal([_is_not(var, free[0])])
        lines: list[str] = []
        for kind, case in held.items():
            lines.append(f"{'elif' if lines else 'if'} type({var}) is {kind.__name__}:")
            lines += _indented(_refusal(case.faults) + case.block)
        rest = " and ".join(_is_not(var, kind) for kind in free)
        if not lines:
            return [f"if {rest}: return False" if rest else "return False"]
        return [*lines, f"elif {rest}: return False" if rest else "else: return False"]

    def case(self, schema: Structural, kind: type, level: int) -> _Case | None:
        """Say what values of the type *kind* must fulfil; None where there can be no such value."""
        wanted = _wanted_type(schema)
        if not _takes(wanted, kind):
            return None
        if kind is type(None):
            return None if schema.enum else _Case()
        var = f"v{level}"
        case = _Case()
        if kind is float and "integer" in wanted[0]:
            check = self.named(lambda value: passes_type(wanted, value))
            case.faults.append(f"not {check}({var})")
        if kind is str:
            self.string(schema, var, case)
        elif kind is list:
            self.array(schema, level, case)
        elif kind is dict:
            self.object(schema, level, case)
        elif kind is not bool and not self.number(schema, kind, var, case):
            return None
        return case if self.common(schema, kind, var, case) else None

    # --- what holds for values of any type

    def common(self, schema: Structural, kind: type, var: str, case: _Case) -> bool:
        """Add enum and compositions; False where no value of this type can fulfil them."""
        if schema.enum:
            if kind is str:
                texts = frozenset(each for each in schema.enum if isinstance(each, str))
                case.faults.append(f"{var} not in {self.named(texts)}")
            else:
                case.faults.append(f"not {self.named(_enum_check(schema.enum))}({var})")
        return self.any_of(schema, kind, var, case) and self.others(schema, kind, var, case)

    def any_of(self, schema: Structural, kind: type, var: str, case: _Case) -> bool:
        if not schema.any_of:
            return True
        known = [(branch, _foregone(branch, kind)) for branch in schema.any_of]
        if any(answer is True for _, answer in known):
            return True
        open_ones = [branch for branch, answer in known if answer is None]
        if open_ones:
            case.faults.append(f"not ({' or '.join(f'{self.called(branch)}({var})' for branch in open_ones)})")
        return bool(open_ones)

    def others(self, schema: Structural, kind: type, var: str, case: _Case) -> bool:
        for branch in schema.all_of:
            answer = _foregone(branch, kind)
            if answer is False:
                return False
            if answer is None:
                case.faults.append(f"not {self.called(branch)}({var})")
        if schema.one_of:
            count = " + ".join(f"{self.called(branch)}({var})" for branch in schema.one_of)
            case.faults.append(f"{count} != 1")
        if schema.not_ is not None:
            answer = _foregone(schema.not_, kind)
            if answer is True:
                return False
            if answer is None:
                case.faults.append(f"{self.called(schema.not_)}({var})")
        return True

    # --- what holds for values of one type

    def string(self, schema: Structural, var: str, case: _Case) -> None:
        _add_size(case, var, schema.min_length, schema.max_length)
        if schema.pattern:
            case.faults.append(f"not {self.named(searcher(schema.pattern))}({var})")
        known_format = _known_format(schema)
        if known_format and formats.normalized(known_format) in formats.KNOWN_FORMATS:
            check = self.named(formats.KNOWN_FORMATS[formats.normalized(known_format)])
            case.faults.append(f"not {check}({var})")

    def number(self, schema: Structural, kind: type, var: str, case: _Case) -> bool:
        """Add range and bounds; False where no number fulfils them."""
        only_type = "" if schema.int_or_string or schema.type not in formats.NUMBER_FORMATS else schema.type
        known_format = _known_format(schema)
        if known_format not in formats.NUMBER_FORMATS.get(only_type, ()):
            known_format = None
        # Integers fit 64 bits always.
        if (only_type == "integer" and (kind is float or known_format == "int32")) or known_format == "float":
            check = self.named(lambda value: in_range(value, only_type, known_format))
            case.faults.append(f"not {check}({var})")
        for label, limit, judge in bounds_of(schema):
            if not in_range(limit, only_type, known_format):
                return False
            compared = self.named(comparable(kind(), limit))
            if label.startswith("Minimum"):
                case.faults.append(f"{var} {'<=' if schema.exclusive_minimum else '<'} {compared}")
            elif label.startswith("Maximum"):
                case.faults.append(f"{var} {'>=' if schema.exclusive_maximum else '>'} {compared}")
            else:
                case.faults.append(f"{self.named(judge)}({var}, {compared}) is not None")
        return True

    def array(self, schema: Structural, level: int, case: _Case) -> None:
        _add_size(case, f"v{level}", schema.min_items, schema.max_items)
        if schema.items is not None:
            lines = self.node(schema.items, level + 1)
            if lines:
                case.block += [f"for v{level + 1} in v{level}:", *_indented(lines)]

    def object(self, schema: Structural, level: int, case: _Case) -> None:
        var, member = f"v{level}", f"v{level + 1}"
        _add_size(case, var, schema.min_properties, schema.max_properties)
        missing = list(schema.required)
        lines: list[str] = []
        for name, child in schema.properties.items():
            inner = self.node(child, level + 1)
            if inner and name in missing:
                missing.remove(name)
                lines += [f"if ({member} := g{level}({name!r}, ABSENT)) is ABSENT: return False", *inner]
            elif inner:
                lines += [f"if ({member} := g{level}({name!r}, ABSENT)) is not ABSENT:", *_indented(inner)]
        case.faults += [f"{name!r} not in {var}" for name in missing]
        case.block += [f"g{level} = {var}.get", *lines] if lines else []
        self.additional(schema, level, case)

    def additional(self, schema: Structural, level: int, case: _Case) -> None:
        var, member = f"v{level}", f"v{level + 1}"
        known = self.named(frozenset(schema.properties)) if schema.properties else ""
        if schema.additional_properties is False:
            case.faults.append(f"not {var}.keys() <= {known}" if known else var)
        elif isinstance(schema.additional_properties, Structural):
            inner = self.node(schema.additional_properties, level + 1)
            if inner and known:
                case.block += [f"for k{level}, {member} in {var}.items():", f"    if k{level} not in {known}:"]
                case.block += _indented(_indented(inner))
            elif inner:
                case.block += [f"for {member} in {var}.values():", *_indented(inner)]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _refusal(faults: list[str]) -> list[str]:
    return [f"if {' or '.join(faults)}: return False"] if faults else []


def _is_not(var: str, kind: type) -> str:
    return f"{var} is not None" if kind is type(None) else f"type({var}) is not {kind.__name__}"


def _add_size(case: _Case, var: str, least: int | None, most: int | None) -> None:
    """Add bounds on what `len` says, which is one rule for strings, lists and objects."""
    if most is not None:
        case.faults.append(f"len({var}) > {most}")
    if least is not None and least > 0:
        case.faults.append(f"len({var}) < {least}" if least > 1 else f"not {var}")


def _enum_check(allowed: tuple[Any, ...]) -> Callable[[Any], bool]:
    return lambda value: any(is_enumerated(value, candidate) for candidate in allowed)


def _wanted_type(schema: Structural) -> tuple[tuple[str, ...], str | None, bool]:
    types = ("integer", "string") if schema.int_or_string else (schema.type,) if schema.type else ()
    return types, _known_format(schema), schema.nullable


def _known_format(schema: Structural) -> str | None:
    only_type = None if schema.int_or_string else schema.type
    return schema.format if schema.format and formats.is_known(schema.format, only_type) else None


def _takes(wanted: tuple[tuple[str, ...], str | None, bool], kind: type) -> bool:
    """Whether some value of the type *kind* passes; of floats only some may be integers."""
    return passes_type(wanted, 1.0 if kind is float else _SAMPLES[kind])


def _foregone(schema: Structural, kind: type) -> bool | None:
    """Say what *schema* says to all values of the type *kind*; None where it depends on the value."""
    wanted = _wanted_type(schema)
    if not _takes(wanted, kind):
        return False
    if kind is type(None):
        return not schema.enum
    if schema.enum or schema.any_of or schema.one_of or schema.all_of or schema.not_ is not None:
        return None
    parts: tuple[Any, ...]
    if kind is str:
        parts = (schema.min_length, schema.max_length, schema.pattern, schema.format)
    elif kind is list:
        parts = (schema.min_items, schema.max_items, schema.items)
    elif kind is dict:
        parts = (schema.min_properties, schema.max_properties, schema.additional_properties)
        parts += (schema.properties or None, schema.required or None)
    elif kind is bool:
        parts = ()
    else:
        floats = schema.type if kind is float else None
        parts = (schema.minimum, schema.maximum, schema.multiple_of, schema.format, floats)
    return None if any(part is not None for part in parts) else True
