"""What the cleanup screen holds at each stage, with a service that answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from tui.screens.cleanup.model import Cleanup, Stage
from tui.services.aws import Connection
from tui.services.cleanup import (
    ApplyEvent,
    BucketCount,
    CleanupPlan,
    CleanupService,
    Counting,
    Found,
    InventoryBegins,
    InventoryEvent,
    Outcome,
    PartDone,
    PlanApplied,
    PlanEvent,
    Planned,
    Report,
    Resource,
    ResourceKind,
    Step,
    StepEnded,
    StepProgress,
    StepResult,
)
from tui.services.errors import ErrorKind, ServiceError

HERE = Connection()
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def bucket(name: str) -> Resource:
    return Resource(ResourceKind.BUCKET, name, "us-east-1")


@dataclass
class Scripted:
    """Answers like the service: an inventory of buckets, a plan, a run."""

    names: list[str] = field(default_factory=lambda: ["a", "b"])
    fails: ServiceError | None = None
    hold: asyncio.Event | None = None
    """Holds the count and the run between two events."""
    planned: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)

    async def inventory(self) -> AsyncIterator[InventoryEvent]:
        yield InventoryBegins(HERE)
        if self.fails is not None:
            raise self.fails
        for name in self.names:
            yield Found(bucket(name))
        for kind in ResourceKind:
            yield PartDone(kind)

    async def plan(
        self, resources: Sequence[Resource], stop: asyncio.Event, *, at: Connection
    ) -> AsyncIterator[PlanEvent]:
        assert at is HERE
        self.planned = [each.name for each in resources]
        yield Counting(resources[0].ref, 3, 3, 1, len(resources))
        if self.hold is not None:
            await self.hold.wait()
        if self.fails is not None:
            raise self.fails
        steps = tuple(Step(each, BucketCount(objects=1)) for each in resources)
        yield Planned(CleanupPlan(HERE, steps, 100, 100))

    async def apply(
        self, plan: CleanupPlan, *, typed: str, override: str | None, stop: asyncio.Event
    ) -> AsyncIterator[ApplyEvent]:
        self.typed.append(typed)
        if self.fails is not None:
            raise self.fails
        outcomes = tuple(Outcome(step.ref, StepResult.DELETED) for step in plan.steps)
        for outcome in outcomes:
            yield StepProgress(outcome.ref, "deleting", done=1, total=2)
            if self.hold is not None:
                await self.hold.wait()
            yield StepEnded(outcome)
        yield PlanApplied(Report(HERE, WHEN, WHEN, outcomes, stopped=stop.is_set()))


@dataclass
class Screen:
    """Stands for the view: counts how often it was told that something changed."""

    told: int = 0

    def changed(self) -> None:
        self.told += 1


async def model(service: Scripted, screen: Screen | None = None) -> Cleanup:
    found = Cleanup(cast("CleanupService", service), (screen or Screen()).changed)
    await found.read()
    return found


async def planned(service: Scripted) -> Cleanup:
    found = await model(service)
    await found.make_plan(found.targets(found.inventory.lines()[0]))
    return found


async def test_the_view_is_told_of_every_resource_that_is_found() -> None:
    screen = Screen()
    found = await model(Scripted(), screen)
    assert found.inventory.complete
    assert screen.told >= len(found.inventory.resources) + len(ResourceKind)


async def test_marks_stay_on_what_is_still_there_when_it_is_read_again() -> None:
    service = Scripted()
    found = await model(service)
    found.mark_all()
    service.names.remove("b")
    await found.read()
    assert [ref.name for ref in found.marked] == ["a"]


async def test_all_is_marked_or_nothing() -> None:
    found = await model(Scripted())
    cluster = Resource(ResourceKind.CLUSTER, "c", "us-east-1")
    found.inventory.take(Found(cluster))
    found.mark_all()
    assert {ref.name for ref in found.marked} == {"a", "b", "c"}
    found.mark_all()
    assert found.marked == set()


async def test_the_plan_is_about_what_is_marked_in_the_order_of_the_screen() -> None:
    service = Scripted(["b", "a"])
    found = await model(service)
    found.mark_all()
    await found.make_plan(found.targets(None))
    assert service.planned == ["a", "b"]
    assert found.stage is Stage.PLAN
    assert [step.resource.name for step in found.steps] == ["a", "b"]


async def test_without_marks_the_plan_is_about_the_row_under_the_cursor() -> None:
    found = await model(Scripted())
    assert [each.name for each in found.targets(bucket("b"))] == ["b"]
    assert found.targets(None) == []


async def test_an_inventory_that_fails_says_so_and_claims_nothing() -> None:
    service = Scripted(fails=ServiceError("No.", kind=ErrorKind.CREDENTIALS))
    found = Cleanup(cast("CleanupService", service), Screen().changed)
    with pytest.raises(ServiceError):
        await found.read()
    assert not found.inventory.empty
    assert found.inventory.summary() == "What is in this region is unknown. r tries again."


async def test_a_plan_that_fails_leads_back_to_the_inventory_with_its_marks() -> None:
    service = Scripted()
    found = await model(service)
    found.mark_all()
    service.fails = ServiceError("No.")
    with pytest.raises(ServiceError):
        await found.make_plan(found.targets(None))
    assert found.stage is Stage.INVENTORY
    assert len(found.marked) == 2


async def test_a_plan_that_is_dropped_while_it_is_counted_never_comes() -> None:
    service = Scripted(hold=asyncio.Event())
    found = await model(service)
    counting = asyncio.create_task(found.make_plan([bucket("a")]))
    while found.counting is None:
        await asyncio.sleep(0)
    found.drop_plan()
    assert service.hold is not None
    service.hold.set()
    await counting
    assert found.stage is Stage.INVENTORY
    assert found.plan is None


async def test_stopping_the_count_takes_back_the_wish_to_confirm() -> None:
    service = Scripted(hold=asyncio.Event())
    found = await model(service)
    counting = asyncio.create_task(found.make_plan([bucket("a")]))
    while found.counting is None:
        await asyncio.sleep(0)
    found.confirm_when_ready = True
    found.stop()
    assert service.hold is not None
    service.hold.set()
    await counting
    assert found.stage is Stage.PLAN
    assert not found.confirm_when_ready


async def test_another_choice_changes_the_plan_and_sends_nothing() -> None:
    found = await planned(Scripted())
    step = found.steps[0]
    found.choose(step.ref, replace(step.options, only_empty=True))
    assert found.steps[0].options.only_empty


async def test_a_run_keeps_how_each_resource_ended_and_a_report() -> None:
    service = Scripted()
    found = await planned(service)
    await found.run("a", None)
    assert service.typed == ["a"]
    assert found.stage is Stage.REPORT
    assert found.ended == 1
    assert found.report is not None
    assert found.outcome == "1 resource: 1 deleted."


async def test_a_run_that_is_refused_deleted_nothing_and_has_a_way_back() -> None:
    service = Scripted()
    found = await planned(service)
    service.fails = ServiceError("Another place.", kind=ErrorKind.CHANGED)
    with pytest.raises(ServiceError):
        await found.run("a", None)
    assert found.stage is Stage.REPORT
    assert found.report is None
    assert found.outcome == "Nothing was deleted."
    assert found.last_run == ""


async def test_a_run_that_is_cancelled_says_that_it_ended_early() -> None:
    service = Scripted()
    found = await planned(service)
    service.hold = asyncio.Event()
    run = asyncio.create_task(found.run("a", None))
    while not found.progress:
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert found.stage is Stage.REPORT
    assert "ended early" in found.outcome


async def test_leaving_the_report_forgets_the_plan_and_keeps_what_the_run_did() -> None:
    found = await planned(Scripted())
    found.mark_all()
    await found.run("a", None)
    found.leave_report()
    assert found.stage is Stage.INVENTORY
    assert found.marked == set()
    assert found.steps == ()
    assert found.last_run == "Last run: 1 resource: 1 deleted."


async def test_another_account_forgets_marks_and_plan_but_never_a_run() -> None:
    service = Scripted(hold=asyncio.Event())
    found = await model(service)
    found.mark_all()
    found.forget()
    assert found.marked == set()
    assert service.hold is not None
    service.hold.set()
    await found.make_plan([bucket("a")])
    service.hold.clear()
    run = asyncio.create_task(found.run("a", None))
    while not found.progress:
        await asyncio.sleep(0)
    found.forget()
    assert found.stage is Stage.RUN
    service.hold.set()
    await run
    assert found.report is not None
