"""How ANTLR's parsers go on after a fault: they leave a token out, think one up, or skip to where something may follow.

Source: ANTLR's `DefaultErrorStrategy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from .issues import Issue
from .tokens import EOF, Token, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FaultError", "Follow", "GaveUpError", "RecoveringParser"]

T = TypeVar("T")

_ORDER: Final = (
    *("==", "!=", "in", "<", "<=", ">=", ">", "&&", "||", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":"),
    *("+", "*", "/", "%", "true", "false", "null", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES"),
    *("IDENTIFIER", "ESC_IDENTIFIER"),
)
"""The order in which ANTLR lists them: that of the grammar."""

_MOST_RECOVERIES: Final = 30


class Follow(NamedTuple):
    """What may come next.

    Attributes:
        kinds: Of tokens, in the rule at hand.
        may_end: Whether the rule may be over, so that what follows it may come too.
    """

    kinds: frozenset[str]
    may_end: bool = False


class FaultError(Exception):
    """A rule cannot go on; it skips to where its callers can."""

    def __init__(self, token: Token, message: str) -> None:
        super().__init__(message)
        self.token = token


class GaveUpError(Exception):
    """There was too much to recover from."""


class RecoveringParser:
    """What rules of a grammar are written with, so that they fail and go on as ANTLR's do.

    Args:
        text: What is read.

    Attributes:
        issues: What is wrong with it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens, self._lexer_faults = tokens_of(text)
        self.issues = [
            Issue(fault.position, f"Syntax error: token recognition error at: '{fault.text}'")
            for fault in self._lexer_faults
        ]
        self._place = 0
        self._frames: list[Follow] = []
        self._is_recovering = False
        self._failed: set[str] = set()
        self._failed_at = -1
        self._recoveries = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._place]

    def _kind(self, ahead: int = 0) -> str:
        return self._tokens[min(self._place + ahead, len(self._tokens) - 1)].kind

    def _consume(self) -> Token:
        token = self._token
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _expected(self, follow: Follow) -> frozenset[str]:
        """Give all that may come next, in this rule or in those that called it."""
        kinds = follow.kinds
        for frame in reversed(self._frames):
            if not follow.may_end:
                return kinds
            follow = frame
            kinds |= follow.kinds
        return kinds | {EOF} if follow.may_end else kinds

    def _report(self, token: Token, message: str) -> None:
        if not self._is_recovering:
            self._is_recovering = True
            self.issues.append(Issue(token.position, f"Syntax error: {_without_words(message)}"))

    def _matched(self) -> None:
        self._is_recovering = False
        self._failed = set()
        self._failed_at = -1

    def _match(self, kind: str, follow: Follow) -> Token | None:
        """Take a token of *kind*, which *follow* may come behind; None where it had to be thought up."""
        if self._kind() == kind:
            self._matched()
            return self._consume()
        expected = Follow(frozenset({kind}))
        if self._delete(expected):
            return self._consume()
        if self._kind() in self._expected(follow):
            self._report(self._token, f"missing {_listed([kind])} at {_display(self._token)}")
            return None
        raise self._mismatch(expected)

    def _delete(self, follow: Follow) -> bool:
        """Leave a token out if what comes behind it is expected."""
        expected = self._expected(follow)
        if self._kind(1) not in expected:
            return False
        self._report(self._token, f"extraneous input {_display(self._token)} expecting {_listed(expected)}")
        self._consume()
        self._matched()
        return True

    def _mismatch(self, follow: Follow) -> FaultError:
        expected = _listed(self._expected(follow))
        return FaultError(self._token, f"mismatched input {_display(self._token)} expecting {expected}")

    def _sync(self, kinds: frozenset[str]) -> None:
        """Make sure that what comes next is known here, where the rule cannot be over."""
        if self._is_recovering or self._kind() in kinds or self._delete(Follow(kinds)):
            return
        raise self._mismatch(Follow(kinds))

    def _sync_loop(self, kinds: frozenset[str]) -> None:
        """As `_sync`, behind a turn of a loop: skip what is not known."""
        if self._is_recovering or self._kind() in kinds:
            return
        expected = self._expected(Follow(kinds))
        self._report(self._token, f"extraneous input {_display(self._token)} expecting {_listed(expected)}")
        self._skip(expected | self._recovery_set())

    def _no_way(self, ahead: int) -> FaultError:
        """Say that no alternative goes on with the token so far *ahead*."""
        first, last = self._token, self._tokens[min(self._place + ahead, len(self._tokens) - 1)]
        read = EOF if first.kind == EOF else self._read(first.position, last.end)
        return FaultError(last, f"no viable alternative at input '{_shown(read)}'")

    def _read(self, start: int, end: int) -> str:
        """Give a part of the text without what is no token."""
        for fault in reversed(self._lexer_faults):
            if start <= fault.position < end:
                return self._read(start, fault.position) + self._read(fault.position + len(fault.text), end)
        return self._text[start:end]

    def _recovery_set(self) -> frozenset[str]:
        return frozenset().union(*(frame.kinds for frame in self._frames))

    def _skip(self, kinds: frozenset[str]) -> None:
        while self._kind() not in {*kinds, EOF}:
            self._consume()

    def _rule(self, name: str, rule: Callable[[], T], follow: Follow) -> T | None:
        """Run *rule*, which *follow* comes behind; where it fails, skip to what its callers know."""
        self._frames.append(follow)
        try:
            return rule()
        except FaultError as fault:
            self._report(fault.token, str(fault))
            self._recover(name)
            return None
        finally:
            self._frames.pop()

    def _recover(self, state: str) -> None:
        if self._recoveries == _MOST_RECOVERIES:
            raise GaveUpError(f"error recovery attempt limit exceeded: {_MOST_RECOVERIES}")
        self._recoveries += 1
        if self._failed_at == self._place and state in self._failed:
            self._consume()
        self._failed_at = self._place
        self._failed.add(state)
        self._skip(self._recovery_set())


def _shown(text: str) -> str:
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _display(token: Token) -> str:
    return f"'{_shown(token.text)}'"


def _listed(kinds: frozenset[str] | list[str]) -> str:
    shown = [EOF] if EOF in kinds else []
    shown += [kind if kind.isupper() else f"'{kind}'" for kind in _ORDER if kind in kinds]
    return shown[0] if len(shown) == 1 else f"{{{', '.join(shown)}}}"


def _without_words(message: str) -> str:
    """Say of a word that is no name what was said before ANTLR was used."""
    if not message.startswith("no viable alternative at input '."):
        return message
    word = message.removeprefix("no viable alternative at input '.").removesuffix("'")
    return f"mismatched input '{word}' expecting IDENTIFIER" if word in {"true", "false", "null"} else message
