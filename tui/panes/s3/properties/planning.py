"""A change of many objects is planned by reading them: how far that is, and what it comes to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

from textual.app import ComposeResult

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object, S3Service, Unknown
from tui.services.s3.properties.models import ObjectProperties
from tui.services.s3.properties.property_changes import PlannedChange, PropertyChange, planned
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.safe_text import content, visible
from tui.widgets.text.steady_text import SteadyText

READ_AT_ONCE = 6

SHOWN = 6
"""Differences, notes and objects that a plan names of each; the rest are counted."""


class PlanningDialog(Dialog[list[PlannedChange]]):
    """Reads the objects, and answers what the change comes to on each."""

    def __init__(
        self,
        s3: S3Service,
        bucket: str,
        objects: Sequence[S3Object],
        change: PropertyChange,
        *,
        at: Connection,
    ) -> None:
        super().__init__("Reading")
        self._s3 = s3
        self._bucket = bucket
        self._objects = objects
        self._change = change
        self._at = at
        self._plans: list[PlannedChange] = []
        self._said = SteadyText("", id="counted")

    def compose_box(self) -> ComposeResult:
        yield self._said

    def on_mount(self) -> None:
        self._say()
        self.run_worker(self._read_all(), group="count", exclusive=True)

    def _say(self) -> None:
        if self._said.is_attached:
            done, total = len(self._plans), len(self._objects)
            text = f"{done:,} of {total:,} objects read. Nothing is changed; Esc leaves."
            self._said.update(content(text))

    async def _read_all(self) -> None:
        waiting = iter(self._objects)

        async def some() -> None:
            for each in waiting:
                found = await properties_or_gone(self._s3, self._bucket, each.key, at=self._at)
                self._plans.append(planned(found, self._change))
                self._say()

        readers = [asyncio.ensure_future(some()) for _ in range(READ_AT_ONCE)]
        try:
            await asyncio.gather(*readers)
        except ServiceError as error:
            self._said.update(content(str(error), "$text-error", multiline=True))
        else:
            self.dismiss(self._plans)
        finally:
            for each in readers:
                each.cancel()

    def action_leave(self) -> None:
        self.workers.cancel_node(self)
        self.dismiss(None)


async def properties_or_gone(
    s3: S3Service, bucket: str, key: str, *, at: Connection
) -> ObjectProperties:
    """The properties of an object; those of one that was deleted meanwhile are all unknown.

    Raises ServiceError if nothing can be asked.
    """
    try:
        return await s3.properties(bucket, key, at=at)
    except ServiceError as error:
        if error.kind is not ErrorKind.NOT_FOUND:
            raise
        gone = Unknown(error)
        return ObjectProperties(bucket, key, gone, gone, gone, gone, gone)


def plan_text(plans: Sequence[PlannedChange], where: str) -> str:
    """What a change comes to, before anything is sent."""
    todo = [each for each in plans if each.differences and not each.problem]
    written = [each for each in todo if each.rewrites]
    lines = [where, ""]
    if len(plans) == 1:
        lines += [visible(plans[0].key, edges=True)]
        lines += [f"  {visible(str(each))}" for each in plans[0].differences]
    else:
        lines += [f"{counted(len(todo), 'object')} changed:"]
        lines += _most(str(each) for plan in todo for each in plan.differences)
    if written:
        size = size_text(sum(each.size for each in written))
        lines += [
            "",
            f"{counted(len(written), 'object')} ({size}) written anew in place, by a copy on the "
            "server's side; the date of change becomes a new one.",
        ]
    notes = list(_most((note for plan in todo for note in plan.notes), counts=len(plans) > 1))
    lines += ["", *notes] if notes else []
    same = sum(each.is_done for each in plans)
    if same:
        lines += ["", f"{counted(same, 'object')} left: so already."]
    refused = [each for each in plans if each.problem]
    if refused:
        lines += ["", f"{counted(len(refused), 'object')} left, because it cannot be done:"]
        lines += [f"  {visible(each.key)}: {visible(each.problem)}" for each in refused[:SHOWN]]
        if len(refused) > SHOWN:
            lines.append(f"  … and {len(refused) - SHOWN:,} more")
    return "\n".join(lines)


def _most(said: Iterable[str], *, counts: bool = True) -> list[str]:
    """The most frequent sentences, with how often they hold."""
    found = Counter(said)
    lines = [
        f"  {visible(each)}{f'  ({count:,} objects)' if counts and count > 1 else ''}"
        for each, count in found.most_common(SHOWN)
    ]
    return lines + ([f"  … and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else [])


def refusal(plans: Sequence[PlannedChange]) -> ServiceError | None:
    """Why nothing of a plan can be done; None if something can."""
    if any(each.differences and not each.problem for each in plans):
        return None
    refused = [each for each in plans if each.problem]
    if not refused:
        return ServiceError("There is nothing to do: it is so already.")
    if len(plans) == 1:
        stored = plans[0].properties.stored
        hint = stored.error.hint if isinstance(stored, Unknown) else ""
        return ServiceError(
            f"{plans[0].key!r} cannot be changed so.", cause=refused[0].problem, hint=hint
        )
    causes = [f"{each.key}: {each.problem}" for each in refused[:SHOWN]]
    return ServiceError("None of the objects can be changed so.", cause="\n".join(causes))
