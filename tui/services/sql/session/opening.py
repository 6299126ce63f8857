"""How a connection is opened and made ready: what libpq is told, and what is settled before the
first statement. Blocking."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.certificate_look import why_not_verified
from tui.services.sql.connecting.problems import connect_problem, unsayable
from tui.services.sql.connecting.targets import DatabaseTarget, Secrets
from tui.services.sql.connecting.tokens import token_ended
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.encoding import is_encoding, wanted_encoding
from tui.services.sql.session.libpq import ask_nothing_on_the_terminal
from tui.services.sql.session.server_info import is_redshift

if TYPE_CHECKING:
    from psycopg2 import extensions

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


def open_connection(
    target: DatabaseTarget, secrets: Secrets, *, read_only: bool
) -> ServerConnection:
    """A connection in autocommit, or the ServiceError that says why not."""
    import psycopg2

    ask_nothing_on_the_terminal()
    problem: ServiceError
    keywords: dict[str, Any] = {**_DEFAULTS, **target.parameters, **secrets.reveal()}
    try:
        driver = psycopg2.connect(**keywords)
    except psycopg2.Error as error:
        problem = connect_problem(error, target, why_not_verified, token_ended=_ended(keywords))
    except ValueError:  # from psycopg2, before libpq is asked
        problem = unsayable()
    else:
        try:
            _prepare(driver, read_only=read_only)
        except psycopg2.Error as error:
            driver.close()
            problem = connect_problem(error, target)
        except ServiceError as error:
            driver.close()
            problem = error
        else:
            return ServerConnection(driver)
    # Raised out here: psycopg2's own exception carries the password in its frames.
    raise problem


def _ended(keywords: Mapping[str, str]) -> datetime | None:
    """When the IAM token ended that is given for a password."""
    password = keywords.get("password") or os.environ.get("PGPASSWORD", "")
    return token_ended(password, datetime.now(UTC))


def _prepare(driver: extensions.connection, *, read_only: bool) -> None:
    from psycopg2.extensions import UNICODE, string_types

    driver.autocommit = True
    # Python's types would lose some values: `infinity`, years before Christ, `24:00:00`, `1 mon`,
    # the digits of numbers inside JSON.
    for oid in string_types:
        driver.string_types[oid] = UNICODE
    wanted = wanted_encoding(driver)
    if not is_encoding(driver.get_parameter_status("client_encoding"), wanted):
        driver.set_client_encoding(wanted)
    # psycopg2 has set it to ISO: dates must look as they do to every other client of this server.
    if read_only and is_redshift(driver):
        raise ServiceError(
            "Read-only mode does not connect to Redshift.",
            cause="Whether its server keeps a session from writing is not known to Tristore.",
            hint="Connect without --read-only (or the mark) as a database user who may only read.",
            kind=ErrorKind.READ_ONLY,
        )
    settings = ["RESET datestyle"]
    if read_only:
        settings.append("SET default_transaction_read_only = on")
    with driver.cursor() as cursor:
        cursor.execute("; ".join(settings))
