"""Inbound rules of a security group: which there are, which must be added."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import rules
from tui.services.rds.models import InboundRule, Instance, SecurityGroup

ANYWHERE_V4 = "0.0.0.0/0"
ANYWHERE_V6 = "::/0"

RULE_DESCRIPTION = "PostgreSQL, opened with Tristore"
"""EC2 allows a-z, digits, spaces and ._-:/()#,@[]+=&;{}!$* in 255 characters."""

ADDED_HERE = "opened with Tristore"
"""What the description of every rule that was added here ends with."""


def is_ours(rule: InboundRule) -> bool:
    """Whether the rule was added with this application."""
    return rule.description.endswith(ADDED_HERE)


def covers(rule: InboundRule, port: int, network: rules.Network) -> bool:
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
    group: SecurityGroup, port: int, networks: Iterable[rules.Network]
) -> tuple[list[rules.Network], list[rules.Network]]:
    """The networks that need a rule, and those that one lets in already."""
    missing: list[rules.Network] = []
    known: list[rules.Network] = []
    for network in networks:
        covered = any(covers(rule, port, network) for rule in group.rules)
        (known if covered else missing).append(network)
    return missing, known


def permission(network: rules.Network, port: int, description: str) -> dict[str, Any]:
    """The SDK's IpPermission that lets one network in to one TCP port."""
    entry: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if network.version == 4:
        entry["IpRanges"] = [{"CidrIp": str(network), "Description": description}]
    else:
        entry["Ipv6Ranges"] = [{"CidrIpv6": str(network), "Description": description}]
    return entry


def revocation(rule: InboundRule) -> dict[str, Any]:
    """The SDK's IpPermission that names one rule; EC2 does not need the description."""
    entry: dict[str, Any] = {"IpProtocol": rule.protocol}
    if rule.from_port is not None and rule.to_port is not None:
        entry |= {"FromPort": rule.from_port, "ToPort": rule.to_port}
    if rule.source.startswith("sg-"):
        entry["UserIdGroupPairs"] = [{"GroupId": rule.source}]
    elif rule.source.startswith("pl-"):
        entry["PrefixListIds"] = [{"PrefixListId": rule.source}]
    elif ":" in rule.source:
        entry["Ipv6Ranges"] = [{"CidrIpv6": rule.source}]
    else:
        entry["IpRanges"] = [{"CidrIp": rule.source}]
    return entry


def still_there(rule: InboundRule, groups: Iterable[SecurityGroup]) -> bool:
    """Whether a rule of the same ports and source is in its group, whatever it is described as."""
    return any(
        replace(each, description="") == replace(rule, description="")
        for group in groups
        for each in group.rules
    )


def to_networks(sources: Sequence[str]) -> list[rules.Network]:
    """The ranges that were asked for, each once. Raises ServiceError(INVALID)."""
    networks: list[rules.Network] = []
    for source in sources:
        try:
            network = rules.to_network(source)
        except ValueError as error:
            raise ServiceError(str(error), kind=ErrorKind.INVALID) from error
        if network not in networks:
            networks.append(network)
    if not networks:
        raise ServiceError("No address range was given.", kind=ErrorKind.INVALID)
    return networks


def port_of(instance: Instance) -> int:
    """The port to open. Raises ServiceError(CONFLICT) while the instance has no endpoint."""
    if instance.port is None:
        raise ServiceError(
            f"{instance.identifier} has no port yet: its status is {instance.status}.",
            hint="Wait until it is available.",
            kind=ErrorKind.CONFLICT,
        )
    return instance.port


def choose_group(instance: Instance, group_id: str | None) -> str:
    """The group that gets the rule: the one named, or the instance's first.

    Raises ServiceError if the instance has none, or not the one named.
    """
    if not instance.security_groups:
        raise ServiceError(
            f"{instance.identifier} has no VPC security group.",
            hint="Give it one in the console (Modify, Connectivity).",
            kind=ErrorKind.CONFLICT,
        )
    if group_id is None:
        return instance.security_groups[0]
    if group_id not in instance.security_groups:
        raise ServiceError(
            f"{group_id} is not a security group of {instance.identifier}.",
            kind=ErrorKind.INVALID,
        )
    return group_id
