"""The tokens of a text, as the lexer that ANTLR generates of CEL's grammar finds them, and what it says of the rest.

Only texts that do not parse are read so, for what is said of them. The lexer takes the longest token; where none begins, it
tells what it has read, and goes on behind that.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["EOF", "LexerFault", "Token", "tokens_of"]

EOF: Final = "<EOF>"

_ESCAPE: Final = r"\\(?:[abfnrtv\"'`?\\]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})"
_STRING: Final = (
    rf'(?:"""(?:{_ESCAPE}|[^\\])*?"""|\'\'\'(?:{_ESCAPE}|[^\\])*?\'\'\''
    rf'|"(?:{_ESCAPE}|[^\\"\r\n])*"|\'(?:{_ESCAPE}|[^\\\'\r\n])*\''
    r'|[rR]"""[\s\S]*?"""|[rR]\'\'\'[\s\S]*?\'\'\'|[rR]"[^"\r\n]*"|[rR]\'[^\'\r\n]*\')'
)
_KINDS: Final = (
    ("HIDDEN", r"[\t \r\n\f]+|//[^\n]*"),
    ("BYTES", rf"[bB]{_STRING}"),
    ("STRING", _STRING),
    ("NUM_FLOAT", r"[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?"),
    ("NUM_UINT", r"0x[0-9a-fA-F]+[uU]|[0-9]+[uU]"),
    ("NUM_INT", r"0x[0-9a-fA-F]+|[0-9]+"),
    ("IDENTIFIER", r"[a-zA-Z_][a-zA-Z0-9_]*"),
    ("ESC_IDENTIFIER", r"`[a-zA-Z0-9_.\-/ ]+`"),
    ("SIGN", r"==|!=|<=|>=|&&|\|\||[<>\[\]{}().,\-!?:+*/%]"),
)
_TOKEN: Final = re.compile("|".join(f"(?P<{kind}>{form})" for kind, form in _KINDS))
_WORDS: Final = frozenset({"in", "true", "false", "null"})
_BEGUN: Final = re.compile(rf'"(?:{_ESCAPE}|[^\\"\r\n])*|\'(?:{_ESCAPE}|[^\\\'\r\n])*|`[a-zA-Z0-9_.\-/ ]*|[=&|]')
"""What could become a token."""

_BEGUN_ESCAPE: Final = re.compile(r"\\(?:[0-3][0-7]?|[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7})?")


class Token(NamedTuple):
    """A token.

    Attributes:
        kind: A sign or a word as it is written, or the name of a class of tokens, such as ``NUM_INT``.
        text: As it is written.
        position: Where it begins.
    """

    kind: str
    text: str
    position: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.position + (0 if self.kind == EOF else len(self.text))


class LexerFault(NamedTuple):
    """A piece of the text that is no token."""

    text: str
    position: int


def tokens_of(text: str) -> tuple[list[Token], list[LexerFault]]:
    """Cut *text* into tokens, without blanks and comments, and an end behind them."""
    tokens: list[Token] = []
    faults: list[LexerFault] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            end = _failed_at(text, place)
            faults.append(LexerFault(text[place : end + 1], place))
            place = end + 1
            continue
        kind = match.lastgroup or ""
        if kind == "SIGN" or match[0] in _WORDS:
            kind = match[0]
        if kind != "HIDDEN":
            tokens.append(Token(kind, match[0], place))
        place = match.end()
    tokens.append(Token(EOF, EOF, len(text)))
    return tokens, faults


def _failed_at(text: str, place: int) -> int:
    """Give where the lexer gives up on what begins at *place*."""
    begun = _BEGUN.match(text, place)
    if begun is None:
        return place
    escape = _BEGUN_ESCAPE.match(text, begun.end()) if text[place] in "\"'" else None
    return escape.end() if escape else begun.end()
