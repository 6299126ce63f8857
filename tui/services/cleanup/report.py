"""The report as text, and saved to a file that did not exist before."""

from __future__ import annotations

from pathlib import Path

from tui.services.cleanup.events import Outcome, Report
from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import create_private
from tui.services.quantities import elapsed_text


def report_text(report: Report) -> str:
    """The whole report as plain text; control characters of names are written as escapes."""
    head = [
        "Cleanup report",
        f"Where:  {report.scope.sentence}",
        f"Began:  {report.began:%Y-%m-%d %H:%M:%S} UTC",
        f"Ended:  {report.ended:%Y-%m-%d %H:%M:%S} UTC",
    ]
    if report.stopped:
        head.append("It was stopped by the user.")
    blocks = ["\n".join(head)]
    blocks += ["\n".join(_outcome_lines(outcome)) for outcome in report.outcomes]
    return "\n\n".join(_plain(block) for block in blocks) + "\n"


def _outcome_lines(outcome: Outcome) -> list[str]:
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
