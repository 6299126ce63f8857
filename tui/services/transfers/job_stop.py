"""How a job is stopped, and paused."""

from __future__ import annotations

import threading

from tui.services.s3 import Stop, is_paused


class JobStop(threading.Event):
    """Set when a job is cancelled. While it is `paused`, no request of it begins."""

    def __init__(self) -> None:
        super().__init__()
        self.paused = False


class AnyStop:
    """Set when any of several is set, paused when any of them is."""

    def __init__(self, *stops: Stop) -> None:
        self._stops = stops

    def is_set(self) -> bool:
        return any(stop.is_set() for stop in self._stops)

    @property
    def paused(self) -> bool:
        return any(is_paused(stop) for stop in self._stops)
