"""Fails a test in which a callback holds up the event loop.

    with watchdog():
        await pilot.press("x")
        await driver.still()

While a callback runs, no key is answered. What counts is the processor time of the loop's own
thread, not the time on the clock: a loaded machine makes no test fail. The garbage collector's time
does not count: it depends on what other tests left behind. A thread that keeps the interpreter lock
is not seen. Every frame is drawn in the callback in which the application draws it.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from tests.idle_loop import every_frame_drawn

LIMIT = 0.25
"""Seconds of processor time. The design allows 0.05; the rest is for slow machines."""

LOOKS = 5
"""How often the stack is looked at within the limit."""


@dataclass(frozen=True)
class Overrun:
    """A callback that ran longer than it may."""

    seconds: float
    """Processor time."""
    callback: str
    """What the loop was running."""
    frames: list[traceback.FrameSummary]
    """Where it was when the limit was reached; empty if it ended before anyone could look."""

    def __str__(self) -> str:
        stack = "".join(traceback.format_list(self.frames))
        return f"{self.seconds:.2f} s in {self.callback}\n{stack}"


@dataclass
class Watchdog:
    """What was seen so far."""

    limit: float
    busiest: float = 0.0
    """Processor time of the longest callback."""
    callbacks: int = 0
    overruns: list[Overrun] = field(default_factory=list)

    def check(self) -> None:
        """Fail if a callback ran too long."""
        if self.overruns:
            worst = max(self.overruns, key=lambda each: each.seconds)
            raise AssertionError(
                f"{len(self.overruns)} callbacks on the event loop took more than "
                f"{self.limit} s of processor time; the worst:\n{worst}"
            )


class _Collector:
    """Counts the processor time of the garbage collector in this thread."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._thread = threading.get_ident()
        self._begun = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if threading.get_ident() == self._thread:
            if phase == "start":
                self._begun = time.thread_time()
            else:
                self.seconds += time.thread_time() - self._begun


class _Looker:
    """A thread that keeps the stack of a callback when it reaches the limit."""

    def __init__(self, limit: float) -> None:
        self.frames: list[traceback.FrameSummary] = []
        self._limit = limit
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        self._begun: float | None = None
        self._done = threading.Event()
        self._worker = threading.Thread(target=self._look, daemon=True)
        self._worker.start()

    def begin(self) -> None:
        self.frames = []
        self._begun = time.thread_time()

    def end(self) -> None:
        self._begun = None

    def close(self) -> None:
        self._done.set()
        self._worker.join()

    def _look(self) -> None:
        while not self._done.wait(self._limit / LOOKS):
            begun = self._begun
            if begun is None or self.frames:
                continue
            if time.clock_gettime(self._clock) - begun < self._limit * (LOOKS - 1) / LOOKS:
                continue
            frames = _callback_frames(sys._current_frames().get(self._thread))
            if self._begun == begun:
                self.frames = frames


def _callback_frames(frame: FrameType | None) -> list[traceback.FrameSummary]:
    """The stack from the callback inwards. The source lines are read later: that takes long."""
    found: list[traceback.FrameSummary] = []
    while frame is not None and frame.f_code.co_filename != __file__:
        code = frame.f_code
        found.append(
            traceback.FrameSummary(
                code.co_filename, frame.f_lineno, code.co_name, lookup_line=False
            )
        )
        frame = frame.f_back
    return found[::-1]


@contextmanager
def watchdog(limit: float = LIMIT) -> Iterator[Watchdog]:
    """Fail at the end if a callback of a loop in this thread took more than `limit` seconds.

    It gives what it sees; `check()` asks earlier than at the end. One at a time in a thread.
    """
    seen = Watchdog(limit)
    collector = _Collector()
    looker = _Looker(limit)
    thread = threading.get_ident()
    run = asyncio.Handle._run

    def watched(handle: asyncio.Handle) -> None:
        if threading.get_ident() != thread:
            run(handle)
            return
        collected = collector.seconds
        begun = time.thread_time()
        looker.begin()
        try:
            run(handle)
        finally:
            seconds = time.thread_time() - begun - (collector.seconds - collected)
            looker.end()
            seen.callbacks += 1
            seen.busiest = max(seen.busiest, seconds)
            if seconds > limit:
                seen.overruns.append(Overrun(seconds, repr(handle), looker.frames))

    gc.callbacks.append(collector)
    asyncio.Handle._run = watched  # type: ignore[method-assign, assignment]
    try:
        with every_frame_drawn():
            yield seen
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]
        gc.callbacks.remove(collector)
        looker.close()
    seen.check()
