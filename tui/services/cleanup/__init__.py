"""Cleanup: what the account holds in this region, a plan to remove it, and its removal."""

from tui.services.cleanup.models import (
    Elsewhere,
    Found,
    InventoryBegins,
    InventoryEvent,
    PartDone,
    PartUnknown,
    Protection,
    ProtectionKind,
    Ref,
    Resource,
    ResourceKind,
)
from tui.services.cleanup.plan import CleanupPlan, Counting, PlanEvent, Planned
from tui.services.cleanup.report import (
    ApplyEvent,
    Outcome,
    PlanApplied,
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
    "ApplyEvent",
    "BucketCount",
    "CleanupPlan",
    "CleanupService",
    "Counting",
    "Elsewhere",
    "Found",
    "InventoryBegins",
    "InventoryEvent",
    "Options",
    "Outcome",
    "PartDone",
    "PartUnknown",
    "PlanApplied",
    "PlanEvent",
    "Planned",
    "Protection",
    "ProtectionKind",
    "Ref",
    "Report",
    "Resource",
    "ResourceKind",
    "Step",
    "StepEnded",
    "StepProgress",
    "StepResult",
    "Tunables",
    "report_text",
]
