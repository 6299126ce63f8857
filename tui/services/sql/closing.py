"""How a connection ends when nobody waits for it any more."""

from __future__ import annotations

import threading

from tui.services.sql.connection import ServerConnection

CANCEL_GRACE = 1.0
"""Seconds that closing waits for a cancel request to get through before it hangs up."""


def hang_up(connection: ServerConnection, busy: bool) -> None:
    """Close it; if it is busy, ask the server to stop first, and cut the line."""
    import psycopg2

    if busy:
        asking = threading.Thread(target=_cancel_quietly, args=(connection,), daemon=True)
        asking.start()
        asking.join(CANCEL_GRACE)
        connection.sever()
    try:
        connection.close()
    except psycopg2.Error:
        return


def _cancel_quietly(connection: ServerConnection) -> None:
    import psycopg2

    try:
        connection.cancel()
    except psycopg2.Error:
        return
