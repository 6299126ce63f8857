"""Delete an RDS instance or a manual snapshot and wait until it is gone; remove an inbound rule."""

from __future__ import annotations

from tui.services.cleanup.database_inventory import instance_resource, snapshot_resource
from tui.services.cleanup.guarded_deletion import GuardedDeletion
from tui.services.cleanup.models import Resource
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, Result
from tui.services.cleanup.sentences import rules_left
from tui.services.cleanup.step import InstanceFacts
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule


async def remove_instance(removal: Removal) -> Outcome:
    """Raises ServiceError for what nobody here can say better."""
    ended = await _InstanceDeletion(removal).run()
    if isinstance(ended, Outcome):
        return ended
    return removal.ended(ended) if ended is Result.GONE else await _instance_gone(removal)


class _InstanceDeletion(GuardedDeletion):
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
        removal.remains.append(await _final_snapshot(removal, snapshot))
    facts = removal.step.facts
    if isinstance(facts, InstanceFacts):
        if facts.manual_snapshots is None:
            removal.remains.append("Manual snapshots, if there are any (they cost).")
        removal.remains += [
            f"The manual snapshot {name} (it costs)." for name in facts.manual_snapshots or ()
        ]
        if facts.open_to is None:
            removal.remains.append("Inbound rules for its port, if there are any.")
        elif facts.open_to:
            removal.remains.append(rules_left(facts.open_to))
    return removal.ended(Result.DELETED)


async def _final_snapshot(removal: Removal, name: str) -> str:
    stores = removal.stores
    try:
        snapshot = await stores.rds.describe_snapshot(name, at=stores.connection)
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return f"The final snapshot {name}: not listed."
        return f"The final snapshot {name}: unknown ({error.code or error.message})."
    return f"The final snapshot {name}, {snapshot.status or 'unknown'} (it costs)."


async def remove_snapshot(removal: Removal) -> Outcome:
    """Raises ServiceError for what nobody here can say better."""
    ended = await _SnapshotDeletion(removal).run()
    return ended if isinstance(ended, Outcome) else removal.ended(ended)


class _SnapshotDeletion(GuardedDeletion):
    SERVICE = "RDS"
    NOUN = "snapshot"
    BUSY_HINT = "Wait until it is available, then make a new plan."

    async def read(self) -> Resource:
        snapshot = await self.stores.rds.describe_snapshot(
            self.removal.name, at=self.stores.connection
        )
        return snapshot_resource(snapshot, self.stores.region)

    async def turn_protection_off(self) -> None:
        raise AssertionError("snapshots have no deletion protection")

    async def delete(self) -> str:
        await self.stores.rds.delete_snapshot(self.removal.name, at=self.stores.connection)
        return "Asked RDS to delete the snapshot."


async def remove_inbound_rule(removal: Removal) -> Outcome:
    """Raises ServiceError for what nobody here can say better."""
    rule = removal.step.resource.detail
    if not isinstance(rule, InboundRule):
        raise TypeError("a rule is its own detail")
    removal.progress("removing the rule")
    stores = removal.stores
    if not await stores.rds.close_inbound(rule, at=stores.connection):
        return removal.ended(Result.GONE)
    removal.did.append(f"{rule.group_id} no longer lets in {rule.source} ({rule.ports}).")
    return removal.ended(Result.DELETED)
