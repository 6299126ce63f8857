"""Why the journal of transfers cannot be used, and what to do about it, in words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tui.services.errors import ServiceError
from tui.services.private_database import cause_and_hint


def journal_problem(path: Path | None, error: sqlite3.Error | OSError | ValueError) -> ServiceError:
    """What is said when the journal cannot be read or written."""
    cause, hint = cause_and_hint(path, error)
    return ServiceError(
        "The journal of transfers cannot be used: transfers run without it, but one that is cut "
        "off cannot be gone on with.",
        cause=cause,
        hint=hint,
    )
