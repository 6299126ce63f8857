"""Delete an RDS instance and wait until it is gone."""

from __future__ import annotations

from tui.services.cleanup.guarded_deletion import GuardedDeletion
from tui.services.cleanup.models import InstanceDetail, Resource
from tui.services.cleanup.other_inventory import read_instance
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, Result
from tui.services.cleanup.sentences import rules_left
from tui.services.cleanup.step import InstanceFacts
from tui.services.errors import ServiceError


async def remove_instance(removal: Removal) -> Outcome:
    """Raises ServiceError for what nobody here can say better."""
    ended = await _InstanceDeletion(removal).run()
    if isinstance(ended, Outcome):
        return ended
    return removal.ended(ended) if ended is Result.GONE else await _gone(removal)


class _InstanceDeletion(GuardedDeletion):
    SERVICE = "RDS"
    NOUN = "instance"
    BUSY_HINT = "Wait until it is available (or start it), then make a new plan."

    async def read(self) -> Resource:
        return await read_instance(self.removal.stores, self.removal.name)

    async def lift_protection(self) -> None:
        # Without ApplyImmediately: this setting never waits, and other pending changes must.
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
        await self.removal.stores.call(
            "rds",
            "modify_db_instance",
            f"turn the deletion protection of {self.removal.name} off",
            DBInstanceIdentifier=self.removal.name,
            DeletionProtection=False,
        )

    def is_lifted(self, now: Resource) -> bool:
        return isinstance(now.detail, InstanceDetail) and not now.detail.deletion_protection

    async def delete(self) -> str:
        snapshot = self.removal.step.options.final_snapshot
        choice: dict[str, object] = {"SkipFinalSnapshot": True}
        if snapshot is not None:
            choice = {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": snapshot}
        await self.removal.stores.call(
            "rds",
            "delete_db_instance",
            f"delete the instance {self.removal.name}",
            DBInstanceIdentifier=self.removal.name,
            DeleteAutomatedBackups=True,
            **choice,
        )
        return "Asked RDS to delete the instance and its automated backups."


async def _gone(removal: Removal) -> Outcome:
    snapshot = removal.step.options.final_snapshot
    if snapshot is not None:
        removal.remains.append(await _snapshot(removal, snapshot))
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


async def _snapshot(removal: Removal, name: str) -> str:
    try:
        answer = await removal.stores.call(
            "rds",
            "describe_db_snapshots",
            f"look at the snapshot {name}",
            DBSnapshotIdentifier=name,
        )
    except ServiceError as error:
        return f"The final snapshot {name}: unknown ({error.code or error.message})."
    rows = answer.get("DBSnapshots", [])
    status = rows[0].get("Status", "unknown") if rows else "not listed"
    return f"The final snapshot {name}, {status} (it costs)."
