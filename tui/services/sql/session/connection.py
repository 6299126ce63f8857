"""One connection to a server: used, cancelled, closed. Blocking. What comes from it is the server's
own text."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from tui.services.errors import ErrorKind
from tui.services.sql.models import Row, SqlError, TransactionState
from tui.services.sql.session.encoding import (
    as_bytes,
    from_bytes,
    has_no_encoding,
    is_encoding,
    wanted_encoding,
)
from tui.services.sql.session.libpq import (
    CancelRequest,
    send_only,
    take_answers,
)
from tui.services.sql.session.notices import Notices
from tui.services.sql.session.server_info import server_info
from tui.services.sql.session.uncollected import uncollected

if TYPE_CHECKING:
    from psycopg2 import extensions

CURSOR = '"tristore page"'
"""The server-side cursor of the open result; nobody else names one like this."""

CLOSE = f"CLOSE {CURSOR}"
_ENDINGS = frozenset({"ROLLBACK", CLOSE})
"""What is still sent after the user has cancelled: it leaves no transaction of ours behind."""


class CopySink(Protocol):
    """Takes what a COPY gives, a line in each call."""

    write: Callable[[bytes], object]


class ServerConnection:
    """Sends texts and gives psycopg2's cursors; raises psycopg2's errors. Used by one thread at a
    time, but for `cancel`, `sever` and what only reads its state."""

    def __init__(self, driver: extensions.connection) -> None:
        self.driver = driver
        self.info = server_info(driver)
        """Who answered, as libpq knows it."""
        self.of_bytes = has_no_encoding(driver)
        """Whether the database holds bytes of no encoding: texts go through `received`."""
        self._encoding = wanted_encoding(driver)
        self._cancel_request = CancelRequest(driver)
        self._notices = Notices()
        driver.notices = cast("list[str]", self._notices)
        self.stop = threading.Event()
        """Set when the user cancels: no further step of a statement is begun."""
        self.ours = False
        """Whether the transaction that is open was opened by us, for one result."""
        self.commits_ours = True
        """Whether our own transaction ends by COMMIT; by ROLLBACK in read-only mode."""
        self._is_ending = False
        """Whether the end of our own transaction was sent, and its answer not taken yet."""
        self.hung_up = False
        """Whether the other end was seen to have gone while nothing was asked of it."""

    # -- what is known without asking the server --------------------------------------------------

    @property
    def state(self) -> TransactionState:
        """Where the user's transaction stands; our own do not count."""
        if self.driver.closed or self.hung_up:
            return TransactionState.LOST
        status = self.driver.get_transaction_status()
        if status == 4:
            return TransactionState.LOST
        if self.ours or status in (0, 1):
            return TransactionState.IDLE
        return TransactionState.OPEN if status == 2 else TransactionState.FAILED

    @property
    def lost_transaction(self) -> bool:
        """Whether a transaction of the user's went with the server, and no statement has said so
        yet: the first that is tried finds the connection closed."""
        if self.driver.closed or not self.hung_up or self.ours:
            return False
        return self.driver.get_transaction_status() in (2, 3)

    @property
    def backslash_escapes(self) -> bool:
        """How this server reads a backslash in a plain string just now."""
        if self.driver.closed:
            return False
        setting = self.driver.get_parameter_status("standard_conforming_strings")
        # PostgreSQL 8.0 has no such setting, and escapes.
        return setting == "off" or (setting is None and self.info.is_redshift)

    def find_hung_up(self) -> bool:
        """Whether the other end is newly seen to have gone. Looks at this machine's socket only
        and never waits; not while a statement runs."""
        if self.driver.closed or self.hung_up:
            return False
        self.hung_up = has_hung_up(self.driver.fileno())
        return self.hung_up

    # -- asking -----------------------------------------------------------------------------------

    def execute(
        self,
        text: str,
        values: tuple[str | list[str], ...] | None = None,
        *,
        stoppable: bool = True,
    ) -> extensions.cursor:
        """Send `text` unless the user has cancelled; a cursor with the answer."""
        if stoppable and text not in _ENDINGS:
            self.refuse_if_stopped()
        self.settle()
        cursor = self.driver.cursor()
        if self.of_bytes:
            text = as_bytes(text)
            values = values and tuple(_parameter_as_bytes(value) for value in values)
        cursor.execute(text, values)
        return cursor

    def refuse_if_stopped(self) -> None:
        """SqlError if the user has cancelled: nothing more is sent."""
        if self.stop.is_set():
            raise SqlError(
                "Cancelled before the next step was sent to the server.", kind=ErrorKind.CANCELLED
            )

    def received(self, text: str) -> str:
        """A text from the server, as it is meant."""
        return from_bytes(text) if self.of_bytes else text

    def fetch(self, cursor: extensions.cursor, count: int | None = None) -> list[Row]:
        """The rows of an answer, or the first `count` of them."""
        with uncollected():
            rows: list[Row] = cursor.fetchall() if count is None else cursor.fetchmany(count)
        if not self.of_bytes:
            return rows
        return [
            tuple(None if value is None else from_bytes(value) for value in row) for row in rows
        ]

    def copy_out(self, text: str, sink: CopySink) -> int:
        """Send a COPY … TO STDOUT and give each line that comes to `sink`; how many rows came."""
        import psycopg2

        self.refuse_if_stopped()
        self.settle()
        with self.driver.cursor() as cursor:
            try:
                cursor.copy_expert(as_bytes(text) if self.of_bytes else text, sink)
            except psycopg2.Error:
                raise
            except BaseException:
                # It is the sink's: the server goes on sending until it is told to stop.
                self.cancel()
                raise
            return cursor.rowcount

    def rows(self, text: str, values: tuple[str | list[str], ...]) -> list[tuple[str, ...]]:
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
            self.execute("COMMIT" if self.commits_ours else "ROLLBACK")
            self.ours = False

    def begin_to_end_ours(self) -> None:
        """As `end_ours`, but what the server says to it is taken by `settle`, while we do something
        else. Only for a transaction in which nothing was written."""
        if self.ours:
            if send_only(self.driver, b"COMMIT" if self.commits_ours else b"ROLLBACK"):
                self._is_ending, self.ours = True, False
            else:
                self.end_ours()

    def settle(self) -> None:
        """Wait until our own transaction has ended, if it is about to; nothing of it is left."""
        if self._is_ending:
            self._is_ending = False
            for text in take_answers(self.driver):
                self._notices.append(as_bytes(text) if self.of_bytes else text)
            if self.driver.get_transaction_status() in (2, 3):
                # A request to cancel came when there was nothing more to cancel.
                self.execute("ROLLBACK")

    def undo_ours(self) -> None:
        """End our own transaction after an error, whatever state it is in."""
        if self.ours:
            self.ours = False
            if self.driver.get_transaction_status() in (2, 3):
                self.execute("ROLLBACK")

    def begin_statement(self) -> None:
        """Forget the notices of the statement before, and raise psycopg2's error if the server
        went away meanwhile, before anything is sent to it."""
        self._notices.clear()
        self.settle()
        # The server's last words come with the first look, the closed connection with the second.
        self.driver.poll()
        self.driver.poll()

    def keep_encoding(self) -> None:
        """Undo a `SET client_encoding`: text would arrive garbled."""
        wanted = self._encoding
        actual = self.driver.get_parameter_status("client_encoding")
        if not is_encoding(actual, wanted) and self.state is not TransactionState.FAILED:
            self.execute(f"SET client_encoding = '{wanted}'")

    def take_notices(self) -> tuple[str, ...]:
        """What the server said beside its answers since the last statement began."""
        heard = [f"NOTIFY {each.channel}: {each.payload}" for each in self.driver.notifies]
        del self.driver.notifies[:]
        return tuple(self.received(text) for text in (*self._notices.take(), *heard))

    @property
    def last_words(self) -> list[str]:
        """What the server said last."""
        return [self.received(text) for text in self._notices.last(1)]

    # -- ending -----------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Ask the server to stop; returns when it has taken the request, after as long as the
        network likes. From any thread. psycopg2.Error if the server could not be asked."""
        self._cancel_request.send()

    def sever(self) -> None:
        """Cut the line at once, whatever another thread is waiting for on it.

        Closing in the ordinary way would wait for the answer to come.
        """
        import psycopg2

        try:
            descriptor = self.driver.fileno()
            with socket.socket(fileno=socket.dup(descriptor)) as duplicate:
                duplicate.shutdown(socket.SHUT_RDWR)
        except (psycopg2.Error, OSError):
            # Already gone.
            return

    def close(self) -> None:
        """End it; waits for a statement that runs."""
        self.driver.close()


def has_hung_up(descriptor: int) -> bool:
    """Whether the other end of a socket has closed it, or the network has given it up."""
    # Not on every system: where there is no RDHUP, HUP says it too.
    gone = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
    look = select.poll()
    look.register(descriptor, gone)
    return any(events & gone for _, events in look.poll(0))


def _parameter_as_bytes(value: str | list[str]) -> str | list[str]:
    return [as_bytes(each) for each in value] if isinstance(value, list) else as_bytes(value)
