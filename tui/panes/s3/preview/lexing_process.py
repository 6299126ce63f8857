"""The process that reads source code for its colours, and is killed if it takes too long."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tui.panes.s3.preview import lexing
from tui.panes.s3.preview.lexing import Part

PROGRAM = (sys.executable, "-m", lexing.__name__)

LIMIT = 5.0
"""Seconds that one stretch may take, the start of the process included."""

MOST_KILLED = 2
"""Stretches that may take too long; then nothing is read any more."""


class LexingProcess:
    """Reads stretches of source code, one at a time; started for the first, until `close`."""

    def __init__(self, program: Sequence[str] = PROGRAM, limit: float = LIMIT) -> None:
        self._program = program
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = 0
        self._closed = threading.Event()
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The id of the process; None while none runs."""
        return None if self._process is None else self._process.pid

    def read(self, language: str, lines: Sequence[str]) -> Sequence[Part]:
        """The parts of these lines that have a colour; none if that takes too long, or the
        process does not run. Blocking."""
        with self._lock:
            if self._closed.is_set() or self._killed >= MOST_KILLED:
                return []
            try:
                process = self._process = self._process or _started(self._program)
                if self._closed.is_set():
                    self._end()
                    return []
                parts = self._answer(process, language, lines)
            except OSError:
                parts = None
            if parts is None:
                self._killed += 1
                self._end()
            return parts or []

    def _answer(
        self, process: subprocess.Popen[bytes], language: str, lines: Sequence[str]
    ) -> list[Part] | None:
        assert process.stdin is not None
        assert process.stdout is not None
        watch = threading.Timer(self._limit, process.kill)
        watch.daemon = True
        watch.start()
        try:
            lexing.send(process.stdin, [language, list(lines)])
            answer = lexing.receive(process.stdout)
        finally:
            watch.cancel()
        return [tuple(each) for each in answer] if isinstance(answer, list) else None

    def close(self) -> None:
        """End the process, what it reads included. Blocks for as long as that takes."""
        self._closed.set()
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                # A request that was not written to its end is no concern any more.
                with suppress(OSError):
                    stream.close()
        process.wait()


def _started(program: Sequence[str]) -> subprocess.Popen[bytes]:
    # It has to find what this interpreter finds, also in a checkout that is not installed.
    root = str(Path(__file__).resolve().parents[4])
    path = os.pathsep.join([*filter(None, sys.path), root])
    return subprocess.Popen(
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={**os.environ, "PYTHONPATH": path},
    )
