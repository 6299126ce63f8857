"""The tunnel of a connection that was not made because the server wanted a password: it is kept for
the next try, so that nobody has to get in to the ssh host twice."""

from __future__ import annotations

import asyncio

from tui.services.sql.tunnels.tunnel import Tunnel

KEPT_SECONDS = 120.0
"""As long as somebody may take to type a password."""


class SpareTunnel:
    """One at most. Used in the event loop; never waits."""

    def __init__(self) -> None:
        self._kept: Tunnel | None = None
        self._timer: asyncio.TimerHandle | None = None

    def keep(self, tunnel: Tunnel) -> None:
        """Keep it for a while, in the place of another one."""
        self.drop()
        self._kept = tunnel
        self._timer = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.drop)

    def instead_of(self, tunnel: Tunnel) -> Tunnel:
        """The one that is kept, if it leads to the same server through the same host; else the one
        that is given."""
        kept = self._kept
        if kept is None or (kept.host, kept.to) != (tunnel.host, tunnel.to):
            return tunnel
        self._kept = None
        self._stop_timer()
        return kept

    def drop(self) -> None:
        """End the one that is kept."""
        kept, self._kept = self._kept, None
        self._stop_timer()
        if kept is not None:
            kept.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
