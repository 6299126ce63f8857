"""Files of ours that only their owner may read: appended to, replaced as a whole, or made new.

Everything here blocks and raises OSError; folders that are missing are made, private too.
"""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path


def append_private(path: Path, text: str) -> None:
    """Add text at the end, in one write, so that lines of several writers never mix."""
    _write(path, os.O_APPEND | os.O_CREAT, text.encode("utf-8", "backslashreplace"))


class AppendedFile:
    """A file that is appended to again and again, and is opened once. What is written is with the
    system when `write` returns. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._mark = (0, 0)
        self._is_torn = False
        """Whether a line was written in part only: what comes next begins in a line of its own."""
        self.taken = 0
        """Bytes of the last text that were written; not all if `write` raised."""

    def write(self, text: str) -> None:
        """As `append_private`. A file that was moved away or removed meanwhile is made anew."""
        data = text.encode("utf-8", "backslashreplace")
        self.taken = 0
        if self._descriptor < 0 or not self._is_there():
            self.close()
            self._open()
        left = b"\n" + data if self._is_torn else data
        # As `_write_all`, which does not say how far it came.
        while left:
            left = left[os.write(self._descriptor, left) :]
            self.taken = len(data) - len(left)
            self._is_torn = bool(left) and data[self.taken - 1 : self.taken] not in {b"", b"\n"}

    def close(self) -> None:
        """Let go of the file; the next `write` opens it again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._is_torn = False

    def __del__(self) -> None:
        self.close()

    def _open(self) -> None:
        self._descriptor = _opened(self._path, os.O_APPEND | os.O_CREAT)
        opened = os.fstat(self._descriptor)
        self._mark = opened.st_dev, opened.st_ino

    def _is_there(self) -> bool:
        try:
            found = os.stat(self._path)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._mark


def create_private(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises FileExistsError rather than touch one."""
    _write(path, os.O_CREAT | os.O_EXCL, text.encode("utf-8", "backslashreplace"))


def replace_private(path: Path, data: bytes) -> None:
    """Put `data` in the place of what the file held, as a whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    _write(temporary, os.O_CREAT | os.O_TRUNC, data, to_disk=True)
    temporary.replace(path)


def locked_beside(path: Path, most: float) -> int:
    """Lock a file beside `path`, for at most `most` seconds of waiting; gives its descriptor, and
    closing that unlocks it. Raises OSError if another holds it all that time.

    The lock is on a file of its own, which stays: `path` is another file after each replacement.
    The system lets go of it however the application ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait_for_lock(descriptor, time.monotonic() + most)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _wait_for_lock(descriptor: int, end: float) -> None:
    try:
        import fcntl
    except ImportError:
        return  # Windows has no such locks
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.02)
        except OSError as error:
            if error.errno not in {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}:
                raise
            return  # a file system without locks: as before, the last one to write wins
        else:
            return


def _write(path: Path, flags: int, data: bytes, *, to_disk: bool = False) -> None:
    descriptor = _opened(path, flags)
    try:
        _write_all(descriptor, data)
        if to_disk:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _opened(path: Path, flags: int) -> int:
    flags |= os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        # Not looked at before: the folder is nearly always there.
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(path, flags, 0o600)


def _write_all(descriptor: int, data: bytes) -> None:
    # In one write, but for a disk that is full.
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
