"""What the cleanup screen says in sentences: of a row, of a step, of a whole plan."""

from __future__ import annotations

from textual.content import Content

from tui.screens.cleanup.model import Cleanup, Line
from tui.screens.cleanup.rows import action, holds
from tui.services.cleanup import (
    BucketCount,
    CleanupPlan,
    Elsewhere,
    Outcome,
    PartUnknown,
    ResourceKind,
    Step,
    StepProgress,
)
from tui.services.cleanup.report import outcome_lines
from tui.services.cleanup.sentences import (
    amounts,
    bucket_counted,
    uploads_counted,
    what_goes,
    what_stays,
)
from tui.services.cleanup.step import UploadFacts
from tui.services.quantities import counted, size_text
from tui.widgets.text.safe_text import content

_COUNTED_LATER = {ResourceKind.BUCKET, ResourceKind.UPLOADS}

BILLED = {
    ResourceKind.BUCKET: "stored bytes of every version, and requests",
    ResourceKind.UPLOADS: "the parts that were sent, until they are aborted",
    ResourceKind.INSTANCE: "each hour it runs, and its storage also while it is stopped",
    ResourceKind.SNAPSHOT: "stored bytes, for as long as it exists",
    ResourceKind.CLUSTER: "each hour of its members, and its storage",
    ResourceKind.CLUSTER_SNAPSHOT: "stored bytes, for as long as it exists",
    ResourceKind.TABLE: "stored bytes, and requests or provisioned capacity",
    ResourceKind.RULE: "nothing",
}
"""What AWS bills while a resource exists (https://aws.amazon.com/pricing/, by service)."""


def describe(line: Line) -> str:
    """Everything that is known of a row of the inventory, and what it is billed for."""
    if isinstance(line, PartUnknown):
        return f"{line.of or line.kind.many}\n{line.sentence}\n\n{line.error}"
    if isinstance(line, Elsewhere):
        return (
            f"The bucket {line.name} is in {line.region}.\n"
            "Cleanup works in one region at a time: press R to switch."
        )
    facts = [
        ("Kind", line.kind.value),
        ("Name", line.name),
        ("Region", line.region or "unknown"),
        ("State", line.state),
        ("Created", f"{line.created:%Y-%m-%d %H:%M:%S %Z}" if line.created else "unknown"),
    ]
    if line.kind is ResourceKind.TABLE:
        items = "unknown" if line.count is None else f"{line.count:,}"
        facts.append(("Items", f"{items} (up to 6 hours old)"))
    size = size_text(line.size_bytes)
    facts.append(("Size", "counted for the plan" if line.kind in _COUNTED_LATER else size))
    facts.append(("Billed", BILLED[line.kind]))
    lines = [f"{title:<9}{value}" for title, value in facts if value]
    lines += [f"{'':<9}{each}" for each in line.about]
    lines += [f"PartUnknown: {each}" for each in line.unknown]
    for each in line.protections or ():
        lines += ["", f"Protected: {each.what}"]
        lines += [f"→ {each.hint}"] if each.hint else []
    return "\n".join(lines)


def step_details(step: Step, progress: StepProgress | Outcome | None = None) -> Content:
    """What goes, what stays, what protects it; how far it is once it was begun."""
    lines = [content(f"{step.resource.kind.value} {step.resource.name}", "bold")]
    if isinstance(progress, Outcome):
        return content("\n".join(outcome_lines(progress)), multiline=True)
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


def totals(plan: CleanupPlan) -> str:
    """What goes in one line."""
    ready = len(plan.ready)
    if not ready:
        return "Nothing will be deleted: everything is left out"
    left = len(plan.steps) - ready
    text = f"{counted(ready, 'resource')} will go: {', '.join(amounts(plan))}"
    return text + (f". {left} left out" if left else "")


def question(plan: CleanupPlan) -> Content:
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
    if any(step.resource.kind is not ResourceKind.RULE for step in plan.ready):
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


def counting(cleanup: Cleanup) -> str:
    """How far the count for a plan is."""
    event = cleanup.counting
    if event is None:
        text = "Counting…"
    else:
        text = f"Counting {event.position} of {event.of}: {event.ref.kind_name} {event.ref.name}"
        if event.count:
            text += f": {event.count:,} versions, {size_text(event.size_bytes)}"
    then = " The confirmation opens then." if cleanup.confirm_when_ready else ""
    return f"{text.rstrip('.')}.{then} Esc stops counting."


def running(cleanup: Cleanup) -> str:
    """How far a run is."""
    stopping = "Stopping after the calls under way…" if cleanup.is_stopping else "Esc stops."
    return f"{cleanup.ended} of {len(cleanup.steps)} done. {stopping}"
