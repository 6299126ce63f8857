"""Apply a plan: every step by itself, several at once, progress as it comes, then the report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime

from tui.services.cleanup.bucket_removal import remove_bucket
from tui.services.cleanup.cluster_removal import remove_cluster
from tui.services.cleanup.database_removal import (
    remove_inbound_rule,
    remove_instance,
    remove_snapshot,
    remove_table,
)
from tui.services.cleanup.models import ResourceKind
from tui.services.cleanup.plan import CleanupPlan
from tui.services.cleanup.removal import Allowance, Removal
from tui.services.cleanup.report import (
    ApplyEvent,
    Outcome,
    PlanApplied,
    Report,
    StepEnded,
    StepResult,
)
from tui.services.cleanup.step import Step
from tui.services.cleanup.stores import Stores, Tunables
from tui.services.cleanup.uploads import remove_uploads
from tui.services.errors import ServiceError
from tui.services.rds import Instance

_REMOVERS: dict[ResourceKind, Callable[[Removal], Awaitable[Outcome]]] = {
    ResourceKind.BUCKET: remove_bucket,
    ResourceKind.INSTANCE: remove_instance,
    ResourceKind.SNAPSHOT: remove_snapshot,
    ResourceKind.CLUSTER: remove_cluster,
    ResourceKind.CLUSTER_SNAPSHOT: remove_snapshot,
    ResourceKind.TABLE: remove_table,
    ResourceKind.UPLOADS: remove_uploads,
    ResourceKind.RULE: remove_inbound_rule,
}
_AT_ONCE = {
    ResourceKind.INSTANCE: 8,
    ResourceKind.CLUSTER: 4,
    ResourceKind.SNAPSHOT: 4,
    ResourceKind.TABLE: 4,
}


async def apply_plan(
    stores: Stores, plan: CleanupPlan, tunables: Tunables, stop: asyncio.Event
) -> AsyncIterator[ApplyEvent]:
    """Progress and outcomes as they come; the report last.

    Setting `stop` ends it after the calls under way; what was not begun is said to be stopped.
    """
    began = datetime.now(UTC)
    events: asyncio.Queue[ApplyEvent | None] = asyncio.Queue()
    run = _Run(stores, plan, tunables, stop, events)
    groups = [asyncio.create_task(run.group(steps, size)) for steps, size in run.groups()]
    everything = asyncio.gather(*groups)
    everything.add_done_callback(lambda ended: _tell(ended, events))
    try:
        while (event := await events.get()) is not None:
            yield event
        await everything
    finally:
        for group in groups:
            group.cancel()
    outcomes = {outcome.ref: outcome for outcome in run.outcomes}
    yield PlanApplied(
        Report(
            connection=plan.connection,
            began=began,
            ended=datetime.now(UTC),
            outcomes=tuple(outcomes[step.ref] for step in plan.steps),
            stopped=stop.is_set(),
        )
    )


def _tell(ended: asyncio.Future[list[None]], events: asyncio.Queue[ApplyEvent | None]) -> None:
    if not ended.cancelled():
        # If the run was given up nothing else reads it, and asyncio would log a lost error.
        ended.exception()
    events.put_nowait(None)


class _Run:
    def __init__(
        self,
        stores: Stores,
        plan: CleanupPlan,
        tunables: Tunables,
        stop: asyncio.Event,
        events: asyncio.Queue[ApplyEvent | None],
    ) -> None:
        self.stores = stores
        self.plan = plan
        self.tunables = tunables
        self.stop = stop
        self.events = events
        self.outcomes: list[Outcome] = []
        self.allowance = _allowance(plan)

    def groups(self) -> list[tuple[list[list[Step]], int]]:
        """What runs side by side, each as (batches of steps, steps at once); a batch begins when
        the one before it has ended."""
        of = {
            kind: [s for s in self.plan.steps if s.resource.kind is kind] for kind in ResourceKind
        }
        # Deleting a source before its replica makes the replica an instance of its own first.
        replicas = [step for step in of[ResourceKind.INSTANCE] if _is_replica(step)]
        sources = [step for step in of[ResourceKind.INSTANCE] if not _is_replica(step)]
        return [
            ([of[ResourceKind.UPLOADS], of[ResourceKind.BUCKET]], self.tunables.buckets_at_once),
            ([replicas, sources], _AT_ONCE[ResourceKind.INSTANCE]),
            ([of[ResourceKind.SNAPSHOT]], _AT_ONCE[ResourceKind.SNAPSHOT]),
            ([of[ResourceKind.TABLE]], _AT_ONCE[ResourceKind.TABLE]),
            # Snapshots first: the report of a cluster names those that stay.
            (
                [of[ResourceKind.CLUSTER_SNAPSHOT], of[ResourceKind.CLUSTER]],
                _AT_ONCE[ResourceKind.CLUSTER],
            ),
            ([of[ResourceKind.RULE]], 1),
        ]

    async def group(self, batches: Sequence[Sequence[Step]], size: int) -> None:
        limit = asyncio.Semaphore(size)

        async def one(step: Step) -> None:
            async with limit:
                outcome = await self._remove(step)
                self.outcomes.append(outcome)
                self.events.put_nowait(StepEnded(outcome))

        for batch in batches:
            async with asyncio.TaskGroup() as tasks:
                for step in batch:
                    tasks.create_task(one(step))

    async def _remove(self, step: Step) -> Outcome:
        if not step.ready:
            result = StepResult.GONE if step.gone else StepResult.LEFT
            return Outcome(step.ref, result, problem="" if step.gone else " ".join(step.blocked))
        removal = Removal(
            self.stores, step, self.tunables, self.stop, self.events.put_nowait, self.allowance
        )
        if self.stop.is_set():
            return removal.ended(StepResult.STOPPED, problem="Stopped before it was begun.")
        try:
            return await _REMOVERS[step.resource.kind](removal)
        except ServiceError as error:
            return removal.failed(error)


def _allowance(plan: CleanupPlan) -> Allowance:
    """What buckets may lose without the override: the cap, less what the tables take of it."""
    if plan.over_cap:
        return Allowance()
    tables = [step.resource for step in plan.ready if step.resource.kind is ResourceKind.TABLE]
    return Allowance(
        plan.cap_count - sum(table.count or 0 for table in tables),
        plan.cap_bytes - sum(table.size_bytes or 0 for table in tables),
    )


def _is_replica(step: Step) -> bool:
    detail = step.resource.detail
    return isinstance(detail, Instance) and detail.replica_of is not None
