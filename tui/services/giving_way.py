"""Threads that compute give way to the event loop, above all while a key waits to be drawn.

Python runs one thread at a time. While others compute, each step of the event loop waits for them,
and a key takes many steps. So whoever computes long asks between two slices whether the loop has
something to do, and waits until it has nothing more. Whoever takes long for its slices computes in
`turns`: one thread at a time, so that the loop never waits for more than one of them.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.05
"""Seconds of one wait: a loop that is never idle must not end all other work."""

WHILE_IDLE = 0.0005
"""Seconds after which a thread that computes lets the event loop go on, which has something to do
again. With Python's 5 ms keys took twice as long, and the pages of a listing came no faster."""

WHILE_BUSY = 0.02
"""Seconds after which the event loop lets another thread go on."""

LOOK_EVERY = 0.003
"""Seconds between two looks for input and output while the event loop has something to do. Each
look lets other threads go on, and a key takes ten steps of the loop."""

LONGEST_TURN = 1.0
"""Seconds of one wait for a turn. Whoever has it may wait for a lock of the SDK's that is held by
whoever waits for the turn: while credentials are renewed, say."""


class _Loop:
    """What is known of the event loop. Its own thread writes it, and the one that reads keys."""

    def __init__(self) -> None:
        self.waits = True
        """Whether it waits for something to do; always where the loop is another one."""
        self.key_until = 0.0
        """Until when a key is waited for; 0 if it was drawn."""
        self.idle = threading.Event()
        """Whether others may compute."""
        self.idle.set()

    def goes_on(self) -> None:
        """It has something to do."""
        if self.waits:
            self.waits = False
            self.idle.clear()

    def look(self) -> None:
        """Let others compute if nothing is to be done here."""
        if self.waits and not key_waits():
            self.idle.set()


_loop = _Loop()


def give_way() -> None:
    """Wait while the event loop has something to do. For other threads, between two slices."""
    if not _loop.idle.is_set() and not _loop.idle.wait(LONGEST):
        _loop.look()


# -- keys ----------------------------------------------------------------------------------


def key_came() -> None:
    """Let others wait until `key_drawn`, but not for ever: a key need not change the screen. From
    any thread."""
    _loop.key_until = time.monotonic() + LONGEST
    _loop.idle.clear()


def key_drawn() -> None:
    """Let others go on. From any thread."""
    _loop.key_until = 0.0
    _loop.look()


def key_waits() -> bool:
    """Whether a key waits to be drawn."""
    return time.monotonic() < _loop.key_until


async def keys_first() -> None:
    """Wait while a key waits to be drawn. For what the event loop itself does for long work."""
    while key_waits():  # noqa: ASYNC110 - other threads would set an event
        await asyncio.sleep(WAIT_FOR_KEY)


WAIT_FOR_KEY = 0.002
"""Seconds between two looks whether a key is still waited for."""


# -- one thread at a time ------------------------------------------------------------------


class _Turns(threading.local):
    has_turn = False
    """Whether this thread computes in turns, and it is its turn."""
    takes_turns = False


_turns = _Turns()
_turn = threading.Lock()


@contextmanager
def turns() -> Iterator[None]:
    """Compute in turns with other threads; what waits for something in between says so with
    `waiting`, and with `computing` when it goes on."""
    if _turns.takes_turns:
        computing()
        yield
        return
    _turns.takes_turns = True
    try:
        computing()
        yield
    finally:
        waiting()
        _turns.takes_turns = False


def computing() -> None:
    """This thread computes, after it has waited for its turn if it takes turns; without it if it
    does not come."""
    if _turns.takes_turns and not _turns.has_turn:
        _turns.has_turn = _turn.acquire(timeout=LONGEST_TURN)
    give_way()


def waiting() -> None:
    """This thread waits for something: another one has its turn."""
    if _turns.has_turn:
        _turns.has_turn = False
        _turn.release()


# -- the loop ------------------------------------------------------------------------------


class _Selector(selectors.DefaultSelector):
    """Notes when the event loop waits in it."""

    def __init__(self) -> None:
        super().__init__()
        self._looked = 0.0
        """When it was last looked for input and output."""
        self._usual = sys.getswitchinterval()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            _loop.goes_on()
            return self._look()
        sys.setswitchinterval(WHILE_IDLE)
        _loop.waits = True
        _loop.look()
        try:
            return super().select(timeout)
        finally:
            _loop.goes_on()
            sys.setswitchinterval(WHILE_BUSY)
            self._looked = time.monotonic()

    def _look(self) -> list[tuple[selectors.SelectorKey, int]]:
        if time.monotonic() - self._looked < LOOK_EVERY:
            return []
        try:
            return super().select(0)
        finally:
            self._looked = time.monotonic()

    def close(self) -> None:
        super().close()
        sys.setswitchinterval(self._usual)
        _loop.waits, _loop.key_until = True, 0.0
        _loop.idle.set()


def event_loop() -> asyncio.AbstractEventLoop:
    """An event loop that goes first."""
    return asyncio.SelectorEventLoop(_Selector())
