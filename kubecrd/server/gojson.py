"""JSON as the API server reads it: its numbers, its duplicate keys, and Go's words for what is no JSON."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from attrs import field, frozen

__all__ = ["JsonNumberError", "JsonSyntaxError", "Parsed", "go_type_name", "parse_json", "syntax_error"]

_MAX_DEPTH: Final = 10_000
_INT64_DIGITS: Final = 20
_INT64: Final = range(-(2**63), 2**63)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class JsonSyntaxError(ValueError):
    """A text is not JSON; the message is that of Go's encoding/json."""


class JsonNumberError(JsonSyntaxError):
    """A number is beyond float64. Go finds this only after it has seen the kind of the object.

    Attributes:
        document: What the text holds otherwise, with an infinity in the number's place.
    """

    def __init__(self, message: str, document: Any) -> None:
        super().__init__(message)
        self.document = document


@frozen
class Parsed:
    """A JSON document.

    Attributes:
        document: What it holds; of repeated keys the last one.
        duplicates: The paths of repeated keys such as ``spec.a`` or ``spec.l[0].a``, once each, in order.
    """

    document: Any
    duplicates: tuple[str, ...] = field(default=())


def parse_json(text: bytes) -> Parsed:
    """Read *text* as the server does: integers beyond int64 become floats, lone surrogates U+FFFD.

    Raises:
        JsonSyntaxError: *text* is not JSON, or nests deeper than 10000 levels.
        JsonNumberError: it holds a number beyond float64.
    """
    repeated = False
    too_big: list[str] = []

    def number(text: str) -> float:
        value = float(text)
        if math.isinf(value):
            too_big.append(text)
        return value

    def integer(text: str) -> int | float:
        value = int(text) if len(text) <= _INT64_DIGITS else None
        return value if value is not None and value in _INT64 else number(text)

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(pairs)
        repeated = repeated or len(found) != len(pairs)
        return found

    decoded = text.decode("utf-8", errors="replace")
    try:
        document = json.loads(
            decoded, object_pairs_hook=members, parse_int=integer, parse_float=number, parse_constant=_no_constant
        )
    except RecursionError:
        raise JsonSyntaxError("exceeded max depth") from None
    except ValueError:
        raise JsonSyntaxError(syntax_error(text)) from None
    if too_big:
        raise JsonNumberError(f"json: cannot unmarshal number {too_big[0]} into Go value of type float64", document)
    if "\\ud" in decoded or "\\uD" in decoded:
        document = _without_surrogates(document)
    return Parsed(document, tuple(_duplicates(decoded)) if repeated else ())


def go_type_name(value: Any) -> str:
    """Name the JSON type of *value* as Go's unmarshalling errors do; null has no name there."""
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _without_surrogates(value: Any) -> Any:
    match value:
        case dict():
            return {_without_surrogates(key): _without_surrogates(member) for key, member in value.items()}
        case list():
            return [_without_surrogates(item) for item in value]
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case _:
            return value


def _duplicates(text: str) -> list[str]:
    """Give the paths of repeated keys, in the order in which the repetitions appear."""

    class Members(list[tuple[str, Any]]):
        """The members of an object, repeated ones too."""

    found: dict[str, None] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, Members):
            seen = set()
            for key, member in value:
                at = f"{path}.{key}" if path else key
                if key in seen:
                    found[at] = None
                seen.add(key)
                walk(member, at)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                walk(item, f"{path}[{index}]")

    walk(json.loads(text, object_pairs_hook=Members), "")
    return list(found)


_BLANKS: Final = b" \t\r\n"
_STRING: Final = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*')
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LITERALS: Final = {ord("t"): b"true", ord("f"): b"false", ord("n"): b"null"}


def syntax_error(text: bytes) -> str:
    """Say what Go's encoding/json finds wrong with *text*, which is known not to be JSON."""
    try:
        _Scanner(text).scan()
    except JsonSyntaxError as error:
        return str(error)
    return "unexpected end of JSON input"


class _Scanner:
    """Walks over a text the way Go's scanner does, byte by byte, to where it gives up.

    The states are those of encoding/json's scanner.go; each ends in one of its messages.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0
        self._open: list[int] = []

    def scan(self) -> None:
        self._value()
        while self._open:
            closing = b"}" if self._open[-1] == ord("{") else b"]"
            byte = self._next()
            if byte == closing[0]:
                self._open.pop()
            elif byte == ord(","):
                if closing == b"}":
                    self._key()
                self._value()
            else:
                self._refuse(byte, "after object key:value pair" if closing == b"}" else "after array element")
        while self._at < len(self._text):
            if self._text[self._at] not in _BLANKS:
                self._refuse(self._text[self._at], "after top-level value")
            self._at += 1

    def _value(self) -> None:
        """Pass over a value, or into an object or list as far as its first scalar."""
        while True:
            byte = self._next()
            if byte == ord("{"):
                self._enter(byte)
                if self._peek() == ord("}"):
                    self._close()
                    return
                self._key()
            elif byte == ord("["):
                self._enter(byte)
                if self._peek() == ord("]"):
                    self._close()
                    return
            else:
                self._scalar(byte)
                return

    def _enter(self, byte: int) -> None:
        self._open.append(byte)
        if len(self._open) > _MAX_DEPTH:
            raise JsonSyntaxError("exceeded max depth")

    def _close(self) -> None:
        self._next()
        self._open.pop()

    def _key(self) -> None:
        byte = self._next()
        if byte != ord('"'):
            self._refuse(byte, "looking for beginning of object key string")
        self._string()
        byte = self._next()
        if byte != ord(":"):
            self._refuse(byte, "after object key")

    def _scalar(self, byte: int) -> None:
        if byte == ord('"'):
            self._string()
        elif byte in _LITERALS:
            self._literal(_LITERALS[byte])
        elif byte == ord("-") or 0x30 <= byte <= 0x39:
            self._number()
        else:
            self._refuse(byte, "looking for beginning of value")

    def _string(self) -> None:
        match = _STRING.match(self._text, self._at - 1)
        assert match is not None
        self._at = match.end()
        byte = self._byte()
        if byte == ord('"'):
            return
        if byte != ord("\\"):
            self._refuse(byte, "in string literal")
        if (byte := self._byte()) != ord("u"):
            self._refuse(byte, "in string escape code")
        while (byte := self._byte()) in b"0123456789abcdefABCDEF":
            pass
        self._refuse(byte, "in \\u hexadecimal character escape")

    def _literal(self, word: bytes) -> None:
        for wanted in word[1:]:
            if (byte := self._byte()) != wanted:
                self._refuse(byte, f"in literal {word.decode()} (expecting '{chr(wanted)}')")

    def _number(self) -> None:
        match = _NUMBER.match(self._text, self._at - 1)
        if match is None:  # only a lone minus sign
            self._refuse(self._byte(), "in numeric literal")
        self._at = match.end()
        rest = self._text[self._at : self._at + 1]
        if rest == b"." and not re.search(rb"[.eE]", match[0]):
            self._at += 1
            self._refuse(self._byte(), "after decimal point in numeric literal")
        if rest in {b"e", b"E"} and not re.search(rb"[eE]", match[0]):
            self._at += 1
            if self._text[self._at : self._at + 1] in {b"+", b"-"}:
                self._at += 1
            self._refuse(self._byte(), "in exponent of numeric literal")

    def _peek(self) -> int | None:
        while self._at < len(self._text) and self._text[self._at] in _BLANKS:
            self._at += 1
        return self._text[self._at] if self._at < len(self._text) else None

    def _next(self) -> int:
        self._peek()
        return self._byte()

    def _byte(self) -> int:
        if self._at >= len(self._text):
            raise JsonSyntaxError("unexpected end of JSON input")
        self._at += 1
        return self._text[self._at - 1]

    def _refuse(self, byte: int, where: str) -> NoReturn:
        raise JsonSyntaxError(f"invalid character {_quoted(byte)} {where}")


_ESCAPES: Final = {0x07: "\\a", 0x08: "\\b", 0x0C: "\\f", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x0B: "\\v"} | {
    ord("'"): "\\'",
    ord("\\"): "\\\\",
}


def _quoted(byte: int) -> str:
    """Quote one byte as Go does in these messages."""
    if byte in _ESCAPES:
        return f"'{_ESCAPES[byte]}'"
    return f"'{chr(byte)}'" if 0x20 <= byte < 0x7F else f"'\\x{byte:02x}'"
