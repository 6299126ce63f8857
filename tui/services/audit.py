"""The audit log: one line of JSON for every call that changed something."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tui.services.private_file import append_private

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

    A line that cannot be written must not fail the call that already happened; the reason is
    kept in `last_error` for the interface to show.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last_error: OSError | None = None
        self._lock = threading.Lock()

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
            try:
                append_private(self.path, line + "\n")
            except OSError as error:
                self.last_error = error
            else:
                self.last_error = None
