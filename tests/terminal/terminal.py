"""A pseudo-terminal with the real command in it, and the picture that a person would see."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pyte

ROOT = Path(__file__).parents[2]

PATIENCE = 60.0
"""Seconds that a test waits for what it expects; only ever used up by a failing one."""

READS = 100
"""Reads after which the screen is looked at, though there is more to read."""

_PRIVATE = 5
"""pyte keeps the private modes shifted by this."""

LEFT_ON = {
    1000: "mouse clicks",
    1002: "mouse drags",
    1003: "mouse moves",
    1004: "focus reports",
    1006: "mouse coordinates",
    1015: "mouse coordinates of urxvt",
    1049: "alternate screen",
    2004: "bracketed paste",
    2048: "resize reports",
}
"""Modes that a program must not leave behind."""


class Terminal:
    """Runs `python -m tui` with arguments; the terminal outlives the program."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 160,
        rows: int = 45,
        environment: Mapping[str, str] | None = None,
        command: tuple[str, ...] = (sys.executable, "-m", "tui"),
        folder: Path = ROOT,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._lines = [""] * rows
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes_before = termios.tcgetattr(self._slave)
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=folder,
            env=_environment() | dict(environment or {}),
            start_new_session=True,
            preexec_fn=_take_terminal,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    # -- what is seen and done -------------------------------------------------------------

    @property
    def text(self) -> str:
        """The screen, line by line. Only what was drawn since is read: to read all of it takes
        longer than to draw it."""
        dirty, columns = self.screen.dirty, range(self.screen.columns)
        for row in dirty:
            line = self.screen.buffer[row]
            self._lines[row] = "".join([line[column].data for column in columns])
        dirty.clear()
        return "\n".join(self._lines)

    def press(self, keys: str) -> None:
        """Send keys as the terminal would."""
        os.write(self._master, keys.encode())

    def pump(self, seconds: float) -> bool:
        """Draw what the program writes within this time and what is there then; whether there was
        anything."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        for _ in range(READS):
            written = self.read()
            self._stream.feed(written)
            if not written or not select.select([self._master], [], [], 0)[0]:
                break
        return True

    def read(self) -> bytes:
        """What the program has written; empty when it is gone."""
        with contextlib.suppress(OSError):
            return os.read(self._master, 65536)
        return b""

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Keep drawing until the condition holds; fails with the screen after PATIENCE."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.pump(0.05)
            assert time.monotonic() < deadline, f"not seen: {what}\n{self.text}"

    def wait_for(self, *texts: str) -> None:
        """Keep drawing until all of these are on the screen."""

        def all_seen() -> bool:
            seen = self.text
            return all(text in seen for text in texts)

        self.wait_until(all_seen, repr(texts))

    def wait_for_exit(self) -> int:
        """Keep drawing until the program has ended; gives its exit code."""
        self.wait_until(lambda: self.process.poll() is not None, "the end of the program")
        while self.pump(0.05):
            pass
        return self.process.wait()

    # -- how it ends -----------------------------------------------------------------------

    def family(self) -> list[psutil.Process]:
        """The program and every process below it."""
        program = psutil.Process(self.process.pid)
        return [program, *program.children(recursive=True)]

    def hang_up(self) -> None:
        """Close the window: the program's terminal is gone."""
        # Its number may soon be another file's: nothing closes it again.
        master, self._master = self._master, -1
        os.close(master)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(number)

    def left_behind(self) -> list[str]:
        """What is not as it was before the program started; empty if all is well."""
        found = [name for mode, name in LEFT_ON.items() if mode << _PRIVATE in self.screen.mode]
        if pyte.modes.DECTCEM not in self.screen.mode:
            found.append("hidden cursor")
        if termios.tcgetattr(self._slave) != self.modes_before:
            found.append("modes of the terminal line")
        return found


def _environment() -> dict[str, str]:
    """Ours, without what another terminal has told about itself."""
    kept = {key: value for key, value in os.environ.items() if key not in {"COLUMNS", "LINES"}}
    return kept | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TEXTUAL_ANIMATIONS": "none",
    }


def _take_terminal() -> Any:
    """Make the terminal the controlling one, so that closing it hangs the program up."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def all_end(processes: list[psutil.Process]) -> bool:
    """Whether these processes are gone within a reasonable time."""
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
