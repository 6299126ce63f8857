"""The progress of a run as rows of a grid."""

from __future__ import annotations

from tui.services.cleanup import Outcome, Result, Step, StepProgress
from tui.services.quantities import elapsed_text
from tui.widgets.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.progress_bar import bar_text

COLUMNS = (
    Column("Kind"),
    Column("Name", max_width=30),
    Column("Progress", min_width=22, max_width=34),
    Column("Now", max_width=120, grow=True),
)

BAR = 12
"""Cells of a progress bar."""

_GOOD = {Result.DELETED, Result.EMPTIED, Result.GONE}


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
