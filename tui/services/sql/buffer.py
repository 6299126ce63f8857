"""The editor's text on disk, so that it survives whatever ends the application."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.private_file import replace_private
from tui.services.sql.passwords import without_passwords

MAX_BYTES = 10_000_000
"""A file larger than this is not read back: it was not written here."""

MAX_BUFFERS = 100
"""Applications side by side that have a file of their own; the next ones are refused one."""


class EditorBuffer:
    """One text file that only its owner can read, replaced as a whole or not at all.

    Applications that run side by side never share one: `editor.sql` is followed by
    `editor-2.sql`, and so on. Each is locked while its application runs; the next one to start
    takes over the newest that nobody holds. Passwords in the text are not written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        """The first file's; once the text is loaded or saved, that of the file held."""
        self._first = path
        # One thread: texts are written in the order in which they were given.
        self._pool = BlockingPool("sql-buffer", 1)
        self._busy = threading.Lock()
        self._held: int | None = None
        self._may_write = False
        """Whether the file held is ours to replace: its text was read, or it had none."""
        self._closed = False
        self._written: str | None = None

    async def load(self) -> str:
        """The text of an earlier run; empty if there is none. ServiceError if it cannot be read:
        it is left as it is then, and what is saved goes to another file."""
        return await self._pool.run(self._load)

    async def save(self, text: str) -> int:
        """Write `text` unless it is there already; how many passwords in it were left out.
        ServiceError if that fails."""
        return await self._pool.run(self._save, text)

    def close(self, last: str | None = None) -> None:
        """Write the last text, if there is a newer one, and let the file go. Blocking; writes
        that wait are dropped. ServiceError if the text could not be written."""
        self._pool.close()
        with self._busy:
            try:
                if last is not None and not self._closed:
                    self._write(last)
            finally:
                self._closed = True
                self._release()

    # -- on the pool ------------------------------------------------------------------------------

    def _load(self) -> str:
        with self._busy:
            if self._closed:
                return ""
            try:
                self._hold_newest()
                text = self._without_old_passwords(self._read())
            except (OSError, UnicodeDecodeError) as error:
                raise ServiceError(
                    "The editor's text of the last run could not be read.",
                    cause=str(error),
                    hint=f"{self.path} is left as it is; what you type is kept beside it.",
                ) from error
            self._may_write = True
            self._written = text
            return text or ""

    def _read(self) -> str | None:
        try:
            if self.path.stat().st_size > MAX_BYTES:
                raise OSError(f"{self.path} is too large to be the editor's text.")
            return self.path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None

    def _without_old_passwords(self, text: str | None) -> str | None:
        """What an earlier version kept is taken out, of the file too."""
        kept, left_out = without_passwords(text or "")
        if not left_out:
            return text
        replace_private(self.path, kept.encode("utf-8"))
        return kept

    def _save(self, text: str) -> int:
        with self._busy:
            return 0 if self._closed else self._write(text)

    def _write(self, text: str) -> int:
        text, left_out = without_passwords(text)
        if text == self._written:
            return left_out
        try:
            if not self._may_write:
                # Nothing was read: no text that is there may be replaced.
                self._hold_new()
            replace_private(self.path, text.encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise ServiceError(
                "The editor's text could not be written to disk.",
                cause=str(error),
                hint="It is still here in the editor; copy what you need.",
            ) from error
        self._written = text
        return left_out

    # -- which file -------------------------------------------------------------------------------

    def _paths(self) -> list[Path]:
        first = self._first
        rest = (f"{first.stem}-{n}{first.suffix}" for n in range(2, MAX_BUFFERS + 1))
        return [first, *(first.with_name(name) for name in rest)]

    def _hold_newest(self) -> None:
        written = [(path.stat().st_mtime_ns, path) for path in self._paths() if path.exists()]
        for _, path in sorted(written, reverse=True):
            if self._hold(path):
                return
        self._hold_new()

    def _hold_new(self) -> None:
        self._release()
        for path in self._paths():
            # Looked at again under the lock: another application may just have written it.
            if not path.exists() and self._hold(path):
                if not path.exists():
                    self._may_write = True
                    return
                self._release()
        raise OSError(f"There are {MAX_BUFFERS} of them in {self._first.parent} already.")

    def _hold(self, path: Path) -> bool:
        """Lock the file of one text; False if another application holds it.

        The lock is on a file beside it, which stays: the text's own is another file after every
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

    def _release(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
