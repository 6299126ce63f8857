"""How many requests are sent to a server at a time, found out by its answers in a second."""

from __future__ import annotations

import time
from collections.abc import Callable

GAIN = 1.1
"""How many times as many answers must come, if twice as many requests are to stay allowed."""

ROUND = 2
"""Answers for each request that is allowed, after which they are counted."""

FIRST = 4
"""What is allowed after the first answer, whose time tells little: connections are made, and files
are read for the first time."""

REST = 32
"""Answers before more is tried again where it brought nothing; twice as many each time."""


class Pace:
    """Doubles what is allowed as long as that brings more answers, and else goes back.

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
        self._began = clock()
        self._answers = 0
        self._best = 0.0
        """Answers in a second with half as many requests."""
        self._first = True
        self._wanted = 1
        """Answers that end the round."""
        self._next_rest = REST

    def note(self) -> None:
        """An answer came."""
        self._answers += 1
        if self._is_elastic or self._answers < self._wanted:
            return
        now = self._clock()
        rate = self._answers / max(now - self._began, 1e-9)
        self._began, self._answers = now, 0
        if rate > self._best * GAIN:
            self._best = 0.0 if self._first else rate
            more = FIRST if self._first else self.allowed * 2
            self.allowed, self._first = min(self._limit, more), False
            self._wanted = ROUND * self.allowed
        else:
            self.allowed = max(1, self.allowed // 2)
            self._best = 0.0
            self._wanted = self._next_rest
            self._next_rest *= 2
