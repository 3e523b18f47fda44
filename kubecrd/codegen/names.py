"""Python names for what Kubernetes names otherwise."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["class_name", "field_name", "shortest_names", "singular", "snake_case"]

_PLURAL_ACRONYM: Final = re.compile(r"([A-Z]{2,})s(?=[A-Z]|$)")
_WORD_ENDS: Final = re.compile(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])")
_NO_NAME: Final = re.compile(r"[^0-9A-Za-z_]+")
_TYPES: Final = frozenset({"at", "bool", "bytes", "dict", "dt", "float", "int", "list", "str", "self"})
"""A field of such a name would hide, from type checkers, a type that other fields of the class use."""


def snake_case(name: str) -> str:
    """Turn a JSON name into a Python name: ``clusterIPs`` to ``cluster_ips``, ``podCIDR`` to ``pod_cidr``."""
    words = _PLURAL_ACRONYM.sub(lambda match: match[1].capitalize() + "s", name)
    # Twice, for a word of one letter ends where the next begins.
    for _ in range(2):
        words = _WORD_ENDS.sub(lambda match: "_".join(part for part in match.groups() if part), words)
    return words.lower()


def field_name(name: str, taken: Collection[str] = (), reserved: Collection[str] = ()) -> str:
    """Give the attribute for the JSON name *name*, other than those *taken* by fields and *reserved* by the base class.

    A trailing underscore keeps it apart from keywords, types and what all objects have; it is not part of the JSON name.
    """
    plain = _NO_NAME.sub("_", snake_case(name)).strip("_") or "field"
    if plain[0].isdigit():
        plain = f"n{plain}"
    if keyword.iskeyword(plain) or plain in _TYPES or plain in reserved:
        plain = f"{plain}_"
    number, free = 1, plain
    while free in taken:
        number += 1
        free = f"{plain.rstrip('_')}_{number}"
    return free


def class_name(*words: str) -> str:
    """Join *words* to the name of a class: ``nodeAffinity``, ``term`` to ``NodeAffinityTerm``."""
    parts = [part for word in words for part in _NO_NAME.split(word) if part]
    name = "".join(part[0].upper() + part[1:] for part in parts)
    return f"N{name}" if name[:1].isdigit() else name


def singular(word: str) -> str:
    """Guess what one of many is called: ``policies`` to ``policy``, ``addresses`` to ``address``."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "Is")):
        return word[:-1]
    return word


def shortest_names(
    paths: Sequence[Sequence[str]], *, first: str, taken: Collection[str], whole: bool = False
) -> list[str]:
    """Name each path by *first* and as few of its last words as tell it from all others.

    Args:
        paths: Words from the outermost to the innermost; no two are the same.
        first: What every name begins with: the kind.
        taken: Names that none may have.
        whole: Whether every name has all words of its path, so that it stays when other paths come.
    """
    depths = [len(path) if whole else min(1, len(path)) for path in paths]
    while True:
        names = [class_name(first, *path[len(path) - depth :]) for path, depth in zip(paths, depths, strict=True)]
        owners: dict[str, list[int]] = {}
        for index, name in enumerate(names):
            owners.setdefault(name, []).append(index)
        clashes = [index for name, them in owners.items() if len(them) > 1 or name in taken for index in them]
        growing = [index for index in clashes if depths[index] < len(paths[index])]
        if not growing:
            return _numbered(names, taken)
        for index in growing:
            depths[index] += 1


def _numbered(names: list[str], taken: Collection[str]) -> list[str]:
    """Number what is still the same, as ``fooBar`` and ``foo-bar`` are when they become names of classes."""
    given: set[str] = set(taken)
    for index, name in enumerate(names):
        number, free = 1, name
        while free in given:
            number += 1
            free = f"{name}{number}"
        given.add(free)
        names[index] = free
    return names
