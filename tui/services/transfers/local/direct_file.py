"""A second way into an open file: from the memory of the program to the disk, past the page cache.

A large download would fill the page cache with gigabytes that nobody reads soon, and press out what
others read. Most of the processor time of a write is the copy into it, and the pages for that: a
virtual machine may have to ask its host for each, which costs ten times the copy.
"""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from time import monotonic

BLOCK = 4096
"""Position, length and memory are whole multiples of this: what all but a few disks ask for."""

SLOWEST = 0.05 / 1024**2
"""Seconds a byte above which writes are left to the system again, which takes them before the disk
has them. With eight writes at a time, that is a disk of 160 MB/s."""

_REMEMBERED = 64 * 1024 * 1024
"""Bytes of which it is remembered how long they took."""

_FIRST = 8 * 1024 * 1024
"""Bytes after which that says something."""


class DirectFile:
    """Used by several threads at once. Gives up for good where it is not possible, or no gain."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """`descriptor` is of the same file, at this path, and stays the owner's."""
        self._descriptor = _reopened(path, descriptor)
        self._is_used = self._descriptor >= 0
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._bytes = 0

    @property
    def is_used(self) -> bool:
        return self._is_used

    def write(self, data: memoryview, position: int) -> int:
        """Write as much of `data` as can be written so; gives how many bytes that are, from the
        first on. Raises OSError."""
        size = len(data) - len(data) % BLOCK
        if not self._is_used or not size or position % BLOCK:
            return 0
        began = monotonic()
        try:
            written = os.pwrite(self._descriptor, data[:size], position)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP}:
                raise
            self._is_used = False
            return 0
        self._note(monotonic() - began, written)
        return written

    def read(self, into: memoryview, position: int) -> int:
        """Read what lies at `position`; gives how many bytes, 0 where it cannot be read so, and at
        the end. Raises OSError."""
        if not self._is_used or position % BLOCK or len(into) % BLOCK:
            return 0
        try:
            return os.preadv(self._descriptor, [into], position)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP}:
                raise
            self._is_used = False
            return 0

    def close(self) -> None:
        """To be called when no thread uses it any more."""
        self._is_used = False
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _note(self, seconds: float, size: int) -> None:
        with self._lock:
            self._seconds += seconds
            self._bytes += size
            if self._bytes >= _FIRST and self._seconds > self._bytes * SLOWEST:
                self._is_used = False
            if self._bytes >= _REMEMBERED:
                self._seconds /= 2
                self._bytes //= 2


def _reopened(path: Path, descriptor: int) -> int:
    """Another descriptor of an open file; -1 where there is no such way, or another file is there
    now."""
    flag = getattr(os, "O_DIRECT", 0)
    if not flag:
        return -1
    try:
        found = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | flag)
    except OSError:
        return -1
    if not os.path.sameopenfile(found, descriptor):
        os.close(found)
        return -1
    return found
