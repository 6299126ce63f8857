"""Delete instances, snapshots and tables, and wait until they are gone; remove inbound rules."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.cleanup.cluster_inventory import snapshot_resource
from tui.services.cleanup.database_inventory import instance_resource, table_resource
from tui.services.cleanup.deletion import ResourceDeletion
from tui.services.cleanup.models import Resource, ResourceKind
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, StepResult
from tui.services.cleanup.sentences import rules_left
from tui.services.cleanup.step import InstanceFacts, TableFacts
from tui.services.cloudwatch import ScalingTarget
from tui.services.dynamodb import Recovery
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.rds import InboundRule, RdsService
from tui.services.rds.clusters import Clusters


async def remove_instance(removal: Removal) -> Outcome:
    """Raises ServiceError for every error that is no outcome of this step."""
    ended = await _InstanceDeletion(removal).run()
    if isinstance(ended, Outcome):
        return ended
    return removal.ended(ended) if ended is StepResult.GONE else await _instance_gone(removal)


class _InstanceDeletion(ResourceDeletion):
    SERVICE = "RDS"
    NOUN = "instance"
    BUSY_HINT = "Wait until it is available (or start it), then make a new plan."

    async def read(self) -> Resource:
        instance = await self.stores.rds.describe(self.removal.name, at=self.stores.connection)
        return instance_resource(instance, self.stores.region)

    async def turn_protection_off(self) -> None:
        await self.stores.rds.turn_protection_off(self.removal.name, at=self.stores.connection)

    async def delete(self) -> str:
        await self.stores.rds.delete(
            self.removal.name,
            final_snapshot=self.removal.step.options.final_snapshot,
            at=self.stores.connection,
        )
        return "Asked RDS to delete the instance and its automated backups."


async def _instance_gone(removal: Removal) -> Outcome:
    snapshot = removal.step.options.final_snapshot
    if snapshot is not None:
        removal.remains.append(await final_snapshot(removal, snapshot))
    snapshots_left(removal)
    facts = removal.step.facts
    if isinstance(facts, InstanceFacts):
        if facts.open_to is None:
            removal.remains.append("Inbound rules for its port, if there are any.")
        elif facts.open_to:
            removal.remains.append(rules_left(facts.open_to))
    return removal.ended(StepResult.DELETED)


def snapshots_left(removal: Removal) -> None:
    """Name the manual snapshots that stay of an instance or a cluster."""
    facts = removal.step.facts
    if not isinstance(facts, InstanceFacts):
        return
    if facts.manual_snapshots is None:
        removal.remains.append("Manual snapshots, if there are any (they cost).")
    removal.remains += [
        f"The manual snapshot {name} (it costs)." for name in facts.manual_snapshots or ()
    ]


async def final_snapshot(removal: Removal, name: str) -> str:
    """What has become of the final snapshot, as a sentence."""
    try:
        snapshot = await _rds_of(removal).describe_snapshot(name, at=removal.stores.connection)
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return f"The final snapshot {name}: not listed."
        return f"The final snapshot {name}: unknown ({error.code or error.message})."
    return f"The final snapshot {name}, {snapshot.status or 'unknown'} (it costs)."


def _rds_of(removal: Removal) -> RdsService | Clusters:
    """The part of RDS's service that finds snapshots: those of instances and of clusters are asked
    for in different ways."""
    rds = removal.stores.rds
    of_cluster = removal.step.resource.kind in {ResourceKind.CLUSTER, ResourceKind.CLUSTER_SNAPSHOT}
    return rds.clusters if of_cluster else rds


async def remove_snapshot(removal: Removal) -> Outcome:
    """Raises ServiceError for every error that is no outcome of this step."""
    ended = await _SnapshotDeletion(removal).run()
    return ended if isinstance(ended, Outcome) else removal.ended(ended)


class _SnapshotDeletion(ResourceDeletion):
    SERVICE = "RDS"
    NOUN = "snapshot"
    BUSY_HINT = "Wait until it is available, then make a new plan."

    async def read(self) -> Resource:
        rds = _rds_of(self.removal)
        snapshot = await rds.describe_snapshot(self.removal.name, at=self.stores.connection)
        return snapshot_resource(snapshot, self.stores.region)

    async def turn_protection_off(self) -> None:
        raise AssertionError("snapshots have no deletion protection")

    async def delete(self) -> str:
        rds = _rds_of(self.removal)
        await rds.delete_snapshot(self.removal.name, at=self.stores.connection)
        return "Asked RDS to delete the snapshot."


async def remove_inbound_rule(removal: Removal) -> Outcome:
    """Raises ServiceError for every error that is no outcome of this step."""
    rule = removal.step.resource.detail
    if not isinstance(rule, InboundRule):
        raise TypeError("a rule is its own detail")
    removal.progress("removing the rule")
    stores = removal.stores
    if not await stores.rds.security_groups.remove(rule, at=stores.connection):
        return removal.ended(StepResult.GONE)
    removal.did.append(f"{rule.group_id} no longer lets in {rule.source} ({rule.ports}).")
    return removal.ended(StepResult.DELETED)


async def remove_table(removal: Removal) -> Outcome:
    """Raises ServiceError for every error that is no outcome of this step."""
    ended = await _TableDeletion(removal).run()
    return ended if isinstance(ended, Outcome) else await _leftovers(removal, ended)


class _TableDeletion(ResourceDeletion):
    SERVICE = "DynamoDB"
    NOUN = "table"
    BUSY_HINT = "Wait until the table is ACTIVE, then make a new plan."

    async def read(self) -> Resource:
        table = await self.stores.dynamodb.describe(self.removal.name, at=self.stores.connection)
        return table_resource(table, self.stores.region)

    async def turn_protection_off(self) -> None:
        stores = self.stores
        await stores.dynamodb.turn_protection_off(self.removal.name, at=stores.connection)

    def is_unprotected(self, now: Resource) -> bool:
        # DynamoDB refuses to delete a table that is UPDATING.
        return super().is_unprotected(now) and now.state == "ACTIVE"

    async def delete(self) -> str:
        await self.stores.dynamodb.delete_table(self.removal.name, at=self.stores.connection)
        return "Asked DynamoDB to delete the table."

    def while_it_goes(self) -> tuple[list[str], str]:
        hint = "Its alarms and scaling targets are still there. Refresh the inventory later."
        return _left_names(self.removal), hint


async def _leftovers(removal: Removal, result: StepResult) -> Outcome:
    """Alarms and scaling targets; each failure is told, none hides another."""
    facts = removal.step.facts
    if not isinstance(facts, TableFacts):
        return removal.ended(result)
    if removal.stop.is_set():
        removal.remains += _left_names(removal)
        return removal.ended(StepResult.STOPPED, problem="Stopped before its alarms were deleted.")
    problems = await _delete_alarms(removal, facts.alarms or ())
    problems += await _deregister(removal, facts.scaling or ())
    if facts.alarms is None:
        removal.remains.append("CloudWatch alarms, if there are any: they could not be listed.")
    if facts.scaling is None:
        removal.remains.append("Scaling targets, if there are any: they could not be listed.")
    if facts.recovery is Recovery.ON:
        removal.remains.append("A free system backup, for 35 days.")
    if problems:
        return removal.ended(
            StepResult.PARTLY,
            problem=problems[0].message,
            cause="\n".join(error.cause for error in problems),
            hint=problems[0].hint,
        )
    return removal.ended(result)


def _left_names(removal: Removal) -> list[str]:
    facts = removal.step.facts
    if not isinstance(facts, TableFacts):
        return []
    return [f"The alarm {name}." for name in facts.alarms or ()] + [
        f"The scaling target {target}." for target in facts.scaling or ()
    ]


async def _delete_alarms(removal: Removal, names: Sequence[str]) -> list[ServiceError]:
    problems: list[ServiceError] = []
    deleted = 0
    stores = removal.stores
    if names:
        removal.progress("deleting alarms", 0, len(names))
    async for batch in stores.cloudwatch.delete_alarms(names, at=stores.connection):
        deleted += len(batch.deleted)
        removal.progress("deleting alarms", deleted, len(names))
        problems += batch.refused.values()
        removal.remains += [f"The alarm {name}." for name in batch.refused]
    if deleted:
        removal.did.append(f"Deleted {counted(deleted, 'alarm')}.")
    return problems


async def _deregister(removal: Removal, targets: Sequence[ScalingTarget]) -> list[ServiceError]:
    problems: list[ServiceError] = []
    stores = removal.stores
    for target in targets:
        try:
            await stores.cloudwatch.deregister(target, at=stores.connection)
        except ServiceError as error:
            problems.append(error)
            removal.remains.append(f"The scaling target {target}.")
    done = len(targets) - len(problems)
    if done:
        removal.did.append(f"Deregistered {counted(done, 'scaling target')}.")
    return problems
