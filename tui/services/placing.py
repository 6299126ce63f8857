"""Local files that are written beside the place they are for, and put there when they are whole.

Blocking. What has the name is never touched unless it is what was agreed to be replaced.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tui.services import put_file
from tui.services.errors import ErrorKind, ServiceError
from tui.services.put_file import OPEN_FLAGS

_OPEN_FILES = "/proc/self/fd"
"""Where Linux shows the files that are open here."""

_KINDS = {
    errno.EACCES: ErrorKind.DENIED,
    errno.EPERM: ErrorKind.DENIED,
    errno.EROFS: ErrorKind.DENIED,
    errno.ENOENT: ErrorKind.NOT_FOUND,
    errno.EEXIST: ErrorKind.EXISTS,
}
_HINTS = {
    errno.EACCES: "Check the permissions of the file and of its folder.",
    errno.ENOSPC: "The disk is full: free some space and retry the failed files.",
    errno.EROFS: "The file system is read-only: choose another folder.",
    errno.ENAMETOOLONG: "Choose a folder with a shorter path.",
    errno.EMFILE: "Too many files are open; retry the failed files.",
}


@contextmanager
def translating_local(action: str) -> Iterator[None]:
    """Turn an OSError inside the block into a ServiceError about `action` ("read /x")."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        raise ServiceError(
            f"Could not {action}.",
            cause=error.strerror or str(error),
            hint=_HINTS.get(number, ""),
            code=errno.errorcode.get(number, ""),
            kind=_KINDS.get(number, ErrorKind.OTHER),
        ) from error


@dataclass(frozen=True, slots=True)
class ExistingFile:
    """What the local folder already holds under a name (the link itself, for a link)."""

    size: int
    mtime_ns: int


def look_at(path: Path) -> ExistingFile | None:
    """What stands at `path` now (a link itself, not what it points to); None if nothing."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return ExistingFile(status.st_size, status.st_mtime_ns)


def create_temporary(target: Path) -> tuple[int, Path]:
    """A new, empty file in the folder of `target`, open for reading and writing, and locked: so it
    is told from one that a killed application left behind."""
    temporary = temporary_name(target)
    return put_file.create(str(temporary)), temporary


def create_unnamed(folder: Path) -> int | None:
    """A new, empty file in a folder, open for reading and writing, that has no name and so goes
    with the application, however that ends; None where the system has no such files."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not os.path.isdir(_OPEN_FILES):
        return None
    try:
        return os.open(folder, os.O_RDWR | flag | OPEN_FLAGS, 0o666)
    except OSError:
        return None


def name_unnamed(descriptor: int, path: Path) -> None:
    """Give a file of `create_unnamed` a name. Raises OSError, also if the name is taken."""
    folder = os.open(path.parent, os.O_RDONLY | OPEN_FLAGS)
    try:
        # With a folder, Python lets the system follow the link, which leads to the file itself.
        os.link(f"{_OPEN_FILES}/{descriptor}", path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def temporary_name(target: Path) -> Path:
    """A name beside `target` that nothing has."""
    return target.with_name(f".tristore-{secrets.token_hex(8)}.part")


def place(temporary: Path, target: Path, *, replacing: ExistingFile | None) -> None:
    """Give the finished temporary file its name.

    Without `replacing`, never replaces anything: raises FileExistsError. With it, replaces only
    what is still as it was seen, else raises ServiceError (CHANGED).
    """
    if replacing is not None:
        now = look_at(target)
        if now is not None and now != replacing:
            raise ServiceError(
                f"{target} was changed after you chose to overwrite it; it was left as it is.",
                kind=ErrorKind.CHANGED,
            )
        if now is not None:
            temporary.replace(target)
            return
    put_file.place_new(str(temporary), str(target))
