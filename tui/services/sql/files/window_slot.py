"""Which files on disk belong to this window of the application.

Applications that run side by side never share one: the files of the first are named after
`editor.sql`, those of the next after `editor-2.sql`, and so on. Each is locked while its
application runs; the next one to start takes over the newest that nobody holds.

Everything here blocks and raises OSError.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

MAX_WINDOWS = 100
"""Applications side by side that have files of their own; the next ones are refused one."""


class WindowSlot:
    """The file that the others of the window are named after, and its lock."""

    def __init__(self, first: Path) -> None:
        self.path = first
        """Of the first window; once a slot is held, of that one."""
        self._first = first
        self._held: int | None = None

    @property
    def index(self) -> Path:
        """What says which tabs there are."""
        return _index(self.path)

    def text(self, tab: int) -> Path:
        """The file of a tab's text. The first one's has the name that the only one had before there
        were tabs."""
        if tab == 1:
            return self.path
        return self.path.with_name(f"{self.path.stem}.tab-{tab}{self.path.suffix}")

    def tabs_on_disk(self) -> list[int]:
        """The tabs that have a text on disk, whatever the index says."""
        head, tail = f"{self.path.stem}.tab-", self.path.suffix
        found = [1] if self.path.exists() else []
        for each in self.path.parent.glob(f"{head}*{tail}"):
            number = each.name.removeprefix(head).removesuffix(tail)
            if number.isascii() and number.isdigit():
                found.append(int(number))
        return sorted(found)

    def hold_newest(self) -> None:
        """Hold the files that were written last and that nobody holds; new ones if there are
        none."""
        written = [(_written(path), path) for path in self._paths()]
        for moment, path in sorted(written, reverse=True):
            if moment and self._hold(path):
                return
        self.hold_new()

    def hold_new(self) -> None:
        """Hold files that are not there yet."""
        self.release()
        for path in self._paths():
            # Looked at again under the lock: another application may just have written it.
            if not _written(path) and self._hold(path):
                if not _written(path):
                    return
                self.release()
        raise OSError(f"There are {MAX_WINDOWS} of them in {self._first.parent} already.")

    def release(self) -> None:
        """Let the files go."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _paths(self) -> list[Path]:
        first = self._first
        rest = (f"{first.stem}-{n}{first.suffix}" for n in range(2, MAX_WINDOWS + 1))
        return [first, *(first.with_name(name) for name in rest)]

    def _hold(self, path: Path) -> bool:
        """Lock the files of a window; False if another application holds them.

        The lock is on a file beside them, which stays: a text's own is another file after every
        save. The system lets go of it however the application ends.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = path.with_name(f".{path.name}.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            # A file system without locks: better a text that two may share than none at all.
            pass
        self.path, self._held = path, descriptor
        return True


def _index(path: Path) -> Path:
    return path.with_name(f"{path.stem}.tabs.json")


def _written(path: Path) -> int:
    """When the files of a window were last written; 0 if there are none."""
    return max(_moment(path), _moment(_index(path)))


def _moment(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
