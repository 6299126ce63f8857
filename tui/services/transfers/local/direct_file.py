"""A second way into an open file: from the memory of the program to the disk, past the page cache.

A large download would fill the page cache with gigabytes that nobody reads soon, and press out what
others read. Most of the processor time of a write is the copy into it, and the pages for that: a
virtual machine may have to ask its host for each, which costs ten times the copy.
"""

from __future__ import annotations

import errno
import os
import threading
from math import inf
from pathlib import Path
from time import monotonic

BLOCK = 4096
"""Position, length and memory are whole multiples of this: what all but a few disks ask for."""

AT_ONCE = 2
"""Writes at a time. A file system lets few be done at once, and the more wait for each other, the
less is known of the disk."""

SLOWEST = 0.01 / 1024**2
"""Seconds a byte above which writes are left to the system again, which takes them before the disk
has them. With two writes at a time, that is a disk of 200 MB/s."""

LOOKED_AT = 16
"""Writes of which the quickest must be that slow: on a busy machine most of them wait for a
processor, and not for the disk."""


class DirectFile:
    """Used by several threads at once. Gives up for good where it is not possible, or no gain."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """`descriptor` is of the same file, at this path, and stays the owner's."""
        self._descriptor = _reopened(path, descriptor)
        self._is_used = self._descriptor >= 0
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._quickest = inf
        """Seconds a byte of the last writes."""
        self._count = 0

    @property
    def is_used(self) -> bool:
        return self._is_used

    def write(self, data: memoryview, position: int) -> int:
        """Write as much of `data` as can be written so; gives how many bytes that are, from the
        first on. Raises OSError."""
        size = len(data) - len(data) % BLOCK
        if not self._is_used or not size or position % BLOCK:
            return 0
        with self._turns:
            began = monotonic()
            try:
                written = os.pwrite(self._descriptor, data[:size], position)
            except OSError as error:
                if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP}:
                    raise
                self._is_used = False
                return 0
            self._note((monotonic() - began) / max(written, 1))
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

    def _note(self, seconds_a_byte: float) -> None:
        with self._lock:
            self._quickest = min(self._quickest, seconds_a_byte)
            self._count += 1
            if self._count == LOOKED_AT:
                if self._quickest > SLOWEST:
                    self._is_used = False
                self._quickest, self._count = inf, 0


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
