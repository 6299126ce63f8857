"""The temporary file of one download, and how much of it has been counted."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tui.services.placing import translating_local
from tui.services.s3 import Stop, StoppedError
from tui.services.spare_memory import spare_block
from tui.services.transfers.local.direct_file import DirectFile
from tui.services.transfers.local.parts_md5 import PartsMd5


class _Hash(Protocol):
    def update(self, data: memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


class TemporaryFile:
    """The temporary file of one download, and how much of it has been counted."""

    def __init__(
        self,
        target: Path,
        descriptor: int,
        temporary: Path,
        on_bytes: Callable[[int], None],
        step: int = 0,
        done: frozenset[int] = frozenset(),
    ) -> None:
        self.step = step
        """The size of the ranges of an earlier run; 0 for a new file."""
        self.done = done
        """Where the ranges begin that an earlier run has read."""
        self.target = target
        self.descriptor = descriptor
        self.temporary = temporary
        self.encryption = ""
        """How the object is encrypted, as the answer said; "" if it did not say."""
        self.counted = 0
        self.is_checked = False
        """Whether what arrived has the checksum that S3 keeps."""
        self._direct: DirectFile | None = None
        self.part_step = 0
        """The size of the parts whose ETag its hash is; 0 where it is an MD5."""
        self._md5: _Hash = hashlib.md5(usedforsecurity=False)
        self._read_back = 0
        """Up to here it has been read for the MD5."""
        self._reading = threading.Lock()
        self._hashing = threading.Lock()
        self._on_bytes = on_bytes
        self._lock = threading.Lock()

    def use_disk(self) -> None:
        """From now on, write past the page cache where that is possible: for what is large."""
        self._direct = DirectFile(self.temporary, self.descriptor)

    def hash_parts(self, step: int) -> None:
        """Hash it as an object that was put together from parts of so many bytes."""
        self.part_step, self._md5 = step, PartsMd5(step)

    def close(self) -> None:
        """Raises OSError."""
        try:
            if self._direct is not None:
                self._direct.close()
        finally:
            os.close(self.descriptor)

    def count(self, size: int) -> None:
        with self._lock:
            self.counted += size
        self._on_bytes(size)

    def write(self, data: bytes | memoryview, position: int) -> None:
        view = memoryview(data)
        with translating_local(f"write {self.target}"):
            if self._direct is not None:
                written = self._direct.write(view, position)
                view, position = view[written:], position + written
            while view:
                written = os.pwrite(self.descriptor, view, position)
                view, position = view[written:], position + written

    def flush(self) -> None:
        """Return when what was written is on the disk."""
        with translating_local(f"write {self.target}"):
            getattr(os, "fdatasync", os.fsync)(self.descriptor)

    def hash_to(self, end: int, stop: Stop) -> None:
        """Take into the MD5 what the file holds up to `end`, if it is not in it. Of two threads
        that do this, one reads the next block while the other hashes. Raises StoppedError."""
        with spare_block() as block:
            while size := self._begin_hashing(block, end, stop):
                try:
                    self._md5.update(block[:size])
                finally:
                    self._hashing.release()

    def _begin_hashing(self, block: memoryview, end: int, stop: Stop) -> int:
        """Read the next block; gives its size, and with it the turn to hash, or 0 at the end."""
        with self._reading:
            left = min(len(block), end - self._read_back)
            if left <= 0:
                return 0
            if stop.is_set():
                raise StoppedError
            with translating_local(f"read back {self.target}"):
                size = self._direct.read(block, self._read_back) if self._direct else 0
                size = size or os.preadv(self.descriptor, [block[:left]], self._read_back)
            size = min(size, left)
            self._read_back += size
            if size:
                # Before the next block can be read, so that they are hashed in their order.
                self._hashing.acquire()
            return size

    def md5(self, stop: Stop) -> str:
        """The MD5 of all that the file holds, or the ETag of its parts. Raises StoppedError."""
        self.hash_to(os.fstat(self.descriptor).st_size, stop)
        with self._hashing:
            return self._md5.hexdigest()
