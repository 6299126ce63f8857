"""What planning and applying say while they run, and what is left to read afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from tui.services.cleanup.models import Ref
from tui.services.cleanup.plan import Plan
from tui.services.cleanup.scope import Scope


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

    plan: Plan


PlanEvent = Counting | Planned


@dataclass(frozen=True)
class StepProgress:
    """One resource is on its way."""

    ref: Ref
    phase: str
    """"deleting what is in it", "waiting until it is gone (deleting)"."""
    done: int | None = None
    """Things deleted so far; None where nothing can be counted."""
    total: int | None = None
    """As the plan counted; None if unknown. `done` passes it when somebody writes meanwhile."""
    size_bytes: int | None = None
    seconds: float = 0.0
    """Since the step began."""


class Result(Enum):
    """How one resource ended; the value is the word in the report."""

    DELETED = "deleted"
    EMPTIED = "emptied"
    GONE = "was gone already"
    LEFT = "left alone"
    PARTLY = "partly deleted"
    """Something went, something stays."""
    FAILED = "failed"
    UNKNOWN = "not known"
    """The answer of the service was lost, and nothing shows whether it was done."""
    STOPPED = "stopped"
    UNDER_WAY = "still being deleted"
    """The service goes on deleting; waiting was given up."""


@dataclass(frozen=True)
class Outcome:
    """What became of one resource."""

    ref: Ref
    result: Result
    did: tuple[str, ...] = ()
    """What was done, a sentence each."""
    remains: tuple[str, ...] = ()
    """What is still there, and may cost."""
    problem: str = ""
    """Why it did not end well, in the user's words."""
    cause: str = ""
    """What the service said."""
    hint: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class StepEnded:
    """One resource is done with."""

    outcome: Outcome


@dataclass(frozen=True)
class Report:
    """What was done, what was not, what remains: the last thing that applying says."""

    scope: Scope
    began: datetime
    ended: datetime
    outcomes: tuple[Outcome, ...]
    stopped: bool
    """Whether the user stopped it."""

    @property
    def clean(self) -> bool:
        """Whether everything that was planned was done."""
        good = {Result.DELETED, Result.EMPTIED, Result.GONE}
        return all(outcome.result in good for outcome in self.outcomes)


@dataclass(frozen=True)
class Applied:
    """The last event of applying."""

    report: Report


ApplyEvent = StepProgress | StepEnded | Applied
