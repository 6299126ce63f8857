"""A connection through an ssh tunnel. Blocking.

libpq is told the address and the port of the tunnel's entrance; what it would look up by the
server's own is looked up here: the host of a service, the line of the password file.
"""

from __future__ import annotations

import os
from dataclasses import replace

from tui.services.errors import ServiceError
from tui.services.sql.connecting.defaults import of_environment, of_service
from tui.services.sql.connecting.password_file import password_file, password_of, read_passwords
from tui.services.sql.connecting.targets import DatabaseTarget, Secrets
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.opening import open_connection
from tui.services.sql.tunnels import Tunnel, tunnel_of


def tunnel_to(target: DatabaseTarget) -> Tunnel | None:
    """The tunnel of a target, not yet open; None if it has none. INVALID if there can be none."""
    if not target.tunnel:
        return None
    return tunnel_of(target.tunnel, {**of_service(target.parameters), **target.parameters})


def open_through(
    tunnel: Tunnel, target: DatabaseTarget, secrets: Secrets, *, read_only: bool
) -> ServerConnection:
    """As `open_connection`, through an ssh host."""
    entrance = tunnel.opened()
    # The name stays that of the server: its certificate is verified by it.
    inner = replace(target, parameters={**target.parameters, **entrance.keywords})
    try:
        connection = open_connection(inner, _with_kept(target, secrets), read_only=read_only)
    except ServiceError as error:
        reason = tunnel.reason(error)
        if reason is None:
            raise
        raise reason from error
    # libpq knows the port of this machine that leads there.
    connection.info = replace(connection.info, port=entrance.server_port, tunnel=tunnel.host.label)
    return connection


def _with_kept(target: DatabaseTarget, secrets: Secrets) -> Secrets:
    """With the password that the password file has for the server: libpq would look for the port of
    this machine in it."""
    if "password" in secrets.reveal() or os.environ.get("PGPASSWORD"):
        return secrets
    also = {**of_environment(), **of_service(target.parameters)}
    file = read_passwords(password_file({**also, **target.parameters}.get("passfile", "")))
    line = None if file.problem else file.line_for(target, also)
    return secrets if line is None else secrets.with_password(password_of(file, line))
