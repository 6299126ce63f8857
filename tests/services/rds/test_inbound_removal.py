"""Rules that are removed again, on the sandbox's EC2 and on one that lies."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faulty import ServiceRequest, behind, refusal
from tests.local_server import Answer
from tests.services.rds.instances import instance
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, Instance, RdsService
from tui.services.rds.inbound import ANYWHERE_V4, ANYWHERE_V6, is_ours, revocation


@pytest.fixture
def rds(account: Account) -> Iterator[RdsService]:
    service = RdsService(account)
    yield service
    service.close()


@pytest.fixture
def one(account: Account) -> Instance:
    """An instance with a security group of its own; only the group is real."""
    ec2 = account.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    name = f"group-{uuid.uuid4().hex[:8]}"
    group = ec2.create_security_group(GroupName=name, Description="test", VpcId=vpc)
    return instance(VpcSecurityGroups=[{"VpcSecurityGroupId": group["GroupId"]}])


async def rules(rds: RdsService, one: Instance) -> list[InboundRule]:
    return [rule for group in await rds.inbound_rules(one) for rule in group.rules]


async def test_what_was_opened_to_the_world_is_closed_again(
    rds: RdsService, one: Instance, tmp_path: Path
) -> None:
    await rds.open_postgres(one, [ANYWHERE_V4, ANYWHERE_V6, "203.0.113.7"])
    found = await rules(rds, one)
    assert all(is_ours(rule) for rule in found)

    for rule in found:
        if rule.source in {ANYWHERE_V4, ANYWHERE_V6}:
            assert await rds.close_inbound(rule)

    assert [rule.source for rule in await rules(rds, one)] == ["203.0.113.7/32"]
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    removed = [line for line in lines if line["operation"] == "RevokeSecurityGroupIngress"]
    assert [line["target"]["GroupId"] for line in removed] == [one.security_groups[0]] * 2
    assert "from 0.0.0.0/0" in str(removed[0]["target"])


async def test_a_rule_of_somebody_else_is_told_apart_and_can_be_removed_too(
    rds: RdsService, one: Instance, account: Account
) -> None:
    theirs: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 6000}
    theirs["IpRanges"] = [{"CidrIp": "198.51.100.0/24", "Description": "office"}]
    account.client("ec2").authorize_security_group_ingress(
        GroupId=one.security_groups[0], IpPermissions=[theirs]
    )
    (rule,) = await rules(rds, one)
    assert not is_ours(rule)

    assert await rds.close_inbound(rule)
    assert await rules(rds, one) == []


async def test_a_rule_that_is_gone_already_is_said_to_be(rds: RdsService, one: Instance) -> None:
    rule = InboundRule(one.security_groups[0], "tcp", 5432, 5432, "203.0.113.7/32", "")

    assert not await rds.close_inbound(rule)


async def test_a_revocation_that_changed_nothing_is_not_believed(
    sandbox: SandboxInfo, audit: AuditLog, rds: RdsService, one: Instance
) -> None:
    await rds.open_postgres(one, [ANYWHERE_V4])
    (rule,) = await rules(rds, one)

    def lie(request: ServiceRequest) -> Answer | None:
        if not request.asks("RevokeSecurityGroupIngress"):
            return None
        return Answer(
            200,
            "<RevokeSecurityGroupIngressResponse><return>true</return>"
            "</RevokeSecurityGroupIngressResponse>",
        )

    with behind(sandbox, lie, audit) as account:
        service = RdsService(account)
        with pytest.raises(ServiceError, match="is still in"):
            await service.close_inbound(rule)
        service.close()


async def test_a_refused_revocation_is_an_error_with_its_permission(
    sandbox: SandboxInfo, audit: AuditLog, one: Instance
) -> None:
    def deny(request: ServiceRequest) -> Answer | None:
        if not request.asks("RevokeSecurityGroupIngress"):
            return None
        return refusal(request, 403, "UnauthorizedOperation")

    rule = InboundRule(one.security_groups[0], "tcp", 5432, 5432, "203.0.113.7/32", "")
    with behind(sandbox, deny, audit) as account:
        service = RdsService(account)
        with pytest.raises(ServiceError) as caught:
            await service.close_inbound(rule)
        service.close()
    assert caught.value.kind is ErrorKind.DENIED
    assert "RevokeSecurityGroupIngress" in caught.value.hint


async def test_read_only_removes_nothing(read_only_account: Account, one: Instance) -> None:
    service = RdsService(read_only_account)
    rule = InboundRule(one.security_groups[0], "tcp", 5432, 5432, "203.0.113.7/32", "")
    with pytest.raises(ServiceError) as caught:
        await service.close_inbound(rule)
    service.close()
    assert caught.value.kind is ErrorKind.READ_ONLY


@pytest.mark.parametrize(
    ("source", "field", "key"),
    [
        ("203.0.113.0/24", "IpRanges", "CidrIp"),
        ("2001:db8::/64", "Ipv6Ranges", "CidrIpv6"),
        ("sg-0123", "UserIdGroupPairs", "GroupId"),
        ("pl-0123", "PrefixListIds", "PrefixListId"),
    ],
)
def test_a_revocation_names_the_rule_exactly(source: str, field: str, key: str) -> None:
    rule = InboundRule("sg-1", "tcp", 5432, 5433, source, "any")
    ports = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5433}

    assert revocation(rule) == ports | {field: [{key: source}]}


def test_a_rule_for_every_port_is_revoked_without_ports() -> None:
    rule = InboundRule("sg-1", "-1", None, None, "0.0.0.0/0", "")

    assert revocation(rule) == {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
