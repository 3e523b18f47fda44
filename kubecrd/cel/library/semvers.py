"""Semantic versions (semver.org 2.0), as blang/semver reads them, in its words where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.cel.values import UINT_MAX, CelError
from kubecrd.resource.gotext import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "SemverValue", "compare_semvers", "read_semver"]

_DIGITS: Final = frozenset("0123456789")
_WORD: Final = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")
_NUMBERS: Final = ("major", "minor", "patch")


@frozen(eq=False)
class SemverValue:
    """A version; what stands after the plus does not count."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    cel_type = "kubernetes.Semver"

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        text += f"-{'.'.join(self.pre)}" if self.pre else ""
        return text + (f"+{'.'.join(self.build)}" if self.build else "")

    @property
    def rank(self) -> tuple[Any, ...]:
        """What versions are sorted by: a release comes after what leads to it, numbers before words."""
        parts = tuple((0, int(part), "") if _DIGITS.issuperset(part) else (1, 0, part) for part in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SemverValue) and self.rank == other.rank

    def __hash__(self) -> int:
        return hash(self.rank)


def read_semver(text: Any, normalize: bool = False) -> SemverValue:  # noqa: FBT001, FBT002 - as in CEL
    """Read a version; *normalize* takes a leading v, missing parts and leading zeros too."""
    if not isinstance(text, str):
        raise CelError("no such overload")
    parts = _normalized(text) if normalize else text.split(".", 2)
    if not normalize and not text:
        raise CelError("Version string empty")
    if len(parts) != len(_NUMBERS):
        raise CelError("No Major.Minor.Patch elements found")
    rest, plus, build = parts[2].partition("+")
    parts[2], dash, pre = rest.partition("-")
    major, minor, patch = (_number(name, part) for name, part in zip(_NUMBERS, parts, strict=True))
    before = tuple(pre.split(".")) if dash else ()
    after = tuple(build.split(".")) if plus else ()
    for part in before:
        _check_prerelease(part)
    for part in after:
        if not part:
            raise CelError("Build meta data is empty")
        if not _WORD.issuperset(part):
            raise CelError(f"Invalid character(s) found in build meta data {quoted(part)}")
    return SemverValue(major, minor, patch, before, after)


def _number(name: str, text: str) -> int:
    if not _DIGITS.issuperset(text):
        raise CelError(f"Invalid character(s) found in {name} number {quoted(text)}")
    if len(text) > 1 and text[0] == "0":
        raise CelError(f"{name.title()} number must not contain leading zeroes {quoted(text)}")
    return _parsed_uint(text)


def _parsed_uint(text: str) -> int:
    if not text:
        raise CelError('strconv.ParseUint: parsing "": invalid syntax')
    if int(text) > UINT_MAX:
        raise CelError(f"strconv.ParseUint: parsing {quoted(text)}: value out of range")
    return int(text)


def _check_prerelease(text: str) -> None:
    if not text:
        raise CelError("Prerelease is empty")
    if not _WORD.issuperset(text):
        raise CelError(f"Invalid character(s) found in prerelease {quoted(text)}")
    if _DIGITS.issuperset(text):
        if len(text) > 1 and text[0] == "0":
            raise CelError(f"Numeric PreRelease version must not contain leading zeroes {quoted(text)}")
        _parsed_uint(text)


def _normalized(text: str) -> list[str]:
    parts = [_without_zeros(part) for part in text.removeprefix("v").split(".", 2)]
    if len(parts) < len(_NUMBERS) and not {"+", "-"}.isdisjoint(parts[-1]):
        raise CelError("short version cannot contain PreRelease/Build meta data")
    return parts + ["0"] * (len(_NUMBERS) - len(parts))


def _without_zeros(part: str) -> str:
    if len(part) <= 1:
        return part
    rest = part.lstrip("0")
    return rest if rest and rest[0] in _DIGITS else f"0{rest}"


def compare_semvers(left: SemverValue, right: SemverValue) -> int:
    """Order two versions; negative, zero or positive."""
    return int(left.rank > right.rank) - int(left.rank < right.rank)


def is_semver(text: Any, normalize: bool = False) -> bool:  # noqa: FBT001, FBT002 - as in CEL
    """Say whether *text* is a version."""
    try:
        read_semver(text, normalize)
    except CelError:
        return False
    return True


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "isSemver": is_semver,
    "major": lambda value: value.major,
    "minor": lambda value: value.minor,
    "patch": lambda value: value.patch,
    "semver": read_semver,
}
