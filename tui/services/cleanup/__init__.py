"""Cleanup: what the account holds in this region, a plan to remove it, and its removal."""

from tui.services.cleanup.models import (
    Connected,
    Elsewhere,
    Found,
    InventoryEvent,
    Kind,
    PartDone,
    PartUnknown,
    Protection,
    ProtectionKind,
    Ref,
    Resource,
)
from tui.services.cleanup.plan import Counting, Plan, PlanEvent, Planned
from tui.services.cleanup.report import (
    Applied,
    ApplyEvent,
    Outcome,
    Report,
    StepEnded,
    StepProgress,
    StepResult,
    report_text,
)
from tui.services.cleanup.service import CleanupService
from tui.services.cleanup.step import BucketCount, Options, Step
from tui.services.cleanup.stores import Tunables

__all__ = [
    "Applied",
    "ApplyEvent",
    "BucketCount",
    "CleanupService",
    "Connected",
    "Counting",
    "Elsewhere",
    "Found",
    "InventoryEvent",
    "Kind",
    "Options",
    "Outcome",
    "PartDone",
    "PartUnknown",
    "Plan",
    "PlanEvent",
    "Planned",
    "Protection",
    "ProtectionKind",
    "Ref",
    "Report",
    "Resource",
    "Step",
    "StepEnded",
    "StepProgress",
    "StepResult",
    "Tunables",
    "report_text",
]
