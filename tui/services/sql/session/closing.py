"""How a connection ends when nobody waits for it any more."""

from __future__ import annotations

import threading
from contextlib import suppress

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.session.aside import Aside
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.tunnels import Tunnel

CANCEL_GRACE = 1.0
"""Seconds that closing waits for a cancel request to get through before it hangs up."""


def hang_up(connection: ServerConnection, busy: bool, aside: Aside, tunnel: Tunnel | None) -> None:
    """Close it with what belongs to it; if it is busy, ask the server to stop first, and cut the
    line."""
    import psycopg2

    aside.release()
    if busy:
        asking = threading.Thread(target=_cancel_quietly, args=(connection,), daemon=True)
        asking.start()
        asking.join(CANCEL_GRACE)
        connection.sever()
    with suppress(psycopg2.Error):
        connection.close()
    # Last: the request to cancel goes through it, too.
    if tunnel is not None:
        tunnel.close()


def _cancel_quietly(connection: ServerConnection) -> None:
    import psycopg2

    try:
        connection.cancel()
    except psycopg2.Error:
        return


def ask_to_stop(connection: ServerConnection) -> None:
    """Cancel what runs on a connection, on its server. NETWORK if that cannot be asked."""
    import psycopg2

    try:
        connection.cancel()
    except psycopg2.Error as error:
        raise ServiceError(
            "The server could not be asked to stop.",
            cause=str(error).strip(),
            kind=ErrorKind.NETWORK,
        ) from error
