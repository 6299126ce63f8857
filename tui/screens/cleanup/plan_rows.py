"""A plan as rows of a grid, and one step of it in full."""

from __future__ import annotations

from textual.content import Content

from tui.services.cleanup import BucketCount, Kind, Plan, Step
from tui.services.cleanup.sentences import (
    amounts,
    bucket_counted,
    uploads_counted,
    what_goes,
    what_stays,
)
from tui.services.cleanup.step import UploadFacts
from tui.services.quantities import counted, size_text
from tui.services.rds import Instance
from tui.widgets.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.safe_text import content

WIDE = 110
"""From this many columns on, names and actions have more room."""


def columns(width: int) -> tuple[Column, ...]:
    """The columns, so that what a resource holds is in sight on a narrow screen too."""
    wide = width >= WIDE
    return (
        Column("Kind"),
        Column("Name", max_width=40 if wide else 20),
        Column("What happens", max_width=24 if wide else 21),
        Column("Holds", max_width=80, grow=True),
    )


def row(step: Step) -> tuple[CellValue, ...]:
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
    if step.resource.kind is Kind.INSTANCE:
        snapshot = step.options.final_snapshot
        return Cell("delete, keep snapshot" if snapshot else "delete, no snapshot", Tone.ERROR)
    return Cell(step.verb, Tone.ERROR)


def holds(step: Step) -> CellValue:
    """Counts and sizes; unknown where they are."""
    if isinstance(step.facts, BucketCount):
        nothing = step.facts.complete and not step.facts.entries and not step.facts.uploads
        return "nothing" if nothing else bucket_counted(step.facts)
    resource = step.resource
    if resource.kind is Kind.SNAPSHOT and resource.size_bytes is not None:
        return f"at most {size_text(resource.size_bytes)}, {', '.join(resource.about)}"
    if resource.kind is Kind.RULE:
        return ", ".join(resource.about)
    if step.facts is None:
        return Absent.UNKNOWN
    if isinstance(step.facts, UploadFacts):
        return uploads_counted(step.facts.all)
    if resource.kind is Kind.TABLE:
        items = "items unknown" if resource.count is None else counted(resource.count, "item")
        return f"≈ {items}, {size_text(resource.size_bytes)}"
    detail = resource.detail
    if isinstance(detail, Instance):
        return f"{detail.engine}, {size_text(resource.size_bytes)} allocated"
    return Absent.UNKNOWN


def details(step: Step) -> Content:
    """What goes, what stays, what protects it."""
    lines = [content(f"{step.resource.kind.value} {step.resource.name}", "bold")]
    lines += [content(f"✗ Left out. {each}", "$text-warning") for each in step.blocked]
    lines += [content(f"− {each}", "$text-error") for each in what_goes(step)]
    lines += [content(f"= {each}") for each in what_stays(step)]
    for each in step.protections:
        if each.kind in step.options.lifted:
            continue
        if each.lifting:
            lines.append(content(f"  e: {each.lifting}", "$text-muted"))
        if each.hint:
            lines.append(content(f"  → {each.hint}", "$text-muted"))
    return Content("\n").join(lines)


def totals(plan: Plan) -> str:
    """What goes in one line."""
    ready = len(plan.ready)
    if not ready:
        return "Nothing will be deleted: everything is left out"
    left = len(plan.steps) - ready
    text = f"{counted(ready, 'resource')} will go: {', '.join(amounts(plan))}"
    return text + (f". {left} left out" if left else "")


def question(plan: Plan) -> Content:
    """The body of the typed confirmation: what, how many, how large, where."""
    lines = [
        content(totals(plan) + ".", "bold"),
        content(f"In {plan.connection.sentence}."),
        Content(""),
    ]
    shown = plan.ready[:8]
    for step in shown:
        name = f"{step.resource.kind.value} {step.resource.name}"
        lines.append(content(f"− {name}: {action(step).text}; {_goes(step)}"))
    if len(plan.ready) > len(shown):
        lines.append(content(f"  … and {len(plan.ready) - len(shown):,} more"))
    if any(step.resource.kind is not Kind.RULE for step in plan.ready):
        lines += [Content(""), content("This cannot be undone.", "$text-error")]
    return Content("\n").join(lines)


def _goes(step: Step) -> str:
    """What of a resource goes: less than it holds where something is left alone."""
    if isinstance(step.facts, BucketCount):
        return bucket_counted(step.facts.going)
    if isinstance(step.facts, UploadFacts):
        return uploads_counted(step.going_uploads)
    what = holds(step)
    return what if isinstance(what, str) else "unknown"
