"""When files that have arrived are on the disk: a later run takes only those for done.

Whoever reads a file finds what has arrived, after a kill, too; but a power cut takes what the
system has not written yet. So a file is at first "arrived" in the journal, and a run that goes on
later looks at it again. All that arrive in a while are brought to the disk together, and are "done"
then. A job is over when all of it is done. One call for a file system costs a few hundredths of
what one for each file would.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from tui.services.errors import ServiceError

FLUSHED_EVERY = 5.0
"""Seconds that a file may be on the way to the disk unnoticed. A kill costs a look at those."""

ARRIVED: Final = "arrived"
"""The state of a file that is whole in its place, and may not be on the disk."""

_DONE = "UPDATE files SET state = 'done' WHERE job = ? AND number = ? AND state = 'arrived'"


class NoteRow(Protocol):
    """Writes something into the journal soon, after what was noted before."""

    def __call__(self, statement: str, *row: str | int) -> None: ...


class OnDisk:
    """Brings what has arrived to the disk, for all jobs. Use it from one event loop."""

    def __init__(self, note: NoteRow) -> None:
        self._note = note
        self._files: list[tuple[str, int]] = []
        """Those that have arrived since the last flush began."""
        self._folders: set[str] = set()
        self._under_way: list[tuple[str, int]] = []
        self._over: dict[str, Callable[[], None]] = {}
        """The jobs that have ended, and what says so."""
        self._lost: set[str] = set()
        """The jobs of which something may never come to the disk."""
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Future[None] | None = None
        self.problem: ServiceError | None = None
        """Why something may not be on the disk; None while nothing is known."""

    def arrived(self, job: str, number: int, folder: str) -> None:
        """A file of a job is in its place, in that folder."""
        self._files.append((job, number))
        self._folders.add(folder)
        if self._timer is None and self._flushing is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSHED_EVERY, self._begin)

    def over(self, job: str, is_over: bool, say: Callable[[], None]) -> None:
        """A job has ended, or begins again; `say` is called when that is true on the disk, too."""
        self._over.pop(job, None)
        if not is_over:
            self._lost.discard(job)
            say()
        elif job in self._lost:
            return
        elif any(each == job for each, _ in (*self._files, *self._under_way)):
            self._over[job] = say
            self._begin()
        else:
            say()

    async def flush(self) -> None:
        """Return when all that has arrived is on the disk, or cannot be brought there."""
        while self._files or self._flushing is not None:
            self._begin()
            if self._flushing is not None:
                await asyncio.shield(self._flushing)

    def leave(self) -> None:
        """Say now what jobs are over: the application ends, and waits for no disk."""
        for say in self._over.values():
            say()
        self._over.clear()
        self._stop_timer()

    # -- inside ----------------------------------------------------------------------------

    def _begin(self) -> None:
        self._stop_timer()
        if self._flushing is not None or not self._files:
            return
        loop = asyncio.get_running_loop()
        self._under_way, self._files = self._files, []
        folders, self._folders = tuple(self._folders), set()
        self._flushing = loop.create_future()

        def flush() -> None:
            problem = None
            try:
                flush_to_disk(folders)
            except OSError as error:
                problem = error
            with contextlib.suppress(RuntimeError):
                # The application may have ended meanwhile.
                loop.call_soon_threadsafe(self._flushed, problem)

        # A slow disk holds up neither the journal nor the end of the application.
        threading.Thread(target=flush, name="tristore-flush", daemon=True).start()

    def _flushed(self, problem: OSError | None) -> None:
        files, self._under_way = self._under_way, []
        if problem is None:
            for job, number in files:
                self._note(_DONE, job, number)
        else:
            # They stay "arrived", and their jobs are offered to a later run, which looks at them.
            self.problem = ServiceError(
                "The disk did not take all that has arrived.",
                cause=problem.strerror or str(problem),
                hint="Look at the disk. The next start offers to go on: it looks at those files.",
            )
            for job, _ in files:
                self._lost.add(job)
                self._over.pop(job, None)
        waiting = {job for job, _ in self._files}
        for job in [job for job in self._over if job not in waiting]:
            self._over.pop(job)()
        flushing, self._flushing = self._flushing, None
        if flushing is not None and not flushing.done():
            flushing.set_result(None)
        if self._over:
            self._begin()
        elif self._files and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSHED_EVERY, self._begin)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def flush_to_disk(folders: Iterable[str]) -> None:
    """Return when all that was written on the file systems of these folders is on the disk, names
    included. Blocking. Raises OSError where the disk says that it is not.

    It is done by a program: a thread that waits for a slow disk keeps its whole process from
    ending. Windows has none.
    """
    there = _one_of_each(folders)
    if not there:
        return  # they were removed, and what was in them
    try:
        problem = _sync("-f", "--", *there) if sys.platform == "linux" else _sync()
        if _OTHER_PROGRAM.search(problem):
            problem = _sync()
    except FileNotFoundError:
        getattr(os, "sync", lambda: None)()
        return
    if problem:
        raise OSError(errno.EIO, problem)


_OTHER_PROGRAM = re.compile("(invalid|unknown|unrecognized) option", re.IGNORECASE)
"""What a `sync` says that can only bring all file systems to the disk."""


def _sync(*options: str) -> str:
    """What went wrong; empty if nothing did."""
    ended = subprocess.run(
        ["sync", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
        start_new_session=True,
        check=False,
    )
    said = ended.stderr.decode(errors="replace").strip()
    return (said or f"sync ended with {ended.returncode}") if ended.returncode else ""


def _one_of_each(folders: Iterable[str]) -> list[str]:
    """A folder of each file system."""
    found: dict[int, str] = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            found.setdefault(os.stat(folder).st_dev, os.path.abspath(folder))
    return list(found.values())
