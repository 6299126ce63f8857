"""The data behind each snapshot: a copy of the data directory of the instance's server."""

from __future__ import annotations

import logging
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui.sandbox.children import SandboxEndingError
from tui.sandbox.instances import EmulatedInstance, RestoreSource
from tui.sandbox.postgres import Installation, PostgresError

log = logging.getLogger(__name__)


@dataclass
class _Kept:
    record: Any
    """moto's DBSnapshot; its `status` is what DescribeDBSnapshots answers."""
    source: RestoreSource | None = None
    """None until the copy is complete."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    discarded: bool = False


class Snapshots:
    """Every snapshot of an instance that has a server."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lock = threading.Lock()
        self._all: list[_Kept] = []
        self._count = 0

    def take(self, record: Any, instance: EmulatedInstance) -> None:
        """Copy the data of an instance in the background; the status of the record follows.

        The instance serves meanwhile, as it does at RDS.
        """
        kept = _Kept(record)
        with self._lock:
            self._all.append(kept)
            self._count += 1
            folder = self._installation.directory.databases / f"snapshot-{self._count}"
        record.status, record.percent_progress = "creating", 0
        if instance.record.status == "available":
            instance.record.status = "backing-up"
        copying = threading.Thread(
            target=self._copy, args=(kept, instance, folder), name="snapshot", daemon=True
        )
        # A deletion or a stop waits until it is complete.
        instance.copies.append(copying)
        copying.start()

    def _copy(self, kept: _Kept, instance: EmulatedInstance, folder: Path) -> None:
        from psycopg2 import Error as DatabaseError

        with instance.order, kept.lock:
            try:
                if instance.server is None:
                    raise PostgresError("The instance never had a server.")
                instance.server.copy_to(folder)
            except SandboxEndingError:
                return
            except (PostgresError, DatabaseError, OSError):
                log.exception("snapshot %s", kept.record.db_snapshot_identifier)
                kept.record.status = "failed"
            else:
                kept.source = RestoreSource(
                    folder, instance.user, instance.password, instance.database
                )
                kept.record.status, kept.record.percent_progress = "available", 100
            finally:
                if instance.record.status == "backing-up":
                    instance.record.status = "available"
            if kept.discarded:
                shutil.rmtree(folder, ignore_errors=True)

    def of(self, record: Any) -> RestoreSource | None:
        """The data of a snapshot; None until it is complete, and for other engines."""
        with self._lock:
            return next((each.source for each in self._all if each.record is record), None)

    def discard(self, record: Any) -> None:
        """Delete the data of a snapshot, if it has any."""
        with self._lock:
            found = [each for each in self._all if each.record is record]
            self._all = [each for each in self._all if each.record is not record]
        for kept in found:
            kept.discarded = True
            with kept.lock:
                if kept.source is not None:
                    shutil.rmtree(kept.source.data, ignore_errors=True)

    def discard_unlisted(self) -> None:
        """Delete the data of every snapshot of which the emulator has no record any more."""
        from moto.rds.models import rds_backends

        listed = {
            id(record)
            for regions in rds_backends.values()
            for backend in regions.values()
            for record in backend.database_snapshots.values()
        }
        with self._lock:
            lost = [each.record for each in self._all if id(each.record) not in listed]
        for record in lost:
            self.discard(record)
