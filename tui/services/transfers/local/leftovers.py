"""Unfinished files of downloads whose application was killed: find them, remove them, send none.

A download is written to `.tristore-….part` in its folder and locked while it is written. What has
such a name and no lock belongs to nobody any more.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from tui.services.blocking import BlockingPool
from tui.services.private_file import replace_private
from tui.services.transfers.local.local_files import is_locked, reason_of
from tui.services.transfers.models import DownloadPlan, Problem

_NAME = re.compile(r"\.tristore-[0-9a-f]{8,16}\.(part|Case\u0301?|Cas\u00e9)")
"""The names of `create_temporary` and of the probe of `folds_of`, in either form."""

REMEMBERED = 20
"""Folders of earlier downloads that are looked through."""

AGAIN_AFTER = 0.1
"""Seconds after which what was found is looked at again: a download has no lock for the moment in
which it makes its file."""

LOOKED_AT = 100_000
"""Names that are looked at below one folder, at most."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """An unfinished file that nobody writes."""

    path: Path
    size: int


def is_unfinished(name: str) -> bool:
    """Whether a file's name is one that only unfinished downloads have."""
    return _NAME.fullmatch(name) is not None


async def _none_kept() -> frozenset[Path]:
    return frozenset()


class Leftovers:
    """Finds and removes them off the event loop. `record` keeps the folders downloaded into;
    `kept` gives those that a cut-off download will go on with, which are nobody's leftovers; None
    while nobody can tell, and then none is found."""

    def __init__(
        self,
        record: Path | None = None,
        kept: Callable[[], Awaitable[frozenset[Path] | None]] = _none_kept,
    ) -> None:
        self._record = record
        self._kept = kept
        self._pool = BlockingPool("leftovers", size=1)

    def close(self) -> None:
        self._pool.close()

    async def remember(self, folder: Path) -> None:
        """Keep the folder of a download, so that a later run of the application looks into it."""
        await self._pool.run(self._remember, folder)

    async def beside(self, plan: DownloadPlan) -> tuple[Leftover, ...]:
        """Those in the folders that a plan writes into."""
        folders = [plan.folder, *(item.target.parent for item in plan.items)]
        return await self.within(folders)

    async def within(self, folders: Iterable[Path]) -> tuple[Leftover, ...]:
        """Those in these folders, but not below them."""
        return self._but(await self._kept(), await self._pool.run(_within, folders))

    async def anywhere(self) -> tuple[Leftover, ...]:
        """Those in and below the folders of the last downloads, also of earlier runs."""
        return self._but(await self._kept(), await self._pool.run(self._anywhere))

    async def remove(self, found: Sequence[Leftover]) -> tuple[Problem, ...]:
        """Remove them; gives those that are still there, with the reason."""
        return await self._pool.run(_remove, found)

    def _but(
        self, kept: frozenset[Path] | None, found: tuple[Leftover, ...]
    ) -> tuple[Leftover, ...]:
        return () if kept is None else tuple(each for each in found if each.path not in kept)

    def _folders(self) -> list[str]:
        if self._record is None:
            return []
        try:
            return self._record.read_bytes().decode("utf-8", "surrogateescape").split("\0")
        except OSError:
            # No download yet, or no such place: nothing is known of earlier folders.
            return []

    def _remember(self, folder: Path) -> None:
        if self._record is None:
            return
        folders = list(dict.fromkeys([str(folder), *self._folders()]))[:REMEMBERED]
        with contextlib.suppress(OSError):
            # The download itself does not depend on it.
            data = "\0".join(folders).encode("utf-8", "surrogateescape")
            replace_private(self._record, data)

    def _anywhere(self) -> tuple[Leftover, ...]:
        found = {each.path: each for folder in self._folders() for each in _below(folder)}
        return _still(tuple(found.values()))


def _within(folders: Iterable[Path]) -> tuple[Leftover, ...]:
    return _still(tuple(each for folder in dict.fromkeys(folders) for each in _in(str(folder))))


def _still(found: tuple[Leftover, ...]) -> tuple[Leftover, ...]:
    """Those that are still there, and that nobody writes."""
    if not found:
        return ()
    sleep(AGAIN_AFTER)
    return tuple(again for each in found for again in _among(each.path.parent, [each.path.name]))


def _below(folder: str) -> Iterator[Leftover]:
    looked_at = 0
    for parent, _, names in os.walk(folder):
        looked_at += len(names) + 1
        yield from _among(Path(parent), names)
        if looked_at > LOOKED_AT:
            return


def _in(folder: str) -> Iterator[Leftover]:
    with contextlib.suppress(OSError):
        # A folder that is not there yet, or may not be read, has none that could be removed.
        yield from _among(Path(folder), os.listdir(folder))


def _among(parent: Path, names: Iterable[str]) -> Iterator[Leftover]:
    for name in filter(is_unfinished, names):
        path = parent / name
        with contextlib.suppress(OSError):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode) and not is_locked(path):
                yield Leftover(path, status.st_size)


def _remove(found: Sequence[Leftover]) -> tuple[Problem, ...]:
    problems = []
    for each in found:
        try:
            if is_locked(each.path):
                problems.append(Problem(str(each.path), "a download writes to it"))
            else:
                each.path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append(Problem(str(each.path), reason_of(error)))
    return tuple(problems)
