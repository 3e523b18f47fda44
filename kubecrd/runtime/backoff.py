"""How long to wait before trying again: longer each time, a little at random, from the start again after good times."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import define, field, frozen

__all__ = ["Backoff", "Delays"]


@frozen(kw_only=True)
class Backoff:
    """A growing delay.

    Attributes:
        first: Seconds after the first failure; 0.8 by default, as in client-go's reflector.
        longest: Seconds at most.
        factor: How much longer each time.
        reset_after: Seconds without a failure after which it begins anew.
        jitter: Gives a number from 0 to 1; the delay is that part longer.
    """

    first: float = 0.8
    longest: float = 30.0
    factor: float = 2.0
    reset_after: float = 120.0
    jitter: Callable[[], float] = random.random

    def delay(self, failures: int) -> float:
        """Give the seconds to wait after so many failures in a row, which are at least one."""
        # 2.0 ** 1024 overflows; long before that the delay is as long as it gets.
        grown = self.first * self.factor ** min(failures - 1, 64)
        return min(self.longest, grown) * (1 + self.jitter() / 2)


@define
class Delays:
    """The delays of one thing that fails now and then.

    Attributes:
        backoff: How they grow.
        failures: In a row, so far.
    """

    backoff: Backoff
    failures: int = 0
    _failed_at: float = field(default=float("-inf"), init=False)

    def next(self, now: float, *, at_least: float = 0.0) -> float:
        """Note a failure, and give the seconds to wait."""
        if now - self._failed_at > self.backoff.reset_after:
            self.failures = 0
        self.failures += 1
        self._failed_at = now
        return max(at_least, self.backoff.delay(self.failures))
