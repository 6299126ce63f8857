"""Delete a DynamoDB table, wait until it is gone, then what it leaves behind."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.cleanup.database_inventory import table_resource
from tui.services.cleanup.guarded_deletion import GuardedDeletion
from tui.services.cleanup.models import Resource
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, Result
from tui.services.cleanup.step import TableFacts
from tui.services.cloudwatch import ScalingTarget
from tui.services.dynamodb import Recovery
from tui.services.errors import ServiceError
from tui.services.quantities import counted


async def remove_table(removal: Removal) -> Outcome:
    """Raises ServiceError for what nobody here can say better."""
    ended = await _TableDeletion(removal).run()
    return ended if isinstance(ended, Outcome) else await _leftovers(removal, ended)


class _TableDeletion(GuardedDeletion):
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


async def _leftovers(removal: Removal, result: Result) -> Outcome:
    """Alarms and scaling targets; each failure is told, none hides another."""
    facts = removal.step.facts
    if not isinstance(facts, TableFacts):
        return removal.ended(result)
    if removal.stop.is_set():
        removal.remains += _left_names(removal)
        return removal.ended(Result.STOPPED, problem="Stopped before its alarms were deleted.")
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
            Result.PARTLY,
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
