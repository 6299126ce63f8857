"""The temporary file of one download, and how much of it has been counted."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from tui.services.placing import translating_local


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

    def read(self, size: int, position: int) -> bytes:
        with translating_local(f"read back {self.target}"):
            return os.pread(self.descriptor, size, position)
