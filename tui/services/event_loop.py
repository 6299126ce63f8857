"""An event loop on which keys go first.

It lets other threads know when it has something to do, and it has a second lane: what runs
`behind_keys` gets a short slice at a time, between which the loop looks for keys, and next to
nothing while a key waits to be drawn.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar, TypeVarTuple

from tui.services.giving_way import WAIT_FOR_KEY, key_waits, main_loop

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

WHILE_IDLE = 0.0005
"""Seconds after which a thread that computes lets the event loop go on, which has something to do
again. With Python's 5 ms keys took twice as long, and the pages of a listing came no faster."""

WHILE_BUSY = 0.02
"""Seconds after which the event loop lets another thread go on."""

LOOK_EVERY = 0.003
"""Seconds between two looks for input and output while the event loop has something to do. Each
look lets other threads go on, and a key takes ten steps of the loop."""

SLICE = 0.001
"""Seconds that the second lane gets before the loop looks for a key again, or one step that takes
longer."""

_is_behind: ContextVar[bool] = ContextVar("is_behind", default=False)


def behind_keys(coroutine: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
    """A task, with all that it begins, that goes on only while no key waits. For long work: never
    for what draws."""
    context = copy_context()
    context.run(_is_behind.set, True)
    loop = asyncio.get_running_loop()
    return loop.create_task(coroutine, name=name, context=context)


def is_behind_keys() -> bool:
    """Whether what runs now is a part of such a task."""
    return _is_behind.get()


def event_loop() -> asyncio.AbstractEventLoop:
    """An event loop that goes first."""
    return _EventLoop()


class _EventLoop(asyncio.SelectorEventLoop):
    """Has a second lane. Within a lane, everything keeps its order."""

    def __init__(self) -> None:
        self._watching = _Selector()
        super().__init__(self._watching)
        self._behind: deque[asyncio.Handle] = deque()
        self._goes_on = False
        """Whether the second lane is to go on."""
        self._in_front = Context()

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        is_behind = _is_behind.get() if context is None else context.get(_is_behind, False)
        if not is_behind:
            return super().call_soon(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        self._behind.append(handle)
        if not self._goes_on:
            self._goes_on = True
            super().call_soon(self._go_on, context=self._in_front)
        return handle

    def _go_on(self) -> None:
        try:
            self._take_steps()
        finally:
            # An interrupt ends the loop, too; what then clears up behind it runs here once more.
            self._goes_on = bool(self._behind)
            if self._goes_on:
                self._go_on_soon()

    def _take_steps(self) -> None:
        if key_waits():
            if self._watching.has_waited:
                # What draws it may wait for something here.
                self._watching.has_waited = False
                self._step()
        else:
            with main_loop.rests():
                until = time.monotonic() + SLICE
                self._step()
                while self._behind and not key_waits() and time.monotonic() < until:
                    self._step()

    def _go_on_soon(self) -> None:
        if key_waits():
            self.call_later(WAIT_FOR_KEY, self._go_on, context=self._in_front)
        else:
            self._watching.look_soon()
            super().call_soon(self._go_on, context=self._in_front)

    def _step(self) -> None:
        handle = self._behind.popleft()
        if not handle.cancelled():
            handle._run()  # noqa: SLF001 - as the loop does it for its own lane


class _Selector(selectors.DefaultSelector):
    """Notes when the event loop waits in it."""

    def __init__(self) -> None:
        super().__init__()
        self._looked = 0.0
        """When it was last looked for input and output."""
        self.has_waited = False
        """Whether the loop had nothing to do since this was set back."""
        self._usual = sys.getswitchinterval()

    def look_soon(self) -> None:
        """Look for input and output the next time."""
        self._looked = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            main_loop.goes_on()
            return self._look()
        sys.setswitchinterval(WHILE_IDLE)
        self.has_waited = True
        main_loop.begins_to_wait()
        try:
            return super().select(timeout)
        finally:
            main_loop.goes_on()
            sys.setswitchinterval(WHILE_BUSY)
            self._looked = time.monotonic()

    def _look(self) -> list[tuple[selectors.SelectorKey, int]]:
        if time.monotonic() - self._looked < LOOK_EVERY:
            return []
        # Whoever computes meanwhile lets the loop go on as soon as if it had waited.
        sys.setswitchinterval(WHILE_IDLE)
        try:
            return super().select(0)
        finally:
            sys.setswitchinterval(WHILE_BUSY)
            self._looked = time.monotonic()

    def close(self) -> None:
        super().close()
        sys.setswitchinterval(self._usual)
        main_loop.ends()
