"""Security groups as EC2 keeps them: read their inbound rules, add one, remove one.

The functions that are given a client block.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.services.aws import NEXT_TOKEN, Connection, Done, Look, call, change, pages
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds.inbound import (
    RULE_DESCRIPTION,
    InboundRule,
    PortOpened,
    SecurityGroup,
    split_known,
)
from tui.services.rds.models import Instance
from tui.services.rds.ranges import Network, to_networks

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_ec2.type_defs import (
        IpPermissionOutputTypeDef,
        IpPermissionTypeDef,
        SecurityGroupTypeDef,
    )

PAGE_SIZE = 1000
"""Security groups in one answer: the most that EC2 gives."""

GROUPS_IN_A_FILTER = 200
"""As many values one filter of EC2 takes."""

_READ = "read the inbound rules"
_NOT_THERE = {"InvalidPermission.NotFound", "InvalidGroup.NotFound"}


class SecurityGroups:
    """The security groups of one account and region, and the inbound rules in them.

    Every method raises ServiceError; UNKNOWN where the answer to a change was lost and no look can
    tell. `at` is the connection to use; without it the present one is.
    """

    def __init__(self, pool: BlockingPool, here: Callable[[], Connection]) -> None:
        self._pool = pool
        self._here = here

    async def of(
        self, instance: Instance, *, at: Connection | None = None
    ) -> tuple[SecurityGroup, ...]:
        """The instance's security groups with everything that each lets in."""
        groups = instance.security_groups
        return await self._pool.run(lambda: read_groups(self._ec2(at), groups))

    async def let_in(self, instances: Sequence[Instance]) -> dict[str, tuple[InboundRule, ...]]:
        """For each instance's identifier the rules that let something in to its port; in one
        question for all of them, as far as possible."""
        ids = [group for each in instances for group in each.security_groups]
        groups = await self._pool.run(lambda: groups_by_id(self._ec2(), ids))
        return {
            each.identifier: tuple(
                rule
                for group_id in each.security_groups
                if group_id in groups and each.port is not None
                for rule in groups[group_id].open_to(each.port)
            )
            for each in instances
        }

    async def list_all(
        self, *, at: Connection | None = None
    ) -> AsyncIterator[tuple[SecurityGroup, ...]]:
        """Every security group of the region, page by page."""

        def read() -> Iterator[tuple[SecurityGroup, ...]]:
            yield from all_groups(self._ec2(at))

        async for page in self._pool.iterate(read()):
            yield page

    async def has(self, rule: InboundRule, *, at: Connection | None = None) -> bool:
        """Whether a rule is still there."""
        return await self._pool.run(lambda: is_there(self._ec2(at), rule))

    async def remove(self, rule: InboundRule, *, at: Connection | None = None) -> bool:
        """Remove a rule from its security group; whether it was there."""
        then = at or self._here()
        return await self._pool.run(lambda: remove_rule(self._ec2(then), rule))

    async def open_postgres(
        self,
        instance: Instance,
        sources: Sequence[str],
        *,
        group_id: str | None = None,
        description: str = RULE_DESCRIPTION,
    ) -> PortOpened:
        """Let address ranges in to the instance's own port.

        `sources` are addresses or CIDR ranges; `group_id` is one of the instance's groups, by
        default its first. A range that a rule lets in already is reported, not an error. Without
        public access a rule alone does not make the instance reachable from outside its VPC.
        """
        networks = to_networks(sources)
        port = instance.port_to_open()
        chosen = instance.group_to_open(group_id)
        at = self._here()
        return await self._pool.run(
            lambda: add_rules(self._ec2(at), chosen, port, networks, description)
        )

    def _ec2(self, at: Connection | None = None) -> EC2Client:
        return (at or self._here()).client("ec2")


def read_groups(ec2: EC2Client, group_ids: Sequence[str]) -> tuple[SecurityGroup, ...]:
    """The groups that there are, in the order asked for. Raises ServiceError."""
    if not group_ids:
        return ()
    answer = call(_READ, ec2.describe_security_groups, GroupIds=list(group_ids))
    found = {each.group_id: each for each in map(to_security_group, answer["SecurityGroups"])}
    return tuple(found[group_id] for group_id in group_ids if group_id in found)


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
) -> PortOpened:
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
    return PortOpened(group_id, port, tuple(map(str, added)), tuple(map(str, known)))


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
