"""The tunnel of one session: opened when a connection is made, opened anew when it has ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.tunnels.hosts import SshHost, TunnelEnd, destination, ssh_host
from tui.services.sql.tunnels.problems import (
    PORT_IN_USE,
    REFUSED_ON_THE_WAY,
    TIMED_OUT,
    ended,
    no_answer,
    not_led_on,
    not_opened,
    too_slow,
)
from tui.services.sql.tunnels.ssh import LOOPBACK, SshProcess

OPEN_SECONDS = 60.0
"""What ssh may take to get in: a key may have to be touched."""

WORD_SECONDS = 1.0
"""How long a reason of ssh's is waited for when a connection through it was not made."""

BRIEFLY = 0.2
"""The same where libpq has a reason of its own."""

TRIES = 5
"""Ports that are tried: another program may take one before ssh does."""


@dataclass(frozen=True)
class Entrance:
    """Where a tunnel is entered on this machine."""

    host: str
    """The name of the server, by which its certificate is verified."""
    port: int
    """The port of loopback that leads there."""
    server_port: int
    """The port of the server."""

    @property
    def keywords(self) -> Mapping[str, str]:
        """For libpq, which then asks nobody for the address of `host`."""
        return {"host": self.host, "hostaddr": LOOPBACK, "port": str(self.port)}


class Tunnel:
    """Leads to one server through one ssh host. Blocking, but for `close` and `hang_up`; safe from
    any thread.

    Who may use this machine may also enter the port of loopback while the tunnel is open, as with
    every `ssh -L`: PostgreSQL speaks TLS over such ports only, not over Unix sockets, which could
    be kept to one user.
    """

    def __init__(self, host: SshHost, to: TunnelEnd) -> None:
        self.host = host
        self.to = to
        self.on_end: Callable[[], None] | None = None
        """Called from a thread of its own when an open tunnel has ended by itself."""
        self._opening = threading.Lock()
        self._process: SshProcess | None = None
        self._closed = False

    @property
    def why_ended(self) -> str:
        """Why it is not open any more; empty while it is, and before it was."""
        process = self._process
        if process is None or process.is_alive or not process.is_listening:
            return ""
        return ended(self.host, process.said)

    def opened(self) -> Entrance:
        """Open it if it is not open. ServiceError with what ssh said or asked if ssh does not get
        in."""
        with self._opening:
            process = self._process
            if process is None or not (process.is_listening and process.is_alive):
                process = self._open()
            else:
                # What it said of earlier connections is no reason why the next one is not made.
                process.forget()
            return Entrance(self.to.host, process.port, self.to.port)

    def _open(self) -> SshProcess:
        for tried in range(1, TRIES + 1):
            process = self._process = SshProcess(self.host, self.to, free_port(), self._gone)
            if self._closed:  # by now: `close` may not have seen it
                process.end()
            if process.wait_until_open(OPEN_SECONDS):
                return process
            slow = process.is_alive
            process.end()
            if self._closed:
                raise ServiceError("The tunnel was given up.", kind=ErrorKind.CANCELLED)
            said = process.said
            if slow:
                raise too_slow(self.host, said, OPEN_SECONDS)
            taken = any(PORT_IN_USE.search(line) and str(process.port) in line for line in said)
            if not taken or tried == TRIES:
                raise not_opened(self.host, said, process.asked)
        raise AssertionError("unreachable")

    def reason(self, error: ServiceError) -> ServiceError | None:
        """What kept a connection from being made through it, as ssh says it; None if ssh has
        nothing to do with it."""
        process = self._process
        if process is None or error.kind is ErrorKind.CREDENTIALS:
            return None
        # A host that hangs up at the beginning of TLS looks like one that speaks none.
        network = error.kind is ErrorKind.NETWORK
        if network and TIMED_OUT.search(error.cause) and process.is_alive:
            return no_answer(self.host, self.to, error.cause)
        said = process.wait_for_word(REFUSED_ON_THE_WAY, WORD_SECONDS if network else BRIEFLY)
        if said:
            return not_led_on(self.host, self.to, said)
        why = self.why_ended
        return ServiceError(why, hint="Connect again.", kind=ErrorKind.NETWORK) if why else None

    def told_of_loss(self, cause: str) -> str:
        """The cause of a lost connection, with the end of the tunnel if that is behind it."""
        process = self._process
        if process is not None:
            process.wait_for_end(WORD_SECONDS)
        return "\n".join(part for part in (self.why_ended, cause) if part)

    def hang_up(self) -> None:
        """End it; the next connection opens it anew. Never waits."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def close(self) -> None:
        """End it for good. Never waits."""
        self._closed = True
        self.on_end = None
        process = self._process
        if process is not None:
            process.end()

    def _gone(self) -> None:
        process, tell = self._process, self.on_end
        if process is not None and not process.is_alive and process.is_listening and tell:
            tell()


def tunnel_of(host: str, parameters: Mapping[str, str]) -> Tunnel:
    """The tunnel through `host` to the server of these libpq keywords, not yet open. INVALID if
    there can be none."""
    return Tunnel(ssh_host(host), destination(parameters))


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
