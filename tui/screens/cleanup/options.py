"""The choices for one resource of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui.services.cleanup import Options, ResourceKind, Step
from tui.services.cleanup.step import UploadFacts
from tui.services.quantities import counted
from tui.services.rds import Cluster, Instance
from tui.widgets.dialogs.dialogs import Choice


@dataclass(frozen=True)
class Picked:
    """One choice: the options that it makes, or that a snapshot's name is to be asked for."""

    options: Options
    ask_name: bool = False


def choices(step: Step) -> list[Choice[Picked]]:
    """What may be chosen for the step; empty if nothing."""
    if step.gone or step.unreadable:
        return []
    found: list[Choice[Picked]] = []
    now = step.options
    if step.resource.kind is ResourceKind.BUCKET:
        found += [
            _choice(now, replace(now, only_empty=False), "Empty it, then delete it", "d"),
            _choice(now, replace(now, only_empty=True), "Only empty it, keep the bucket", "m"),
        ]
    if step.resource.kind in {ResourceKind.INSTANCE, ResourceKind.CLUSTER}:
        found += _snapshot_choices(step)
    if isinstance(step.facts, UploadFacts) and step.facts.recent.count:
        stale = counted(step.facts.stale.count, "upload")
        found += [
            _choice(
                now,
                replace(now, only_stale=True),
                f"Abort {stale} that began more than a day ago",
                "d",
            ),
            _choice(
                now,
                replace(now, only_stale=False),
                f"Abort all {step.facts.all.count:,}, also those that may be under way",
                "a",
            ),
        ]
    for number, protection in enumerate(step.protections, 1):
        if protection.lifting is None:
            continue
        lifted = protection.kind in now.lifted
        found.append(
            Choice(
                Picked(replace(now, lifted=now.lifted ^ {protection.kind})),
                f"Leave it out: {protection.kind.value}" if lifted else protection.lifting,
                "" if lifted else protection.kind.value,
                key=str(number),
            )
        )
    return found


def _snapshot_choices(step: Step) -> list[Choice[Picked]]:
    detail = step.resource.detail
    now = step.options
    without = replace(now, final_snapshot=None)
    found = [_choice(now, without, "Delete without a final snapshot", "n")]
    alone = isinstance(detail, Instance) and not (detail.must_skip_snapshot or detail.cluster)
    if alone or isinstance(detail, Cluster):
        note = "now" if now.final_snapshot else ""
        label = "Delete with a final snapshot named…"
        found.append(Choice(Picked(now, ask_name=True), label, note, "s"))
    return found


def _choice(now: Options, options: Options, label: str, key: str) -> Choice[Picked]:
    return Choice(Picked(options), label, "now" if options == now else "", key)
