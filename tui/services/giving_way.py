"""Threads that compute give way to the event loop.

Python runs one thread at a time. While others compute, each step of the event loop waits for them,
and a key takes many steps. So whoever computes long asks between two slices whether the loop has
something to do, and waits until it has nothing more.
"""

from __future__ import annotations

import asyncio
import selectors
import threading

LONGEST = 0.05
"""Seconds of one wait: a loop that is never idle must not end all other work."""

_idle = threading.Event()
"""Whether the event loop waits for something to do; always where the loop is another one."""
_idle.set()


def give_way() -> None:
    """Wait while the event loop has something to do. For other threads, between two slices."""
    if not _idle.is_set():
        _idle.wait(LONGEST)


class _Selector(selectors.DefaultSelector):
    """Notes when the event loop waits in it."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            _idle.set()
        try:
            return super().select(timeout)
        finally:
            _idle.clear()

    def close(self) -> None:
        super().close()
        _idle.set()


def event_loop() -> asyncio.AbstractEventLoop:
    """An event loop that goes first."""
    return asyncio.SelectorEventLoop(_Selector())
