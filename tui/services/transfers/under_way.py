"""The files of one job that are being transferred now, each with its bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice

from tui.services.transfers.job_files import FileWork
from tui.services.transfers.job_states import FileUnderWay


class _File:
    """One file, and how many of its bytes have gone."""

    __slots__ = ("bytes_done", "work")

    def __init__(self, work: FileWork) -> None:
        self.work = work
        self.bytes_done = 0


class UnderWay:
    """Files begin and end on the event loop; their bytes are counted by threads."""

    def __init__(self) -> None:
        self._files: dict[int, _File] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._files)

    @property
    def bytes(self) -> int:
        """What has gone of all files, also of those that have ended."""
        with self._lock:
            return self._bytes

    def begin(self, number: int, work: FileWork) -> Callable[[int], None]:
        """A file begins; gives what its bytes are told to. Fewer than none take some back."""
        file = self._files[number] = _File(work)

        def on_bytes(size: int) -> None:
            with self._lock:
                self._bytes += size
                file.bytes_done += size

        return on_bytes

    def end(self, number: int) -> None:
        """A file has ended, however it did."""
        del self._files[number]

    def first(self, count: int) -> tuple[FileUnderWay, ...]:
        """Those that began first, and so take longest; at most so many."""
        with self._lock:
            return tuple(
                FileUnderWay(file.work.source, file.bytes_done, file.work.size)
                for file in islice(self._files.values(), count)
            )
