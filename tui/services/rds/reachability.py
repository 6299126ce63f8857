"""Whether an address can come to an instance through the network of its VPC: the security groups,
the route tables of its subnets, the network ACLs.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
Everything that is given a client blocks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.services.aws import NEXT_TOKEN, pages
from tui.services.rds.inbound import InboundRule, SecurityGroup, covers, is_ours
from tui.services.rds.models import Cluster, Instance
from tui.services.rds.ranges import Network

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import (
        FilterTypeDef,
        NetworkAclEntryTypeDef,
        NetworkAclTypeDef,
        RouteTableTypeDef,
    )

RETURN_PORTS = (32_768, 60_999)
"""The ports of Linux's clients: a network ACL keeps no state, so it must let the answers out."""

_EVERYWHERE = {"0.0.0.0/0", "::/0"}


@dataclass(frozen=True)
class SubnetRoute:
    """Where the traffic of one subnet to the rest of the world goes."""

    subnet: str
    table: str
    """The id of its route table; empty if the VPC shows none for it."""
    gateway: str
    """"igw-…" leads to the internet and back, "nat-…" and others lead only out of the VPC; empty
    if the table has no such route."""
    blackhole: bool = False
    """Whether what the route leads to is gone."""

    @property
    def is_open(self) -> bool:
        """Whether connections from the internet get in, and their answers out."""
        return self.gateway.startswith("igw-") and not self.blackhole


@dataclass(frozen=True)
class AclEntry:
    """One rule of a network ACL; the one with the lowest number that fits decides."""

    number: int
    outward: bool
    protocol: str
    """"6" is TCP, "-1" everything."""
    source: str
    """A CIDR range; of an outward rule the destination."""
    from_port: int | None
    """None is every port."""
    to_port: int | None
    allows: bool

    def fits(self, address: Network, ports: tuple[int, int]) -> bool:
        """Whether TCP between an address and these ports falls under it."""
        if self.protocol not in {"-1", "6"}:
            return False
        network = ipaddress.ip_network(self.source, strict=False)
        if network.version != address.version or not address.subnet_of(network):  # type: ignore[arg-type]  # of one version
            return False
        if self.from_port is None or self.to_port is None or self.protocol == "-1":
            return True
        return self.from_port <= ports[0] and ports[1] <= self.to_port


@dataclass(frozen=True)
class SubnetAcl:
    """The network ACL of one subnet."""

    subnet: str
    acl: str
    entries: tuple[AclEntry, ...]

    def refuses(self, address: str, port: int) -> str:
        """Why connections from an address to the port do not get through; empty if they do."""
        network = ipaddress.ip_network(address)
        for outward, ports in ((False, (port, port)), (True, RETURN_PORTS)):
            ordered = sorted(self.entries, key=lambda each: each.number)
            found = (e for e in ordered if e.outward is outward and e.fits(network, ports))
            entry = next(found, None)
            what = f"answers to {address} out" if outward else f"{address} in to port {port}"
            if entry is None:
                return f"No rule of {self.acl} lets {what}."
            if not entry.allows:
                return f"Rule {entry.number} of {self.acl} does not let {what}."
        return ""


@dataclass(frozen=True)
class Admission:
    """What security groups say about one address and one port."""

    address: str
    """The address that wants in; empty if it is not known."""
    admitting: tuple[InboundRule, ...]
    """Rules that let it in; without an address, those that let in everybody."""
    former: tuple[InboundRule, ...]
    """Rules for one other address that were opened with this application: probably one that this
    machine had before."""
    others: tuple[InboundRule, ...]
    """The other rules for the port: ranges, groups and prefix lists, whoever they are for."""

    @property
    def admitted(self) -> bool | None:
        """Whether it is let in; None if that depends on an address that is not known, or on a
        prefix list."""
        if self.admitting:
            return True
        listed = any(rule.source.startswith("pl-") for rule in self.others)
        unknown = not self.address and bool(self.former or self.others)
        return None if listed or unknown else False


def admission(groups: Iterable[SecurityGroup], port: int, address: str) -> Admission:
    """Sort the rules for a port by what they mean to an address, which may be unknown ("")."""
    admitting: list[InboundRule] = []
    former: list[InboundRule] = []
    others: list[InboundRule] = []
    network = ipaddress.ip_network(address) if address else None
    for rule in (rule for group in groups for rule in group.open_to(port)):
        if rule.source in _EVERYWHERE if network is None else covers(rule, port, network):
            admitting.append(rule)
        elif is_ours(rule) and _is_single(rule.source) and network is not None:
            former.append(rule)
        else:
            others.append(rule)
    return Admission(address, tuple(admitting), tuple(former), tuple(others))


def _is_single(source: str) -> bool:
    return source.endswith("/128" if ":" in source else "/32")


def is_endpoint_of(instance: Instance, host: str, port: int) -> bool:
    """Whether a server is this instance. The port counts too: on one machine several may stand."""
    return (
        instance.host is not None
        and instance.host.lower() == host.lower().rstrip(".")
        and instance.port == port
    )


def is_name_of_cluster(host: str) -> bool:
    """Whether RDS gives such a name to a cluster: `shop.cluster-abc123.eu-west-1.rds…`, or
    `shop.cluster-ro-…`."""
    return ".cluster-" in host.lower()


def members_behind(cluster: Cluster, host: str) -> tuple[str, ...]:
    """The instances that answer at one of a cluster's endpoints; empty if it has no such one."""
    name = host.lower().rstrip(".")
    if cluster.host is not None and name == cluster.host.lower():
        return cluster.writers or cluster.members
    if cluster.reader_host is not None and name == cluster.reader_host.lower():
        readers = tuple(each for each in cluster.members if each not in cluster.writers)
        return readers or cluster.members
    return ()


# -- the calls and their answers --------------------------------------------------------------


def read_routes(ec2: EC2Client, vpc: str, subnets: Sequence[str]) -> tuple[SubnetRoute, ...]:
    """Where each subnet's traffic to the rest of the world goes. Raises ServiceError."""
    tables = [
        table
        for page in pages(
            "look at the route tables", ec2.describe_route_tables, NEXT_TOKEN, Filters=_of(vpc)
        )
        for table in page["RouteTables"]
    ]
    own = {
        link["SubnetId"]: table
        for table in tables
        for link in table.get("Associations", ())
        if "SubnetId" in link
    }
    main = [
        table for table in tables if any(link.get("Main") for link in table.get("Associations", ()))
    ]
    found = [(each, own.get(each) or next(iter(main), None)) for each in subnets]
    return tuple(_route(subnet, table) for subnet, table in found)


def _route(subnet: str, table: RouteTableTypeDef | None) -> SubnetRoute:
    if table is None:
        return SubnetRoute(subnet, "", "")
    ways = [
        SubnetRoute(subnet, table.get("RouteTableId", ""), gateway, route.get("State") != "active")
        for route in table.get("Routes", ())
        if _EVERYWHERE & {route.get("DestinationCidrBlock"), route.get("DestinationIpv6CidrBlock")}
        for gateway in [route.get("GatewayId") or route.get("NatGatewayId") or "another device"]
    ]
    ways.sort(key=lambda way: not way.is_open)
    return ways[0] if ways else SubnetRoute(subnet, table.get("RouteTableId", ""), "")


def read_acls(ec2: EC2Client, vpc: str, subnets: Sequence[str]) -> tuple[SubnetAcl, ...]:
    """The network ACL of each subnet that has one. Raises ServiceError."""
    found = {
        link.get("SubnetId", ""): acl
        for page in pages(
            "look at the network ACLs", ec2.describe_network_acls, NEXT_TOKEN, Filters=_of(vpc)
        )
        for acl in page["NetworkAcls"]
        for link in acl.get("Associations", ())
    }
    return tuple(_acl(each, found[each]) for each in subnets if each in found)


def _acl(subnet: str, acl: NetworkAclTypeDef) -> SubnetAcl:
    entries = tuple(_entries(acl.get("Entries", ())))
    return SubnetAcl(subnet, acl.get("NetworkAclId", ""), entries)


def _entries(answer: Iterable[NetworkAclEntryTypeDef]) -> Iterator[AclEntry]:
    for each in answer:
        source = each.get("CidrBlock") or each.get("Ipv6CidrBlock")
        ports = each.get("PortRange", {})
        if source:
            yield AclEntry(
                number=each.get("RuleNumber", 0),
                outward=bool(each.get("Egress")),
                protocol=str(each.get("Protocol", "")),
                source=source,
                from_port=ports.get("From"),
                to_port=ports.get("To"),
                allows=each.get("RuleAction") == "allow",
            )


def _of(vpc: str) -> list[FilterTypeDef]:
    return [{"Name": "vpc-id", "Values": [vpc]}]
