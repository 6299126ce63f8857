"""The audit log: one line of JSON for every call that changed something."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tui.services.private_file import append_private
from tui.services.quantities import counted

KEPT = 10_000
"""Lines that are kept while the file cannot be written."""

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
        with self._lock:
            if len(self._unwritten) >= KEPT:
                self._unwritten.pop(0)
                self._lost += 1
            self._unwritten.append(line + "\n")
            self._write()

    def write_waiting(self) -> None:
        """Try again to write what could not be written; blocking."""
        with self._lock:
            if self._unwritten:
                self._write()

    def _write(self) -> None:
        try:
            append_private(self.path, "".join(self._unwritten))
        except OSError as error:
            self._error = error
        else:
            self._unwritten.clear()
            self._error = None
