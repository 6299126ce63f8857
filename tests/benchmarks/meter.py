"""What a program in a pseudo-terminal does with a key: processor time, time until it is drawn."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from typing import Self

import psutil

from tests.terminal.terminal import Terminal

QUIET = 0.08
"""Seconds without output after which a frame is complete."""


@dataclass(frozen=True)
class Cost:
    """What some keys cost."""

    cpu: list[float]
    """Seconds of processor time for each key."""
    last_byte: list[float]
    """Seconds from each key to the last byte of its frame."""


class Meter(Terminal):
    """A terminal that can look away: while it measures, it draws nothing."""

    def __enter__(self) -> Self:
        self.program = psutil.Process(self.process.pid)
        return self

    def cpu_now(self) -> float:
        """Seconds of processor time used by the program so far, its threads included."""
        used = self.program.cpu_times()
        return used.user + used.system

    def memory(self) -> float:
        """Resident megabytes."""
        return self.program.memory_info().rss / 1e6

    def send(self, keys: str, quiet: float = QUIET) -> float:
        """Press, and read until nothing has come for `quiet` seconds; seconds to the last byte."""
        pressed = last = time.perf_counter()
        self.press(keys)
        while select.select([self._master], [], [], quiet)[0]:
            self.read()
            last = time.perf_counter()
        return last - pressed

    def until_drawn(self, keys: str, text: str, patience: float = 30.0) -> float:
        """Press, and read until this text was written, whatever else is; seconds until then."""
        while select.select([self._master], [], [], 0.005)[0]:
            self.read()
        began, seen = time.perf_counter(), b""
        self.press(keys)
        while text.encode() not in seen:
            if select.select([self._master], [], [], 0.1)[0]:
                seen = seen[-len(text) :] + self.read()
            if time.perf_counter() - began > patience:
                raise TimeoutError(f"{text!r} was not drawn after {keys!r}")
        return time.perf_counter() - began

    def cost(self, *keys: str, times: int = 1, quiet: float = QUIET) -> Cost:
        """Press each of the keys so many times, one after the other is drawn.

        The clock of processor time is coarse, so that its seconds are the mean of all presses.
        """
        began = self.cpu_now()
        waits = [self.send(key, quiet) for _ in range(times) for key in keys]
        mean = (self.cpu_now() - began) / len(waits)
        return Cost([mean] * len(waits), waits)

    def settle(self, seconds: float = 0.3, *, at_most: float = 3.0) -> None:
        """Draw until nothing has been written for `seconds`; a blinking cursor never ends."""
        ends = time.monotonic() + at_most
        while self.pump(seconds) and time.monotonic() < ends:
            pass
