"""The audit log on the screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tui.services.audit import AuditLog
from tui.services.errors import ServiceError
from tui.widgets.value_viewer import ValueViewer

SHOWN = 256 * 1024
"""Bytes of the log's end that are shown; the whole is in the file."""


async def audit_viewer(audit: AuditLog) -> ValueViewer:
    """A viewer on the end of the log. Raises ServiceError if it cannot be read."""
    text = await asyncio.to_thread(_tail, audit.path)
    note = str(audit.path)
    if audit.last_error is not None:
        note = f"Not complete, writing failed: {audit.last_error}"
    return ValueViewer("Audit log", text or "Nothing has been changed yet.", note=note, at_end=True)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(size - SHOWN, 0))
            return stream.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ServiceError(
            "The audit log cannot be read.",
            cause=str(error),
            hint="Make the file readable, or move it away: a new one is begun.",
        ) from error
