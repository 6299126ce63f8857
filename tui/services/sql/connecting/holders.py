"""Who holds the connections of a server."""

from __future__ import annotations

from dataclasses import dataclass

from tui.services.sql.session.connection import ServerConnection

_HOLDERS = """
SELECT coalesce(usename, ''), coalesce(datname, ''), coalesce(application_name, ''),
       coalesce(pg_catalog.host(client_addr), 'local'), coalesce(state, ''), count(*)::text,
       coalesce(pg_catalog.date_trunc('second', max(now() - state_change))::text, '')
FROM pg_catalog.pg_stat_activity
WHERE usename IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
GROUP BY 1, 2, 3, 4, 5
ORDER BY count(*) DESC, 1, 2, 3, 4, 5
"""


@dataclass(frozen=True)
class Holder:
    """Connections that are alike, as pg_stat_activity shows them."""

    user: str
    database: str
    application: str
    address: str
    """The client's; "local" for a socket of the server's own machine."""
    state: str
    """Empty where this user may not see it."""
    count: int
    longest: str
    """The longest time in that state, as PostgreSQL prints an interval; may be empty."""


@dataclass(frozen=True)
class Holders:
    """All of them."""

    most: str
    """max_connections."""
    held: tuple[Holder, ...]
    """Those with the most connections first."""


def holders(connection: ServerConnection) -> Holders:
    """Ask the server, for `Session.look_up`."""
    rows = connection.rows(_HOLDERS, ())
    found = tuple(
        Holder(user, database, application, address, state, int(count), longest)
        for user, database, application, address, state, count, longest in rows
    )
    return Holders(connection.value("SHOW max_connections") or "", found)
