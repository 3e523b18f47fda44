"""What the API server checks about metadata.managedFields (apimachinery `meta/v1/validation`)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from .wording import invalid, too_long

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError

__all__ = ["check_managed_fields"]

_MANAGER_BYTES: Final = 128
_SUBRESOURCE_BYTES: Final = 256


def check_managed_fields(entries: list[dict[str, Any]], path: str) -> list[FieldError]:
    """List what is wrong with the entries of managedFields; who owns what is not looked at.

    Args:
        entries: The decoded entries.
        path: Where the list stands.
    """
    errors: list[FieldError] = []
    for index, entry in enumerate(entries):
        here = f"{path}[{index}]"
        if entry.get("operation") not in {"Apply", "Update"}:
            errors.append(invalid(f"{here}.operation", entry.get("operation", ""), "must be `Apply` or `Update`"))
        if entry.get("fieldsType") not in {None, "", "FieldsV1"}:
            errors.append(invalid(f"{here}.fieldsType", entry["fieldsType"], "must be `FieldsV1`"))
        errors += _check_manager(entry.get("manager", ""), f"{here}.manager")
        if len(entry.get("subresource", "").encode()) > _SUBRESOURCE_BYTES:
            errors.append(too_long(_SUBRESOURCE_BYTES).at(f"{here}.subresource"))
    return errors


def _check_manager(manager: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if len(manager.encode()) > _MANAGER_BYTES:
        errors.append(too_long(_MANAGER_BYTES).at(path))
    position = 0
    for letter in manager:
        # Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII blank.
        if letter != " " and unicodedata.category(letter)[0] not in "LMNPS":
            errors.append(invalid(path, manager, f"invalid character U+{ord(letter):04X} (at position {position})"))
        position += len(letter.encode())
    return errors
