"""Make a plan: look at each marked resource as it is now, count, and say what will happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tui.services.cleanup.buckets import count_bucket, read_bucket
from tui.services.cleanup.cluster_inventory import snapshot_resource
from tui.services.cleanup.cluster_planning import cluster_step
from tui.services.cleanup.database_inventory import (
    instance_resource,
    rule_name,
    table_resource,
)
from tui.services.cleanup.models import Resource, ResourceKind
from tui.services.cleanup.plan import CleanupPlan, Counting, PlanEvent, Planned, default_options
from tui.services.cleanup.step import BucketCount, InstanceFacts, Options, Step, TableFacts, unread
from tui.services.cleanup.stores import Stores, Tunables
from tui.services.cleanup.uploads import read_uploads
from tui.services.cloudwatch import Alarm, ScalingTarget, watching
from tui.services.dynamodb import TableInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, Instance

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
        if resource.kind is ResourceKind.BUCKET:
            async for counted in _bucket_step(stores, resource, tunables, stop):
                if isinstance(counted, Step):
                    steps.append(counted)
                    continue
                yield Counting(
                    resource.ref, counted.entries, counted.size_bytes, position, len(resources)
                )
        elif resource.kind is ResourceKind.TABLE:
            if not alarms_read:
                alarms, alarms_read = await _read_alarms(stores), True
            steps.append(await _table_step(stores, resource, alarms))
        elif resource.kind is ResourceKind.UPLOADS:
            steps.append(await _uploads_step(stores, resource, tunables, stop))
        else:
            steps.append(await _database_step(stores, resource, resources))
    yield Planned(
        CleanupPlan(stores.connection, tuple(steps), tunables.cap_count, tunables.cap_bytes)
    )


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


# -- databases ----------------------------------------------------------------------------
#
# What may not be read is None in the facts and shown as unknown in the plan: not knowing what stays
# need not stop the deletion.


async def _database_step(stores: Stores, resource: Resource, going: Sequence[Resource]) -> Step:
    """The step for something of RDS. `going` is all that the plan removes."""
    if resource.kind is ResourceKind.INSTANCE:
        return await _instance_step(stores, resource, going)
    if resource.kind is ResourceKind.CLUSTER:
        return await cluster_step(stores, resource, going)
    if resource.kind is ResourceKind.RULE:
        return await _rule_step(stores, resource)
    return await _snapshot_step(stores, resource)


async def _instance_step(stores: Stores, resource: Resource, going: Sequence[Resource]) -> Step:
    """`going` is all that the plan removes: snapshots and rules among it do not stay."""
    try:
        instance = await stores.rds.describe(resource.name, at=stores.connection)
    except ServiceError as error:
        return unread(resource, error)
    snapshots, rules = await asyncio.gather(
        _manual_snapshots(stores, instance), _rules_of_port(stores, instance)
    )
    removed = {(each.kind, each.name) for each in going}
    if snapshots is not None:
        snapshots = tuple(
            name for name in snapshots if (ResourceKind.SNAPSHOT, name) not in removed
        )
    if rules is not None:
        rules = tuple(name for name in rules if (ResourceKind.RULE, name) not in removed)
    now = instance_resource(instance, stores.region)
    options = default_options(now, datetime.now(UTC))
    return Step(now, InstanceFacts(snapshots, rules), options)


async def _manual_snapshots(stores: Stores, instance: Instance) -> tuple[str, ...] | None:
    pages = stores.rds.list_snapshots(of=instance.identifier, at=stores.connection)
    try:
        return tuple(sorted([each.name async for page in pages for each in page]))
    except ServiceError:
        return None


async def _rules_of_port(stores: Stores, instance: Instance) -> tuple[str, ...] | None:
    """The rules that were made for exactly the instance's port: nothing removes them with it."""
    port = instance.port
    if port is None:
        return ()
    try:
        groups = await stores.rds.security_groups.of(instance, at=stores.connection)
    except ServiceError:
        return None
    return tuple(
        rule_name(rule)
        for group in groups
        for rule in group.rules
        if rule.from_port == rule.to_port == port and "/" in rule.source
    )


async def choose_snapshot(stores: Stores, step: Step, name: str) -> Step:
    """The step with a final snapshot of that name, after asking whether the name is free."""
    of_cluster = step.resource.kind is ResourceKind.CLUSTER
    describe = stores.rds.clusters.describe_snapshot if of_cluster else stores.rds.describe_snapshot
    try:
        await describe(name, at=stores.connection)
        taken = frozenset({name})
    except ServiceError:
        # Not found, or not permitted to look: RDS itself refuses a name that exists.
        taken = frozenset()
    facts = step.facts
    if isinstance(facts, InstanceFacts):
        facts = replace(facts, snapshot_taken=taken)
    return replace(step, facts=facts, options=replace(step.options, final_snapshot=name))


async def _snapshot_step(stores: Stores, resource: Resource) -> Step:
    """A manual snapshot: nothing stays of it."""
    of_cluster = resource.kind is ResourceKind.CLUSTER_SNAPSHOT
    describe = stores.rds.clusters.describe_snapshot if of_cluster else stores.rds.describe_snapshot
    try:
        snapshot = await describe(resource.name, at=stores.connection)
    except ServiceError as error:
        return unread(resource, error)
    return Step(snapshot_resource(snapshot, stores.region), None)


async def _rule_step(stores: Stores, resource: Resource) -> Step:
    """An inbound rule: it is there or gone."""
    rule = resource.detail
    try:
        there = isinstance(rule, InboundRule) and await stores.rds.security_groups.has(
            rule, at=stores.connection
        )
    except ServiceError as error:
        return unread(resource, error)
    return Step(resource, None, gone=not there)


async def _read_alarms(stores: Stores) -> tuple[Alarm, ...] | None:
    """Every alarm of the region that watches a table; None if they may not be listed."""
    try:
        return await stores.cloudwatch.table_alarms(at=stores.connection)
    except ServiceError:
        return None


async def _table_step(stores: Stores, resource: Resource, alarms: tuple[Alarm, ...] | None) -> Step:
    """`alarms` are all of the region's, read once for a plan."""
    try:
        table = await stores.dynamodb.describe(
            resource.name, with_recovery=True, at=stores.connection
        )
    except ServiceError as error:
        return unread(resource, error)
    own, shared = (None, ()) if alarms is None else watching(alarms, table.name)
    facts = TableFacts(own, shared, await _scaling(stores, table), table.recovery)
    return Step(table_resource(table, stores.region), facts)


async def _scaling(stores: Stores, table: TableInfo) -> tuple[ScalingTarget, ...] | None:
    indexes = [index.name for index in table.indexes if index.is_global]
    try:
        return await stores.cloudwatch.scaling_targets(table.name, indexes, at=stores.connection)
    except ServiceError:
        return None
