"""A second connection beside the user's own, for what is asked of the catalog."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.redshift import refuse_on_redshift
from tui.services.sql.models import SqlError, TransactionState
from tui.services.sql.session.connection import ServerConnection

T = TypeVar("T")

DENIED = "42501"
LOCKED = "55P03"
TOO_LONG = "57014"

_PREPARE = (
    # As pg_dump does: names get their schema, and constants read the same whatever the settings.
    "SELECT pg_catalog.set_config('search_path', '', false)",
    "SET datestyle = ISO",
    "SET intervalstyle = postgres",
    "SET extra_float_digits = 1",
    "SET quote_all_identifiers = off",
    "SET standard_conforming_strings = on",
    # The definition of a view waits for who holds it locked, and that may be the user himself.
    "SET lock_timeout = '1s'",
    "SET statement_timeout = '20s'",
)


RELEASE = 60.0
"""Seconds without a question after which the connection is closed again."""


class Aside:
    """Opens the connection when something is asked, and keeps it for a while."""

    def __init__(self, connect: Callable[[], ServerConnection], pool: BlockingPool) -> None:
        """`pool` is where questions are asked and connections closed."""
        self._connect = connect
        self._pool = pool
        self._connection: ServerConnection | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether a connection is kept."""
        return self._connection is not None

    async def look_up(self, ask: Callable[[ServerConnection], T]) -> T:
        """As `read`, on the pool; the connection is released when nothing more is asked."""
        self._stop_timer()
        try:
            return await self._pool.run(self.read, ask)
        finally:
            self._stop_timer()
            if not self._closed:
                later = asyncio.get_running_loop().call_later
                # Hanging up waits for the network, where TLS says goodbye.
                self._timer = later(RELEASE, self._pool.submit, self.release)

    def read(self, ask: Callable[[ServerConnection], T]) -> T:
        """What `ask` finds out; psycopg2's errors become ServiceErrors. Blocking."""
        import psycopg2

        with self._lock:
            connection = self._ready()
            try:
                return ask(connection)
            except psycopg2.Error as error:
                raise translated(error, connection) from error
            finally:
                if self._closed or connection.state is TransactionState.LOST:
                    self._drop()

    def _ready(self) -> ServerConnection:
        if self._connection is not None:
            self._connection.find_hung_up()
            if self._connection.state is TransactionState.LOST:
                self._drop()
        if self._connection is None:
            connection = self._connect()
            try:
                refuse_on_redshift(
                    connection.info.is_redshift,
                    "catalog like PostgreSQL's",
                    "Its own views say it: SVV_TABLES, SVV_COLUMNS, SVV_EXTERNAL_TABLES, "
                    "PG_TABLE_DEF.",
                )
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def release(self) -> None:
        """Hang up if nothing is being asked; the next question opens a new connection. Blocking."""
        if self._lock.acquire(blocking=False):
            try:
                self._drop()
            finally:
                self._lock.release()

    def stop(self) -> None:
        """Keep no connection from now on; never waits. `release` hangs up what is kept."""
        self._closed = True
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _prepare(connection: ServerConnection) -> None:
    import psycopg2

    try:
        for text in _PREPARE:
            connection.execute(text)
    except psycopg2.Error as error:
        raise translated(error, connection) from error


def translated(error: Exception, connection: ServerConnection) -> ServiceError:
    """What the server said of a question about the catalog."""
    code = getattr(error, "pgcode", None) or ""
    cause = connection.received(str(error).strip())
    if code == DENIED:
        message, kind = "The server does not let this user read this.", ErrorKind.DENIED
    elif code == LOCKED:
        message, kind = "A transaction holds this locked.", ErrorKind.CONFLICT
    elif code == TOO_LONG:
        message, kind = "The server took too long to answer.", ErrorKind.OTHER
    elif connection.state is TransactionState.LOST:
        message, kind = "The connection for the catalog was lost.", ErrorKind.NETWORK
    else:
        message, kind = "The server could not answer.", ErrorKind.OTHER
    return SqlError(message, cause=cause, code=code, kind=kind)
