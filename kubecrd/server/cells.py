"""The cells of custom columns: what a JSONPath finds, shown by the type of the column."""

from __future__ import annotations

import math
from typing import Any, Final

from kubecrd.resource.gotext import json_text, number

from .ages import age
from .jsonpath import MISSING, first_result

__all__ = ["custom_cell"]

_INT_MIN: Final = -(2**63)
_INT_LIMIT: Final = 2.0**63


def custom_cell(column: dict[str, Any], obj: dict[str, Any]) -> Any:
    """Give the cell of *obj* in a column of ``additionalPrinterColumns``."""
    value = first_result(column["jsonPath"], obj)
    if value is MISSING:
        return None
    match column["type"]:
        case "string":
            return _text(value)
        case "integer":
            return _integer(value)
        case "number":
            return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date":
            return age(value) if isinstance(value, str) else None
        case _:
            return None


def _text(value: Any) -> str:
    match value:
        case None:
            return "<no value>"
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return number(value, least_exponent=-4, most_exponent=21)
        case int():
            return str(value)
        case _:
            return json_text(value)


def _integer(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and (math.isnan(value) or not -_INT_LIMIT <= value < _INT_LIMIT):
        return _INT_MIN
    return int(value)
