"""The way from the threads of the native client to the event loop that waits for its answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.services.s3.data.body import Stop, StoppedError

T = TypeVar("T")

LOOK_SECONDS = 0.5
"""Seconds between two looks at whether a request is still wanted."""

GRACE_SECONDS = 3.0
"""Seconds that a request in flight is given to end after its transfer was cancelled."""


@dataclass
class _Expected:
    """An answer that is waited for."""

    stop: Stop
    longest: float
    has_begun: bool
    """Whether its request has been sent, or is about to be."""
    waited: float = 0.0
    """Seconds since then."""
    stopped: float = 0.0
    has_arrived: bool = False


class Answers(Generic[T]):
    """The answers to requests under way, brought from the client's threads to one event loop.

    Those that arrive together wake the loop once, and one timer looks after all requests: each
    would cost more than a small request itself.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._expected: dict[asyncio.Future[T], _Expected] = {}
        self._arrived: deque[tuple[asyncio.Future[T], T]] = deque()
        self._waking = False
        self._looking = False

    def expect(self, stop: Stop, longest: float, *, has_begun: bool = True) -> asyncio.Future[T]:
        """The answer to a request that is about to be sent, and given up after `longest` seconds.
        One that still waits for its turn has not begun: its time counts from `begin` on.

        It raises TimeoutError then, and StoppedError once `stop` has been set for a while.
        """
        answer: asyncio.Future[T] = self._loop.create_future()
        self._expected[answer] = _Expected(stop, longest, has_begun)
        if not self._looking:
            self._looking = True
            self._loop.call_later(LOOK_SECONDS, self._look)
        return answer

    def begin(self, answer: asyncio.Future[T]) -> None:
        """The turn of its request has come."""
        self._expected[answer].has_begun = True

    def arrived(self, answer: asyncio.Future[T], outcome: T) -> None:
        """Take an answer; called on any thread."""
        self._arrived.append((answer, outcome))
        if not self._waking:
            self._waking = True
            # The application may have ended meanwhile.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hand_over)

    def forget(self, answer: asyncio.Future[T]) -> bool:
        """Wait for it no more; whether it has arrived."""
        expected = self._expected.pop(answer, None)
        return expected is None or expected.has_arrived

    def _hand_over(self) -> None:
        # Before the queue is read: what arrives from now on wakes the loop again.
        self._waking = False
        while self._arrived:
            answer, outcome = self._arrived.popleft()
            if answer in self._expected:
                self._expected[answer].has_arrived = True
            if not answer.done():
                answer.set_result(outcome)

    def _look(self) -> None:
        for answer, expected in self._expected.items():
            expected.waited += LOOK_SECONDS if expected.has_begun else 0.0
            expected.stopped += LOOK_SECONDS if expected.stop.is_set() else 0.0
            if answer.done():
                continue
            if expected.stopped >= GRACE_SECONDS:
                answer.set_exception(StoppedError())
            elif expected.waited >= expected.longest:
                answer.set_exception(TimeoutError())
        self._looking = bool(self._expected)
        if self._looking:
            self._loop.call_later(LOOK_SECONDS, self._look)
