"""Puts small files that are whole in memory in place: on threads, and where there are many in a
process of its own.

Each of the ten calls of the system that a file takes gives up the interpreter's lock, which the
event loop then has, and has to wait for it: that costs more than the calls. In another process
they cost what they cost, while the event loop goes on.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tui.services.blocking import SmallCalls
from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import translating_local
from tui.services.put_file import LEADS_OUT, PLACED, TAKEN, Outcome, free_names, put
from tui.services.s3 import StoppedError
from tui.services.transfers.local.local_files import leads_out
from tui.services.transfers.local.placing_process import PlacingProcess

MANY = 8
"""Files that wait for threads, from which a process is started."""

STARTS = 3
"""How often a process is started; one that has ended somebody else has ended."""

LARGEST = 64 * 1024
"""Bytes of a file up to which it goes to the process: the way there is for many calls, not for many
bytes."""


@dataclass(frozen=True, slots=True)
class SmallFile:
    """A file that is to be put in place, and that is not there yet."""

    root: Path
    """The chosen folder, which nothing is written outside of."""
    target: Path
    data: bytes
    modified: float | None
    """Its time, in seconds; None for now."""
    beside: bool
    """Under a free name beside the target, which is taken."""


class SmallFiles:
    """Use it from one event loop."""

    def __init__(self, calls: SmallCalls) -> None:
        self._calls = calls
        self._on_threads = 0
        self._starts = 0
        self._process: PlacingProcess | None = None
        self._is_closed = False
        self._names = int.from_bytes(os.urandom(8), "little")

    async def put(self, file: SmallFile) -> Path:
        """Put it in place; gives where. Raises ServiceError: EXISTS if its name is taken;
        StoppedError if this is closed meanwhile, and nothing is known."""
        what, said, number, words = await self._put(file)
        if what == PLACED:
            return Path(said) if file.beside else file.target
        if what == LEADS_OUT:
            raise leads_out(said, file.root)
        if what == TAKEN:
            raise exists_now(file.target)
        with translating_local(said):
            raise OSError(number, words)

    async def _put(self, file: SmallFile) -> Outcome:
        self._names = (self._names + 1) % (1 << 64)
        temporary = f".tristore-{self._names:016x}.part"
        order = (
            *(str(file.root), str(file.target), temporary),
            *(file.data, file.modified, file.beside),
        )
        process = self._process
        if process is not None and len(file.data) <= LARGEST and process.is_quick:
            outcome = await process.put(order)
            if outcome is not None:
                return outcome
            if self._is_closed:
                # A later run looks at whether it was put in place.
                raise StoppedError
            return await self._calls.run(_put_again, file, temporary, order)
        self._on_threads += 1
        if self._on_threads >= MANY:
            self._start()
        try:
            return await self._calls.run(put, *order)
        finally:
            self._on_threads -= 1

    def _start(self) -> None:
        if self._process is not None and self._process.has_ended:
            self._process.close()
            self._process = None
        if self._process is None and self._starts < STARTS and not self._is_closed:
            self._starts += 1
            self._process = PlacingProcess()
            self._process.start()

    def close(self) -> None:
        """End the process. It is given a moment for the file that it is at: see
        `placing_process.LAST`."""
        self._is_closed = True
        if self._process is not None:
            self._process.close()
            self._process = None


def exists_now(target: Path) -> ServiceError:
    """That something has the name of a download that had it not when the user looked."""
    return ServiceError(
        f"{target} exists now: it came into being after you looked. It was left as it is.",
        hint="Download again to see it and choose what to do with it.",
        kind=ErrorKind.EXISTS,
    )


def _put_again(file: SmallFile, temporary: str, order: tuple[object, ...]) -> Outcome:
    """Put a file in place that a process was told to put there before it was killed."""
    there = next((path for path in _names(file) if _is(file, path)), None)
    with contextlib.suppress(OSError):
        # Where that cannot be, `put` says what is wrong with the folder.
        file.target.with_name(temporary).unlink()
    if there is not None:
        return PLACED, str(there), 0, ""
    return put(*order)  # type: ignore[arg-type]


def _names(file: SmallFile) -> Iterator[Path]:
    """The names that it may have got."""
    if not file.beside:
        return iter((file.target,))
    beside = (file.target.with_name(name) for name in free_names(file.target.name))
    return takewhile(os.path.lexists, beside)


def _is(file: SmallFile, path: Path) -> bool:
    """Whether a file is this one, with its time: then it was put there."""
    try:
        return (
            path.is_file()
            and not path.is_symlink()
            and path.stat().st_size == len(file.data)
            and file.modified in {None, path.stat().st_mtime}
            and path.read_bytes() == file.data
        )
    except OSError:
        return False
