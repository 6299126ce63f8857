"""A disk that takes some bytes more, and then says that it is full."""

from __future__ import annotations

import errno
import os

import pytest


class FullDisk:
    """For all that this process writes through `os.write`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, room: int = 0) -> None:
        self.room = room
        """Bytes that it still takes."""
        self._write = os.write
        monkeypatch.setattr(os, "write", self._take)

    def _take(self, descriptor: int, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self._write(descriptor, data[: self.room])
        self.room -= written
        return written
