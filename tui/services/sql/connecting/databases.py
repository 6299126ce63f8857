"""The databases of a server that this user may connect to."""

from __future__ import annotations

from tui.services.sql.session.connection import ServerConnection

_DATABASES = """
SELECT datname FROM pg_catalog.pg_database
WHERE datallowconn AND pg_catalog.has_database_privilege(datname, 'CONNECT')
ORDER BY datname
"""


def databases(connection: ServerConnection) -> list[str]:
    """Their names, for `Session.look_up`."""
    return [name for (name,) in connection.rows(_DATABASES, ())]
