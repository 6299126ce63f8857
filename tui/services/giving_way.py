"""Threads that compute give way to the event loop, above all while a key waits to be drawn.

Python runs one thread at a time. While others compute, each step of the event loop waits for them,
and a key takes many steps. So whoever computes long asks between two slices whether the loop has
something to do, and waits until it has nothing more. Whoever takes long for its slices computes in
`turns`: one thread at a time, so that the loop never waits for more than one of them.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.05
"""Seconds of one wait: a loop that is never idle must not end all other work."""

LATEST = 1.0
"""Seconds beyond that in which an event loop that had no rest since may still come to a key."""

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
        self.has_waited = True
        """Whether it has had nothing to do since that key came."""
        self.has_drawn = False
        """Whether anything was drawn since then."""
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

    def begins_to_wait(self) -> None:
        """It has nothing to do."""
        self.waits = self.has_waited = True
        if self.has_drawn:
            self.key_until, self.has_drawn = 0.0, False
        self.look()

    @contextmanager
    def rests(self) -> Iterator[None]:
        """What it does in the block goes before nobody."""
        self.waits = True
        self.look()
        try:
            yield
        finally:
            self.goes_on()

    def ends(self) -> None:
        """Nobody waits for it any more."""
        self.has_drawn = True
        self.begins_to_wait()


main_loop = _Loop()


def give_way() -> None:
    """Wait while the event loop has something to do. For other threads, between two slices."""
    if not main_loop.idle.is_set() and not main_loop.idle.wait(LONGEST):
        main_loop.look()


# -- keys ----------------------------------------------------------------------------------


def key_came() -> None:
    """Let others wait until `key_drawn`, but not for ever: a key need not change the screen. From
    any thread."""
    now = time.monotonic()
    # A key that is held down, and draws nothing, holds others up for half of the time.
    if main_loop.has_drawn or not main_loop.key_until or now >= main_loop.key_until + LONGEST:
        main_loop.key_until = now + LONGEST
        main_loop.has_waited, main_loop.has_drawn = main_loop.waits, False
    main_loop.idle.clear()


def key_drawn() -> None:
    """Let others go on when the event loop has nothing more to do: what was drawn may have been
    something else, which came first. From any thread."""
    main_loop.has_drawn = bool(main_loop.key_until)
    if main_loop.waits:
        main_loop.begins_to_wait()


def key_waits() -> bool:
    """Whether a key waits to be drawn. On a machine that is busy with something else, the event
    loop may not have come to it in its time."""
    left = main_loop.key_until - time.monotonic()
    return left > 0 or (-left < LATEST and not main_loop.has_waited)


def give_way_to_keys() -> None:
    """Wait while a key waits to be drawn, and for nothing else that the event loop does. For other
    threads whose slices are short, or that hardly compute."""
    if key_waits():
        main_loop.idle.wait(LONGEST)


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
