"""Errors that nobody foresaw, for a report: where they happened, never what they held."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

from tui.services.private_file import append_private


def fault_text(error: BaseException) -> str:
    """What is written down: when, and the traceback.

    Only types and places: an error's own words, and the variables around it, may hold values
    and secrets.
    """
    lines = [f"{datetime.now(UTC).isoformat(timespec='seconds')}\n"]
    chain: BaseException | None = error
    while chain is not None:
        lines.append(f"{type(chain).__module__}.{type(chain).__qualname__}\n")
        lines.extend(traceback.format_tb(chain.__traceback__))
        chain = chain.__cause__ or chain.__context__
    return "".join(lines)


def append_fault(path: Path, error: BaseException) -> bool:
    """Add a fault to the log; whether it could be written."""
    try:
        append_private(path, fault_text(error))
    except OSError:
        return False
    return True
