"""The folders of this machine, for choosing what to upload and where to download to."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tui.services.blocking import BlockingPool
from tui.services.placing import translating_local
from tui.services.transfers.local.local_files import expanded
from tui.services.transfers.local.typed_paths import TypedPaths, find_typed, single

COMPLETIONS = 200
"""Names that a completion looks at, at most."""


class EntryKind(Enum):
    """What a name in a folder stands for, after following links."""

    FOLDER = "folder"
    FILE = "file"
    SPECIAL = "special"
    """A device, a pipe or a socket: never sent."""
    BROKEN = "broken"
    """A link that leads nowhere, or something that may not be looked at."""


@dataclass(frozen=True, slots=True)
class LocalEntry:
    """One name in a folder."""

    name: str
    """Raw; a name that is not UTF-8 holds surrogates."""
    path: Path
    kind: EntryKind
    size: int | None
    """Bytes of a file; None for the rest."""
    modified: float | None
    """Seconds since the epoch; None if it could not be read."""
    is_link: bool

    @property
    def is_folder(self) -> bool:
        return self.kind is EntryKind.FOLDER


class LocalFolders:
    """Reads folders off the event loop."""

    def __init__(self) -> None:
        self._pool = BlockingPool("folders", size=4)
        self.start = _start()
        """Where the application was started."""
        self.last_upload = self.start
        """Where the user last picked from."""
        self.last_download: Path | None = None
        """Where the user last downloaded to; None at first."""
        self.last_sync: Path | None = None
        """What the user last synchronised; None at first."""
        self.sync_patterns = ""
        """Those that were typed for a sync that was left."""

    def close(self) -> None:
        self._pool.close()

    async def read(self, folder: Path) -> tuple[LocalEntry, ...]:
        """What is in a folder, folders first, each part by name. Raises ServiceError."""
        return await self._pool.run(_read, folder)

    async def find(self, text: str, here: Path) -> tuple[TypedPaths, tuple[LocalEntry, ...]]:
        """What a text names that was typed or pasted, as `find_typed`, and what stands there."""

        def find() -> tuple[TypedPaths, tuple[LocalEntry, ...]]:
            found = find_typed(text, here)
            return found, tuple(_entry_at(path) for path in found.paths)

        return await self._pool.run(find)

    async def resolve(self, typed: str, here: Path) -> Path:
        """The path that was typed: `~`, `.` and `..` understood, relative to `here`; quoted or as
        a `file://` URL, too.

        Raises ServiceError for the home of somebody unknown.
        """
        return await self._pool.run(_resolve, typed, here)

    async def kind(self, path: Path) -> EntryKind:
        """What stands at a path. Raises ServiceError if there is nothing."""
        return await self._pool.run(_kind, path)

    async def nearest(self, path: Path) -> Path:
        """The folder itself, or the nearest one above it that exists and may be read."""
        return await self._pool.run(_nearest, path)

    async def free(self, folder: Path) -> int | None:
        """The bytes that are free for files in a folder, which may not be there yet; None where
        nobody says."""
        return await self._pool.run(_free, folder)

    async def create(self, folder: Path) -> None:
        """Make a folder, and what is missing above it. Raises ServiceError (EXISTS, DENIED)."""
        await self._pool.run(_create, folder)

    async def complete(self, typed: str, here: Path) -> str:
        """`typed`, continued as far as the names on the disk leave no choice; a folder that is
        complete gets its `/`. The same text if nothing fits.
        """
        return await self._pool.run(_complete, typed, here)


def _start() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        # The folder that the application was started in is gone.
        return Path.home()


def _read(folder: Path) -> tuple[LocalEntry, ...]:
    with translating_local(f"read the folder {folder}"), os.scandir(folder) as entries:
        found = [_entry(entry) for entry in entries]
    found.sort(key=lambda entry: (not entry.is_folder, entry.name.casefold(), entry.name))
    return tuple(found)


def _entry(entry: os.DirEntry[str]) -> LocalEntry:
    path = Path(entry.path)
    try:
        status = entry.stat()
    except OSError:
        return LocalEntry(entry.name, path, EntryKind.BROKEN, None, None, entry.is_symlink())
    kind = _kind_of(status)
    size = status.st_size if kind is EntryKind.FILE else None
    return LocalEntry(entry.name, path, kind, size, status.st_mtime, entry.is_symlink())


def _kind_of(status: os.stat_result) -> EntryKind:
    if stat.S_ISDIR(status.st_mode):
        return EntryKind.FOLDER
    return EntryKind.FILE if stat.S_ISREG(status.st_mode) else EntryKind.SPECIAL


def _kind(path: Path) -> EntryKind:
    with translating_local(f"open {path}"):
        return _kind_of(path.stat())


def _entry_at(path: Path) -> LocalEntry:
    try:
        status = path.stat()
    except OSError:
        return LocalEntry(path.name, path, EntryKind.BROKEN, None, None, path.is_symlink())
    kind = _kind_of(status)
    size = status.st_size if kind is EntryKind.FILE else None
    return LocalEntry(path.name, path, kind, size, status.st_mtime, path.is_symlink())


def _resolve(typed: str, here: Path) -> Path:
    found = single(typed, here)
    if found is not None:
        return found
    # Lexically: a link stays the name that it was chosen by.
    with translating_local(f"open {typed}"):
        return Path(os.path.abspath(here / expanded(Path(typed))))


def _nearest(path: Path) -> Path:
    for folder in (path, *path.parents):
        with contextlib.suppress(OSError):
            # What may not even be looked at is no place to begin.
            if folder.is_dir() and os.access(folder, os.R_OK):
                return folder
    return Path.home()


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(_nearest(folder)).free
    except OSError:
        return None


def _create(folder: Path) -> None:
    with translating_local(f"create the folder {folder}"):
        folder.mkdir(parents=True)


def _complete(typed: str, here: Path) -> str:
    head, slash, tail = typed.rpartition("/")
    try:
        folder = here / expanded(Path(head + slash))
        with os.scandir(folder) as entries:
            fitting = [entry for entry in entries if entry.name.startswith(tail)]
        if not tail:
            fitting = [entry for entry in fitting if not entry.name.startswith(".")]
        if not fitting or len(fitting) > COMPLETIONS:
            return typed
        if len(fitting) == 1:
            return head + slash + fitting[0].name + ("/" if fitting[0].is_dir() else "")
    except OSError:
        # Nothing there, or no such user's home: what is typed is left to be finished by hand.
        return typed
    names = sorted(entry.name for entry in fitting)
    first, last = names[0], names[-1]
    same = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    return head + slash + first[:same]
