"""Who has answered a connection, as libpq knows it: nothing is asked of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.services.sql.connecting.certificates import AUTHORITY_ONLY, VERIFYING
from tui.services.sql.connecting.redshift import is_redshift_server
from tui.services.sql.models import ServerInfo

if TYPE_CHECKING:
    from psycopg2 import extensions


def server_info(driver: extensions.connection) -> ServerInfo:
    """Who answered."""
    info = driver.info
    # Of the connection as it is: what was asked for may have come from a service file, or be a
    # wish only, as `prefer` is.
    encrypted = bool(info.ssl_in_use)
    mode = info.dsn_parameters.get("sslmode")
    return ServerInfo(
        host=info.host or "localhost",
        port=int(info.port),
        database=info.dbname,
        user=info.user,
        version=str(driver.get_parameter_status("server_version") or "").split(" ")[0],
        encrypted=encrypted,
        verified=encrypted and mode == VERIFYING,
        authority_only=encrypted and mode == AUTHORITY_ONLY,
        is_redshift=is_redshift(driver),
        tls=str(info.ssl_attribute("protocol") or "") if encrypted else "",
    )


def is_redshift(driver: extensions.connection) -> bool:
    """Whether it says that it is Redshift."""
    version = str(driver.get_parameter_status("server_version") or "")
    return is_redshift_server(version, driver.get_parameter_status("padb_version"))
