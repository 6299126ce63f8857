"""Texts on their way to a server and back.

We use UTF-8. A database of no encoding (SQL_ASCII) has bytes, not characters: what is sent to it
is UTF-8, and what comes from it is read as UTF-8. A byte that is not stays a lone surrogate, as in
Python's `surrogateescape`, so that it can be shown, copied and sent back as it was.

psycopg2 would fail on such bytes: to it that server uses Latin-1, one character for each byte, and
the two functions here go between that and the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg2 import extensions

_LONE_BYTE = re.compile("[\udc80-\udcff]")

NOT_UTF8 = r"Bytes that are not UTF-8 are shown as \udcNN, where NN is the byte."


def wanted_encoding(driver: extensions.connection) -> str:
    """The client encoding that we want with this server."""
    return "LATIN1" if has_no_encoding(driver) else "UTF8"


def is_encoding(actual: str | None, wanted: str) -> bool:
    """Whether a client encoding is the one that we want. UNICODE is what PostgreSQL 8.0, and
    Redshift with it, calls UTF8."""
    return actual == wanted or (actual, wanted) == ("UNICODE", "UTF8")


def has_no_encoding(driver: extensions.connection) -> bool:
    """Whether the database holds bytes of no encoding."""
    return driver.get_parameter_status("server_encoding") == "SQL_ASCII"


def as_bytes(text: str) -> str:
    """A text as one character for each of its bytes. UnicodeError for half of a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def from_bytes(text: str) -> str:
    """The text that such bytes are."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


def holds_lone_bytes(value: str | None) -> bool:
    """Whether something in a value is not UTF-8."""
    return value is not None and not value.isascii() and bool(_LONE_BYTE.search(value))


def doubts_of(rows: Iterable[Sequence[str | None]]) -> tuple[str, ...]:
    """What has to be said of the values of a database of no encoding."""
    return (NOT_UTF8,) if any(holds_lone_bytes(value) for row in rows for value in row) else ()
