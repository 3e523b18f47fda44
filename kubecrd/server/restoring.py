"""What is wrong with a value, in the words of the converter that turns a map into a Go object.

A strategic merge patch is not written as JSON before it is decoded, so the server does not speak of JSON then
(apimachinery `runtime.DefaultUnstructuredConverter`).
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["restoring_fault"]

_MISMATCH: Final = re.compile(r"json: cannot unmarshal (\w+)( \S+)? into Go (?:struct field \S+|value) of type (\S+)")
_KINDS: Final = {"object": "map", "array": "slice", "string": "string", "bool": "bool"}
_NUMERIC: Final = ("int", "uint", "float")


def restoring_fault(fault: str) -> str:
    """Give the converter's words for what the JSON decoder calls *fault*.

    A number where a text belongs is told as an integer, since the decoder does not say which it was.
    """
    match = _MISMATCH.fullmatch(fault)
    if match is None:
        return f"error decoding from json: {fault}" if fault.startswith("illegal base64") else fault
    found, amount, wanted = match.groups()
    kind = _KINDS.get(found) or ("float64" if amount and not amount.strip().lstrip("-").isdigit() else "int64")
    if wanted.startswith("map["):
        return f"cannot restore map from {kind}"
    if wanted.startswith("[]"):
        return f"cannot restore slice from {kind}"
    if "." in wanted and wanted != "types.UID":
        return f"cannot restore struct from: {kind}"
    plain = "string" if wanted == "types.UID" else wanted
    # Go converts numbers to numbers and integers to text, and only then sees that JSON would not.
    convertible = found == "number" and (plain.startswith(_NUMERIC) or (plain == "string" and kind == "int64"))
    return f"cannot convert {kind} to {wanted}" if convertible else f"unrecognized type: {plain}"
