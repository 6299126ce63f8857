"""Databases of our own: transactions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tui.services.private_database import PrivateDatabase

TABLES = """
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE children (
    parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED
);
"""


def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path: Path) -> None:
    database = PrivateDatabase(tmp_path / "x.sqlite", 1, {0: TABLES})
    database.open().execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError), database.writing() as connection:
        connection.execute("INSERT INTO children VALUES (1)")
    # One that stayed open would keep the file from everybody.
    with closing(sqlite3.connect(tmp_path / "x.sqlite", timeout=0)) as other, other:
        other.execute("INSERT INTO parents VALUES (1)")
    with database.writing() as connection:
        connection.execute("INSERT INTO children VALUES (1)")
    database.close()
