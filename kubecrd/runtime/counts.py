"""What a controller has done so far, as plain numbers that any metrics library can read."""

from __future__ import annotations

from attrs import define

__all__ = ["Counts"]


@define
class Counts:
    """Numbers that only grow.

    Attributes:
        runs: How often a reconciler was begun.
        failures: How often one failed.
        lists: How often a kind was listed from the start; a healthy controller does it once for each kind.
        watch_errors: How often a list or a watch failed, or an object did not fit its class.
        mapper_errors: How often a mapper failed.
    """

    runs: int = 0
    failures: int = 0
    lists: int = 0
    watch_errors: int = 0
    mapper_errors: int = 0

    def count(self, name: str) -> None:
        """Add one to the number *name*."""
        setattr(self, name, getattr(self, name) + 1)
