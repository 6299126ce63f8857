"""What applying a plan says while it runs, and the report that is left to read afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from tui.services.aws import Connection
from tui.services.cleanup.models import Ref
from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import create_private
from tui.services.quantities import elapsed_text


@dataclass(frozen=True)
class StepProgress:
    """How far one resource is."""

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


class StepResult(Enum):
    """How one resource ended; the value is the word in the report."""

    DELETED = "deleted"
    EMPTIED = "emptied"
    GONE = "was gone already"
    LEFT = "left alone"
    PARTLY = "partly deleted"
    """A part was deleted, and a part stays."""
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
    result: StepResult
    did: tuple[str, ...] = ()
    """What was done, a sentence each."""
    remains: tuple[str, ...] = ()
    """What is still there, and may cost."""
    problem: str = ""
    """Why it was not done, or not wholly, in the user's words."""
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

    connection: Connection
    began: datetime
    ended: datetime
    outcomes: tuple[Outcome, ...]
    stopped: bool
    """Whether the user stopped it."""


@dataclass(frozen=True)
class PlanApplied:
    """The last event of applying."""

    report: Report


ApplyEvent = StepProgress | StepEnded | PlanApplied


def report_text(report: Report) -> str:
    """The whole report as plain text; control characters of names are written as escapes."""
    head = [
        "Cleanup report",
        f"Where:  {report.connection.sentence}",
        f"Began:  {report.began:%Y-%m-%d %H:%M:%S} UTC",
        f"Ended:  {report.ended:%Y-%m-%d %H:%M:%S} UTC",
    ]
    if report.stopped:
        head.append("It was stopped by the user.")
    blocks = ["\n".join(head)]
    blocks += ["\n".join(outcome_lines(outcome)) for outcome in report.outcomes]
    return "\n\n".join(_plain(block) for block in blocks) + "\n"


def outcome_lines(outcome: Outcome) -> list[str]:
    """How one resource ended: what was done, what remains, what to do next."""
    took = elapsed_text(outcome.seconds)
    lines = [f"{outcome.ref.kind_name} {outcome.ref.name}: {outcome.result.value} ({took})"]
    lines += [f"  {each}" for each in outcome.did]
    lines += [f"  remains: {each}" for each in outcome.remains]
    for title, text in (
        ("problem", outcome.problem),
        ("cause", outcome.cause),
        ("next", outcome.hint),
    ):
        lines += [f"  {title}: {line}" for line in text.splitlines()]
    return lines


def _plain(text: str) -> str:
    return "".join(
        char if char == "\n" or char.isprintable() else ascii(char)[1:-1] for char in text
    )


def save_report(report: Report, path: Path) -> Path:
    """Write the report to a new file, readable by its owner only, and give its path. Blocking.

    Raises ServiceError EXISTS rather than overwrite a file, INVALID if it cannot be written.
    """
    path = path.expanduser()
    try:
        create_private(path, report_text(report))
    except OSError as error:
        if isinstance(error, FileExistsError) and path.parent.is_dir():
            raise ServiceError(
                f"{path} exists already; it was not overwritten.",
                hint="Choose another name.",
                kind=ErrorKind.EXISTS,
            ) from error
        # Also when what should be a folder on its way is a file.
        raise ServiceError(
            f"Could not write {path}.",
            cause=error.strerror or str(error),
            hint="Choose another place.",
            kind=ErrorKind.INVALID,
        ) from error
    return path
