"""The places on this machine that a sync downloads to: of each object its own, under the name that
it has in S3. The names are kept in a private database: there may be millions. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tui.services.placing import ExistingFile, look_at
from tui.services.private_database import PrivateDatabase
from tui.services.transfers.local.folding import EVERYTHING, Folds, folds_of
from tui.services.transfers.local.local_files import reason_of
from tui.services.transfers.local.naming import TAKEN, Obstacles

AT_ONCE = 1000
"""Names that wait in memory before they are written."""

_TABLES = """
CREATE TABLE names (
    loose BLOB NOT NULL,
    exact BLOB NOT NULL,
    is_file INTEGER NOT NULL,
    is_folder INTEGER NOT NULL,
    PRIMARY KEY (loose, exact)
) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
_ADD = (
    "INSERT INTO names VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " is_file = max(is_file, excluded.is_file), is_folder = max(is_folder, excluded.is_folder)"
)
_MEET = "SELECT 1 FROM names GROUP BY loose HAVING count(*) > 1 AND max(is_file) LIMIT 1"
_ALSO_FOLDERS = "SELECT exact FROM names WHERE is_file AND is_folder ORDER BY exact"
_ALSO_OTHERS = """
SELECT exact FROM names AS one WHERE is_file AND EXISTS (
    SELECT 1 FROM names AS other WHERE other.loose = one.loose AND same(other.exact, one.exact)
    AND (other.is_folder OR (other.is_file AND other.exact < one.exact))
) ORDER BY exact
"""


class SyncPlaces:
    """Takes the names that the objects have below the prefix, in any order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._obstacles = Obstacles(folder)
        self._database = PrivateDatabase(None, 1, {0: _TABLES})
        self._waiting: list[tuple[bytes, bytes, bool, bool]] = []
        self._last_folder: tuple[str, ...] = ()
        self._folds: Folds | None = None

    @property
    def folds(self) -> Folds:
        """Which differences of names this disk does not see; it is asked once."""
        if self._folds is None:
            self._folds = folds_of(self._folder)
        return self._folds

    def take(self, parts: tuple[str, ...], target: Path, seen: ExistingFile | None) -> str:
        """Let a file have this name, if `seen` is what stands at the `target` of that name; why it
        cannot, "" if it can. If another has the name, it is among the `lost` ones."""
        try:
            above = parts[:-1]
            why = self._obstacles.of(above)
            there = None if why else look_at(target)
            if there is not None and target.is_dir():
                why = TAKEN
        except OSError as error:
            return f"{target}: {reason_of(error)}"
        if why:
            return why
        if there != seen:
            return "something else stands there"
        if above != self._last_folder:
            for depth in range(1, len(parts)):
                if self._last_folder[:depth] != parts[:depth]:
                    self._add("/".join(parts[:depth]), is_folder=True)
            self._last_folder = above
        self._add("/".join(parts), is_file=True)
        return ""

    def note(self, path: str) -> None:
        """Something in S3 has this name and is not downloaded."""
        self._add(path)

    def lost(self) -> Iterator[str]:
        """Of the names that were taken, those that cannot be had: a folder has the name, or a name
        before it is the same on this disk."""
        connection = self._written()
        # The file system is asked only if it makes a difference.
        meet = connection.execute(_MEET).fetchone() and self.folds
        connection.create_function("same", 2, self._is_same)
        for row in connection.execute(_ALSO_OTHERS if meet else _ALSO_FOLDERS):
            yield _text(row[0])

    def holds(self, path: str) -> bool:
        """Whether something in S3 has this name, as far as this disk sees."""
        found = self._written().execute("SELECT exact FROM names WHERE loose = ?", (_loose(path),))
        name = path.encode("utf-8", "surrogatepass")
        return any(self._is_same(row[0], name) for row in found)

    def _is_same(self, one: bytes, other: bytes) -> bool:
        return one == other or self.folds.of(_text(one)) == self.folds.of(_text(other))

    def close(self) -> None:
        self._database.close()

    def _add(self, path: str, *, is_file: bool = False, is_folder: bool = False) -> None:
        row = (_loose(path), path.encode("utf-8", "surrogatepass"), is_file, is_folder)
        self._waiting.append(row)
        if len(self._waiting) >= AT_ONCE:
            self._written()

    def _written(self) -> sqlite3.Connection:
        waiting, self._waiting = self._waiting, []
        if waiting:
            with self._database.writing() as connection:
                connection.executemany(_ADD, waiting)
        return self._database.open()


def _loose(path: str) -> bytes:
    """What a name has in common with those that are the same on some disk."""
    return EVERYTHING.of(path).encode("utf-8", "surrogatepass")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogatepass")
