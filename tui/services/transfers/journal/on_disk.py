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
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Protocol

from tui.services.errors import ServiceError
from tui.services.s3 import Stop, StoppedError

FLUSHED_EVERY = 5.0
"""Seconds that a file may be on the way to the disk unnoticed. A kill costs a look at those."""

LOOK = 0.1
"""Seconds between two looks at whether to stop."""

ARRIVED: Final = "arrived"
"""The state of a file that is whole in its place, and may not be on the disk."""

_DONE = "UPDATE files SET state = 'done' WHERE job = ? AND number = ? AND state = 'arrived'"


class NoteRow(Protocol):
    """Writes something into the journal soon, after what was noted before."""

    def __call__(self, statement: str, *row: str | int) -> None: ...


@dataclass
class _Place:
    """What has arrived below one folder that was chosen for downloads."""

    files: list[tuple[str, int]] = field(default_factory=list)
    """Those that have arrived since the last flush began: the job, and the number in it."""
    folders: set[str] = field(default_factory=set)
    under_way: list[tuple[str, int]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    flushing: asyncio.Future[None] | None = None

    def holds(self, job: str) -> bool:
        """Whether something of the job is on the way to the disk."""
        return any(each == job for each, _ in chain(self.files, self.under_way))

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class OnDisk:
    """Brings what has arrived to the disk, for all jobs. Use it from one event loop.

    Each place that downloads go to is brought there by itself: one that does not answer, a network
    file system that is gone, say, holds up no other.
    """

    def __init__(self, note: NoteRow) -> None:
        self._note = note
        self._places: dict[str, _Place] = {}
        """Those of which something is on the way to the disk."""
        self._over: dict[str, Callable[[], None]] = {}
        """The jobs that have ended, and what says so."""
        self._lost: dict[str, set[int]] = {}
        """The jobs of which something may never come to the disk, and those files."""
        self.problem: ServiceError | None = None
        """Why something may not be on the disk; None while nothing is known."""

    def arrived(self, job: str, number: int, folder: str, place: str) -> None:
        """A file of a job is in its place, in that folder, which is in the chosen `place`."""
        at = self._places.setdefault(place, _Place())
        at.files.append((job, number))
        at.folders.add(folder)
        if at.timer is None and at.flushing is None:
            self._begin_later(at, place)

    def arrived_of(self, job: str) -> frozenset[int]:
        """The files of a job that have arrived and are not known to be on the disk."""
        on_the_way = (
            number
            for at in self._places.values()
            for each, number in chain(at.files, at.under_way)
            if each == job
        )
        return frozenset(chain(on_the_way, self._lost.get(job, ())))

    def over(self, job: str, is_over: bool, say: Callable[[], None]) -> None:
        """A job has ended, or begins again; `say` is called when that is true on the disk, too."""
        self._over.pop(job, None)
        if not is_over:
            say()
        elif job in self._lost:
            # What was lost is not done again before a later run has looked at it.
            return
        elif (place := self._place_of(job)) is not None:
            self._over[job] = say
            self._begin(place)
        else:
            say()

    async def flush(self, job: str, stop: Stop) -> None:
        """Return when all of the job that has arrived is on the disk, or cannot be brought there.
        Raises StoppedError when `stop` is set before."""
        while (place := self._place_of(job)) is not None:
            self._begin(place)
            flushing = self._places[place].flushing
            while flushing is not None and not flushing.done():
                if stop.is_set():
                    raise StoppedError
                await asyncio.wait({flushing}, timeout=LOOK)

    async def leave(self, patience: float) -> None:
        """The application ends: wait up to `patience` seconds for what has arrived. What is not on
        the disk then is looked at by a later run."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._places:
                    for place in tuple(self._places):
                        self._begin(place)
                    flushing = {at.flushing for at in self._places.values()} - {None}
                    await asyncio.wait([each for each in flushing if each is not None])
        for at in self._places.values():
            at.stop_timer()

    # -- inside ----------------------------------------------------------------------------

    def _place_of(self, job: str) -> str | None:
        """Where something of the job is on the way to the disk."""
        return next((place for place, at in self._places.items() if at.holds(job)), None)

    def _begin_later(self, at: _Place, place: str) -> None:
        loop = asyncio.get_running_loop()
        at.timer = loop.call_later(FLUSHED_EVERY, self._begin, place)

    def _begin(self, place: str) -> None:
        at = self._places[place]
        at.stop_timer()
        if at.flushing is not None or not at.files:
            return
        loop = asyncio.get_running_loop()
        at.under_way, at.files = at.files, []
        folders, at.folders = tuple(at.folders), set()
        at.flushing = loop.create_future()

        def flush() -> None:
            problem = None
            try:
                flush_to_disk(folders)
            except OSError as error:
                problem = error
            with contextlib.suppress(RuntimeError):
                # The application may have ended meanwhile.
                loop.call_soon_threadsafe(self._flushed, place, problem)

        # A slow disk holds up neither the journal nor the end of the application.
        threading.Thread(target=flush, name="tristore-flush", daemon=True).start()

    def _flushed(self, place: str, problem: OSError | None) -> None:
        at = self._places[place]
        files, at.under_way = at.under_way, []
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
            for job, number in files:
                self._lost.setdefault(job, set()).add(number)
                self._over.pop(job, None)
        for job in [job for job in self._over if self._place_of(job) is None]:
            self._over.pop(job)()
        flushing, at.flushing = at.flushing, None
        if flushing is not None and not flushing.done():
            flushing.set_result(None)
        if not at.files:
            del self._places[place]
        elif any(at.holds(job) for job in self._over):
            self._begin(place)
        elif at.timer is None:
            self._begin_later(at, place)


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
