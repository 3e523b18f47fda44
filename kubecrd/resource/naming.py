"""How a field appears in JSON: under which name, and whether null is a value there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from .records import value
from .typehints import plain, unalias

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Alias",
    "Flatten",
    "Nullable",
    "Open",
    "Skip",
    "camel_case",
    "has_marker",
    "markers",
    "plural_of",
    "wire_name",
    "wire_type",
]

_HUMP = re.compile(r"_+([a-zA-Z0-9])")


@value
class Alias:
    """The JSON name of a field where the rule of `camel_case` fails.

    ``cluster_ip: Annotated[str, Alias("clusterIP")]``
    """

    name: str


@value
class Nullable:
    """Marks the rare field where null is a value: None is sent as ``null`` instead of being left out."""


@value
class Flatten:
    """The fields of the value stand among those of the object around it, as Go's ``json:",inline"``.

    ``common: Annotated[Common, Flatten()]``; with a ``dict[str, Any]`` the field holds whatever no other field knows.
    """


@value
class Open:
    """A ``Literal`` is what one may write, but not all that one may read: a newer server may know more values.

    ``phase: Annotated[Literal["Active", "Terminating"], Open()]`` is checked by type checkers, and decodes any text.
    """


@value
class Skip:
    """The field is Python's own: it is not in the schema, is never sent, and has its default when an object is read."""


def camel_case(name: str) -> str:
    """Turn a Python name into a JSON name: ``min_replicas`` to ``minReplicas``, ``from_`` to ``from``."""
    return _HUMP.sub(lambda match: match[1].upper(), name.rstrip("_"))


def markers(hint: Any) -> Iterator[Any]:
    """Yield what stands beside the type in ``Annotated``, also inside aliases and ``Optional``."""
    metadata = getattr(hint, "__metadata__", None)
    if metadata is not None:
        yield from metadata
        yield from markers(hint.__origin__)
    elif unalias(hint) is not hint:
        yield from markers(unalias(hint))
    elif type(None) in (parts := get_args(hint)) and len(parts) == 2:
        # Not `members`, which opens an alias for a union and so loses what stands beside it.
        yield from markers(parts[0] if parts[1] is type(None) else parts[1])


def has_marker(hint: Any, kind: type) -> bool:
    """Say whether a marker of the class *kind* stands beside the type."""
    return any(isinstance(marker, kind) for marker in markers(hint))


def wire_name(name: str, hint: Any) -> str:
    """Give the JSON name of the attribute *name* with the type *hint*."""
    return next((marker.name for marker in markers(hint) if isinstance(marker, Alias)), None) or camel_case(name)


def wire_type(hint: Any) -> Any:
    """Give the type that a value of the type *hint* has in JSON: of an open ``Literal``, the type of its values."""
    base = plain(hint)
    if get_origin(base) is Literal and has_marker(hint, Open):
        return type(get_args(base)[0])
    return base


_PLURALS = {
    "endpoints": "endpoints",
    "endpointslices": "endpointslices",
    "nodemetrics": "nodes",
    "podmetrics": "pods",
}
_ES = ("s", "x", "z", "ch", "sh")


def plural_of(kind: str) -> str:
    """Guess the plural of *kind* in lower case by the rules of English, as kubebuilder and kube-rs do.

    Only a guess: what the server calls a kind is in its discovery.
    """
    word = kind.lower()
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith(_ES):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"
