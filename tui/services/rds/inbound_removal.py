"""Read the inbound rules of security groups, and remove one. Everything here blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui.services.aws import Done, Look, settled, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import inbound
from tui.services.rds.models import InboundRule, SecurityGroup
from tui.services.rds.parse import to_security_group

PAGE_SIZE = 1000
"""Security groups in one answer: the most that EC2 gives."""

_NOT_THERE = {"InvalidPermission.NotFound", "InvalidGroup.NotFound"}


def read_groups(client: Any, group_ids: Sequence[str]) -> tuple[SecurityGroup, ...]:
    """The groups that there are, in the order asked for. Raises ServiceError."""
    if not group_ids:
        return ()
    with translating("read the inbound rules"):
        answer = client.describe_security_groups(GroupIds=list(group_ids))
    found = {each.group_id: each for each in map(to_security_group, answer["SecurityGroups"])}
    return tuple(found[group_id] for group_id in group_ids if group_id in found)


def all_groups(client: Any) -> Iterator[list[SecurityGroup]]:
    """Every security group of the region, page by page. Raises ServiceError."""
    position: dict[str, str] = {}
    while True:
        with translating("read the inbound rules"):
            answer = client.describe_security_groups(MaxResults=PAGE_SIZE, **position)
        yield [to_security_group(each) for each in answer.get("SecurityGroups", ())]
        following = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
        if not following or following == position:
            return
        position = following


def remove_rule(client: Any, rule: InboundRule) -> bool:
    """Remove one rule; whether it was there. Raises ServiceError, also if it stays."""

    def look(_: object) -> Done[None] | Look:
        return Look.NOT_DONE if _is_there(client, rule) else Done(None)

    try:
        with translating(f"remove the rule for {rule.source} from {rule.group_id}"):
            settled(
                lambda: client.revoke_security_group_ingress(
                    GroupId=rule.group_id, IpPermissions=[inbound.revocation(rule)]
                ),
                look,
                how_to_look="Press w to see the inbound rules that there are.",
            )
    except ServiceError as error:
        if error.code in _NOT_THERE:
            return False
        raise
    # EC2 answers a revocation that matches nothing with success.
    if _is_there(client, rule):
        raise ServiceError(
            f"The rule for {rule.source} is still in {rule.group_id}.",
            cause="EC2 answered that it was removed, and lists it still.",
            hint="Remove it in the console: EC2, security groups.",
            kind=ErrorKind.CONFLICT,
        )
    return True


def _is_there(client: Any, rule: InboundRule) -> bool:
    try:
        groups = read_groups(client, [rule.group_id])
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return False
        raise
    return inbound.still_there(rule, groups)
