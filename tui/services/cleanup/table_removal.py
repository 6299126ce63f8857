"""Delete a DynamoDB table, wait until it is gone, then what it leaves behind."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.cleanup.guarded_deletion import GuardedDeletion
from tui.services.cleanup.models import Resource
from tui.services.cleanup.other_inventory import read_table
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, Result
from tui.services.cleanup.step import TableFacts
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
        return await read_table(self.removal.stores, self.removal.name)

    async def lift_protection(self) -> None:
        await self.removal.stores.call(
            "dynamodb",
            "update_table",
            f"turn the deletion protection of {self.removal.name} off",
            TableName=self.removal.name,
            DeletionProtectionEnabled=False,
        )

    def is_lifted(self, now: Resource) -> bool:
        return now.state == "ACTIVE"

    async def delete(self) -> str:
        name = self.removal.name
        await self.removal.stores.call(
            "dynamodb", "delete_table", f"delete the table {name}", TableName=name
        )
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
    if facts.point_in_time:
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
        f"The scaling target {resource} {dimension}." for resource, dimension in facts.scaling or ()
    ]


async def _delete_alarms(removal: Removal, names: Sequence[str]) -> list[ServiceError]:
    problems: list[ServiceError] = []
    deleted = 0
    size = removal.tunables.alarm_page
    for start in range(0, len(names), size):
        batch = names[start : start + size]
        removal.progress("deleting alarms", deleted, len(names))
        try:
            await _delete_alarm_batch(removal, batch)
            deleted += len(batch)
        except ServiceError:
            # One bad name fails a whole batch: look into single ones only now.
            for name in batch:
                try:
                    await _delete_alarm_batch(removal, [name])
                    deleted += 1
                except ServiceError as error:
                    problems.append(error)
                    removal.remains.append(f"The alarm {name}.")
    if deleted:
        removal.did.append(f"Deleted {counted(deleted, 'alarm')}.")
    return problems


async def _delete_alarm_batch(removal: Removal, names: Sequence[str]) -> None:
    try:
        await removal.stores.call(
            "cloudwatch",
            "delete_alarms",
            f"delete the alarms of {removal.name}",
            AlarmNames=list(names),
        )
    except ServiceError as error:
        # DynamoDB's own auto scaling may have been quicker.
        if len(names) > 1 or error.code not in {"ResourceNotFound", "ResourceNotFoundException"}:
            raise


async def _deregister(removal: Removal, targets: Sequence[tuple[str, str]]) -> list[ServiceError]:
    problems: list[ServiceError] = []
    done = 0
    for resource, dimension in targets:
        try:
            await removal.stores.call(
                "application-autoscaling",
                "deregister_scalable_target",
                f"deregister the scaling target {resource} {dimension}",
                ServiceNamespace="dynamodb",
                ResourceId=resource,
                ScalableDimension=dimension,
            )
        except ServiceError as error:
            if error.code != "ObjectNotFoundException":
                problems.append(error)
                removal.remains.append(f"The scaling target {resource} {dimension}.")
                continue
        done += 1
    if done:
        removal.did.append(f"Deregistered {counted(done, 'scaling target')}.")
    return problems
