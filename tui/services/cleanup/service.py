"""The cleanup service: inventory -> plan -> apply -> report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from tui.services.aws import Account, Connection
from tui.services.blocking import BlockingPool
from tui.services.cleanup.buckets import buckets
from tui.services.cleanup.database_inventory import (
    cluster_snapshots,
    clusters,
    inbound_rules,
    instances,
    snapshots,
    tables,
)
from tui.services.cleanup.models import InventoryBegins, InventoryEvent, Ref, Resource
from tui.services.cleanup.plan import CleanupPlan, PlanEvent, duplicate_snapshots
from tui.services.cleanup.planning import choose_snapshot, make_plan
from tui.services.cleanup.report import ApplyEvent, Report, save_report
from tui.services.cleanup.run import apply_plan
from tui.services.cleanup.stores import Stores, Tunables
from tui.services.cloudwatch import CloudWatchService
from tui.services.dynamodb import DynamoService
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import RdsService
from tui.services.s3 import S3Service

_READ_ONLY_HINT = (
    "Start without --read-only, or with a profile that is not marked read-only, to clean up."
)


class CleanupService:
    """What is in the account's region, and its removal. Every method raises ServiceError."""

    def __init__(
        self,
        account: Account,
        *,
        s3: S3Service,
        rds: RdsService,
        dynamodb: DynamoService,
        cloudwatch: CloudWatchService,
        tunables: Tunables | None = None,
    ) -> None:
        self.account = account
        self.tunables = tunables or Tunables()
        self._s3 = s3
        self._rds = rds
        self._dynamodb = dynamodb
        self._cloudwatch = cloudwatch
        self._pool = BlockingPool("cleanup", size=1)

    async def inventory(self) -> AsyncIterator[InventoryEvent]:
        """Everything in this region as it is found, the connection first; every page of everything.

        A part that is denied is one `PartUnknown` event and hides nothing else.
        """
        here = await self._stores()
        yield InventoryBegins(here.connection)
        async for event in _inventory(here, self.tunables):
            yield event

    async def plan(
        self, resources: Sequence[Resource], stop: asyncio.Event, *, at: Connection | None = None
    ) -> AsyncIterator[PlanEvent]:
        """Count what will go; the last event is `Planned`. Changes nothing.

        `at` is where the inventory was made: elsewhere, CHANGED is raised.
        """
        here = await self._stores()
        if at is not None:
            _refuse_elsewhere(at, here)
        async for event in make_plan(here, resources, self.tunables, stop):
            yield event

    async def with_snapshot(self, plan: CleanupPlan, ref: Ref, name: str) -> CleanupPlan:
        """The plan with a final snapshot of that name for one instance, after a look whether the
        name is taken (then the step says so and is left out)."""
        here = await self._stores()
        _refuse_elsewhere(plan.connection, here)
        steps = [
            await choose_snapshot(here, step, name) if step.ref == ref else step
            for step in plan.steps
        ]
        return replace(plan, steps=tuple(steps))

    async def apply(
        self, plan: CleanupPlan, *, typed: str, override: str | None = None, stop: asyncio.Event
    ) -> AsyncIterator[ApplyEvent]:
        """Do it; the last event is `PlanApplied` with the report.

        `typed` must be the plan's confirmation, and `override` its second word if it has one.
        Raises READ_ONLY, INVALID (not confirmed) or CHANGED (the account, region or endpoint is
        another by now) before anything is sent.
        """
        self._refuse_if_read_only()
        _refuse_unconfirmed(plan, typed, override)
        here = await self._stores()
        _refuse_elsewhere(plan.connection, here)
        async for event in apply_plan(here, plan, self.tunables, stop):
            yield event

    async def save(self, report: Report, path: Path) -> Path:
        """Write the report to a new file and give its path, with `~` resolved; EXISTS rather
        than overwrite one."""
        return await self._pool.run(save_report, report, path)

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()

    async def _stores(self) -> Stores:
        connection = await self.account.connect()
        return Stores(connection, self._s3, self._rds, self._dynamodb, self._cloudwatch)

    def _refuse_if_read_only(self) -> None:
        if self.account.read_only:
            raise ServiceError(
                "Read-only mode: nothing is deleted.",
                hint=_READ_ONLY_HINT,
                kind=ErrorKind.READ_ONLY,
            )


_DATABASES = (instances, snapshots, clusters, cluster_snapshots, tables, inbound_rules)


async def _inventory(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Events of all kinds as they come; ends when every part is done or unknown."""
    events: asyncio.Queue[InventoryEvent | None] = asyncio.Queue()
    parts = [part(stores) for part in _DATABASES]
    parts.append(buckets(stores, tunables))

    async def forward(part: AsyncIterator[InventoryEvent]) -> None:
        try:
            async for event in part:
                events.put_nowait(event)
        finally:
            events.put_nowait(None)

    tasks = [asyncio.create_task(forward(part)) for part in parts]
    try:
        running = len(tasks)
        while running:
            event = await events.get()
            if event is None:
                running -= 1
            else:
                yield event
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _refuse_elsewhere(planned: Connection, here: Stores) -> None:
    if not planned.same_place(here.connection):
        raise ServiceError(
            "The account, region or endpoint is another one now; nothing was done.",
            cause=f"It was {planned.sentence}; it is {here.connection.sentence}.",
            hint="Switch back, or refresh the inventory and mark again.",
            kind=ErrorKind.CHANGED,
        )


def _refuse_unconfirmed(plan: CleanupPlan, typed: str, override: str | None) -> None:
    problem = ""
    if not plan.ready:
        problem = "The plan has nothing to do."
    elif typed != plan.confirmation:
        problem = f"Not confirmed: type {plan.confirmation} to go on."
    elif override != plan.override:
        problem = f"{plan.override_reason} Type {plan.override} to go on."
    elif duplicate_snapshots(plan.steps):
        problem = "Two instances ask for a final snapshot of the same name."
    if problem:
        raise ServiceError(problem, kind=ErrorKind.INVALID)
