"""A SQLite database of ours that only its owner may read, used by several windows at once.

Everything here blocks; one thread at a time. It raises sqlite3.Error and OSError, which
`cause_and_hint` puts in words.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

WAIT = 5.0
"""Seconds that another window may hold the database."""

WORTH_SHRINKING = 256
"""Free pages, of 4 KiB, that are given back to the disk."""

SHRUNK_AT_ONCE = 2_000
"""Pages that are given back in one go; between two of them others may write."""

FEW_PAGES = 25_000
"""Pages in use up to which a database is written anew."""

_INCREMENTAL = 2
"""The value of `auto_vacuum` with which free pages can be given back."""

NEWER = "It was written by a newer version of this application"

_PERMISSIONS = "Check the permissions of the file and of its folder."
_DAMAGED = "The file is damaged: move it away, and a new one is begun."
_FULL = "Free some space on the disk that it is on."
_HINTS = (
    (NEWER, "Use the newer version, or move the file away: a new one is begun."),
    ("not a database", _DAMAGED),
    ("malformed", _DAMAGED),
    ("full", _FULL),
    ("locked", "Another program holds it: close that, or wait until it is done."),
    ("readonly", _PERMISSIONS),
    ("unable to open", _PERMISSIONS),
)
_BY_NUMBER = {
    errno.EACCES: _PERMISSIONS,
    errno.EPERM: _PERMISSIONS,
    errno.EROFS: "It is on a file system that cannot be written to.",
    errno.ENOSPC: _FULL,
}


class PrivateDatabase:
    """Opened at its first use. An older version of its tables is changed to this one; a newer one
    is left as it is, and nothing is written to it.

    Without a path it is a database of this process alone, which is on disk when it is large and
    gone when it is closed.
    """

    def __init__(
        self,
        path: Path | None,
        version: int,
        changes: Mapping[int, str],
        *,
        outlives_power_cut: bool = False,
        shrinks: bool = False,
    ) -> None:
        """`changes`: version found, 0 for none -> the statements that make this one of it. With
        `outlives_power_cut` each transaction is on the disk when it ends; without, the last ones
        may be lost in a power cut, and only then. With `shrinks`, `shrink` gives free space back
        to the disk."""
        self.path = path
        self._version = version
        self._changes = changes
        self._synchronous = "FULL" if outlives_power_cut else "NORMAL"
        self._shrinks = shrinks
        self._connection: sqlite3.Connection | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self.path is None or self.path.exists()

    def open(self) -> sqlite3.Connection:
        """The connection, in autocommit."""
        if self._connection is not None:
            return self._connection
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # SQLite gives its other files the mode of this one.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            self.path or "", timeout=WAIT, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            # Whatever it was is the caller's to say; the file is let go of first.
            connection.close()
            raise
        self._connection = connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or nothing. Refused where a newer version has changed the
        tables since they were opened here."""
        connection = self.open()
        with _transaction(connection):
            self._refuse_newer(_version(connection))
            yield connection

    def shrink(self) -> bool:
        """Give a part of the free space back to the disk, if there is much of it; True if another
        call may give back more. It does not wait for another window."""
        connection = self.open()
        free = _number(connection, "freelist_count")
        if not self._shrinks or free < WORTH_SHRINKING:
            return False
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            if _number(connection, "auto_vacuum") == _INCREMENTAL:
                # Not `execute`, which does the first step only.
                connection.executescript(f"PRAGMA incremental_vacuum({SHRUNK_AT_ONCE})")
            elif _number(connection, "page_count") - free <= FEW_PAGES:
                # It was begun before it could shrink: written anew, it can from now on.
                connection.executescript(f"PRAGMA auto_vacuum = {_INCREMENTAL}; VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(WAIT * 1000)}")
        return WORTH_SHRINKING <= _number(connection, "freelist_count") < free

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = _version(connection)
        self._refuse_newer(version)
        if self.path is None:
            connection.execute("PRAGMA synchronous = OFF")
        else:
            if self._shrinks and not version:
                connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        if version < self._version:
            with _transaction(connection):
                # Another window may have changed it meanwhile.
                version = _version(connection)
                self._refuse_newer(version)
                for statement in filter(str.strip, self._changes.get(version, "").split(";")):
                    connection.execute(statement)

    def _refuse_newer(self, version: int) -> None:
        if version > self._version:
            raise sqlite3.DatabaseError(
                f"{NEWER} (tables {version}, this one knows {self._version})."
            )


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Whatever it was is the caller's to say. Some errors, such as a full disk, have ended the
        # transaction already; one that stays open would keep the file from everybody.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def cause_and_hint(
    path: Path | None, error: sqlite3.Error | OSError | ValueError
) -> tuple[str, str]:
    """Why a database cannot be used, with its path, and what to do about it; the hint may be
    empty."""
    reason = str(error)
    hint = next((hint for part, hint in _HINTS if part in reason), "")
    if isinstance(error, OSError):
        reason = error.strerror or reason
        hint = _BY_NUMBER.get(error.errno or 0, hint)
    return f"{path}: {reason}" if path is not None else reason, hint


def _version(connection: sqlite3.Connection) -> int:
    return _number(connection, "user_version")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
