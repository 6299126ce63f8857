"""The audit log: one line of JSON for every call that changed something, written and read."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import AppendedFile
from tui.services.quantities import counted

KEPT = 10_000
"""Lines that are kept while the file cannot be written."""

PAGE = 500
"""Lines of one page."""

BLOCK = 64 * 1024
"""Bytes that are read at once."""

LONGEST_LINE = 1024 * 1024
"""Bytes of a line after which it is taken for broken: the file is not ours."""

UNKNOWN = "unknown"
"""The outcome of a call whose answer was lost."""


@dataclass(frozen=True)
class AuditEntry:
    """One mutating call. Holds names and outcomes, never values and never secrets."""

    service: str
    """The vendor's service name: "s3", "rds", "dynamodb", "postgresql"."""
    operation: str
    """The vendor's operation name ("DeleteObject"), or the SQL command ("INSERT")."""
    target: Mapping[str, str]
    """What it was done to: bucket, key, table, instance, database."""
    outcome: str
    """"ok"; the vendor's error code; "unknown" if the answer was lost, and then another entry
    ("ok", "not done") if a look at the store found out."""
    account_id: str | None = None
    """None while the identity is unknown."""
    region: str | None = None
    endpoint: str | None = None
    """None for AWS itself."""
    note: str = ""
    """More about the outcome; empty in most entries."""


class AuditLog:
    """Appends entries to a file that only its owner can read.

    A line that cannot be written must not fail the call that already happened. It is kept and
    written with the next one; until then `problem` says so, for the interface to show.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = AppendedFile(path)
        self._unwritten: list[str] = []
        self._error: OSError | None = None
        self._lost = 0
        self._lock = threading.Lock()

    @property
    def problem(self) -> str:
        """What is wrong with the log, in a sentence; empty while it is complete."""
        error, waiting, lost = self._error, len(self._unwritten), self._lost
        if error is not None:
            why = error.strerror or str(error)
            return f"{counted(waiting + lost, 'change is', 'changes are')} not in it: {why}."
        return f"{counted(lost, 'change is', 'changes are')} missing in it." if lost else ""

    def append(self, entry: AuditEntry) -> None:
        """Write one line; blocking, called on a service's pool."""
        self.append_all((entry,))

    def append_all(self, entries: Sequence[AuditEntry]) -> None:
        """Write a line for each; blocking."""
        lines = [_line(entry) for entry in entries]
        with self._lock:
            self._unwritten += lines
            more = len(self._unwritten) - KEPT
            if more > 0:
                del self._unwritten[:more]
                self._lost += more
            if self._unwritten:
                self._write()

    def write_waiting(self) -> None:
        """Try again to write what could not be written; blocking."""
        with self._lock:
            if self._unwritten:
                self._write()

    def _write(self) -> None:
        try:
            self._file.write("".join(self._unwritten))
        except OSError as error:
            self._error = error
            # Of several lines a full disk may have taken some.
            taken, whole = self._file.taken, 0
            while taken >= len(self._unwritten[whole]):
                taken -= len(self._unwritten[whole])
                whole += 1
            del self._unwritten[:whole]
        else:
            self._unwritten.clear()
            self._error = None


def _line(entry: AuditEntry) -> str:
    line = json.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "account": entry.account_id,
            "region": entry.region,
            "endpoint": entry.endpoint,
            "service": entry.service,
            "operation": entry.operation,
            "target": dict(entry.target),
            "outcome": entry.outcome,
            **({"note": entry.note} if entry.note else {}),
        },
        ensure_ascii=True,
    )
    return line + "\n"


# -- reading it from its end, page by page; blocking --------------------------------------------


@dataclass(frozen=True)
class AuditLine:
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
class AuditPage:
    """Lines of the log, the newest first."""

    lines: tuple[AuditLine, ...]
    before: int | None
    """Where the next, older page ends in the file; None at the beginning of the file."""


def read_page(path: Path, before: int | None = None, size: int = PAGE) -> AuditPage:
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
        return AuditPage((), None)
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
    return AuditPage(tuple(read_line(row) for row in reversed(first)), following)


def _is_readable(data: bytes) -> bool:
    return len(data) < LONGEST_LINE or b"\n" in data[:LONGEST_LINE]


def read_line(row: bytes) -> AuditLine:
    """A line of the file, broken or not."""
    raw = row.decode("utf-8", "replace")
    try:
        read = json.loads(raw)
        time = datetime.fromisoformat(read["time"])
        target = read["target"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return AuditLine(raw)
    if time.tzinfo is None or not isinstance(target, dict):
        return AuditLine(raw)
    texts = {
        name: str(read[name])
        for name in ("service", "operation", "outcome", "account", "region", "endpoint", "note")
        if read.get(name) is not None
    }
    return AuditLine(raw, time, target={str(k): str(v) for k, v in target.items()}, **texts)
