"""How many requests are sent to a server at a time, found out by how long it takes to answer."""

from __future__ import annotations

SLOWER = 2.0
"""How many times the quickest answer each may take."""

WAITING = 0.7
"""The same for each request at a time. With 1.0, the server does one after the other, and nothing
is won by sending more of them."""

NOISE = 0.005
"""Seconds that tell nothing."""


class Pace:
    """Rises while more requests bring more, and falls when their answers wait for each other.

    A server whose answers are far away can work on many at a time; on a small one they only wait
    for each other. `is_elastic` is for a service that grows with its load: all at once.
    """

    def __init__(self, limit: int, *, is_elastic: bool) -> None:
        self.allowed = limit if is_elastic else 2
        """Requests at a time."""
        self._limit = limit
        self._is_elastic = is_elastic
        self._quickest = float("inf")
        self._good = 0
        self._needed = 1
        """Quick answers before one more request is allowed; more after each fall."""

    def note(self, seconds: float) -> None:
        """An answer took that long."""
        if self._is_elastic:
            return
        self._quickest = min(self._quickest, seconds)
        if seconds > self._quickest * max(SLOWER, self.allowed * WAITING) + NOISE:
            if self.allowed > 1:
                self.allowed = max(1, self.allowed * 3 // 4)
                self._needed = min(self._needed * 4, 64)
            self._good = 0
            return
        self._good += 1
        if self._good >= self._needed and self.allowed < self._limit:
            self.allowed += 1
            self._good = 0
