"""Semantic versions (semver.org 2.0)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.cel.values import CelError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SemverValue", "compare_semvers", "read_semver"]

_NUMBER: Final = "0|[1-9][0-9]*"
_FORM: Final = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)


@frozen
class SemverValue:
    """A version; what stands after the plus does not count."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()
    text: str = ""
    cel_type = "kubernetes.Semver"

    def __str__(self) -> str:
        return self.text

    @property
    def rank(self) -> tuple[Any, ...]:
        """What versions are sorted by: a release comes after what leads to it, numbers before words."""
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, parts)


def read_semver(text: str, normalize: bool = False) -> SemverValue:  # noqa: FBT001, FBT002 - as in CEL
    """Read a version; *normalize* takes a leading v, missing parts and leading zeros too."""
    wanted = _normalized(text) if normalize else text
    match = _FORM.fullmatch(wanted)
    if match is None or any(
        part.isdigit() and len(part) > 1 and part[0] == "0" for part in (match[4] or "").split(".")
    ):
        raise CelError("No Major.Minor.Patch elements found" if wanted.count(".") < 2 else f"invalid semver {text!r}")
    pre = tuple(match[4].split(".")) if match[4] else ()
    return SemverValue(int(match[1]), int(match[2]), int(match[3]), pre, wanted)


def _normalized(text: str) -> str:
    numbers, mark, rest = re.match(r"v?([^-+]*)([-+]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    parts = [part.lstrip("0") or ("0" if part else "") for part in numbers.split(".")]
    return ".".join([*parts, *["0"] * (3 - len(parts))]) + mark + rest


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
