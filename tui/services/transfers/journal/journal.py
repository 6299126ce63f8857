"""The journal of transfers: what a killed application was doing, kept in SQLite.

It holds names, sizes, ETags and ids of multipart uploads; never credentials. Each process that
writes to it holds a lock on a file of its own, so that the jobs of a dead process are told from
those of another window. Blocking: one thread at a time.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from tui.services.private_database import PrivateDatabase

Value: TypeAlias = str | bytes | int | float | None
Note: TypeAlias = tuple[str, tuple[Value, ...]]
"""A statement and its parameters."""

VERSION = 5
"""Of the tables; an older journal is changed to it. A newer one is left as it is, and nothing is
written to it."""

_DELETIONS = """
CREATE TABLE IF NOT EXISTS deletions (
    job TEXT NOT NULL,
    number INTEGER NOT NULL,
    name BLOB NOT NULL,
    size INTEGER NOT NULL,
    told TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '',
    made TEXT NOT NULL DEFAULT '',
    message BLOB,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;
"""
_TABLES = f"""
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    direction TEXT NOT NULL,
    profile TEXT NOT NULL,
    region TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    account TEXT NOT NULL,
    bucket TEXT NOT NULL,
    place BLOB NOT NULL,
    is_over INTEGER NOT NULL DEFAULT 0,
    begun REAL NOT NULL,
    more TEXT NOT NULL DEFAULT '',
    to_bucket TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS files (
    job TEXT NOT NULL,
    number INTEGER NOT NULL,
    source BLOB NOT NULL,
    destination BLOB NOT NULL,
    size INTEGER NOT NULL,
    details TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '',
    begun TEXT NOT NULL DEFAULT '',
    result BLOB,
    message BLOB,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ranges (
    job TEXT NOT NULL,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    PRIMARY KEY (job, number, start)
) WITHOUT ROWID;
{_DELETIONS}
PRAGMA user_version = {VERSION};
"""
_FROM_VERSION_4 = f"""
{_DELETIONS}
PRAGMA user_version = {VERSION};
"""
_FROM_VERSION_3 = f"""
ALTER TABLE jobs ADD COLUMN to_bucket TEXT NOT NULL DEFAULT '';
{_FROM_VERSION_4}
"""
_FROM_VERSION_2 = f"""
ALTER TABLE jobs ADD COLUMN more TEXT NOT NULL DEFAULT '';
{_FROM_VERSION_3}
"""
_FROM_VERSION_1 = f"""
ALTER TABLE files ADD COLUMN result BLOB;
ALTER TABLE files ADD COLUMN message BLOB;
{_FROM_VERSION_2}
"""
_CHANGES = {
    0: _TABLES,
    1: _FROM_VERSION_1,
    2: _FROM_VERSION_2,
    3: _FROM_VERSION_3,
    4: _FROM_VERSION_4,
}


_FORGET_FILES = (
    "DELETE FROM ranges WHERE job = ? AND number < ?",
    "DELETE FROM files WHERE job = ? AND number < ?",
    "DELETE FROM deletions WHERE job = ? AND number < ?",
)
_LAST = """
SELECT max(number) FROM (
    SELECT max(number) AS number FROM files WHERE job = ?
    UNION ALL SELECT max(number) FROM deletions WHERE job = ?
)
"""
_FORGET_JOB = (
    "DELETE FROM ranges WHERE job = ?",
    "DELETE FROM files WHERE job = ?",
    "DELETE FROM deletions WHERE job = ?",
    "DELETE FROM jobs WHERE id = ?",
)
FORGOTTEN_AT_ONCE = 20_000
"""Files that are deleted in one transaction."""


class Journal:
    """One process's way to the journal. Raises sqlite3.Error and OSError.

    Without a path it is a database of this process alone, which is on disk when it is large and
    gone when it is closed.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        # What is written survives a power cut, too; it costs the thread, not the processor.
        self._database = PrivateDatabase(
            path, VERSION, _CHANGES, outlives_power_cut=True, shrinks=path is not None
        )
        self._owner = ""
        self._lock = -1

    @property
    def owner(self) -> str:
        """The name of this process in the journal; from the first use on it holds its lock."""
        if not self._owner and self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            owner = secrets.token_hex(8)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
            self._lock = os.open(self._lock_of(owner), flags, 0o600)
            _lock(self._lock, shared=False)
            self._owner = owner
        return self._owner

    def write(self, notes: Iterable[Note]) -> None:
        """Carry out all of these statements, or none."""
        with self._database.writing() as connection:
            for statement, rows in groupby(notes, key=lambda note: note[0]):
                connection.executemany(statement, (row for _, row in rows))

    def read(self, statement: str, parameters: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """The rows of a query; none where nothing was ever written."""
        return list(self.each(statement, parameters))

    def each(self, statement: str, parameters: Sequence[Value] = ()) -> Iterator[tuple[Value, ...]]:
        """As `read`, row by row."""
        if self._database.exists:
            yield from self._database.open().execute(statement, parameters)

    def cut_off(self) -> list[str]:
        """The jobs that no living process owns, the oldest first. Forgets those that had ended."""
        owners = [str(row[0]) for row in self.read("SELECT DISTINCT owner FROM jobs")]
        dead = [owner for owner in owners if not self._is_alive(owner)]
        for owner in dead:
            over = "SELECT id FROM jobs WHERE owner = ? AND is_over"
            self.forget([str(row[0]) for row in self.read(over, (owner,))])
        found = []
        for owner in dead:
            jobs = self.read("SELECT begun, id FROM jobs WHERE owner = ?", (owner,))
            found += [(begun, str(job)) for begun, job in jobs]
            if not jobs:
                self._lock_of(owner).unlink(missing_ok=True)
        return [job for _, job in sorted(found, key=lambda each: (float(each[0] or 0), each[1]))]

    def take(self, job: str) -> bool:
        """Make a job this process's own; False if another process has it, or it is gone."""
        mine = self.owner
        with self._database.writing() as connection:
            row = connection.execute("SELECT owner FROM jobs WHERE id = ?", (job,)).fetchone()
            if row is None or self._is_alive(row[0]):
                return False
            connection.execute("UPDATE jobs SET owner = ? WHERE id = ?", (mine, job))
        if not self.read("SELECT 1 FROM jobs WHERE owner = ? LIMIT 1", row):
            self._lock_of(row[0]).unlink(missing_ok=True)
        return True

    def give_back(self, job: str) -> None:
        """Let go of a job that was taken: it is cut off again."""
        self.write([("UPDATE jobs SET owner = '' WHERE id = ?", (job,))])

    def forget(self, jobs: Iterable[str]) -> None:
        """Take jobs out of the journal, so many files at a time: others write between them."""
        for job in jobs:
            self.write([("UPDATE jobs SET is_over = 1 WHERE id = ?", (job,))])
            last = self.read(_LAST, (job, job))[0][0]
            for end in range(
                FORGOTTEN_AT_ONCE, int(last or 0) + FORGOTTEN_AT_ONCE, FORGOTTEN_AT_ONCE
            ):
                self.write([(each, (job, end)) for each in _FORGET_FILES])
            self.write([(each, (job,)) for each in _FORGET_JOB])

    def shrink(self) -> bool:
        """Give a part of the free space back to the disk; True if another call gives back more."""
        return self._database.exists and self._database.shrink()

    def close(self) -> None:
        """Let go of the lock; whatever has not ended is cut off then."""
        self._database.close()
        if self._owner:
            os.close(self._lock)
            self._lock_of(self._owner).unlink(missing_ok=True)
            self._owner = ""

    # -- inside ----------------------------------------------------------------------------

    def _lock_of(self, owner: str) -> Path:
        if self.path is None:
            raise ValueError("A database of this process alone has no owners.")
        return self.path.with_name(f"{self.path.stem}-{owner}.lock")

    def _is_alive(self, owner: str) -> bool:
        path = self._lock_of(owner)
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            # Shared, so that two windows that look at once do not take each other for the owner.
            _lock(descriptor, shared=True)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        if os.name == "nt":
            # No such locks; but what is open cannot be removed.
            with contextlib.suppress(PermissionError):
                path.unlink()
            return path.exists()
        return False


def _lock(descriptor: int, *, shared: bool) -> None:
    """Raises BlockingIOError where another process holds it."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
