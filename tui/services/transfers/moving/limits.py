"""How much of the line all transfers together may take: bytes per second, and requests at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tui.services.s3 import Stop

BYTES_OF_A_REQUEST = 256 * 1024
"""A second's bytes that one request is worth: below, many requests would each wait so long between
two reads that the server takes the connection for dead."""

LOOK = 0.1
"""Seconds between two looks at whether a wait is still wanted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user allows all transfers together; None is no limit."""

    rate: int | None = None
    """Bytes per second, up and down together."""
    requests: int | None = None
    """Requests in flight, from 1 on."""

    @property
    def at_once(self) -> int | None:
        """Requests in flight that both limits leave."""
        if self.rate is None:
            return self.requests
        worth = max(1, self.rate // BYTES_OF_A_REQUEST)
        return worth if self.requests is None else min(worth, self.requests)


class BytePace:
    """Gives the bytes of all transfers their turns, one after the other. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rate: int | None = None
        self._free_at = 0.0
        self._changes = 0
        self._lock = threading.Lock()

    def change(self, rate: int | None) -> None:
        """From now on so many bytes per second; who waits for a turn waits no longer."""
        with self._lock:
            self._rate = rate
            self._free_at = self._clock()
            self._changes += 1

    @property
    def is_limited(self) -> bool:
        return self._rate is not None

    def wait(self, size: int, stop: Stop) -> None:
        """Wait until `size` bytes may pass, or `stop` is set. Blocking."""
        left = self._turn(size)
        while (seconds := left()) > 0 and not stop.is_set():
            time.sleep(seconds)

    def _turn(self, size: int) -> Callable[[], float]:
        """Keep the next turn for `size` bytes; gives what says how long to sleep until it, in
        steps, 0 when it has come."""
        with self._lock:
            if self._rate is None:
                return lambda: 0.0
            begins = max(self._free_at, self._clock())
            self._free_at = begins + size / self._rate
            changes = self._changes

        def left() -> float:
            if self._changes != changes:
                return 0.0
            return min(LOOK, max(0.0, begins - self._clock()))

        return left
