"""Who watches rules while they run, anywhere in this process: nobody, unless a test run asks to.

Coverage needs to know what became of each rule, whoever ran it: `validate`, an `ObjectValidator`, or the embedded server in
another thread. So watchers are of the process, not of a task.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .rules import Rule, SchemaRules

__all__ = ["Watcher", "observer_for", "watching"]

Watcher: TypeAlias = "Callable[[SchemaRules, Rule, Any], None]"
"""Called with the rules of a schema, the one of them that ran, and its outcome: True, False or a `CelError`."""

_watchers: list[Watcher] = []


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let *watcher* see every rule that runs in this process, in any thread, until the block ends."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def observer_for(rules: SchemaRules, observe: Callable[[Rule, Any], None] | None) -> Callable[[Rule, Any], None] | None:
    """Give what tells all watchers, and *observe*, of the rules that run; None where nobody looks.

    Args:
        rules: Those that are about to run.
        observe: Who looks at this run alone.
    """
    if not _watchers:
        return observe
    watchers = tuple(_watchers)

    def tell(rule: Rule, outcome: Any) -> None:
        if observe is not None:
            observe(rule, outcome)
        for watcher in watchers:
            watcher(rules, rule, outcome)

    return tell
