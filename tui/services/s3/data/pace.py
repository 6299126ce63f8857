"""How many requests are sent to a server at a time, found out by its answers in a second."""

from __future__ import annotations

import time
from collections.abc import Callable

GAIN = 1.2
"""How many times as many answers must come, if twice as many requests are to stay allowed."""

ROUND = 2
"""Answers for each request that is allowed, after which they are counted."""

FIRST = 2
"""What is tried after one at a time. More would cost much where beginning in the middle is dear, as
on MinIO."""

THEN = 8
"""What is allowed where that brought more."""

ALONE = 2
"""Answers that are counted before more than one request is sent at a time."""

REST = 8
"""Answers before more is tried again where it brought nothing; twice as many each time."""


class Pace:
    """Allows more as long as that brings more answers, and else goes back.

    A server that is far away can work on many at a time; on a small one they only wait for each
    other. `is_elastic` is for a service that grows with its load: all at once.
    """

    def __init__(
        self, limit: int, *, is_elastic: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.allowed = limit if is_elastic else 1
        """Requests at a time."""
        self._limit = limit
        self._is_elastic = is_elastic
        self._clock = clock
        self._began: float | None = None
        self._last = 0.0
        self._shortest = float("inf")
        """Seconds between two answers of the round."""
        self._answers = 0
        self._best = 0.0
        """Answers in a second with fewer requests."""
        self._wanted = ALONE
        """Answers that end the round."""
        self._next_rest = REST

    def note(self) -> None:
        """An answer came."""
        if self._is_elastic:
            return
        now = self._clock()
        if self._began is None:
            # The first one tells little: connections are made, files are read for the first time.
            self._began = self._last = now
            return
        self._answers += 1
        self._shortest = min(self._shortest, max(now - self._last, 1e-9))
        self._last = now
        if self._answers < self._wanted:
            return
        rate = self._answers / max(now - self._began, 1e-9)
        if self.allowed == 1 and self._next_rest == REST:
            # A server that begins to read a listing is slow at first. Later the shortest of many
            # would be compared with the mean of a few.
            rate = 1 / self._shortest
        self._began, self._answers, self._shortest = now, 0, float("inf")
        if rate > self._best * GAIN:
            self._best = rate
            steps = {1: FIRST, FIRST: THEN}
            self.allowed = min(self._limit, steps.get(self.allowed, self.allowed * 2))
            self._wanted = ROUND * self.allowed
        else:
            self.allowed = 1 if self.allowed <= FIRST else self.allowed // 2
            self._best = 0.0
            self._wanted = self._next_rest
            self._next_rest *= 2
