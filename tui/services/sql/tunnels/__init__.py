"""A way to a server through an ssh host, made by the system's own ssh."""

from tui.services.sql.tunnels.hosts import ssh_host
from tui.services.sql.tunnels.tunnel import Tunnel, tunnel_of

__all__ = ["Tunnel", "ssh_host", "tunnel_of"]
