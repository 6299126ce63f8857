"""Why the journal of transfers cannot be used, and what to do about it, in words."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from tui.services.errors import ServiceError

NEWER = "It was written by a newer version of this application"

_HINTS = (
    (NEWER, "Use the newer version, or move the file away: a new one is begun."),
    ("not a database", "The file is damaged: move it away, and a new one is begun."),
    ("malformed", "The file is damaged: move it away, and a new one is begun."),
    ("full", "Free some space on the disk that it is on."),
    ("locked", "Another program holds it: close that, or wait until it is done."),
    ("readonly", "Check the permissions of the file and of its folder."),
    ("unable to open", "Check the permissions of the file and of its folder."),
)
_BY_NUMBER = {
    errno.EACCES: "Check the permissions of the file and of its folder.",
    errno.EPERM: "Check the permissions of the file and of its folder.",
    errno.EROFS: "It is on a file system that cannot be written to.",
    errno.ENOSPC: "Free some space on the disk that it is on.",
}


def journal_problem(path: Path | None, error: sqlite3.Error | OSError | ValueError) -> ServiceError:
    """What is said when the journal cannot be read or written."""
    reason = str(error)
    hint = next((hint for part, hint in _HINTS if part in reason), "")
    if isinstance(error, OSError):
        reason = error.strerror or reason
        hint = _BY_NUMBER.get(error.errno or 0, hint)
    return ServiceError(
        "The journal of transfers cannot be used: transfers run without it, but one that is cut "
        "off cannot be gone on with.",
        cause=f"{path}: {reason}" if path is not None else reason,
        hint=hint,
    )
