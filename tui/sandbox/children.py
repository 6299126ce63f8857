"""The child processes of the supervisor: started in one place, all ended in one place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tui.sandbox import launch

STOP_SECONDS = 5.0
"""How long a child may take to end itself before it is killed."""


class SandboxEndingError(RuntimeError):
    """The sandbox is ending; nothing new is started."""


class Children:
    """Starts programs as an unprivileged user and ends them, all of them, on request.

    `uid` and `gid` are those of the user to run as, or None to stay who we are.
    """

    def __init__(self, log: Path, owner: tuple[int, int] | None) -> None:
        self._log = log
        self._owner = owner or (launch.KEEP, launch.KEEP)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closing = False
        # Linux ends a child when the *thread* that started it ends, so one thread starts them all
        # and lives as long as the process.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")

    def start(self, *program: str | Path) -> subprocess.Popen[bytes]:
        """Start a program, with its output in the log. Raises OSError or SandboxEndingError."""
        return self._starter.submit(self._start, [str(part) for part in program]).result()

    def _start(self, program: list[str]) -> subprocess.Popen[bytes]:
        uid, gid = self._owner
        command = [sys.executable, "-I", "-S", launch.__file__]
        command += [str(os.getpid()), str(uid), str(gid), *program]
        with self._lock, self._log.open("ab") as log:
            if self._closing:
                raise SandboxEndingError("The sandbox is ending.")
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                # A signal for the terminal's foreground must not reach them half-way.
                start_new_session=True,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            )
            self._running.add(child)
            return child

    def last_words(self) -> str:
        """The last line that a child has written, which tends to say what went wrong."""
        lines = self._log.read_text(errors="replace").split("\n") if self._log.exists() else []
        return next((line for line in reversed(lines) if line.strip()), "")

    def run(self, *program: str | Path, timeout: float = 60) -> int:
        """Start a program, wait for it, give its exit code."""
        child = self.start(*program)
        try:
            return child.wait(timeout)
        finally:
            self.stop(child)

    def stop(self, child: subprocess.Popen[bytes], how: signal.Signals = signal.SIGQUIT) -> None:
        """End one child; returns when it is gone. PostgreSQL takes SIGQUIT for: at once."""
        if child.poll() is None:
            child.send_signal(how)
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        with self._lock:
            self._running.discard(child)

    def stop_all(self) -> None:
        """End every child and start no more."""
        with self._lock:
            self._closing = True
            running = list(self._running)
        for child in running:
            if child.poll() is None:
                child.send_signal(signal.SIGQUIT)
        for child in running:
            self.stop(child)
