"""The temporary file of one download, and how much of it has been counted."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from tui.services.placing import translating_local
from tui.services.s3 import Stop, StoppedError

HASHED_BYTES = 256 * 1024
"""Bytes that are read back at a time."""


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
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._hashed = 0
        self._on_bytes = on_bytes
        self._lock = threading.Lock()

    def count(self, size: int) -> None:
        with self._lock:
            self.counted += size
        self._on_bytes(size)

    def write(self, data: bytes | memoryview, position: int) -> None:
        view = memoryview(data)
        with translating_local(f"write {self.target}"):
            while view:
                written = os.pwrite(self.descriptor, view, position)
                view, position = view[written:], position + written

    def flush(self) -> None:
        """Return when what was written is on the disk."""
        with translating_local(f"write {self.target}"):
            getattr(os, "fdatasync", os.fsync)(self.descriptor)

    def hash_to(self, end: int, stop: Stop) -> None:
        """Take into the MD5 what the file holds up to `end`, if it is not in it. From one thread
        at a time. Raises StoppedError."""
        with translating_local(f"read back {self.target}"):
            while self._hashed < end:
                if stop.is_set():
                    raise StoppedError
                left = min(HASHED_BYTES, end - self._hashed)
                chunk = os.pread(self.descriptor, left, self._hashed)
                if not chunk:
                    return
                self._md5.update(chunk)
                self._hashed += len(chunk)

    def md5(self, stop: Stop) -> str:
        """The MD5 of all that the file holds, in hex. Raises StoppedError."""
        self.hash_to(os.fstat(self.descriptor).st_size, stop)
        return self._md5.hexdigest()
