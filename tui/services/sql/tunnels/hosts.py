"""What a tunnel leads through and to, and whether ssh may be given it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError

_UNSAFE = re.compile(r"""[\x00-\x20\x7f-\x9f'"`$\\;&<>|(){},]""")
"""What ssh refuses in a host name since 9.6: a ProxyCommand gives the name to a shell."""

_UNSAFE_USER = re.compile(r"""[\x00-\x20\x7f-\x9f'"`$;&<>|(){}@]|\\$""")
"""The same of a user name, which at some hosts is DOMAIN\\user."""

_SCHEME = "ssh://"
_HOW = "Write an alias of your ssh configuration, or user@host, or user@host:port."


@dataclass(frozen=True)
class SshHost:
    """A host as ssh is given it."""

    destination: str
    """An alias of ssh's configuration, a name or an address, with `user@` before it if asked."""
    port: str = ""
    """Empty for what the configuration says, or 22."""

    @property
    def label(self) -> str:
        """As the user would write it."""
        if not self.port:
            return self.destination
        user, at, host = self.destination.rpartition("@")
        shown = f"[{host}]" if ":" in host else host
        return f"{user}{at}{shown}:{self.port}"

    @property
    def command(self) -> str:
        """What to type in a terminal to get there."""
        port = ["-p", self.port] if self.port else []
        return shlex.join(["ssh", *port, self.destination])

    @property
    def known_as(self) -> str:
        """The name under which ssh keeps its key."""
        host = self.destination.rpartition("@")[2]
        return f"[{host}]:{self.port}" if self.port not in ("", "22") else host


def ssh_host(text: str) -> SshHost:
    """Read what the user wrote. INVALID for what is no host, and for what ssh, or a shell that ssh
    starts, could take for anything else than a host."""
    user, at, rest = text.strip().removeprefix(_SCHEME).rstrip("/").rpartition("@")
    if ":" in user:
        # Not repeated: it would stand in a file, on the screen and in the list of processes.
        raise ServiceError(
            "An ssh host is named without a password: there is a colon before the @.",
            hint=f"ssh gets in with a key or its agent. {_HOW}",
            kind=ErrorKind.INVALID,
        )
    host, port = _parted(rest)
    wrong_user = bool(at) and (not user or user.startswith("-") or _UNSAFE_USER.search(user))
    if wrong_user or not host or host.startswith("-") or _UNSAFE.search(host):
        raise _refused(text)
    if port and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise _refused(text)
    return SshHost(f"{user}{at}{host}", port)


def _parted(rest: str) -> tuple[str, str]:
    """Host and port; an IPv6 address with a port stands in brackets."""
    bracketed = re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", rest)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    if rest.count(":") == 1:
        host, _, port = rest.partition(":")
        return host, port or "?"
    return rest, ""


def _refused(text: str) -> ServiceError:
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return ServiceError(
        f"This is not an ssh host: {shown[:80] or 'nothing'}.", hint=_HOW, kind=ErrorKind.INVALID
    )


@dataclass(frozen=True)
class TunnelEnd:
    """Where the tunnel comes out: a server as the ssh host sees it."""

    host: str
    """A name or an address of the ssh host's network, or the folder of a Unix socket on it."""
    port: int
    address: str = ""
    """The address to go to, where `host` is only the name in the certificate."""

    @property
    def label(self) -> str:
        """host:port."""
        return f"{self.address or self.host}:{self.port}"

    @property
    def forward(self) -> str:
        """As the end of ssh's option -L."""
        host = self.address or self.host
        if host.startswith("/"):
            return f"{host.rstrip('/')}/.s.PGSQL.{self.port}"
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def destination(
    parameters: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> TunnelEnd:
    """Where these libpq keywords lead, by libpq's rules. INVALID if that is not one server."""
    known = os.environ if environment is None else environment
    if "service" in parameters and not {"host", "hostaddr"} & set(parameters):
        raise ServiceError(
            "A tunnel needs the host of the server, and the service names none.",
            hint="Name host and port of the server in the connection itself.",
            kind=ErrorKind.INVALID,
        )
    host = parameters.get("host") or known.get("PGHOST") or ""
    address = parameters.get("hostaddr") or known.get("PGHOSTADDR") or ""
    port = parameters.get("port") or known.get("PGPORT") or "5432"
    found = host or address or "localhost"
    if "," in found + address + port:
        raise ServiceError(
            "A tunnel leads to one server; several are named.", kind=ErrorKind.INVALID
        )
    wrong_port = not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536)
    if wrong_port or any(
        each.startswith("-") or "[" in each or "]" in each or _UNSAFE.search(each)
        for each in (found, address)
    ):
        raise ServiceError(
            "No tunnel can lead there: this is not a host and a port.", kind=ErrorKind.INVALID
        )
    return TunnelEnd(found, int(port), address if host else "")
