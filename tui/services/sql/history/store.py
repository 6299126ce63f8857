"""The history in SQLite: statements, and each time that one was run. Blocking; one thread at a
time. Raises sqlite3.Error and OSError."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tui.services.errors import ServiceError
from tui.services.private_database import PrivateDatabase
from tui.services.sql.history.models import (
    Entry,
    HistoryPage,
    HistoryWanted,
    StatementOutcome,
    StatementRun,
)

VERSION = 1

MOST_RUNS = 10_000
"""Runs that are kept, the newest; and the last one of each favourite."""

MOST_CHARACTERS = 32 * 1024 * 1024
"""Characters of all statements together; favourites are kept beyond it."""

LONGEST = 65_536
"""Characters of one statement that are kept."""

LONGEST_LISTED = 400
"""Characters of a statement that a list is given."""

_TABLES = f"""
CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    connection TEXT NOT NULL,
    last INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    length INTEGER NOT NULL,
    secrets INTEGER NOT NULL,
    favourite INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL
);
CREATE INDEX statements_last ON statements (last);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    statement INTEGER NOT NULL,
    begun TEXT NOT NULL,
    seconds REAL NOT NULL,
    rows INTEGER,
    complete INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX runs_statement ON runs (statement, id);
PRAGMA user_version = {VERSION};
"""

_ADD_STATEMENT = (
    "INSERT INTO statements (digest, connection, last, runs, kept, length, secrets, text) "
    "VALUES (?, ?, 0, 0, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING"
)
_ADD_RUN = (
    "INSERT INTO runs (statement, begun, seconds, rows, complete, outcome, code, message) "
    "SELECT id, ?, ?, ?, ?, ?, ?, ? FROM statements WHERE digest = ?"
)
_SETTLE = (
    "UPDATE runs SET seconds = ?, rows = ?, complete = ?, outcome = ?, code = ?, message = ? "
    "WHERE id = ?"
)
_LAST_RUN = "UPDATE statements SET last = ?, runs = runs + 1 WHERE digest = ?"

_ENTRY = (
    "SELECT s.id, {text}, s.length, s.secrets, s.connection, s.runs, s.favourite, s.name, "
    "r.begun, r.seconds, r.rows, r.complete, r.outcome, r.code, r.message, s.last "
    "FROM statements s JOIN runs r ON r.id = s.last"
)
_LISTED = _ENTRY.format(text=f"substr(s.text, 1, {LONGEST_LISTED})")
_WHOLE = _ENTRY.format(text="s.text")
_SEARCHED = "s.text || ' ' || s.name || ' ' || s.connection || ' ' || r.code || ' ' || r.message"


class NewRun(NamedTuple):
    """One run, to be written."""

    text: str
    """Without secrets, LONGEST characters at most."""
    length: int
    secrets: int
    connection: str
    run: StatementRun
    begun: int = 0
    """The number under which its beginning was written; 0 if that was not."""


class HistoryStore:
    """One process's way to the file."""

    def __init__(self, path: Path, most_runs: int = MOST_RUNS, drop_after: int = 100) -> None:
        """What is too old is dropped at the first run that is written, and after each
        `drop_after`."""
        self._most_runs = most_runs
        self._drop_after = drop_after
        self._until_drop = 0
        self._database = PrivateDatabase(path, VERSION, {0: _TABLES})

    def add(self, runs: Iterable[NewRun]) -> list[int]:
        """Write runs, the oldest first, and drop what is too much then; their numbers. One whose
        beginning was written is written over that; it stays away if that was deleted."""
        numbers: list[int] = []
        with self._database.writing() as connection:
            for each in runs:
                if each.begun:
                    connection.execute(_SETTLE, (*_ended(each.run), each.begun))
                    numbers.append(each.begun)
                    continue
                numbers.append(_add(connection, each))
                self._until_drop -= 1
            if self._until_drop <= 0:
                self._drop_old(connection)
                self._until_drop = self._drop_after
        return numbers

    def page(self, wanted: HistoryWanted, before: int | None, most: int) -> tuple[HistoryPage, int]:
        """The newest entries, or those older than `before`; and where the next page begins."""
        conditions, values = _conditions(wanted)
        if before is not None:
            conditions.append("s.last < ?")
            values.append(before)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        query = f"{_LISTED}{where} ORDER BY s.last DESC LIMIT {most + 1}"
        rows = self._read(query, values)
        entries = tuple(map(_entry, rows[:most]))
        last = int(rows[most - 1][-1]) if len(rows) > most else 0
        return HistoryPage(entries, len(rows) > most), last

    def entry(self, statement: int) -> Entry | None:
        """One with all of its text that is kept; None if it was deleted."""
        rows = self._read(f"{_WHOLE} WHERE s.id = ?", [statement])
        return _entry(rows[0]) if rows else None

    def runs(self, statement: int, most: int) -> tuple[StatementRun, ...]:
        """The last runs of a statement, the newest first."""
        columns = "begun, seconds, rows, complete, outcome, code, message"
        query = f"SELECT {columns} FROM runs WHERE statement = ? ORDER BY id DESC LIMIT ?"  # noqa: S608
        return tuple(_run(row) for row in self._read(query, [statement, most]))

    def keep(self, statement: int, *, favourite: bool, name: str) -> None:
        """Make a statement a favourite, or take that back."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE statements SET favourite = ?, name = ? WHERE id = ?",
                (int(favourite), _storable(name), statement),
            )

    def delete(self, statement: int) -> None:
        """Take a statement out, with its runs."""
        with self._database.writing() as connection:
            # Its bytes go, too, and not only its place among the others.
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("DELETE FROM runs WHERE statement = ?", (statement,))
            connection.execute("DELETE FROM statements WHERE id = ?", (statement,))
        # What was written lately is in the file beside it as well.
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise ServiceError(
                "The statement is deleted, but its text is still in a file beside the history.",
                cause="Another application reads the history.",
                hint="It goes when all that have it open are closed; or delete another entry then.",
            )

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _read(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        if not self._database.exists:
            return []
        connection = self._database.open()
        connection.create_function("holds", 2, _holds, deterministic=True)
        return list(connection.execute(query, values))

    def _drop_old(self, connection: sqlite3.Connection) -> None:
        (newest,) = connection.execute("SELECT max(id) FROM runs").fetchone()
        connection.execute(
            "DELETE FROM runs WHERE id <= ? AND id NOT IN "
            "(SELECT last FROM statements WHERE favourite)",
            ((newest or 0) - self._most_runs,),
        )
        connection.execute(
            "DELETE FROM statements WHERE NOT favourite AND last <= ?",
            ((newest or 0) - self._most_runs,),
        )
        (characters,) = connection.execute(
            "SELECT sum(kept) FROM statements WHERE NOT favourite"
        ).fetchone()
        if (characters or 0) > MOST_CHARACTERS:
            connection.execute(
                "DELETE FROM statements WHERE id IN (SELECT id FROM (SELECT id, "
                "sum(kept) OVER (ORDER BY last DESC) AS so_far FROM statements "
                "WHERE NOT favourite) WHERE so_far > ?)",
                (MOST_CHARACTERS,),
            )
            connection.execute(
                "DELETE FROM runs WHERE statement NOT IN (SELECT id FROM statements)"
            )


def _ended(run: StatementRun) -> tuple[object, ...]:
    """How it ended, as it is stored."""
    return (
        *(run.seconds, run.rows, int(run.complete), run.outcome.value),
        *(run.code, _storable(run.message)),
    )


def _add(connection: sqlite3.Connection, new: NewRun) -> int:
    text, run = _storable(new.text), new.run
    # What is not whole is never taken for the same as another.
    same = (
        f"{new.connection}\0{text}".encode() if new.length <= LONGEST else secrets.token_bytes(32)
    )
    digest = hashlib.sha256(same).digest()
    connection.execute(
        _ADD_STATEMENT, (digest, new.connection, len(text), new.length, new.secrets, text)
    )
    cursor = connection.execute(
        _ADD_RUN,
        (run.begun.astimezone(UTC).isoformat(timespec="milliseconds"), *_ended(run), digest),
    )
    connection.execute(_LAST_RUN, (cursor.lastrowid, digest))
    return cursor.lastrowid or 0


def _storable(text: str) -> str:
    """SQLite takes no half of a surrogate pair, which no server takes either."""
    return text.encode("utf-8", "replace").decode()


def _conditions(wanted: HistoryWanted) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for word in wanted.search.split():
        if word.isascii():
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            conditions.append(f"({_SEARCHED}) LIKE ? ESCAPE '\\'")
            values.append(f"%{escaped}%")
        else:
            # SQLite's own comparison knows the capitals of ASCII only.
            conditions.append(f"holds({_SEARCHED}, ?)")
            values.append(word.casefold())
    if wanted.favourites:
        conditions.append("s.favourite")
    if wanted.connection:
        conditions.append("s.connection = ?")
        values.append(wanted.connection)
    return conditions, values


def _holds(text: str, word: str) -> bool:
    return word in text.casefold()


def _entry(row: Sequence[Any]) -> Entry:
    number, text, length, left_out, connection, runs, favourite, name, *run, _ = row
    return Entry(
        number,
        text,
        length,
        length > LONGEST,
        left_out,
        connection,
        _run(run),
        runs,
        bool(favourite),
        name,
    )


def _run(row: Sequence[Any]) -> StatementRun:
    begun, seconds, rows, complete, outcome, code, message = row
    return StatementRun(
        datetime.fromisoformat(begun),
        seconds,
        rows,
        bool(complete),
        StatementOutcome(outcome),
        code,
        message,
    )
