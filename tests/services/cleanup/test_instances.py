"""RDS instances on the sandbox: snapshots, protection, replicas, cluster members."""

from __future__ import annotations

import pytest

from tests.services.cleanup.runs import (
    as_if_for_another,
    carry_out,
    instance,
    make_plan,
    remove,
    with_options,
)
from tests.services.cleanup.sdk import Sdk, unique
from tests.services.rds.samples import bare_instance, snapshot_by_hand
from tui.services.cleanup import CleanupService, ProtectionKind, StepResult
from tui.services.cleanup.sentences import what_goes, what_stays
from tui.services.errors import ServiceError


def create(sdk: Sdk, **more: object) -> str:
    return bare_instance(sdk.client("rds"), **more)


def snapshot(sdk: Sdk, instance: str) -> str:
    return snapshot_by_hand(sdk.client("rds"), instance)


def names(sdk: Sdk) -> list[str]:
    rows = sdk.client("rds").describe_db_instances()["DBInstances"]
    return [row["DBInstanceIdentifier"] for row in rows]


async def test_a_final_snapshot_is_planned_unless_chosen_otherwise(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    by_hand = snapshot(sdk, name)

    plan = await make_plan(cleanup, instance(name))

    (step,) = plan.steps
    final = step.options.final_snapshot
    assert final is not None
    assert final.startswith(f"final-{name}-")
    assert what_goes(step) == (
        "Deletes the instance with its 20 GiB of storage and its automated backups.",
    )
    assert what_stays(step) == (
        f"A final snapshot {final} is made; it stays, and is billed.",
        f"1 manual snapshot stays and is billed: {by_hand}.",
    )

    report, _ = await carry_out(cleanup, plan)

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.DELETED
    assert outcome.remains == (
        f"The final snapshot {final}, available (it costs).",
        f"The manual snapshot {by_hand} (it costs).",
    )
    assert name not in names(sdk)


async def test_who_is_let_in_to_its_port_is_told_because_it_stays(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    ec2 = sdk.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName=unique("sg"), Description="test", VpcId=vpc)
    for port in (3306, 22):
        ec2.authorize_security_group_ingress(
            GroupId=group["GroupId"],
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            CidrIp=f"0.0.{port % 7}.0/24",
        )
    name = create(sdk, VpcSecurityGroupIds=[group["GroupId"]], Port=3306)

    plan = await make_plan(cleanup, instance(name))
    told = f"1 inbound rule for its port: 0.0.{3306 % 7}.0/24 tcp 3306 {group['GroupId']}."
    assert f"Not removed: {told}" in what_stays(plan.steps[0])
    report, _ = await carry_out(cleanup, plan)

    assert told in report.outcomes[0].remains


async def test_without_a_final_snapshot_says_that_nothing_brings_it_back(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    plan = await make_plan(cleanup, instance(name))
    plan = with_options(plan, plan.steps[0], final_snapshot=None)
    assert "No final snapshot: the data cannot be brought back." in what_goes(plan.steps[0])

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.DELETED
    assert report.outcomes[0].remains == ()
    assert name not in names(sdk)


async def test_deletion_protection_is_lifted_only_when_chosen(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk, DeletionProtection=True)
    plan = await make_plan(cleanup, instance(name))
    assert plan.steps[0].blocked == ("Deletion protection is on.",)

    plan = with_options(
        plan,
        plan.steps[0],
        lifted=frozenset({ProtectionKind.DELETION_PROTECTION}),
        final_snapshot=None,
    )
    report, _ = await carry_out(cleanup, plan)

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.DELETED
    assert outcome.did[0] == "Turned deletion protection off."
    assert name not in names(sdk)


async def test_protection_that_was_turned_on_since_the_plan_is_respected(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    plan = await make_plan(cleanup, instance(name))
    sdk.client("rds").modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=True)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.LEFT
    assert name in names(sdk)


async def test_a_snapshot_name_is_checked_before_anything_is_sent(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    taken = unique("taken")
    sdk.client("rds").create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=taken)
    plan = await make_plan(cleanup, instance(name))

    bad = await cleanup.with_snapshot(plan, plan.steps[0].ref, "-no--good-")
    exists = await cleanup.with_snapshot(plan, plan.steps[0].ref, taken)
    good = await cleanup.with_snapshot(plan, plan.steps[0].ref, unique("free"))

    assert "A snapshot name begins with a letter." in bad.steps[0].blocked
    assert exists.steps[0].blocked == (f"A snapshot named {taken} exists already.",)
    assert good.steps[0].ready


async def test_two_instances_do_not_share_a_snapshot_name(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    plan = await make_plan(cleanup, instance(create(sdk)), instance(create(sdk)))
    for step in plan.steps:
        plan = with_options(plan, step, final_snapshot="same-name")

    with pytest.raises(ServiceError, match="same name"):
        await carry_out(cleanup, plan)


async def test_an_instance_that_went_meanwhile_is_fine(cleanup: CleanupService, sdk: Sdk) -> None:
    name = create(sdk)
    plan = await make_plan(cleanup, instance(name))
    sdk.client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.GONE


async def test_another_instance_of_the_same_name_is_left_alone(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    plan = as_if_for_another(await make_plan(cleanup, instance(name)))

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.LEFT
    assert name in names(sdk)


async def test_one_failure_hides_no_other(cleanup: CleanupService, sdk: Sdk) -> None:
    protected, free = create(sdk, DeletionProtection=True), create(sdk)

    outcomes = await remove(cleanup, instance(protected), instance(free))

    assert [outcome.result for outcome in outcomes] == [StepResult.LEFT, StepResult.DELETED]
    assert outcomes[0].problem == "Deletion protection is on."
