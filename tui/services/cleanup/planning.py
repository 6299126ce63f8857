"""Make a plan: look at each marked resource as it is now, count, and say what will happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from tui.services.cleanup.buckets import count_bucket, read_bucket
from tui.services.cleanup.database_planning import (
    instance_step,
    read_alarms,
    rule_step,
    snapshot_step,
    table_step,
)
from tui.services.cleanup.models import Kind, Resource
from tui.services.cleanup.plan import Counting, Plan, PlanEvent, Planned
from tui.services.cleanup.step import BucketCount, Options, Step, unread
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.cleanup.uploads import read_uploads
from tui.services.cloudwatch import Alarm
from tui.services.errors import ErrorKind, ServiceError

_NOT_LOOKED_AT = "It was not looked at: the count was stopped."


async def make_plan(
    stores: Stores, resources: Sequence[Resource], tunables: Tunables, stop: asyncio.Event
) -> AsyncIterator[PlanEvent]:
    """Progress, then the plan. Setting `stop` ends the counting early: what was not counted to
    its end is "more than", what was not looked at is left out."""
    steps: list[Step] = []
    alarms: tuple[Alarm, ...] | None = None
    alarms_read = False
    for position, resource in enumerate(resources, 1):
        if stop.is_set():
            steps.append(Step(resource, None, unreadable=_NOT_LOOKED_AT))
            continue
        yield Counting(resource.ref, 0, 0, position, len(resources))
        if resource.kind is Kind.BUCKET:
            async for counted in _bucket_step(stores, resource, tunables, stop):
                if isinstance(counted, Step):
                    steps.append(counted)
                    continue
                yield Counting(
                    resource.ref, counted.entries, counted.size_bytes, position, len(resources)
                )
        elif resource.kind is Kind.TABLE:
            if not alarms_read:
                alarms, alarms_read = await read_alarms(stores), True
            steps.append(await table_step(stores, resource, alarms))
        elif resource.kind is Kind.INSTANCE:
            steps.append(await instance_step(stores, resource, resources))
        elif resource.kind is Kind.UPLOADS:
            steps.append(await _uploads_step(stores, resource, tunables, stop))
        elif resource.kind is Kind.RULE:
            steps.append(await rule_step(stores, resource))
        elif resource.kind is Kind.SNAPSHOT:
            steps.append(await snapshot_step(stores, resource))
        else:
            steps.append(Step(resource, None))
    yield Planned(Plan(stores.connection, tuple(steps), tunables.cap_count, tunables.cap_bytes))


async def _bucket_step(
    stores: Stores, resource: Resource, tunables: Tunables, stop: asyncio.Event
) -> AsyncIterator[BucketCount | Step]:
    count: BucketCount | None = None
    try:
        if resource.region not in (None, stores.connection.region):
            raise ServiceError(f"It is in {resource.region}.", kind=ErrorKind.INVALID)
        resource = await read_bucket(stores, resource)
        async for count in count_bucket(stores, resource, tunables, stop):
            yield count
    except ServiceError as error:
        yield unread(resource, error)
        return
    yield Step(resource, count)


async def _uploads_step(
    stores: Stores, resource: Resource, tunables: Tunables, stop: asyncio.Event
) -> Step:
    try:
        facts = await read_uploads(stores, resource.name, tunables, stop)
    except ServiceError as error:
        return unread(resource, error)
    if not facts.all.count and facts.complete:
        return Step(resource, None, gone=True)
    # Somebody may be uploading now.
    return Step(resource, facts, Options(only_stale=bool(facts.recent.count)))
