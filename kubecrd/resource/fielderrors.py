"""What is wrong with one field, in the API server's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from attrs import frozen

from . import gotext

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ABSENT", "FieldError", "Reason", "join"]

Reason = Literal[
    "FieldValueRequired",
    "FieldValueDuplicate",
    "FieldValueInvalid",
    "FieldValueNotSupported",
    "FieldValueForbidden",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
    "FieldValueNotFound",
    "InternalError",
]


class _Absent:
    """The one value that is none, which says so where an error is shown."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands for "no value is shown", since None is a value (``null``)."""

_WORDS: Final[dict[str, str]] = {
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
    "FieldValueTooMany": "Too many",
    "FieldValueTypeInvalid": "Invalid value",
    "FieldValueNotFound": "Not found",
    "InternalError": "Internal error",
}
_WITHOUT_VALUE: Final = frozenset(
    {
        "FieldValueRequired",
        "FieldValueForbidden",
        "FieldValueTooLong",
        "InternalError",
    }
)


@frozen
class FieldError:
    """One thing that is wrong with an object, as `field.Error` of apimachinery has it.

    Attributes:
        field: Where, such as ``spec.toppings[0].name``; ``<nil>`` for the whole object.
        reason: The machine-readable kind of fault.
        detail: The explanation after the value; may be empty.
        value: What stands there now; `ABSENT` where the server shows none.
    """

    field: str
    reason: Reason
    detail: str = ""
    value: Any = attrs.field(default=ABSENT)

    @property
    def message(self) -> str:
        """The text of the cause: kind of fault, value, explanation, without the field."""
        text = _WORDS[self.reason]
        if self.value is not ABSENT and self.reason not in _WITHOUT_VALUE:
            text = f"{text}: {_shown(self.value)}"
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def join(errors: Iterable[FieldError]) -> str:
    """Put errors into one line, as the message of an Invalid status has them: bracketed when several, equal ones once."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _shown(value: Any) -> str:
    """Print *value* as `field.Error` does: scalars with `%q` and `%v`, all else as JSON."""
    match value:
        case str():
            return gotext.quoted(value)
        case float():
            return gotext.number(value)
        case _:
            return gotext.json_text(value)
