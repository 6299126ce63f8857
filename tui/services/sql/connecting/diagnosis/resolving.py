"""Which addresses a name leads to, and whether they are public."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from tui.services.sql.connecting.certificates import RDS_HOSTS

_ABSENT = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
"""The name service answered that there is no such name, or none with an address."""


@dataclass(frozen=True)
class Resolved:
    """What became of asking for a name."""

    addresses: tuple[str, ...] = ()
    """In the order in which the system would try them."""
    full_name: str = ""
    """The name that it stands for, if it is an alias."""
    problem: str = ""
    """The system's words, if there are no addresses."""
    absent: bool = False
    """Whether there is no such name. Otherwise the name service did not answer."""


def resolve(host: str) -> Resolved:
    """Ask the system for the addresses of a name. Blocking, for as long as its resolver likes."""
    try:
        found = socket.getaddrinfo(
            host, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME | socket.AI_ADDRCONFIG
        )
    except (socket.gaierror, UnicodeError) as error:
        absent = isinstance(error, UnicodeError) or error.errno in _ABSENT
        words = error.strerror if isinstance(error, OSError) else "not a name of a host"
        return Resolved(problem=words or str(error), absent=absent)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    full = next((entry[3] for entry in found if entry[3]), "").rstrip(".")
    return Resolved(tuple(addresses), "" if full.lower() == host.lower().rstrip(".") else full)


def is_rds_name(host: str) -> bool:
    """Whether it is a name that RDS gives."""
    return host.lower().rstrip(".").endswith(RDS_HOSTS)


def region_of(host: str) -> str:
    """The region in a name that RDS gives: `shop.abc123.eu-west-1.rds.amazonaws.com`; empty if
    there is none."""
    before, _, _ = host.lower().partition(".rds.amazonaws.com")
    parts = before.split(".")
    return parts[-1] if is_rds_name(host) and len(parts) >= 3 else ""


def is_private(address: str) -> bool:
    """Whether an address is reached only from inside its own network. This machine's own is not
    meant; an address that cannot be read is not either."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return not (read.is_global or read.is_loopback)
