"""Databases of a test's own on the sandbox's PostgreSQL, and a second pair of hands in them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

RunElsewhere = Callable[[str], list[tuple[Any, ...]]]
"""Runs a statement on a connection of its own, committed at once; the rows."""


@contextmanager
def elsewhere(url: str) -> Iterator[RunElsewhere]:
    """A connection that the application knows nothing of."""
    connection = psycopg2.connect(url)
    connection.autocommit = True

    def run(statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """The URL of an empty database on the server of `url`; dropped afterwards."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with elsewhere(url) as run:
        run(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with elsewhere(url) as run:
        run(f"DROP DATABASE {name} WITH (FORCE)")
