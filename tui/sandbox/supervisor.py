"""The sandbox's own process: `python -m tui.sandbox.supervisor`.

It owns the emulated AWS and the PostgreSQL servers. It speaks lines of JSON: what happens on
stdout (`progress`, `ready`, `done`, `failed`), requests on stdin (`reset`, `remove added`). When
stdin ends, its parent is gone, in whatever way, and it ends too: servers stopped, directory
removed.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

from tui.sandbox import emulated_rds
from tui.sandbox.children import Children, SandboxEndingError
from tui.sandbox.directory import SandboxDirectory, remove_stale, unprivileged_user
from tui.sandbox.emulator import Emulator
from tui.sandbox.instances import Instances
from tui.sandbox.loading import light_loading
from tui.sandbox.postgres import Installation
from tui.sandbox.sample import INSTANCE, create_sample
from tui.sandbox.seed import Seed
from tui.sandbox.snapshots import Snapshots

LAST_SECONDS = 15
"""The kernel ends a supervisor that takes longer than this to clean up."""


class Supervisor:
    """Builds everything on a thread, so that the main thread always hears its parent go."""

    def __init__(self) -> None:
        owner = unprivileged_user()
        self._directory = SandboxDirectory(owner)
        self._children = Children(self._directory.logs / "postgresql.log", owner)
        self._emulator: Emulator | None = None
        self._instances: Instances | None = None
        self._snapshots: Snapshots | None = None
        self._seed: Seed | None = None
        self._requests = {"reset": self._reset, "remove added": self._remove_added}
        self._say_lock = threading.Lock()
        # Ends the wait of the main thread, from a signal handler or another thread.
        self._wake_read, self._wake_write = os.pipe()

    def run(self) -> int:
        """Work until stdin ends or a signal comes; gives the exit code."""
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        logging.basicConfig(filename=self._directory.logs / "sandbox.log", level=logging.WARNING)
        threading.Thread(target=self._guarded, args=(self._start,), daemon=True).start()
        try:
            self._listen()
        finally:
            signal.alarm(LAST_SECONDS)
            self._children.stop_all()
            self._directory.remove()
        return 0

    def _listen(self) -> None:
        pending = b""
        while True:
            ready, _, _ = select.select([0, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            received = os.read(0, 4096)
            if not received:
                return
            *lines, pending = (pending + received).split(b"\n")
            for line in lines:
                work = self._requests.get(json.loads(line).get("do"))
                if work is not None:
                    threading.Thread(target=self._guarded, args=(work,), daemon=True).start()

    def _say(self, event: str, **details: Any) -> None:
        line = json.dumps({"event": event, **details}) + "\n"
        with self._say_lock:
            try:
                os.write(1, line.encode())
            except BrokenPipeError:
                self._end()

    def _end(self) -> None:
        os.write(self._wake_write, b"\0")

    def _guarded(self, work: Callable[[], None]) -> None:
        """The top of a thread: whatever goes wrong is told to the parent."""
        try:
            work()
        except SandboxEndingError:
            return
        except Exception as error:
            logging.getLogger(__name__).exception("sandbox")
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._say(
                "failed",
                cause=f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})",
            )
            self._end()

    def _start(self) -> None:
        remove_stale()
        self._say("progress", text="Preparing PostgreSQL…")
        installation = Installation(self._children, self._directory)
        template = threading.Thread(target=self._guarded, args=(installation.prepare,), daemon=True)
        template.start()
        self._say("progress", text="Loading the AWS emulator…")
        with light_loading():
            emulator = self._emulator = Emulator()
            self._instances = Instances(installation)
            self._snapshots = Snapshots(installation)
            emulated_rds.install(self._instances, self._snapshots)
            self._say("progress", text="Starting PostgreSQL and filling the stores…")
            url = create_sample(emulator)
            # Now, because whoever asks for a reset may have deleted the instance before.
            self._instances.keep_port(INSTANCE)
            emulator.warm_up()
        self._seed = Seed()
        # The collector would pass over all that is loaded by now again and again.
        gc.freeze()
        gc.enable()
        emulator.start()
        self._say(
            "ready",
            endpoint_url=emulator.url,
            postgres=url,
            data_dir=str(self._directory.path),
        )

    def _reset(self) -> None:
        if self._emulator is None or self._instances is None:
            return  # nothing can have changed yet
        self._instances.discard_all()
        self._emulator.reset()
        if self._snapshots is not None:
            self._snapshots.discard_unlisted()
        create_sample(self._emulator)
        self._emulator.warm_up()
        self._seed = Seed()
        self._say("done")

    def _remove_added(self) -> None:
        if self._seed is None or self._instances is None:
            return  # nothing can have been made yet
        self._seed.remove_added()
        self._instances.discard_unlisted()
        if self._snapshots is not None:
            self._snapshots.discard_unlisted()
        self._say("done")


def main() -> None:
    """Run a supervisor; ends the process."""
    # Until all is loaded, nearly nothing of it is garbage.
    gc.disable()
    # Pipes of ours only; a parent that shares a descriptor by mistake must not be kept open.
    os.closerange(3, 256)
    code = Supervisor().run()
    # Threads may still be inside a request; nothing of theirs is worth waiting for.
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
