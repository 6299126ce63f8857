"""Inbound rules of security groups: which there are, which must be added, which go again.

Everything that is given a client blocks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui.services.aws import (
    NEXT_TOKEN,
    Done,
    Look,
    call,
    change,
    pages,
)
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import (
        IpPermissionOutputTypeDef,
        IpPermissionTypeDef,
        SecurityGroupTypeDef,
    )

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ANYWHERE_V4 = "0.0.0.0/0"
ANYWHERE_V6 = "::/0"

RULE_DESCRIPTION = "PostgreSQL, opened with Tristore"
"""EC2 allows a-z, digits, spaces and ._-:/()#,@[]+=&;{}!$* in 255 characters."""

ADDED_HERE = "opened with Tristore"
"""What the description of every rule that was added here ends with."""

PAGE_SIZE = 1000
"""Security groups in one answer: the most that EC2 gives."""

_NOT_THERE = {"InvalidPermission.NotFound", "InvalidGroup.NotFound"}


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
class Opened:
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


def permission(network: Network, port: int, description: str) -> IpPermissionTypeDef:
    """The SDK's IpPermission that lets one network in to one TCP port."""
    entry: IpPermissionTypeDef = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if network.version == 4:
        entry["IpRanges"] = [{"CidrIp": str(network), "Description": description}]
    else:
        entry["Ipv6Ranges"] = [{"CidrIpv6": str(network), "Description": description}]
    return entry


def revocation(rule: InboundRule) -> IpPermissionTypeDef:
    """The SDK's IpPermission that names one rule; EC2 does not need the description."""
    entry: IpPermissionTypeDef = {"IpProtocol": rule.protocol}
    if rule.from_port is not None and rule.to_port is not None:
        entry["FromPort"], entry["ToPort"] = rule.from_port, rule.to_port
    if rule.source.startswith("sg-"):
        entry["UserIdGroupPairs"] = [{"GroupId": rule.source}]
    elif rule.source.startswith("pl-"):
        entry["PrefixListIds"] = [{"PrefixListId": rule.source}]
    elif ":" in rule.source:
        entry["Ipv6Ranges"] = [{"CidrIpv6": rule.source}]
    else:
        entry["IpRanges"] = [{"CidrIp": rule.source}]
    return entry


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


def to_security_group(answer: SecurityGroupTypeDef) -> SecurityGroup:
    """One element of DescribeSecurityGroups."""
    group_id = str(answer["GroupId"])
    return SecurityGroup(
        group_id=group_id,
        name=str(answer.get("GroupName", "")),
        description=str(answer.get("Description", "")),
        vpc_id=answer.get("VpcId"),
        rules=tuple(
            InboundRule(
                group_id=group_id,
                protocol=str(permission.get("IpProtocol", "")),
                from_port=_port(permission.get("FromPort")),
                to_port=_port(permission.get("ToPort")),
                source=source,
                description=description,
            )
            for permission in answer.get("IpPermissions") or ()
            for source, description in _sources(permission)
        ),
    )


def _port(value: int | None) -> int | None:
    # EC2 writes "every port" as -1 or leaves it out.
    return None if value is None or value < 0 else value


def _sources(permission: IpPermissionOutputTypeDef) -> Iterator[tuple[str, str]]:
    """Each source of a permission, and its description."""
    for ipv4 in permission.get("IpRanges") or ():
        yield ipv4.get("CidrIp", ""), ipv4.get("Description", "")
    for ipv6 in permission.get("Ipv6Ranges") or ():
        yield ipv6.get("CidrIpv6", ""), ipv6.get("Description", "")
    for pair in permission.get("UserIdGroupPairs") or ():
        yield pair.get("GroupId", ""), pair.get("Description", "")
    for prefixes in permission.get("PrefixListIds") or ():
        yield prefixes.get("PrefixListId", ""), prefixes.get("Description", "")


# -- the calls -----------------------------------------------------------------------------

_READ = "read the inbound rules"


def read_groups(ec2: EC2Client, group_ids: Sequence[str]) -> tuple[SecurityGroup, ...]:
    """The groups that there are, in the order asked for. Raises ServiceError."""
    if not group_ids:
        return ()
    answer = call(_READ, ec2.describe_security_groups, GroupIds=list(group_ids))
    found = {each.group_id: each for each in map(to_security_group, answer["SecurityGroups"])}
    return tuple(found[group_id] for group_id in group_ids if group_id in found)


GROUPS_IN_A_FILTER = 200
"""As many values one filter of EC2 takes."""


def groups_by_id(ec2: EC2Client, group_ids: Iterable[str]) -> dict[str, SecurityGroup]:
    """Those of the groups that there are; one that is gone hides no other. Raises ServiceError."""
    wanted = sorted(set(group_ids))
    found: dict[str, SecurityGroup] = {}
    for start in range(0, len(wanted), GROUPS_IN_A_FILTER):
        some = wanted[start : start + GROUPS_IN_A_FILTER]
        for page in pages(
            _READ,
            ec2.describe_security_groups,
            NEXT_TOKEN,
            Filters=[{"Name": "group-id", "Values": some}],
        ):
            found |= {
                each.group_id: each for each in map(to_security_group, page["SecurityGroups"])
            }
    return found


def all_groups(ec2: EC2Client) -> Iterator[tuple[SecurityGroup, ...]]:
    """Every security group of the region, page by page. Raises ServiceError."""
    for page in pages(_READ, ec2.describe_security_groups, NEXT_TOKEN, MaxResults=PAGE_SIZE):
        yield tuple(map(to_security_group, page.get("SecurityGroups", ())))


def add_rules(
    ec2: EC2Client, group_id: str, port: int, networks: Iterable[Network], description: str
) -> Opened:
    """Let networks in to one TCP port; one that a rule lets in already is not an error."""
    (group,) = read_groups(ec2, [group_id])
    missing, known = split_known(group, port, networks)
    added: list[Network] = []
    for network in missing:
        # One call each: a duplicate makes EC2 reject the whole request.
        try:
            _add_rule(ec2, group_id, port, network, description)
            added.append(network)
        except ServiceError as error:
            if error.kind is not ErrorKind.EXISTS:
                raise
            known.append(network)
    return Opened(group_id, port, tuple(map(str, added)), tuple(map(str, known)))


def _add_rule(ec2: EC2Client, group_id: str, port: int, network: Network, description: str) -> None:
    def send() -> None:
        ec2.authorize_security_group_ingress(
            GroupId=group_id, IpPermissions=[permission(network, port, description)]
        )

    def look(_: object) -> Done[None] | Look:
        (group,) = read_groups(ec2, [group_id])
        missing, _known = split_known(group, port, [network])
        # There was no such rule before, so it is ours.
        return Look.NOT_DONE if missing else Done(None)

    change(
        f"open port {port} in {group_id} to {network}",
        send,
        look,
        how_to_look="Press w to see the inbound rules before you add it again.",
    )


def remove_rule(ec2: EC2Client, rule: InboundRule) -> bool:
    """Remove one rule; whether it was there. Raises ServiceError, also if it stays."""

    def send() -> None:
        ec2.revoke_security_group_ingress(GroupId=rule.group_id, IpPermissions=[revocation(rule)])

    def look(_: object) -> Done[None] | Look:
        return Look.NOT_DONE if is_there(ec2, rule) else Done(None)

    try:
        change(
            f"remove the rule for {rule.source} from {rule.group_id}",
            send,
            look,
            how_to_look="Press w to see the inbound rules that there are.",
        )
    except ServiceError as error:
        if error.code in _NOT_THERE:
            return False
        raise
    # EC2 answers a revocation that matches nothing with success.
    if is_there(ec2, rule):
        raise ServiceError(
            f"The rule for {rule.source} is still in {rule.group_id}.",
            cause="EC2 answered that it was removed, and lists it still.",
            hint="Remove it in the console: EC2, security groups.",
            kind=ErrorKind.CONFLICT,
        )
    return True


def is_there(ec2: EC2Client, rule: InboundRule) -> bool:
    """Whether a rule of the same ports and source is in its group, whatever it is described as."""
    try:
        groups = read_groups(ec2, [rule.group_id])
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return False
        raise
    return any(
        replace(each, description="") == replace(rule, description="")
        for group in groups
        for each in group.rules
    )
