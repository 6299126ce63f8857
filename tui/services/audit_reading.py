"""Read the audit log from its end, page by page. Blocking: run off the event loop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError

PAGE = 500
"""Lines of one page."""

BLOCK = 64 * 1024
"""Bytes that are read at once."""

LONGEST_LINE = 1024 * 1024
"""Bytes of a line after which it is taken for broken: the file is not ours."""


@dataclass(frozen=True)
class Line:
    """One line of the log."""

    raw: str
    """The line as it is in the file."""
    time: datetime | None = None
    """Aware; None where the line is not what this application writes."""
    service: str = ""
    operation: str = ""
    target: Mapping[str, str] = field(default_factory=dict)
    outcome: str = ""
    account: str = ""
    region: str = ""
    endpoint: str = ""
    note: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether it could not be read: written only in part, or by something else."""
        return self.time is None


@dataclass(frozen=True)
class Page:
    """Lines of the log, the newest first."""

    lines: tuple[Line, ...]
    before: int | None
    """Where the next, older page ends in the file; None at the beginning of the file."""


def read_page(path: Path, before: int | None = None, size: int = PAGE) -> Page:
    """The last `size` lines that end at or before the byte `before`, or at the end of the file.

    No file is an empty log. Raises ServiceError.
    """
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, 2) if before is None else before
            data, start = b"", end
            # One line break more than lines: the one that ends the page before.
            while start and data.count(b"\n") <= size and _is_readable(data):
                length = min(BLOCK, start)
                start -= length
                stream.seek(start)
                data = stream.read(length) + data
    except FileNotFoundError:
        return Page((), None)
    except OSError as error:
        raise ServiceError(
            "The audit log cannot be read.",
            cause=str(error),
            hint="Make the file readable, or move it away: a new one is begun.",
            kind=ErrorKind.OTHER,
        ) from error
    rows = data.split(b"\n")
    if rows and not rows[-1]:
        rows.pop()
    first = rows[-size:]
    if start == 0 and len(first) == len(rows):
        following = None
    else:
        # What comes before these lines, also where it is only a part of a line.
        following = end - len(data) + sum(len(row) + 1 for row in rows[: -len(first)])
        if len(first) == len(rows):
            following = start or None
    return Page(tuple(_line(row) for row in reversed(first)), following)


def _is_readable(data: bytes) -> bool:
    return len(data) < LONGEST_LINE or b"\n" in data[:LONGEST_LINE]


def _line(row: bytes) -> Line:
    raw = row.decode("utf-8", "replace")
    try:
        read = json.loads(raw)
        time = datetime.fromisoformat(read["time"])
        target = read["target"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return Line(raw)
    if time.tzinfo is None or not isinstance(target, dict):
        return Line(raw)
    texts = {
        name: str(read[name])
        for name in ("service", "operation", "outcome", "account", "region", "endpoint", "note")
        if read.get(name) is not None
    }
    return Line(raw, time, target={str(k): str(v) for k, v in target.items()}, **texts)
