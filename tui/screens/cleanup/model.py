"""What the cleanup screen shows: an inventory, then the plan for what was chosen, then its run.

No screen in here: the model calls the cleanup service and tells its view that something changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from tui.services.aws import Connection
from tui.services.cleanup import (
    CleanupPlan,
    CleanupService,
    Counting,
    Elsewhere,
    Found,
    InventoryBegins,
    InventoryEvent,
    Options,
    Outcome,
    PartUnknown,
    PlanApplied,
    Ref,
    Report,
    Resource,
    ResourceKind,
    Step,
    StepProgress,
)
from tui.services.errors import ServiceError
from tui.services.quantities import counted

Line = Resource | Elsewhere | PartUnknown
"""A row of the inventory."""

_ORDER = {kind: number for number, kind in enumerate(ResourceKind)}


@dataclass
class Inventory:
    """What was found so far; complete when every kind is done or unknown."""

    connection: Connection | None = None
    resources: dict[Ref, Resource] = field(default_factory=dict)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    unknown: list[PartUnknown] = field(default_factory=list)
    done: set[ResourceKind] = field(default_factory=set)
    failed: bool = False
    """Whether it could not even begin; the error's banner says why."""

    def take(self, event: InventoryEvent) -> None:
        """Add what an event says."""
        if isinstance(event, InventoryBegins):
            self.connection = event.connection
        elif isinstance(event, Found):
            self.resources[event.resource.ref] = event.resource
        elif isinstance(event, Elsewhere):
            self.elsewhere.append(event)
        elif isinstance(event, PartUnknown):
            self.unknown.append(event)
        else:
            self.done.add(event.kind)

    @property
    def complete(self) -> bool:
        """Whether nothing more will come."""
        return self.done | {each.kind for each in self.unknown} == set(ResourceKind)

    @property
    def empty(self) -> bool:
        """Whether it is known that nothing is left."""
        known = not self.failed and not self.unknown and self.done == set(ResourceKind)
        return known and not self.resources

    def lines(self) -> list[Line]:
        """Grouped by kind, by name within; then what is unknown, then what is elsewhere."""
        found = sorted(self.resources.values(), key=lambda each: (_ORDER[each.kind], each.name))
        unknown = sorted(self.unknown, key=lambda each: _ORDER[each.kind])
        return [*found, *unknown, *sorted(self.elsewhere, key=lambda each: each.name)]

    def summary(self) -> str:
        """ "2 buckets, 1 table": what was found, and what is still being read."""
        if self.failed:
            return "What is in this region is unknown. r tries again."
        parts = []
        for kind in ResourceKind:
            number = sum(each.kind is kind for each in self.resources.values())
            if number:
                parts.append(kind.number(number))
        known = self.done | {each.kind for each in self.unknown}
        waiting = [kind.many for kind in ResourceKind if kind not in known]
        reading = f"reading {', '.join(waiting)}…" if waiting else ""
        if self.elsewhere:
            parts.append(f"{counted(len(self.elsewhere), 'bucket')} in other regions")
        if not parts and reading:
            return reading[0].upper() + reading[1:]
        if not parts:
            return "Nothing was found" + (", and not all could be read." if self.unknown else ".")
        found = ", ".join(parts)
        return f"{found}; {reading}" if reading else found


class Stage(Enum):
    """How far cleanup is."""

    INVENTORY = "inventory"
    COUNTING = "counting"
    PLAN = "plan"
    RUN = "run"
    REPORT = "report"


class Cleanup:
    """Inventory, marks, plan, run and report of one cleanup screen."""

    def __init__(self, service: CleanupService, changed: Callable[[], None]) -> None:
        """`changed` is called whenever something else is to be shown."""
        self._service = service
        self._changed = changed
        self._stop = asyncio.Event()
        self.stage = Stage.INVENTORY
        self.inventory = Inventory()
        self.marked: set[Ref] = set()
        self.chosen: list[Resource] = []
        """What the plan is made for, in the order of the inventory."""
        self.counting: Counting | None = None
        """The resource that is counted now."""
        self.confirm_when_ready = False
        """Whether the confirmation is asked for as soon as everything is counted."""
        self.plan: CleanupPlan | None = None
        self.progress: dict[Ref, StepProgress | Outcome] = {}
        """How far the run is, for each resource that was begun."""
        self.report: Report | None = None
        """None until the run has ended, and if it ended with an error."""
        self.outcome = ""
        """How the run ended, a sentence."""
        self.last_run = ""
        """What the last run did and what remains, once its report was left."""

    # -- the inventory ---------------------------------------------------------------------

    async def read(self) -> None:
        """Read the inventory anew; marks stay on what is still there. Raises ServiceError."""
        inventory = self.inventory = Inventory()
        self._changed()
        try:
            async for event in self._service.inventory():
                inventory.take(event)
                self._changed()
        except ServiceError:
            inventory.failed = True
            raise
        finally:
            if inventory is self.inventory and inventory.complete:
                self.marked &= set(inventory.resources)
            self._changed()

    def targets(self, current: Line | None) -> list[Resource]:
        """The marked resources in the order of the screen, or else the current one."""
        if self.marked:
            found = [line for line in self.inventory.lines() if isinstance(line, Resource)]
            return [each for each in found if each.ref in self.marked]
        return [current] if isinstance(current, Resource) else []

    def mark_all(self) -> None:
        """Mark every resource that can be removed here, or none if all are marked."""
        everything = set(self.inventory.resources)
        self.marked = set() if self.marked >= everything else everything

    def forget(self) -> None:
        """Another account, region or set of credentials: nothing that was marked is there. A run
        that is under way, and its report, belong to the connection that they were begun on."""
        if self.stage in {Stage.INVENTORY, Stage.COUNTING, Stage.PLAN}:
            self._to_inventory()
            self.marked.clear()
            self.last_run = ""

    def _to_inventory(self) -> None:
        self._stop.set()
        self.stage = Stage.INVENTORY
        self.plan = self.counting = None
        self.confirm_when_ready = False

    # -- the plan --------------------------------------------------------------------------

    @property
    def steps(self) -> Sequence[Step]:
        """The steps of the plan; empty while there is none."""
        return self.plan.steps if self.plan else ()

    async def make_plan(self, resources: Sequence[Resource]) -> None:
        """Count what would go. Raises ServiceError, and shows the inventory again then."""
        self.stage, self.chosen, self.plan = Stage.COUNTING, list(resources), None
        self.confirm_when_ready = False
        stop = self._stop = asyncio.Event()
        self._changed()
        try:
            at = self.inventory.connection
            async for event in self._service.plan(resources, stop, at=at):
                if stop is not self._stop or self.stage is not Stage.COUNTING:
                    continue  # the plan was dropped meanwhile, and the count is ending
                if isinstance(event, Counting):
                    self.counting = event
                else:
                    self.plan, self.stage = event.plan, Stage.PLAN
                self._changed()
        finally:
            if stop is self._stop and self.stage is Stage.COUNTING:
                self.stage = Stage.INVENTORY
            self._changed()

    @property
    def is_stopping(self) -> bool:
        """Whether the count or the run ends after the calls under way."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End the count or the run after the calls under way. A plan that was counted in part is
        to be read before anything else."""
        self.confirm_when_ready = False
        self._stop.set()
        self._changed()

    def drop_plan(self) -> None:
        """Back to the inventory; nothing was deleted, and the marks stay."""
        self._to_inventory()
        self._changed()

    def choose(self, ref: Ref, options: Options) -> None:
        """Do something else with one resource of the plan."""
        if self.plan is not None:
            self.plan = self.plan.with_options(ref, options)
            self._changed()

    async def name_snapshot(self, ref: Ref, name: str) -> None:
        """Delete an instance with a final snapshot of that name. Raises ServiceError."""
        if self.plan is not None:
            self.plan = await self._service.with_snapshot(self.plan, ref, name)
            self._changed()

    # -- the run ---------------------------------------------------------------------------

    @property
    def ended(self) -> int:
        """Resources that are done with."""
        return sum(isinstance(each, Outcome) for each in self.progress.values())

    async def run(self, typed: str, override: str | None) -> None:
        """Do what the plan says. `typed` and `override` are what the user typed, which the service
        checks again. Raises ServiceError; whatever happens, the stage is REPORT then."""
        plan = self.plan
        if plan is None:
            return
        self.stage, self.progress, self.report = Stage.RUN, {}, None
        self.outcome = ""
        self._stop = asyncio.Event()
        self._changed()
        try:
            async for event in self._service.apply(
                plan, typed=typed, override=override, stop=self._stop
            ):
                if isinstance(event, PlanApplied):
                    self._take_report(event.report)
                elif isinstance(event, StepProgress):
                    self.progress[event.ref] = event
                else:
                    self.progress[event.outcome.ref] = event.outcome
                self._changed()
        except ServiceError:
            self.outcome = "Nothing was deleted."
            raise
        finally:
            self.stage = Stage.REPORT
            self.outcome = self.outcome or "The run ended early. The inventory shows what is left."
            self._changed()

    def _take_report(self, report: Report) -> None:
        self.report = report
        self.outcome = run_summary(report)
        remains = [each for outcome in report.outcomes for each in outcome.remains]
        self.last_run = " ".join(["Last run:", self.outcome, *_left(remains)])

    def leave_report(self) -> None:
        """Back to an inventory that is to be read anew."""
        self._to_inventory()
        self.marked.clear()
        self.report = None
        self.progress = {}


def run_summary(report: Report) -> str:
    """ "6 resources: 5 deleted, 1 failed." """
    results: dict[str, int] = {}
    for outcome in report.outcomes:
        results[outcome.result.value] = results.get(outcome.result.value, 0) + 1
    parts = ", ".join(f"{number} {word}" for word, number in results.items())
    stopped = "Stopped. " if report.stopped else ""
    return f"{stopped}{counted(len(report.outcomes), 'resource')}: {parts}."


def _left(remains: list[str]) -> list[str]:
    if not remains:
        return []
    more = f" and {len(remains) - 2:,} more" if len(remains) > 2 else ""
    return ["Remains: " + " ".join(remains[:2]) + more]
