"""DynamoDB tables on the sandbox, with their alarms and scaling targets."""

from __future__ import annotations

import asyncio

from tests.faulty import ServiceRequest
from tests.local_server import Answer
from tests.services.cleanup.runs import (
    as_if_for_another,
    carry_out,
    cleanup_behind,
    make_plan,
    remove,
    table,
    with_options,
)
from tests.services.cleanup.sdk import Sdk, unique
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.cleanup import CleanupService, ProtectionKind, StepResult
from tui.services.cleanup.sentences import what_goes, what_stays
from tui.services.cleanup.step import TableFacts


async def test_a_table_goes_with_the_alarms_that_watch_only_it(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name, other = sdk.table(), sdk.table()
    own = [f"{name}-alarm-{number}" for number in range(7)]
    for alarm in own:
        sdk.alarm(alarm, name)
    tracking = f"TargetTracking-table/{name}-AlarmHigh-12345678-1234-1234-1234-123456789abc"
    sdk.alarm(tracking, name)
    foreign, shared = unique("foreign"), unique("shared")
    sdk.alarm(foreign, other)
    sdk.alarm(shared, name, other)

    plan = await make_plan(cleanup, table(name))

    facts = plan.steps[0].facts
    assert isinstance(facts, TableFacts)
    assert facts.alarms == tuple(sorted([*own, tracking]))
    assert facts.shared_alarms == (shared,)
    assert f"that also watch other things stay: {shared}." in what_stays(plan.steps[0])[0]

    report, _ = await carry_out(cleanup, plan)

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.DELETED
    assert "Deleted 8 alarms." in outcome.did
    left = sdk.alarms()
    assert not set(left) & {*own, tracking}
    assert {foreign, shared} <= set(left)
    assert not sdk.has_table(name)


async def test_scaling_targets_of_the_table_and_its_indexes_are_deregistered(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = unique("scaled")
    throughput = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    sdk.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ProvisionedThroughput=throughput,
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-id",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": throughput,
            }
        ],
    )
    scaling = sdk.client("application-autoscaling")
    for resource, kind in ((f"table/{name}", "table"), (f"table/{name}/index/by-id", "index")):
        scaling.register_scalable_target(
            ServiceNamespace="dynamodb",
            ResourceId=resource,
            ScalableDimension=f"dynamodb:{kind}:ReadCapacityUnits",
            MinCapacity=1,
            MaxCapacity=5,
        )

    plan = await make_plan(cleanup, table(name))
    assert "Deletes 2 scaling targets." in what_goes(plan.steps[0])
    report, _ = await carry_out(cleanup, plan)

    assert "Deregistered 2 scaling targets." in report.outcomes[0].did
    left = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert [row for row in left if name in row["ResourceId"]] == []


async def test_deletion_protection_is_lifted_only_when_chosen(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.table(DeletionProtectionEnabled=True)
    plan = await make_plan(cleanup, table(name))
    assert plan.steps[0].blocked == ("Deletion protection is on.",)
    assert sdk.has_table(name)

    lifted = with_options(
        plan, plan.steps[0], lifted=frozenset({ProtectionKind.DELETION_PROTECTION})
    )
    assert what_goes(lifted.steps[0])[0] == "Turns deletion protection off."
    report, _ = await carry_out(cleanup, lifted)

    assert report.outcomes[0].result is StepResult.DELETED
    assert not sdk.has_table(name)


async def test_a_table_counts_its_items_and_warns_of_the_backup_that_stays(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.table()
    sdk.client("dynamodb").put_item(TableName=name, Item={"id": {"N": "1"}})
    sdk.client("dynamodb").update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    plan = await make_plan(cleanup, table(name))

    assert plan.count == 1
    assert what_goes(plan.steps[0])[0].startswith("Deletes the table: 1 item, ")
    assert what_stays(plan.steps[0]) == (
        "A free system backup stays for 35 days (point-in-time recovery is on).",
    )


async def test_a_table_that_was_made_anew_is_left_alone(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.table()
    plan = as_if_for_another(await make_plan(cleanup, table(name)))

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.LEFT
    assert sdk.has_table(name)


async def test_a_table_that_is_gone_still_loses_its_alarms(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.table()
    alarm = unique("alarm")
    sdk.alarm(alarm, name)
    plan = await make_plan(cleanup, table(name))
    sdk.client("dynamodb").delete_table(TableName=name)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.GONE
    assert alarm not in sdk.alarms()


async def test_a_stop_before_the_start_touches_nothing(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.table()
    plan = await make_plan(cleanup, table(name))
    stop = asyncio.Event()
    stop.set()

    report, _ = await carry_out(cleanup, plan, stop)

    assert report.outcomes[0].result is StepResult.STOPPED
    assert sdk.has_table(name)


async def test_several_go_at_once(cleanup: CleanupService, sdk: Sdk) -> None:
    names = [sdk.table() for _ in range(6)]

    outcomes = await remove(cleanup, *(table(name) for name in names))

    assert {outcome.result for outcome in outcomes} == {StepResult.DELETED}
    assert [outcome.ref.name for outcome in outcomes] == names


async def test_one_bad_alarm_does_not_keep_the_others(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.table()
    good, bad = unique("good"), unique("bad")
    sdk.alarm(good, name)
    sdk.alarm(bad, name)

    def intercept(request: ServiceRequest) -> Answer | None:
        if b"DeleteAlarms" not in request.body + str(dict(request.headers)).encode():
            return None
        if bad.encode() not in request.body:
            return None
        return Answer(
            400,
            '{"__type":"AccessDeniedException","message":"not that one"}',
            {"x-amzn-query-error": "AccessDenied;Sender"},
        )

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, table(name))

    assert outcome.result is StepResult.PARTLY
    assert outcome.remains == (f"The alarm {bad}.",)
    left = sdk.alarms()
    assert bad in left
    assert good not in left
