"""How many requests are sent to a server at a time, found out by its answers in a second."""

from __future__ import annotations

import time
from collections.abc import Callable

GAIN = 1.2
"""How many times as many answers must come, if more requests are to stay allowed."""

SHARE_WON = 0.85
"""The least share of what could be won at most, where more requests make more work: only a server
that is far away gives it."""

ROUND = 2
"""Answers for each request that is allowed, after which they are counted."""

BEYOND = 1.3
"""How many times more than can be won by more requests tells that the server itself has become
faster: MinIO takes ten times as long for the first pages of a listing as for those behind them."""

FIRST = 2
"""What is tried after one at a time. More would cost much where beginning in the middle is dear, as
on MinIO."""

THEN = 8
"""What is allowed where that brought more."""

ALONE = 2
"""Answers that are counted before more than one request is sent at a time."""

REST = 8
"""Answers before more is tried again where it brought nothing; twice as many each time."""


class RequestPace:
    """Allows more as long as that brings more answers, and else goes back.

    A server that is far away can work on many at a time; on a small one they only wait for each
    other. `is_elastic` is for a service that grows with its load: all at once. `is_dear` is for one
    to which the beginning of each part is dear.
    """

    def __init__(
        self,
        limit: int,
        *,
        is_elastic: bool,
        is_dear: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.allowed = limit if is_elastic else 1
        """Requests at a time."""
        self._limit = limit
        self._is_elastic = is_elastic
        self._is_dear = is_dear
        self._clock = clock
        self._began: float | None = None
        self._last = 0.0
        self._shortest = float("inf")
        """Seconds between two answers of the round."""
        self._answers = 0
        self._best = 0.0
        """Answers in a second with fewer requests."""
        self._fewer = 1
        """How many those were."""
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
        won = self._best * self.allowed / self._fewer
        if 0 < won * BEYOND < rate:
            # What it is compared with does not hold any more.
            self.allowed, self._best, self._wanted, self._next_rest = 1, 0.0, ALONE, REST
        elif rate > max(self._best * GAIN, won * SHARE_WON if self._is_dear else 0.0):
            self._best, self._fewer = rate, self.allowed
            steps = {1: FIRST, FIRST: THEN}
            self.allowed = min(self._limit, steps.get(self.allowed, self.allowed * 2))
            self._wanted = ROUND * self.allowed
        else:
            self.allowed = 1 if self.allowed <= FIRST else self.allowed // 2
            self._best = 0.0
            self._wanted = self._next_rest
            self._next_rest *= 2
