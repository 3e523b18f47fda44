"""A schema as Python functions that say yes or no, for the many objects with which nothing is wrong.

For each node there is a table from the Python type of a value to a function that checks what is left to check, or to
None where nothing is. A *no* is then explained by the keywords of `KubeValidator`, which must agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import formats
from .keywords import is_enumerated, passes_type
from .numbers import bounds_of, comparable, in_range
from .patterns import compile_pattern
from .structural import Structural

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compile_schema", "fits"]

Table = dict[type, Any]

_SAMPLES: Final[dict[type, Any]] = {type(None): None, bool: True, int: 1, str: "", list: [], dict: {}}


def fits(table: Table, value: Any) -> bool:
    """Whether *value* is valid under the schema that *table* was compiled from."""
    check = table.get(type(value), _never)
    return check is None or bool(check(value))


def _never(_value: Any) -> bool:
    return False


def compile_schema(schema: Structural) -> Table:
    """Compile a schema node, and all below it."""
    wanted = _wanted_type(schema)
    table: Table = {}
    for kind, sample in _SAMPLES.items():
        if not passes_type(wanted, sample):
            table[kind] = _never
        elif kind is type(None):
            table[kind] = _never if schema.enum else None
        else:
            table[kind] = _all([*_own_checks(schema, kind), *_common_checks(schema)])
    table[float] = _all(
        [lambda value: passes_type(wanted, value), *_own_checks(schema, float), *_common_checks(schema)]
    )
    return table


def _wanted_type(schema: Structural) -> tuple[tuple[str, ...], str | None, bool]:
    types = ("integer", "string") if schema.int_or_string else (schema.type,) if schema.type else ()
    return types, _known_format(schema), schema.nullable


def _known_format(schema: Structural) -> str | None:
    only_type = None if schema.int_or_string else schema.type
    return schema.format if schema.format and formats.is_known(schema.format, only_type) else None


def _all(checks: list[Callable[[Any], bool]]) -> Callable[[Any], bool] | None:
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda value: first(value) and second(value)
    return lambda value: all(check(value) for check in checks)


def _own_checks(schema: Structural, kind: type) -> list[Callable[[Any], bool]]:
    if kind is str:
        return _string_checks(schema)
    if kind in {int, float}:
        return _number_checks(schema, kind)
    if kind is list:
        return _list_checks(schema)
    return _object_checks(schema) if kind is dict else []


def _common_checks(schema: Structural) -> list[Callable[[Any], bool]]:
    checks: list[Callable[[Any], bool]] = []
    if schema.enum:
        allowed = schema.enum
        checks.append(lambda value: any(is_enumerated(value, candidate) for candidate in allowed))
    if schema.any_of:
        any_of = [compile_schema(branch) for branch in schema.any_of]
        checks.append(lambda value: any(fits(table, value) for table in any_of))
    if schema.one_of:
        one_of = [compile_schema(branch) for branch in schema.one_of]
        checks.append(lambda value: sum(fits(table, value) for table in one_of) == 1)
    if schema.all_of:
        all_of = [compile_schema(branch) for branch in schema.all_of]
        checks.append(lambda value: all(fits(table, value) for table in all_of))
    if schema.not_ is not None:
        unwanted = compile_schema(schema.not_)
        checks.append(lambda value: not fits(unwanted, value))
    return checks


def _string_checks(schema: Structural) -> list[Callable[[Any], bool]]:
    checks: list[Callable[[Any], bool]] = []
    most, least = schema.max_length, schema.min_length
    if most is not None:
        checks.append(lambda value: len(value) <= most)
    if least is not None:
        checks.append(lambda value: len(value) >= least)
    if schema.pattern:
        search = compile_pattern(schema.pattern).search
        checks.append(lambda value: search(value) is not None)
    known_format = _known_format(schema)
    if known_format and formats.normalized(known_format) in formats.KNOWN_FORMATS:
        checks.append(lambda value: formats.fits(known_format, value))
    return checks


def _number_checks(schema: Structural, kind: type) -> list[Callable[[Any], bool]]:
    only_type = "" if schema.int_or_string or schema.type not in formats.NUMBER_FORMATS else schema.type
    known_format = _known_format(schema)
    if known_format not in formats.NUMBER_FORMATS.get(only_type, ()):
        known_format = None
    checks: list[Callable[[Any], bool]] = []
    # Integers fit 64 bits always.
    if (only_type == "integer" and (kind is float or known_format == "int32")) or known_format == "float":
        checks.append(lambda value: in_range(value, only_type, known_format))
    for _, limit, judge in bounds_of(schema):
        if not in_range(limit, only_type, known_format):
            checks.append(_never)
        else:
            checks.append(_bound_check(limit, judge, kind))
    return checks


def _bound_check(limit: float, judge: Callable[[float, float], Any], kind: type) -> Callable[[Any], bool]:
    compared = comparable(kind(), limit)
    return lambda value: judge(value, compared) is None


def _list_checks(schema: Structural) -> list[Callable[[Any], bool]]:
    checks: list[Callable[[Any], bool]] = []
    most, least = schema.max_items, schema.min_items
    if most is not None:
        checks.append(lambda value: len(value) <= most)
    if least is not None:
        checks.append(lambda value: len(value) >= least)
    if schema.items is not None:
        table = compile_schema(schema.items)
        if any(table.values()):
            checks.append(lambda value: all(fits(table, item) for item in value))
    return checks


def _object_checks(schema: Structural) -> list[Callable[[Any], bool]]:
    checks: list[Callable[[Any], bool]] = []
    most, least = schema.max_properties, schema.min_properties
    if most is not None:
        checks.append(lambda value: len(value) <= most)
    if least is not None:
        checks.append(lambda value: len(value) >= least)
    if schema.required:
        names = frozenset(schema.required)
        checks.append(lambda value: names <= value.keys())
    tables = {name: compile_schema(child) for name, child in schema.properties.items()}
    additional = schema.additional_properties
    rest: Table | None = None
    if isinstance(additional, Structural):
        rest = compile_schema(additional)
    elif additional is False:
        rest = {}
    if tables or rest is not None:
        checks.append(_member_check(tables, rest))
    return checks


def _member_check(tables: dict[str, Table], rest: Table | None) -> Callable[[Any], bool]:
    def check(value: dict[str, Any]) -> bool:
        for key, member in value.items():
            table = tables.get(key, rest)
            if table is None:
                continue
            inner = table.get(type(member), _never)
            if inner is not None and not inner(member):
                return False
        return True

    return check
