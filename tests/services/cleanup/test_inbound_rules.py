"""Inbound rules that were added with the application: found, offered, removed."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.faulty import ServiceRequest, refusal
from tests.local_server import Answer
from tests.services.cleanup.runs import carry_out, cleanup_behind, cleanup_of, make_plan
from tests.services.cleanup.sdk import Sdk
from tests.services.rds.instances import instance
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cleanup import (
    CleanupService,
    Found,
    PartUnknown,
    Resource,
    ResourceKind,
    StepResult,
)
from tui.services.cleanup.sentences import amounts, what_goes
from tui.services.rds import RdsService


@pytest.fixture
async def group(account: Account) -> AsyncIterator[str]:
    """A group with a rule that was added here, for an instance that is gone, and one that was
    not."""
    ec2 = account.connection.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    name = f"group-{uuid.uuid4().hex[:8]}"
    group_id = str(ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc)["GroupId"])
    theirs: Any = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    theirs["IpRanges"] = [{"CidrIp": "10.0.0.0/8", "Description": "office"}]
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[theirs])
    rds = RdsService(account)
    await rds.security_groups.open_postgres(
        instance(VpcSecurityGroups=[{"VpcSecurityGroupId": group_id}]), ["0.0.0.0/0"]
    )
    yield group_id
    rds.close()
    ec2.delete_security_group(GroupId=group_id)


async def found(cleanup: CleanupService, group_id: str) -> list[Resource]:
    return [
        event.resource
        async for event in cleanup.inventory()
        if isinstance(event, Found)
        and event.resource.kind is ResourceKind.RULE
        and group_id in event.resource.name
    ]


def sources(sdk: Sdk, group_id: str) -> list[str]:
    answer = sdk.client("ec2").describe_security_groups(GroupIds=[group_id])
    permissions = answer["SecurityGroups"][0]["IpPermissions"]
    return [row["CidrIp"] for each in permissions for row in each["IpRanges"]]


async def test_only_rules_that_were_added_here_are_listed_and_removed(
    cleanup: CleanupService, sdk: Sdk, group: str
) -> None:
    (rule,) = await found(cleanup, group)
    assert rule.name.startswith("0.0.0.0/0 tcp ")

    plan = await make_plan(cleanup, rule)

    assert plan.confirmation == "remove 1"
    assert amounts(plan) == ("1 inbound rule",)
    assert "0.0.0.0/0 may no longer connect" in what_goes(plan.steps[0])[0]
    report, _ = await carry_out(cleanup, plan)
    assert report.outcomes[0].result is StepResult.DELETED
    assert sources(sdk, group) == ["10.0.0.0/8"]
    assert await found(cleanup, group) == []


async def test_a_rule_that_went_meanwhile_is_gone(
    cleanup: CleanupService, sdk: Sdk, group: str
) -> None:
    (rule,) = await found(cleanup, group)
    plan = await make_plan(cleanup, rule)
    await carry_out(cleanup, plan)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.GONE
    assert (await make_plan(cleanup, rule)).steps[0].gone


async def test_rules_that_may_not_be_read_are_unknown(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    def deny(request: ServiceRequest) -> Answer | None:
        asks = request.asks("DescribeSecurityGroups")
        return refusal(request, 403, "UnauthorizedOperation") if asks else None

    with cleanup_behind(sandbox, audit, deny) as cleanup:
        events = [event async for event in cleanup.inventory()]

    (unknown,) = [event for event in events if isinstance(event, PartUnknown)]
    assert unknown.kind is ResourceKind.RULE
    assert unknown.sentence == "Unknown: access denied"


async def test_read_only_finds_rules_and_removes_none(
    read_only_account: Account, sdk: Sdk, group: str
) -> None:
    with cleanup_of(read_only_account) as service:
        (rule,) = await found(service, group)
    assert "0.0.0.0/0" in rule.name
    assert "0.0.0.0/0" in sources(sdk, group)
