"""Why the journal of transfers cannot be used, and what to do about it, in words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tui.services.errors import ServiceError
from tui.services.private_database import cause_and_hint
from tui.services.transfers.passing import JOURNAL


class JournalHeldError(ServiceError):
    """Another window writes to the journal, or holds it: what is tried again works when that is
    done."""


def journal_problem(path: Path | None, error: sqlite3.Error | OSError | ValueError) -> ServiceError:
    """What is said when the journal cannot be read or written."""
    cause, hint = cause_and_hint(path, error)
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        said = "The journal of transfers is held by another window."
        return JournalHeldError(said, cause=cause, hint=hint)
    return not_in_journal(path, error)


def not_in_journal(path: Path | None, error: sqlite3.Error | OSError | ValueError) -> ServiceError:
    """What is said when a transfer runs without the journal, whatever keeps it out."""
    cause, hint = cause_and_hint(path, error)
    return ServiceError(
        "The journal of transfers cannot be used: transfers run without it, but one that is cut "
        "off cannot be gone on with.",
        cause=cause,
        hint=hint,
    )


def nothing_deleted(problem: ServiceError) -> ServiceError:
    """What is said when nothing more is deleted, because the journal cannot be written."""
    return _until_mended("Nothing more is deleted", "what is deleted", problem)


def nothing_done_again(problem: ServiceError) -> ServiceError:
    """What is said when nothing is tried again, because the journal cannot be written."""
    return _until_mended("Nothing is tried again", "what has arrived", problem)


def _until_mended(stands: str, what: str, problem: ServiceError) -> ServiceError:
    return ServiceError(
        f"{stands}: {what} must be written into the journal of transfers first, and that cannot "
        "be done.",
        cause=problem.cause,
        hint=f"{problem.hint} Then r on the transfers screen (F9) goes on with the rest.".strip(),
        code=JOURNAL,
    )
