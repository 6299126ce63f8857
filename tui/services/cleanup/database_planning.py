"""Steps of a plan for instances, snapshots, inbound rules and tables: each looked at as it is now,
with what goes and stays with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tui.services.cleanup.database_inventory import (
    instance_resource,
    rule_name,
    snapshot_resource,
    table_resource,
)
from tui.services.cleanup.models import Kind, Resource
from tui.services.cleanup.plan import default_options
from tui.services.cleanup.step import InstanceFacts, Step, TableFacts, unread
from tui.services.cleanup.stores import Stores
from tui.services.cloudwatch import Alarm, ScalingTarget, watching
from tui.services.dynamodb import TableInfo
from tui.services.errors import ServiceError
from tui.services.rds import InboundRule, Instance

# What may not be read is None in the facts, and shown as unknown in the plan: not knowing what
# stays need not stop the deletion.


async def instance_step(stores: Stores, resource: Resource, going: Sequence[Resource]) -> Step:
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
        snapshots = tuple(name for name in snapshots if (Kind.SNAPSHOT, name) not in removed)
    if rules is not None:
        rules = tuple(name for name in rules if (Kind.RULE, name) not in removed)
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
        groups = await stores.rds.inbound_rules(instance, at=stores.connection)
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
    try:
        await stores.rds.describe_snapshot(name, at=stores.connection)
        taken = frozenset({name})
    except ServiceError:
        # Not found, or not permitted to look: RDS itself refuses a name that exists.
        taken = frozenset()
    facts = step.facts
    if isinstance(facts, InstanceFacts):
        facts = replace(facts, snapshot_taken=taken)
    return replace(step, facts=facts, options=replace(step.options, final_snapshot=name))


async def snapshot_step(stores: Stores, resource: Resource) -> Step:
    """A manual snapshot: nothing stays of it."""
    try:
        snapshot = await stores.rds.describe_snapshot(resource.name, at=stores.connection)
    except ServiceError as error:
        return unread(resource, error)
    return Step(snapshot_resource(snapshot, stores.region), None)


async def rule_step(stores: Stores, resource: Resource) -> Step:
    """An inbound rule: it is there or gone."""
    rule = resource.detail
    try:
        there = isinstance(rule, InboundRule) and await stores.rds.has_inbound(
            rule, at=stores.connection
        )
    except ServiceError as error:
        return unread(resource, error)
    return Step(resource, None, gone=not there)


async def read_alarms(stores: Stores) -> tuple[Alarm, ...] | None:
    """Every alarm of the region that watches a table; None if they may not be listed."""
    try:
        return await stores.cloudwatch.table_alarms(at=stores.connection)
    except ServiceError:
        return None


async def table_step(stores: Stores, resource: Resource, alarms: tuple[Alarm, ...] | None) -> Step:
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
