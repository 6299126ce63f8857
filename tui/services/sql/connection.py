"""Open one connection: timeouts, keepalives, text exactly as the server prints it."""

from __future__ import annotations

import select
import socket
from typing import Any

from tui.services.errors import ServiceError
from tui.services.sql.certificates import VERIFYING
from tui.services.sql.encoding import encoding_of
from tui.services.sql.models import ConnectionTarget, Secrets, ServerInfo
from tui.services.sql.translate import from_connecting

CONNECT_TIMEOUT = 8
"""Seconds per address to reach a server, unless the target says otherwise."""

_DEFAULTS = {
    "connect_timeout": str(CONNECT_TIMEOUT),
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    # A server that vanished is noticed while we wait for its answer, too.
    "tcp_user_timeout": "60000",
    "application_name": "tristore",
}


def open_connection(target: ConnectionTarget, secrets: Secrets, *, read_only: bool) -> Any:
    """A connection in autocommit, or the ServiceError that says why not. Blocking."""
    import psycopg2

    problem: ServiceError
    try:
        keywords: dict[str, Any] = {**_DEFAULTS, **target.parameters, **secrets.reveal()}
        connection = psycopg2.connect(**keywords)
    except psycopg2.Error as error:
        problem = from_connecting(error, target)
    else:
        try:
            _prepare(connection, read_only=read_only)
        except psycopg2.Error as error:
            connection.close()
            problem = from_connecting(error, target)
        else:
            return connection
    # Raised out here: the SDK's own exception carries the password in its frames.
    raise problem


def _prepare(connection: Any, *, read_only: bool) -> None:
    connection.autocommit = True
    keep_text(connection)
    set_encoding(connection)
    # psycopg2 has set it to ISO: dates must look as they do to every other client of this server.
    settings = ["RESET datestyle"]
    if read_only:
        settings.append("SET default_transaction_read_only = on")
    with connection.cursor() as cursor:
        cursor.execute("; ".join(settings))


def keep_text(connection: Any) -> None:
    """Give every value as the server's own text.

    Python's types would lose some: `infinity`, years before Christ, `24:00:00`, `1 mon`, the
    digits of numbers inside JSON.
    """
    from psycopg2.extensions import UNICODE, string_types

    for oid in string_types:
        connection.string_types[oid] = UNICODE


def set_encoding(connection: Any) -> None:
    """Talk UTF-8; with a database of no encoding, bytes one to one (`encoding`)."""
    wanted = encoding_of(connection)
    if connection.get_parameter_status("client_encoding") != wanted:
        connection.set_client_encoding(wanted)


def server_info(connection: Any) -> ServerInfo:
    """What libpq knows of the server; nothing is sent."""
    info = connection.info
    return ServerInfo(
        host=info.host or "localhost",
        port=int(info.port),
        database=info.dbname,
        user=info.user,
        version=str(connection.get_parameter_status("server_version") or "").split(" ")[0],
        encrypted=bool(info.ssl_in_use),
        verified=bool(info.ssl_in_use) and info.dsn_parameters.get("sslmode") == VERIFYING,
    )


def has_hung_up(descriptor: int) -> bool:
    """Whether the other end of a socket has closed it, or the network has given it up."""
    # Not on every system: where there is no RDHUP, HUP says it too.
    gone = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
    look = select.poll()
    look.register(descriptor, gone)
    return any(events & gone for _, events in look.poll(0))


def sever(connection: Any) -> None:
    """End the conversation at once, whatever another thread is waiting for on it.

    Closing in the ordinary way would wait for the answer to come.
    """
    import psycopg2

    try:
        descriptor = connection.fileno()
        with socket.socket(fileno=socket.dup(descriptor)) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)
    except (psycopg2.Error, OSError):
        # Already gone.
        return
