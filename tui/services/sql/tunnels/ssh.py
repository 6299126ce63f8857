"""One ssh that forwards a port of this machine: started, listened to, ended. Blocking, but for
`end`. It never asks anything on the terminal: what it would ask is noted instead."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tui.paths import state_dir
from tui.services.errors import ServiceError
from tui.services.sql.tunnels import with_parent
from tui.services.sql.tunnels.hosts import SshHost, TunnelEnd

LOOPBACK = "127.0.0.1"

CONNECT_SECONDS = 15
"""How long the ssh host may take to answer, key exchange included."""

ALIVE_SECONDS = 15
"""After this long without a word from the host it is asked for one; after three it is given up."""

END_SECONDS = 2.0
"""What ssh may take to end itself before it is killed."""

KEPT_LINES = 40
"""Lines of ssh's that are kept; the last say why it ended."""

_ASKED = "tristore was asked: "
_ASK = f"""#!/bin/sh
# ssh of a tunnel starts this with its question. Nobody is there to answer it: it is only noted.
test "$SSH_ASKPASS_PROMPT" = none && exit 0
printf '%s\\n' "$1" | sed 's/^/{_ASKED}/' >&2
exit 1
"""

_NOISE = re.compile(r"debug\d: |OpenSSH_|Authenticated to |Transferred: |Bytes per second: ")
"""What ssh says only because it was asked for every step."""

_LISTENS = "debug1: Local forwarding listening on "
"""Said before the port is taken, and only by the ssh that is to take it."""

_GOES_ON = "debug1: Entering interactive session."
"""Said when every port is taken: ExitOnForwardFailure ends ssh before it otherwise. The ssh of a
jump host says it, too, earlier."""

# The kernel ends a child when the *thread* that started it ends, so one thread starts them all and
# lives as long as the process.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tristore-ssh-starter")


class SshProcess:
    """An ssh in a process group of its own, which ends with the application.

    `ended` is called from a thread of its own when it is gone.
    """

    def __init__(self, host: SshHost, to: TunnelEnd, port: int, ended: Callable[[], None]) -> None:
        """Start it. ServiceError if there is no ssh."""
        self.host = host
        self.port = port
        """The port of loopback that leads to the destination."""
        self.is_listening = False
        """Whether ssh has got in and listens there."""
        self._is_about_to_listen = False
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._asked: list[str] = []
        self._ended = ended
        self._news = threading.Condition()
        self._lock = threading.Lock()
        self._process = _starter.submit(_start, command(host, to, port)).result()
        threading.Thread(target=self._listen, name="tristore-ssh", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        with self._lock:
            return self._process.poll() is None

    @property
    def said(self) -> list[str]:
        """The last that it said, without what it says of each step."""
        with self._news:
            return list(self._lines)

    @property
    def asked(self) -> str:
        """What it asked, and nobody was there to answer; empty if it asked nothing."""
        with self._news:
            return "\n".join(self._asked)

    def wait_until_open(self, seconds: float) -> bool:
        """Wait until it listens; False if it has ended, or took longer than that."""
        with self._news:
            self._news.wait_for(lambda: self.is_listening or not self.is_alive, seconds)
            return self.is_listening and self.is_alive

    def wait_for_word(self, pattern: re.Pattern[str], seconds: float) -> str:
        """The last line with this pattern, if it is said within that time; else empty."""

        def found() -> str:
            return next((line for line in reversed(self._lines) if pattern.search(line)), "")

        with self._news:
            return self._news.wait_for(found, seconds) or ""

    def wait_for_end(self, seconds: float) -> None:
        """Wait until it has ended, or that long."""
        with self._news:
            self._news.wait_for(lambda: not self.is_alive, seconds)

    def forget(self) -> None:
        """Forget what was said until now."""
        with self._news:
            self._lines.clear()

    def end(self) -> None:
        """Hang up; never waits."""
        self._signal(signal.SIGTERM)
        killing = threading.Timer(END_SECONDS, self._signal, (signal.SIGKILL,))
        killing.daemon = True
        killing.start()

    def _signal(self, number: signal.Signals) -> None:
        with self._lock, suppress(ProcessLookupError, PermissionError):
            # Its number is its own until it has been waited for, which takes the lock, too.
            if self._process.poll() is None:
                os.killpg(self._process.pid, number)

    def _listen(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream:
            for raw in stream:
                self._take(raw.decode(errors="replace").rstrip())
        while self.is_alive:  # it says no more, and is about to end
            time.sleep(0.01)
        with self._news:
            self._news.notify_all()
        self._ended()

    def _take(self, line: str) -> None:
        with self._news:
            if line.startswith(f"{_LISTENS}{LOOPBACK} port {self.port}."):
                self._is_about_to_listen = True
            elif line.startswith(_GOES_ON):
                self.is_listening = self._is_about_to_listen
            elif line.startswith(_ASKED):
                self._asked.append(line.removeprefix(_ASKED))
            elif line and not _NOISE.match(line):
                self._lines.append(line)
            self._news.notify_all()


def command(host: SshHost, to: TunnelEnd, port: int) -> list[str]:
    """The command line. ServiceError if there is no ssh."""
    program = shutil.which("ssh")
    if program is None:
        raise ServiceError(
            "The program ssh was not found; a tunnel needs it.",
            hint="Install OpenSSH's client (package openssh-client), or look at PATH.",
        )
    options = {
        "ExitOnForwardFailure": "yes",
        "ConnectTimeout": str(CONNECT_SECONDS),
        "ServerAliveInterval": str(ALIVE_SECONDS),
        "ServerAliveCountMax": "3",
        # A connection of its own: one that is shared keeps the port open after we are gone.
        "ControlPath": "none",
        # It would go into the background, out of our sight; an older ssh does not know the word.
        "IgnoreUnknown": "ForkAfterAuthentication",
        "ForkAfterAuthentication": "no",
        # An empty answer would be sent as a password, and counted as a failure by the host.
        "PasswordAuthentication": "no",
        "NumberOfPasswordPrompts": "1",
    }
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    way = ["-L", f"{LOOPBACK}:{port}:{to.forward}"]
    # Every step is wanted: that it listens on the port is said nowhere else.
    head = [program, "-v", "-N", "-T", *settings, *way]
    return [*head, *(["-p", host.port] if host.port else []), "--", host.destination]


def _start(words: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", with_parent.__file__, str(os.getpid()), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # No terminal to ask on, and Ctrl-C there does not reach it.
            start_new_session=True,
            env=_environment(os.environ),
        )
    except OSError as error:
        raise ServiceError("ssh could not be started.", cause=str(error)) from error


def _environment(known: Mapping[str, str]) -> dict[str, str]:
    """That of the application, which a ProxyCommand may need, without its database password."""
    kept = {name: value for name, value in known.items() if name != "PGPASSWORD"}
    noting = {"SSH_ASKPASS": str(_ask_file()), "SSH_ASKPASS_REQUIRE": "force"}
    # An older ssh asks there only where it sees a display.
    return {"DISPLAY": ":0", **kept, **noting}


def _ask_file() -> Path:
    """The script that ssh asks in place of the user; written if it is not there."""
    path = state_dir() / "ssh-asks"
    with suppress(OSError):
        if path.read_text() == _ASK and os.access(path, os.X_OK):
            return path
    # Without it ssh only says less of what it wanted.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(_ASK)
        new.replace(path)
    return path
