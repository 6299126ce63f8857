"""Make a plan: look at each marked resource as it is now, count, and say what will happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tui.services.cleanup.buckets import count_bucket, read_bucket
from tui.services.cleanup.inbound_rules import is_there, open_to, rule_name
from tui.services.cleanup.models import InstanceDetail, Kind, Resource, TableDetail, reason
from tui.services.cleanup.other_inventory import read_instance, read_table
from tui.services.cleanup.plan import Counting, Plan, PlanEvent, Planned, default_options
from tui.services.cleanup.rds_snapshots import read_snapshot
from tui.services.cleanup.step import BucketCount, InstanceFacts, Options, Step, TableFacts
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.table_alarms import Alarms, alarms_of, read_alarms, read_scaling
from tui.services.cleanup.tunables import Tunables
from tui.services.cleanup.uploads import read_uploads
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule

_NOT_LOOKED_AT = "It was not looked at: the count was stopped."


async def make_plan(
    stores: Stores, resources: Sequence[Resource], tunables: Tunables, stop: asyncio.Event
) -> AsyncIterator[PlanEvent]:
    """Progress, then the plan. Setting `stop` ends the counting early: what was not counted to
    its end is "more than", what was not looked at is left out."""
    steps: list[Step] = []
    alarms: Alarms | ServiceError | None = None
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
            if alarms is None:
                alarms = await _alarms(stores, tunables)
            steps.append(await _table_step(stores, resource, alarms))
        elif resource.kind is Kind.INSTANCE:
            steps.append(await _instance_step(stores, resource, tunables, resources))
        elif resource.kind is Kind.UPLOADS:
            steps.append(await _uploads_step(stores, resource, tunables, stop))
        elif resource.kind is Kind.RULE:
            steps.append(await _rule_step(stores, resource))
        elif resource.kind is Kind.SNAPSHOT:
            steps.append(await _snapshot_step(stores, resource))
        else:
            steps.append(Step(resource, None))
    yield Planned(Plan(stores.connection, tuple(steps), tunables.cap_count, tunables.cap_bytes))


def _unread(resource: Resource, error: ServiceError) -> Step:
    if error.kind is ErrorKind.NOT_FOUND:
        return Step(resource, None, gone=True)
    return Step(resource, None, unreadable=f"It could not be looked at: {reason(error)}.")


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
        yield _unread(resource, error)
        return
    yield Step(resource, count)


async def _instance_step(
    stores: Stores, resource: Resource, tunables: Tunables, going: Sequence[Resource]
) -> Step:
    """`going` is all that the plan removes: snapshots and rules among it do not stay."""
    try:
        now = await read_instance(stores, resource.name)
    except ServiceError as error:
        return _unread(resource, error)
    snapshots, open_to = await asyncio.gather(
        _manual_snapshots(stores, resource.name, tunables), _open_to(stores, now)
    )
    removed = {(each.kind, each.name) for each in going}
    if snapshots is not None:
        snapshots = tuple(name for name in snapshots if (Kind.SNAPSHOT, name) not in removed)
    if open_to is not None:
        open_to = tuple(name for name in open_to if (Kind.RULE, name) not in removed)
    options = default_options(now, datetime.now(UTC))
    return Step(now, InstanceFacts(snapshots, open_to), options)


async def _snapshot_step(stores: Stores, resource: Resource) -> Step:
    try:
        return Step(await read_snapshot(stores, resource.name), None)
    except ServiceError as error:
        return _unread(resource, error)


async def _open_to(stores: Stores, instance: Resource) -> tuple[str, ...] | None:
    """The rules that were made for the instance's port: nothing removes them with it."""
    detail = instance.detail
    if not isinstance(detail, InstanceDetail) or not detail.security_groups or not detail.port:
        return ()
    try:
        rules = await open_to(stores, detail.security_groups, detail.port)
    except ServiceError:
        # Shown as unknown in the plan.
        return None
    return tuple(map(rule_name, rules))


async def _uploads_step(
    stores: Stores, resource: Resource, tunables: Tunables, stop: asyncio.Event
) -> Step:
    try:
        facts = await read_uploads(stores, resource.name, tunables, stop)
    except ServiceError as error:
        return _unread(resource, error)
    if not facts.all.count and facts.complete:
        return Step(resource, None, gone=True)
    # Somebody may be uploading now.
    return Step(resource, facts, Options(only_stale=bool(facts.recent.count)))


async def _rule_step(stores: Stores, resource: Resource) -> Step:
    try:
        gone = not isinstance(resource.detail, InboundRule) or not await is_there(
            stores, resource.detail
        )
    except ServiceError as error:
        return _unread(resource, error)
    return Step(resource, None, gone=gone)


async def _manual_snapshots(
    stores: Stores, name: str, tunables: Tunables
) -> tuple[str, ...] | None:
    found: list[str] = []
    try:
        async for page in stores.pages(
            "rds",
            "describe_db_snapshots",
            f"list the snapshots of {name}",
            tokens={"Marker": "Marker"},
            DBInstanceIdentifier=name,
            SnapshotType="manual",
            MaxRecords=tunables.rds_page,
        ):
            found += [str(row["DBSnapshotIdentifier"]) for row in page.get("DBSnapshots", [])]
    except ServiceError:
        # Not knowing what stays is said in the plan; it need not stop the deletion.
        return None
    return tuple(sorted(found))


async def choose_snapshot(stores: Stores, step: Step, name: str) -> Step:
    """The step with a final snapshot of that name, after asking whether the name is free."""
    taken: frozenset[str] = frozenset()
    try:
        await stores.call(
            "rds",
            "describe_db_snapshots",
            f"look for a snapshot {name}",
            DBSnapshotIdentifier=name,
        )
        taken = frozenset({name})
    except ServiceError:
        # Not found, or not permitted to look: RDS itself refuses a name that exists.
        taken = frozenset()
    facts = step.facts
    if isinstance(facts, InstanceFacts):
        facts = replace(facts, snapshot_taken=taken)
    return replace(step, facts=facts, options=replace(step.options, final_snapshot=name))


async def _alarms(stores: Stores, tunables: Tunables) -> Alarms | ServiceError:
    try:
        return await read_alarms(stores, tunables)
    except ServiceError as error:
        return error


async def _table_step(stores: Stores, resource: Resource, alarms: Alarms | ServiceError) -> Step:
    try:
        now = await read_table(stores, resource.name)
    except ServiceError as error:
        return _unread(resource, error)
    own: tuple[str, ...] | None = None
    shared: tuple[str, ...] = ()
    if not isinstance(alarms, ServiceError):
        own, shared = alarms_of(alarms, resource.name)
    scaling, recovery = await asyncio.gather(_scaling(stores, now), _recovery(stores, now.name))
    return Step(now, TableFacts(own, shared, scaling, recovery), Options())


async def _scaling(stores: Stores, table: Resource) -> tuple[tuple[str, str], ...] | None:
    indexes = table.detail.indexes if isinstance(table.detail, TableDetail) else ()
    try:
        return await read_scaling(stores, table.name, indexes)
    except ServiceError:
        # Shown as unknown in the plan.
        return None


async def _recovery(stores: Stores, table: str) -> bool | None:
    try:
        answer = await stores.call(
            "dynamodb",
            "describe_continuous_backups",
            f"read the backups of {table}",
            TableName=table,
        )
    except ServiceError:
        # Shown as unknown in the plan.
        return None
    description = answer["ContinuousBackupsDescription"]
    recovery = description.get("PointInTimeRecoveryDescription") or {}
    return recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
