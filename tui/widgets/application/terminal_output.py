"""What is written to the terminal: at once if it takes it at once, else by a thread that waits.

The thread that Textual writes with has to wait for Python's lock, which others hold that compute.
"""

from __future__ import annotations

import os
from contextlib import suppress
from threading import RLock
from typing import TextIO


class LastingFile:
    """A file whose writes never fail. What a terminal that is gone does not take is dropped."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._gone = False
        self._rest = b""
        """What comes before all else that is written."""
        self._written = 0
        self.flushed = 0
        """How many writes have reached the terminal, or never will."""

    def fileno(self) -> int:
        return self._file.fileno()

    def encoded(self, text: str) -> bytes:
        return text.encode(self._file.encoding or "utf-8", self._file.errors or "strict")

    def put_first(self, rest: bytes) -> None:
        """Write this before all else. Nothing may be under way, and a write has to follow."""
        self._rest = rest

    def write(self, text: str) -> int:
        self._written += 1
        try:
            if self._gone:
                return 0
            if self._rest:
                rest, self._rest = self._rest, b""
                self._file.buffer.write(rest)
            return self._file.write(text)
        except OSError:
            self._gone = True
            return 0

    def flush(self) -> None:
        reached = self._written
        try:
            if not self._gone:
                self._file.flush()
        except OSError:
            self._gone = True
        self.flushed = reached


class TerminalOutput:
    """Writes at once what the terminal takes at once."""

    def __init__(self, file: LastingFile) -> None:
        self._file = file
        self._queued = 0
        # A signal may stop the application, which is then drawn no more, in the midst of a write.
        self._lock = RLock()
        self._terminal = -1
        """The same terminal, opened in a way in which it makes nobody wait; negative if it is
        none, or cannot be opened."""
        self.open()

    def open(self) -> None:
        """Write at once again, after `close`."""
        self.close()
        with suppress(OSError):
            name = os.ttyname(self._file.fileno())
            self._terminal = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)

    def write(self, text: str) -> str | None:
        """Write. Gives what is to be queued for the thread; None if nothing is."""
        with self._lock:
            if self._terminal >= 0 and self._file.flushed == self._queued:
                rest = self._write_now(self._file.encoded(text))
                if not rest:
                    return None
                self._file.put_first(rest)
                text = ""
            self._queued += 1
            return text

    def _write_now(self, data: bytes) -> bytes:
        """What the terminal did not take."""
        try:
            return data[os.write(self._terminal, data) :]
        except OSError:  # it takes nothing now, or it is gone
            return data

    def close(self) -> None:
        """Leave all to the thread."""
        with self._lock:
            if self._terminal >= 0:
                os.close(self._terminal)
            self._terminal = -1
