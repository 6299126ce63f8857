"""When the texts are written to disk: in a pause, and now and then while one goes on typing."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.timer import Timer

SAVE_AFTER = 0.5
"""Seconds without a key after which the texts are written to disk."""

SAVE_LATEST = 2.0
"""Seconds after which they are written without a pause: a crash must not take more with it."""


class Pause:
    """Waits for a pause in what goes on, but not for ever."""

    def __init__(
        self,
        call_later: Callable[[float, Callable[[], None]], Timer],
        act: Callable[[], None],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._call_later, self._act, self._now = call_later, act, now
        self._timer: Timer | None = None
        self._since = 0.0
        """When it began to wait."""

    @property
    def is_awaited(self) -> bool:
        """Whether something waits for it."""
        return self._timer is not None

    def wait(self) -> None:
        """Something went on: wait from now on, unless that has been put off for too long."""
        if self._timer is None:
            self._since = self._now()
        elif self._now() - self._since >= SAVE_LATEST:
            return  # the timer that runs is the last one
        else:
            self._timer.stop()
        self._timer = self._call_later(SAVE_AFTER, self._ended)

    def _ended(self) -> None:
        self._timer = None
        self._act()
