"""Which failures are worth trying again, and when.

A request that may have been carried out is sent again only if doing it twice is doing it once: reads, replaces, deletes.
A create or a patch is sent again only when the server says that it did nothing: 429, with or without a time.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from attrs import frozen

from kubecrd.errors import StatusError, TransportError

__all__ = ["RetryPolicy"]

_REPEATABLE: Final = frozenset({"get", "list", "watch", "update", "delete", "deletecollection"})
_BUSY: Final = frozenset({429, 503, 504})


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how long to try.

    Attributes:
        tries: At most so many times in all; 1 tries once.
        first: Seconds before the second try; then twice as long each time.
        longest: Seconds between two tries, at most.
        deadline: Seconds in all after which nothing is tried any more.
        jitter: Gives a number from 0 to 1; half of each delay is multiplied by it, so that clients do not come in step.
    """

    tries: int = 6
    first: float = 0.1
    longest: float = 5.0
    deadline: float = 30.0
    jitter: Callable[[], float] = random.random

    def delay(self, verb: str, tried: int, elapsed: float, error: StatusError | TransportError) -> float | None:
        """Say how many seconds to wait before the next try; None to give up.

        Args:
            verb: Of the request.
            tried: How often it has been sent.
            elapsed: Seconds since it was first sent.
            error: What came of the last try.
        """
        if tried >= self.tries or not self._is_worth_it(verb, error):
            return None
        delay = min(self.longest, self.first * 2 ** (tried - 1))
        delay = delay / 2 + delay / 2 * self.jitter()
        if isinstance(error, StatusError) and error.status.details and error.status.details.retry_after_seconds:
            delay = max(delay, float(error.status.details.retry_after_seconds))
        return delay if elapsed + delay <= self.deadline else None

    def _is_worth_it(self, verb: str, error: StatusError | TransportError) -> bool:
        if isinstance(error, StatusError):
            code = error.status.code or 0
            return code == 429 or (code in _BUSY and verb in _REPEATABLE)
        return verb in _REPEATABLE
