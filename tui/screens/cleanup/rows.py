"""The rows of the cleanup screen: of an inventory, of a plan, of a run."""

from __future__ import annotations

from collections.abc import Iterable

from tui.screens.cleanup.model import Line
from tui.services.cleanup import (
    BucketCount,
    Counting,
    Elsewhere,
    Outcome,
    PartUnknown,
    Resource,
    ResourceKind,
    Step,
    StepProgress,
    StepResult,
)
from tui.services.cleanup.sentences import bucket_counted, uploads_counted
from tui.services.cleanup.step import UploadFacts
from tui.services.quantities import bar_text, counted, elapsed_text, size_text
from tui.services.rds import Instance
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

WIDE = 110
"""From this many columns on, there is room for everything."""


def inventory_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit."""
    first = (Column("Kind"), Column("Name", max_width=63), Column("State", max_width=14))
    last = Column("Protection and notes", max_width=70, grow=True)
    if width < WIDE:
        return (*first, Column("Size", "right"), last)
    sizes = (Column("Items", "right"), Column("Size", "right"))
    return (*first, Column("Created"), *sizes, last)


def inventory_row(line: Line, width: int) -> tuple[CellValue, ...]:
    """The cells of a line, as many as there are columns."""
    if isinstance(line, PartUnknown):
        named = line.of or line.kind.value
        cells = (Cell(named, Tone.DIM), Cell(line.sentence, Tone.WARNING))
        return (*cells, *_blank(len(inventory_columns(width)) - 3), _cause(line))
    if isinstance(line, Elsewhere):
        cells = (Cell("bucket", Tone.DIM), Cell(line.name, Tone.DIM))
        note = Cell(f"elsewhere, in {line.region}: press R to switch", Tone.DIM)
        return (*cells, *_blank(len(inventory_columns(width)) - 3), note)
    first: tuple[CellValue, ...] = (line.kind.value, line.name, line.state or Absent.BLANK)
    size = _size(line)
    if width < WIDE:
        return (*first, size, notes(line))
    return (*first, _created(line), _items(line), size, notes(line))


def _created(line: Resource) -> CellValue:
    if line.kind is ResourceKind.RULE:
        # EC2 does not keep it.
        return Absent.BLANK
    return f"{line.created:%Y-%m-%d %H:%M}" if line.created else Absent.UNKNOWN


def _blank(number: int) -> Iterable[CellValue]:
    return (Absent.BLANK,) * number


def _cause(line: PartUnknown) -> CellValue:
    return Cell(line.error.cause or line.error.message, Tone.DIM)


def _items(line: Resource) -> CellValue:
    if line.kind is ResourceKind.UPLOADS:
        return "many" if line.count is None else f"{line.count:,}"
    if line.kind not in {ResourceKind.BUCKET, ResourceKind.TABLE}:
        return Absent.BLANK
    return Absent.UNKNOWN if line.count is None else f"≈ {line.count:,}"


def _size(line: Resource) -> CellValue:
    if line.kind is ResourceKind.RULE:
        return Absent.BLANK
    if line.size_bytes is None:
        return Absent.UNKNOWN
    near = {ResourceKind.TABLE: "≈ ", ResourceKind.SNAPSHOT: "≤ "}.get(line.kind, "")
    return f"{near}{size_text(line.size_bytes)}"


def notes(resource: Resource) -> CellValue:
    """Protections first, then unknowns, then facts; "…" while they are not read yet."""
    if resource.protections is None:
        return Cell("…", Tone.DIM)
    protections = [f"protected: {each.kind.value}" for each in resource.protections]
    unknown = [f"unknown: {each}" for each in resource.unknown]
    text = "; ".join([*protections, *unknown, *resource.about])
    if not text:
        return Absent.BLANK
    return Cell(text, Tone.WARNING if protections or unknown else Tone.PLAIN)


def plan_columns(width: int) -> tuple[Column, ...]:
    """The columns, so that what a resource holds is in sight on a narrow screen too."""
    wide = width >= WIDE
    return (
        Column("Kind"),
        Column("Name", max_width=40 if wide else 20),
        Column("What happens", max_width=24 if wide else 21),
        Column("Holds", max_width=80, grow=True),
    )


def plan_row(step: Step) -> tuple[CellValue, ...]:
    """The cells of a step."""
    return (step.resource.kind.value, step.resource.name, action(step), holds(step))


def action(step: Step) -> Cell:
    """What will happen to it, in two or three words."""
    if step.gone:
        return Cell("gone already", Tone.DIM)
    if not step.ready:
        return Cell("left out", Tone.WARNING)
    if isinstance(step.facts, BucketCount) and step.facts.locked:
        return Cell("empty, locked stay", Tone.ERROR)
    if step.resource.kind in {ResourceKind.INSTANCE, ResourceKind.CLUSTER}:
        snapshot = step.options.final_snapshot
        return Cell("delete, keep snapshot" if snapshot else "delete, no snapshot", Tone.ERROR)
    return Cell(step.verb, Tone.ERROR)


def holds(step: Step) -> CellValue:
    """Counts and sizes; unknown where they are."""
    if isinstance(step.facts, BucketCount):
        nothing = step.facts.complete and not step.facts.entries and not step.facts.uploads
        return "nothing" if nothing else bucket_counted(step.facts)
    resource = step.resource
    if resource.kind is ResourceKind.SNAPSHOT and resource.size_bytes is not None:
        return f"at most {size_text(resource.size_bytes)}, {', '.join(resource.about)}"
    if resource.kind in {ResourceKind.RULE, ResourceKind.CLUSTER, ResourceKind.CLUSTER_SNAPSHOT}:
        return ", ".join(resource.about)
    if step.facts is None:
        return Absent.UNKNOWN
    if isinstance(step.facts, UploadFacts):
        return uploads_counted(step.facts.all)
    if resource.kind is ResourceKind.TABLE:
        items = "items unknown" if resource.count is None else counted(resource.count, "item")
        return f"≈ {items}, {size_text(resource.size_bytes)}"
    detail = resource.detail
    if isinstance(detail, Instance):
        return f"{detail.engine}, {size_text(resource.size_bytes)} allocated"
    return Absent.UNKNOWN


def counting_row(resource: Resource, counting: Counting | None) -> tuple[CellValue, ...]:
    """A resource while the plan is made: in the columns of a plan."""
    now = counting is not None and counting.ref == resource.ref
    what = Cell("counting…" if now else "to be counted", Tone.DIM)
    return (resource.kind.value, resource.name, what, Absent.BLANK)


RUN_COLUMNS = (
    Column("Kind"),
    Column("Name", max_width=30),
    Column("Progress", min_width=22, max_width=34),
    Column("Now", max_width=120, grow=True),
)

BAR = 12
"""Cells of a progress bar."""

_GOOD = {StepResult.DELETED, StepResult.EMPTIED, StepResult.GONE}


def waiting(step: Step) -> tuple[CellValue, ...]:
    """A step that has not begun."""
    return (step.resource.kind.value, step.resource.name, Absent.BLANK, Cell("waiting", Tone.DIM))


def running(event: StepProgress) -> tuple[CellValue, ...]:
    """A step on its way."""
    return (event.ref.kind_name, event.ref.name, progress_text(event), event.phase)


def ended(outcome: Outcome) -> tuple[CellValue, ...]:
    """A step that is done with."""
    good = outcome.result in _GOOD
    mark = "✓" if good else "✗"
    tone = Tone.SUCCESS if good else Tone.WARNING
    took = elapsed_text(outcome.seconds)
    now = outcome.problem or took
    result = Cell(f"{mark} {outcome.result.value}", tone)
    return (outcome.ref.kind_name, outcome.ref.name, result, now)


def progress_text(event: StepProgress) -> str:
    """A bar with a percentage where the total is known, else the count, else the time."""
    if event.done is None:
        return elapsed_text(event.seconds)
    if not event.total:
        return f"{event.done:,}"
    return f"{bar_text(event.done, event.total, BAR)} {event.done:,}/{event.total:,}"
