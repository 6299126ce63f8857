"""A plan: what cleanup will do, exactly, before it is done. Nothing here sends anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tui.services.aws import Connection
from tui.services.cleanup.models import Ref, Resource, ResourceKind
from tui.services.cleanup.step import BucketCount, Options, Step, UploadFacts
from tui.services.quantities import counted, size_text
from tui.services.rds import Cluster, Instance


@dataclass(frozen=True)
class CleanupPlan:
    """What will be done where. Bound to its connection: it is never applied anywhere else."""

    connection: Connection
    steps: tuple[Step, ...]
    cap_count: int
    cap_bytes: int

    @property
    def ready(self) -> tuple[Step, ...]:
        """The steps that will be done."""
        return tuple(step for step in self.steps if step.ready)

    def with_options(self, ref: Ref, options: Options) -> CleanupPlan:
        """The same plan with other options for one resource; nothing is read again."""
        return replace(
            self,
            steps=tuple(
                replace(step, options=options) if step.ref == ref else step for step in self.steps
            ),
        )

    @property
    def count(self) -> int:
        """Versions, delete markers, uploads and items that will go."""
        return sum(_count(step) for step in self.ready)

    @property
    def size_bytes(self) -> int:
        """Bytes in buckets and tables that will go; an instance's allocated storage is not data."""
        return sum(_bytes(step) for step in self.ready)

    @property
    def complete(self) -> bool:
        """Whether `count` and `size_bytes` are exact as of the count, not "at least"."""
        return all(_complete(step) for step in self.ready)

    @property
    def over_cap(self) -> bool:
        """Whether so much would go that a second, typed override is needed."""
        too_much = self.count > self.cap_count or self.size_bytes > self.cap_bytes
        return bool(self.ready) and (too_much or not self.complete)

    @property
    def confirmation(self) -> str:
        """What to type: the name of the one resource, or the verb and the number of them."""
        ready = self.ready
        # The name of a rule is not asked for: it is long, and a rule holds no data.
        if len(ready) == 1 and ready[0].resource.kind is not ResourceKind.RULE:
            return ready[0].resource.name
        return f"{self.verb} {len(ready)}"

    @property
    def verb(self) -> str:
        """What the plan does, in a word: "delete", unless all of it is something else."""
        verbs = {step.verb for step in self.ready}
        return verbs.pop() if len(verbs) == 1 else "delete"

    @property
    def override(self) -> str | None:
        """What to type a second time when the plan is over the cap; None if it is not."""
        if not self.over_cap:
            return None
        if self.complete:
            return f"all {self.count}"
        return f"more than {self.count}" if self.count else "all of it"

    @property
    def override_reason(self) -> str:
        """Why the override is asked for."""
        unknown = sum(_is_table(step) and not _complete(step) for step in self.ready)
        tables = f"How much {counted(unknown, 'table holds', 'tables hold')} is unknown. "
        bound = "" if self.complete else "more than "
        size = size_text(self.size_bytes)
        known = f"This deletes {bound}{self.count:,} objects and items, {size}. "
        return (
            f"{tables if unknown else ''}{known if self.count else ''}"
            f"More than {self.cap_count:,} objects and items, more than "
            f"{size_text(self.cap_bytes)}, or an unknown amount needs a second confirmation."
        )


def default_options(resource: Resource, when: datetime) -> Options:
    """The options that lose least: what can have a final snapshot gets one."""
    detail = resource.detail
    if isinstance(detail, Cluster):
        return Options(final_snapshot=suggested_snapshot(resource.name, when))
    if resource.kind is not ResourceKind.INSTANCE or not isinstance(detail, Instance):
        return Options()
    if detail.must_skip_snapshot or detail.cluster:
        return Options()
    return Options(final_snapshot=suggested_snapshot(resource.name, when))


def suggested_snapshot(name: str, when: datetime) -> str:
    """A valid name for a final snapshot of an instance."""
    return f"final-{name[:200].strip('-')}-{when:%Y%m%d-%H%M%S}"


def duplicate_snapshots(steps: tuple[Step, ...]) -> frozenset[str]:
    """Snapshot names that more than one ready step asks for (RDS ignores case)."""
    seen: dict[str, int] = {}
    for step in steps:
        if step.options.final_snapshot and step.ready:
            name = step.options.final_snapshot.lower()
            seen[name] = seen.get(name, 0) + 1
    return frozenset(name for name, times in seen.items() if times > 1)


def _count(step: Step) -> int:
    if isinstance(step.facts, BucketCount):
        return step.facts.going.entries
    if isinstance(step.facts, UploadFacts):
        return step.going_uploads.count
    return (step.resource.count or 0) if _is_table(step) else 0


def _bytes(step: Step) -> int:
    if isinstance(step.facts, BucketCount):
        return step.facts.going.size_bytes
    if isinstance(step.facts, UploadFacts):
        return step.going_uploads.size_bytes or 0
    return (step.resource.size_bytes or 0) if _is_table(step) else 0


def _complete(step: Step) -> bool:
    if isinstance(step.facts, BucketCount):
        return step.facts.complete
    if isinstance(step.facts, UploadFacts):
        return step.facts.complete and step.going_uploads.size_bytes is not None
    return not _is_table(step) or None not in (step.resource.count, step.resource.size_bytes)


def _is_table(step: Step) -> bool:
    return step.resource.kind is ResourceKind.TABLE


@dataclass(frozen=True)
class Counting:
    """A resource is being looked at for the plan."""

    ref: Ref
    count: int
    """Versions and delete markers counted so far."""
    size_bytes: int
    position: int
    """Which resource, from 1."""
    of: int


@dataclass(frozen=True)
class Planned:
    """The last event of planning."""

    plan: CleanupPlan


PlanEvent = Counting | Planned
