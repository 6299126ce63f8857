"""Address ranges as they are typed: which EC2 takes, and what is wrong with the others."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from tui.services.errors import ErrorKind, ServiceError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ANYWHERE_V4 = "0.0.0.0/0"
ANYWHERE_V6 = "::/0"


def range_problem(text: str) -> str | None:
    """An address or a CIDR range, IPv4 or IPv6; host bits are refused with the right range."""
    stripped = text.strip()
    if not stripped:
        return "The range is missing; for example 203.0.113.7 or 203.0.113.0/24."
    try:
        ipaddress.ip_network(stripped)
    except ValueError:
        try:
            corrected = ipaddress.ip_network(stripped, strict=False)
        except ValueError:
            return "Not an address or a range; for example 203.0.113.0/24 or 2001:db8::/64."
        if "/" not in stripped:
            return "Not an address or a range; for example 203.0.113.0/24 or 2001:db8::/64."
        return f"The address has bits outside its range: did you mean {corrected}?"
    # A netmask or host mask is legal to Python and unknown to EC2.
    if "/" in stripped and not stripped.rpartition("/")[2].isdigit():
        return f"Write the length of the prefix: {ipaddress.ip_network(stripped)}."
    return None


def to_network(text: str) -> Network:
    """The range that `text` names; a single address becomes a range of one. Raises ValueError."""
    problem = range_problem(text)
    if problem is not None:
        raise ValueError(problem)
    return ipaddress.ip_network(text.strip())


def to_networks(sources: Sequence[str]) -> list[Network]:
    """The ranges that were asked for, each once. Raises ServiceError(INVALID)."""
    networks: list[Network] = []
    for source in sources:
        try:
            network = to_network(source)
        except ValueError as error:
            raise ServiceError(str(error), kind=ErrorKind.INVALID) from error
        if network not in networks:
            networks.append(network)
    if not networks:
        raise ServiceError("No address range was given.", kind=ErrorKind.INVALID)
    return networks
