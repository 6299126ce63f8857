"""Manual RDS snapshots on the sandbox: found, planned, removed."""

from __future__ import annotations

from tests.services.cleanup.runs import as_if_for_another, carry_out, instance, make_plan
from tests.services.cleanup.sdk import Sdk
from tests.services.cleanup.test_instances import create, snapshot
from tui.services.cleanup import CleanupService, Found, Resource, ResourceKind, StepResult
from tui.services.cleanup.sentences import what_goes, what_stays


def marked(name: str) -> Resource:
    return Resource(ResourceKind.SNAPSHOT, name, "us-east-1")


def left(sdk: Sdk) -> list[str]:
    rows = sdk.client("rds").describe_db_snapshots()["DBSnapshots"]
    return [row["DBSnapshotIdentifier"] for row in rows]


async def test_a_snapshot_says_what_it_keeps_and_how_much(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    kept = snapshot(sdk, name)

    events = [event async for event in cleanup.inventory()]

    (found,) = [
        event.resource
        for event in events
        if isinstance(event, Found) and event.resource.name == kept
    ]
    assert found.kind is ResourceKind.SNAPSHOT
    assert found.size_bytes == 20 * 1024**3
    assert f"of {name}" in found.about
    assert found.identity
    assert found.protections == ()


async def test_a_snapshot_goes_alone(cleanup: CleanupService, sdk: Sdk) -> None:
    name = create(sdk)
    kept, other = snapshot(sdk, name), snapshot(sdk, name)
    plan = await make_plan(cleanup, marked(kept))
    assert plan.confirmation == kept
    assert what_goes(plan.steps[0]) == ("Deletes the snapshot; its data cannot be brought back.",)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.DELETED
    assert kept not in left(sdk)
    assert other in left(sdk)


async def test_an_instance_and_its_snapshot_go_together_and_nothing_is_said_to_stay(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    kept = snapshot(sdk, name)

    plan = await make_plan(cleanup, instance(name), marked(kept))

    assert not any("manual" in sentence for sentence in what_stays(plan.steps[0]))


async def test_a_snapshot_that_was_made_anew_since_is_left_alone(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    kept = snapshot(sdk, create(sdk))
    plan = as_if_for_another(await make_plan(cleanup, marked(kept)))

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.LEFT
    assert kept in left(sdk)


async def test_a_snapshot_that_is_gone_is_said_to_be_gone(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    kept = snapshot(sdk, create(sdk))
    plan = await make_plan(cleanup, marked(kept))
    sdk.client("rds").delete_db_snapshot(DBSnapshotIdentifier=kept)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.GONE
    assert (await make_plan(cleanup, marked(kept))).steps[0].gone
