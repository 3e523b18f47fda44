"""The functions of CEL and of Kubernetes' libraries, by name; each takes whatever its overloads take, told apart by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import (
    addresses,
    authorizer,
    formats,
    formatting,
    lists,
    optionals,
    quantities,
    regexes,
    semvers,
    standard,
    strings,
    times,
    urls,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS"]

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    **authorizer.FUNCTIONS,
    **standard.FUNCTIONS,
    **strings.FUNCTIONS,
    **regexes.FUNCTIONS,
    **times.FUNCTIONS,
    **optionals.FUNCTIONS,
    **addresses.FUNCTIONS,
    **urls.FUNCTIONS,
    **quantities.FUNCTIONS,
    **lists.FUNCTIONS,
    **formats.FUNCTIONS,
    **formatting.FUNCTIONS,
    **semvers.FUNCTIONS,
}
"""What computes each function that is declared, but for the operators."""
