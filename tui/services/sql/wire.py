"""One connection, one step at a time. Blocking."""

from __future__ import annotations

import threading
from typing import Any

from tui.services.errors import ErrorKind
from tui.services.sql.cancelling import CancelHandle
from tui.services.sql.connection import has_hung_up
from tui.services.sql.encoding import as_bytes, encoding_of, from_bytes, has_none
from tui.services.sql.models import Row, SqlError, TransactionState
from tui.services.sql.notices import Notices

CURSOR = '"tristore page"'
"""The server-side cursor of the open result; nobody else names one like this."""

CLOSE = f"CLOSE {CURSOR}"
_ENDINGS = frozenset({"ROLLBACK", CLOSE})
"""What is still sent after the user has cancelled: it leaves things tidy."""


class Wire:
    """Sends texts and gives psycopg2's cursors; raises its errors."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.cancel_handle = CancelHandle(connection)
        self.of_bytes = has_none(connection)
        """Whether the database holds bytes of no encoding: texts go through `received`."""
        self._notices = Notices()
        connection.notices = self._notices
        self.stop = threading.Event()
        """Set when the user cancels: no further step of a statement is begun."""
        self.ours = False
        """Whether the transaction that is open was opened by us, for one result."""
        self.keeps = True
        """Whether our own transaction ends by COMMIT; by ROLLBACK in read-only mode."""
        self.hung_up = False
        """Whether the other end was seen to have gone while nothing was asked of it."""

    @property
    def state(self) -> TransactionState:
        """Where the user's transaction stands; our own do not count."""
        if self.connection.closed or self.hung_up:
            return TransactionState.LOST
        status = self.connection.get_transaction_status()
        if status == 4:
            return TransactionState.LOST
        if self.ours or status in (0, 1):
            return TransactionState.IDLE
        return TransactionState.OPEN if status == 2 else TransactionState.FAILED

    @property
    def lost_transaction(self) -> bool:
        """Whether a transaction of the user's went with the server, and no statement has said so
        yet: the first that is tried finds the connection closed."""
        if self.connection.closed or not self.hung_up or self.ours:
            return False
        return self.connection.get_transaction_status() in (2, 3)

    def look(self) -> bool:
        """Whether the other end is newly seen to have gone. Asks nothing of the server, only of
        this machine's socket, and never waits; not while a statement runs."""
        if self.connection.closed or self.hung_up:
            return False
        self.hung_up = has_hung_up(self.connection.fileno())
        return self.hung_up

    @property
    def backslash_escapes(self) -> bool:
        """How this server reads a backslash in a plain string just now."""
        if self.connection.closed:
            return False
        return bool(self.connection.get_parameter_status("standard_conforming_strings") == "off")

    def execute(
        self, text: str, values: tuple[Any, ...] | None = None, *, stoppable: bool = True
    ) -> Any:
        """Send `text` unless the user has cancelled; a cursor with the answer."""
        if stoppable and self.stop.is_set() and text not in _ENDINGS:
            raise SqlError("Cancelled between two steps.", kind=ErrorKind.CANCELLED)
        cursor = self.connection.cursor()
        if self.of_bytes:
            text = as_bytes(text)
            values = values and tuple(_parameter_as_bytes(value) for value in values)
        cursor.execute(text, values)
        return cursor

    def received(self, text: str) -> str:
        """A text from the server, as it is meant."""
        return from_bytes(text) if self.of_bytes else text

    def fetch(self, cursor: Any, count: int | None = None) -> list[Row]:
        """The rows of an answer, or the first `count` of them."""
        rows: list[Row] = cursor.fetchall() if count is None else cursor.fetchmany(count)
        if not self.of_bytes:
            return rows
        return [
            tuple(None if value is None else from_bytes(value) for value in row) for row in rows
        ]

    def rows(self, text: str, values: tuple[Any, ...]) -> list[tuple[str, ...]]:
        """Every row of a question of our own, which has no NULL in its answer."""
        with self.execute(text, values) as cursor:
            return [tuple(value or "" for value in row) for row in self.fetch(cursor)]

    def value(self, text: str) -> str | None:
        """The first value of the first row; None if there is no row."""
        with self.execute(text) as cursor:
            row = cursor.fetchone()
        return None if row is None else row[0]

    def end_ours(self) -> None:
        """End our own transaction, if it is open, as it was meant to end."""
        if self.ours:
            self.execute("COMMIT" if self.keeps else "ROLLBACK")
            self.ours = False

    def undo_ours(self) -> None:
        """End our own transaction after an error, whatever state it is in."""
        if self.ours:
            self.ours = False
            if self.connection.get_transaction_status() in (2, 3):
                self.execute("ROLLBACK")

    def notice_a_lost_server(self) -> None:
        """Raise psycopg2's error if it went away meanwhile, before anything is sent to it.

        Its last words come with the first look, the closed connection with the second.
        """
        self._notices.clear()
        self.connection.poll()
        self.connection.poll()

    def keep_encoding(self) -> None:
        """Undo a `SET client_encoding`: text would arrive garbled."""
        wanted = encoding_of(self.connection)
        actual = self.connection.get_parameter_status("client_encoding")
        if actual != wanted and self.state is not TransactionState.FAILED:
            self.execute(f"SET client_encoding = '{wanted}'")

    def take_notices(self) -> tuple[str, ...]:
        """What the server said beside its answers since the last statement began."""
        heard = [f"NOTIFY {each.channel}: {each.payload}" for each in self.connection.notifies]
        del self.connection.notifies[:]
        return tuple(self.received(text) for text in (*self._notices.take(), *heard))

    @property
    def last_words(self) -> list[str]:
        """What the server said last."""
        return [self.received(text) for text in self._notices.last(1)]


def _parameter_as_bytes(value: str | list[str]) -> str | list[str]:
    return [as_bytes(each) for each in value] if isinstance(value, list) else as_bytes(value)
