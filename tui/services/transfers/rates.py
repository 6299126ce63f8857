"""How fast something goes, and how long it will take."""

from __future__ import annotations

from collections import deque

RATE_WINDOW = 8.0
"""Seconds that a rate looks back."""

RATE_SETTLED = 1.0
"""Seconds of history before a rate is worth showing."""


class RateMeter:
    """The rate of a growing number over the last seconds. Not thread-safe: one reader feeds it."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()

    def start(self) -> None:
        """Forget the past."""
        self._points.clear()

    def feed(self, now: float, total: int) -> float | None:
        """Take note of `total` at `now` (seconds); the rate per second, None while unknown."""
        self._points.append((now, total))
        while len(self._points) > 2 and now - self._points[1][0] >= RATE_WINDOW:
            self._points.popleft()
        then, before = self._points[0]
        if now - then < RATE_SETTLED:
            return None
        return max(0.0, (total - before) / (now - then))


def time_left(rate: float | None, left: int) -> float | None:
    """Seconds to go; None when there is no rate to tell it from."""
    if not rate or left < 0:
        return None
    return left / rate


def longest(*times: float | None) -> float | None:
    """The longest of those that are known; None if none is."""
    known = [each for each in times if each is not None]
    return max(known) if known else None
