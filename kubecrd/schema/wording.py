"""What is wrong with a value, in the API server's words (kube-openapi `validation/errors`, apiextensions `validation`).

A finding is made where a keyword fails, before it is known where in the document that is; `at` gives it a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.resource.fielderrors import ABSENT, FieldError, Reason
from kubecrd.resource.gotext import Verbatim, json_text, number, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NO_FIELD",
    "RULES_NOT_CHECKED",
    "Finding",
    "duplicate",
    "forbidden",
    "go_struct",
    "immutable",
    "in_body",
    "invalid",
    "limit_text",
    "not_positive",
    "not_supported",
    "required",
    "too_long",
    "too_many",
    "unplaced",
    "unsupported",
    "wrong_type",
]

NO_FIELD: Final = "<nil>"
"""The field of an error that belongs to no field."""

_PATH: Final = "\0"


@frozen
class Finding:
    """A fault without its place.

    Attributes:
        reason: The kind of fault.
        text: The explanation, with a mark where the path of the field goes.
        value: What stands there.
        placed: Whether the error names the field; if not it names the root.
    """

    reason: Reason
    text: str = ""
    value: Any = ABSENT
    placed: bool = True

    def at(self, path: str, root: str | None = None) -> FieldError:
        """Put the finding at *path* below *root*, which is the field that the schema's root stands for."""
        name = path.removeprefix(".")
        if self.placed and name:
            field = name if root is None else f"{root}.{name}"
        else:
            field = NO_FIELD if root is None else root
        return FieldError(field, self.reason, self.text.replace(_PATH, path), self.value)


def in_body(what: str, value: Any, reason: Reason = "FieldValueInvalid") -> Finding:
    """``<path> in body <what>``."""
    return Finding(reason, f"{_PATH} in body {what}", value)


def wrong_type(wanted: str, found: str) -> Finding:
    """A value of the JSON type *found* where *wanted* was to be."""
    return in_body(f"must be of type {wanted}: {quoted(found)}", found, "FieldValueTypeInvalid")


def unplaced(before: str, after: str = "") -> Finding:
    """A fault that names its path in the text only."""
    return Finding("FieldValueInvalid", f"{before}{_PATH}{after}", "", placed=False)


def not_positive(factor: float) -> Finding:
    """A factor that nothing can be a multiple of; an integer value sees only its integer part, which may be 0."""
    return Finding(
        "FieldValueInvalid", f"factor MultipleOf declared for {_PATH} must be positive: {number(factor)}", factor
    )


def unsupported(value: Any, allowed: Iterable[Any]) -> Finding:
    """A value that is not in the list of those allowed."""
    shown = ", ".join(quoted(item if isinstance(item, str) else json_text(item)) for item in allowed)
    return Finding("FieldValueNotSupported", f"supported values: {shown}", value)


def too_long(most: int) -> Finding:
    """A string of more than *most* characters, which the server calls bytes."""
    return Finding("FieldValueTooLong", f"may not be more than {_counted(most, 'byte')}")


def too_many(actual: int, most: int) -> Finding:
    """A list or an object with more than *most* members."""
    return Finding("FieldValueTooMany", f"must have at most {_counted(most, 'item')}", actual)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def limit_text(limit: float) -> str:
    """Print a bound as the server does: integers plainly, floats with `%v`."""
    return number(limit)


RULES_NOT_CHECKED: Final = FieldError(
    NO_FIELD,
    "FieldValueInvalid",
    "some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
    None,
)
"""Stands in for the verdict of the CEL rules when an earlier error keeps them from running."""


# The constructors of apimachinery's `field` package, for errors whose place is known.


def required(path: str, detail: str = "") -> FieldError:
    """Something is missing at *path*."""
    return FieldError(path, "FieldValueRequired", detail)


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """The *value* at *path* will not do."""
    return FieldError(path, "FieldValueInvalid", detail, value)


def forbidden(path: str, detail: str) -> FieldError:
    """Nothing may stand at *path*, or not this."""
    return FieldError(path, "FieldValueForbidden", detail)


def duplicate(path: str, value: Any) -> FieldError:
    """The *value* at *path* has been there before."""
    return FieldError(path, "FieldValueDuplicate", "", value)


def not_supported(path: str, value: Any, allowed: Iterable[Any]) -> FieldError:
    """The *value* at *path* is none of those allowed."""
    return unsupported(value, allowed).at(path)


def immutable(path: str, value: Any) -> FieldError:
    """The *value* at *path* is not the old one, and must be."""
    return invalid(path, value, "field is immutable")


def go_struct(fields: dict[str, Any]) -> Verbatim:
    """Show a Go struct: its fields in the order given, values as JSON."""
    return Verbatim("{" + ",".join(f"{json_text(key)}:{json_text(value)}" for key, value in fields.items()) + "}")
