"""What a plan knows of each resource beyond the inventory, and what the user chose for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tui.services.cleanup.models import ProtectionKind
from tui.services.cleanup.upload_facts import UploadFacts


@dataclass(frozen=True)
class BucketCount:
    """What a bucket holds, counted by listing it."""

    objects: int = 0
    """Current versions: what an ordinary listing shows."""
    old_versions: int = 0
    delete_markers: int = 0
    uploads: int | None = 0
    """Multipart uploads under way; None if they were not, or may not be, listed."""
    upload_bytes: int | None = 0
    """Bytes of their parts, which are not in `size_bytes`; None if unknown."""
    size_bytes: int = 0
    """Of current and old versions."""
    complete: bool = True
    """False: everything above is "at least", because the count was stopped or has a limit."""
    governed: int = 0
    """Versions under GOVERNANCE retention now."""
    complying: int = 0
    """Versions under COMPLIANCE retention now."""
    comply_until: datetime | None = None
    """When the last COMPLIANCE retention that was seen ends."""
    held: int = 0
    """Versions under legal hold."""
    locked_objects: int = 0
    """Current versions that nobody can delete now: under COMPLIANCE retention or legal hold."""
    locked_old_versions: int = 0
    locked_bytes: int = 0
    locks_known: bool = True
    """Whether every version's lock was looked at."""

    @property
    def entries(self) -> int:
        """Everything that a delete call names: versions and delete markers."""
        return self.objects + self.old_versions + self.delete_markers

    @property
    def locked(self) -> int:
        """Versions that stay whatever is chosen, and with them the bucket."""
        return self.locked_objects + self.locked_old_versions

    @property
    def going(self) -> BucketCount:
        """The same count without what is locked: what can go."""
        return replace(
            self,
            objects=self.objects - self.locked_objects,
            old_versions=self.old_versions - self.locked_old_versions,
            size_bytes=self.size_bytes - self.locked_bytes,
        )


@dataclass(frozen=True)
class InstanceFacts:
    """What stays of an instance, and costs."""

    manual_snapshots: tuple[str, ...] | None
    """Names; None if they may not be listed."""
    open_to: tuple[str, ...] | None = ()
    """Rules of its security groups for its port that stay, as "0.0.0.0/0 tcp 5432 sg-…"; None if
    they may not be read."""
    snapshot_taken: frozenset[str] = frozenset()
    """Names of final snapshots that were asked for and exist already."""


@dataclass(frozen=True)
class TableFacts:
    """What goes and stays with a table."""

    alarms: tuple[str, ...] | None
    """CloudWatch alarms that watch this table only; None if they may not be listed."""
    shared_alarms: tuple[str, ...]
    """Alarms that watch other things too; they stay."""
    scaling: tuple[tuple[str, str], ...] | None
    """(resource id, scalable dimension) of its scaling targets; None if they may not be listed."""
    point_in_time: bool | None
    """Whether point-in-time recovery is on; None if unknown."""


@dataclass(frozen=True)
class Options:
    """What the user chose for one resource."""

    only_empty: bool = False
    """Buckets: keep the bucket, delete what is in it."""
    final_snapshot: str | None = None
    """Instances: the name of a final snapshot; None deletes without one."""
    only_stale: bool = False
    """Multipart uploads: only those that began more than a day before the plan was made."""
    lifted: frozenset[ProtectionKind] = frozenset()
    """Protections that the user lifts explicitly."""


Facts = BucketCount | InstanceFacts | TableFacts | UploadFacts | None
