"""Inbound rules of security groups: what each lets in, which must be added, which are ours."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from tui.services.rds.ranges import Network

RULE_DESCRIPTION = "PostgreSQL, opened with Tristore"
"""EC2 allows a-z, digits, spaces and ._-:/()#,@[]+=&;{}!$* in 255 characters."""

ADDED_HERE = "opened with Tristore"
"""What the description of every rule that was added here ends with."""


@dataclass(frozen=True)
class InboundRule:
    """One source that one security group lets in."""

    group_id: str
    protocol: str
    """"tcp", "udp", …; "-1" is every protocol."""
    from_port: int | None
    """None is every port."""
    to_port: int | None
    source: str
    """A CIDR range, a security group's id, or a prefix list's id."""
    description: str

    @property
    def ports(self) -> str:
        """ "tcp 5432", "tcp 5000-6000", "every port"."""
        if self.protocol == "-1":
            return "every port"
        if self.from_port is None or self.from_port == self.to_port:
            return f"{self.protocol} {'every port' if self.to_port is None else self.to_port}"
        return f"{self.protocol} {self.from_port}-{self.to_port}"

    def covers_port(self, port: int) -> bool:
        """Whether TCP connections to this port fall under the rule."""
        if self.protocol == "-1":
            return True
        if self.protocol not in {"tcp", "6"}:
            return False
        if self.from_port is None or self.to_port is None:
            return True
        return self.from_port <= port <= self.to_port


@dataclass(frozen=True)
class SecurityGroup:
    """A VPC security group with what it lets in."""

    group_id: str
    name: str
    description: str
    vpc_id: str | None
    rules: tuple[InboundRule, ...]

    @property
    def is_default(self) -> bool:
        """Whether it is its VPC's default group, which other resources use too."""
        return self.name == "default"

    def open_to(self, port: int) -> tuple[InboundRule, ...]:
        """The rules that let something in to a TCP port."""
        return tuple(rule for rule in self.rules if rule.covers_port(port))


@dataclass(frozen=True)
class PortOpened:
    """What opening a port came to."""

    group_id: str
    port: int
    added: tuple[str, ...]
    """CIDR ranges that have a new rule."""
    already: tuple[str, ...]
    """CIDR ranges that a rule let in before."""


def is_ours(rule: InboundRule) -> bool:
    """Whether the rule was added with this application."""
    return rule.description.endswith(ADDED_HERE)


def is_anywhere(rule: InboundRule) -> bool:
    """Whether the rule lets everybody in: a range whose prefix has no length."""
    return rule.source.endswith("/0")


def covers(rule: InboundRule, port: int, network: Network) -> bool:
    """Whether the rule already lets the whole network in to the TCP port."""
    if not rule.covers_port(port):
        return False
    try:
        source = ipaddress.ip_network(rule.source)
    except ValueError:
        # Another group or a prefix list: what addresses it stands for is not known here.
        return False
    if isinstance(network, ipaddress.IPv4Network):
        return isinstance(source, ipaddress.IPv4Network) and network.subnet_of(source)
    return isinstance(source, ipaddress.IPv6Network) and network.subnet_of(source)


def split_known(
    group: SecurityGroup, port: int, networks: Iterable[Network]
) -> tuple[list[Network], list[Network]]:
    """The networks that need a rule, and those that one lets in already."""
    missing: list[Network] = []
    known: list[Network] = []
    for network in networks:
        covered = any(covers(rule, port, network) for rule in group.rules)
        (known if covered else missing).append(network)
    return missing, known
