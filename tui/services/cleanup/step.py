"""One resource of a plan: what was found, what was chosen, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tui.services.cleanup.models import (
    Protection,
    ProtectionKind,
    Ref,
    Resource,
    ResourceKind,
    reason,
)
from tui.services.cloudwatch import ScalingTarget
from tui.services.dynamodb import Recovery
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.rds import Cluster, Instance
from tui.services.rds.rules import snapshot_name_problems

STALE = timedelta(days=1)
"""An upload that began longer ago counts as abandoned; a later one may be under way."""


@dataclass(frozen=True)
class UploadTotal:
    """A number of uploads and the bytes of their parts."""

    count: int = 0
    size_bytes: int | None = 0
    """None if the parts of any of them are unknown."""

    def __add__(self, other: UploadTotal) -> UploadTotal:
        known = self.size_bytes is not None and other.size_bytes is not None
        size = (self.size_bytes or 0) + (other.size_bytes or 0)
        return UploadTotal(self.count + other.count, size if known else None)


@dataclass(frozen=True)
class UploadFacts:
    """The multipart uploads of one bucket, as of a moment."""

    looked_at: datetime
    stale: UploadTotal = UploadTotal()
    """Those that began more than a day before `looked_at`."""
    recent: UploadTotal = UploadTotal()
    """The others, and those whose beginning is unknown."""
    oldest: datetime | None = None
    newest: datetime | None = None
    complete: bool = True
    """False if the count was stopped: there are more."""

    @property
    def all(self) -> UploadTotal:
        return self.stale + self.recent

    @property
    def stale_before(self) -> datetime:
        """The latest beginning of a stale one."""
        return self.looked_at - STALE


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
    """What stays of an instance or a cluster, and costs."""

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
    scaling: tuple[ScalingTarget, ...] | None
    """Its scaling targets; None if they may not be listed."""
    recovery: Recovery


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


@dataclass(frozen=True)
class Step:
    """One resource of a plan, as it was when the plan was made."""

    resource: Resource
    facts: Facts
    """None if it could not be read, `blocked` then says why; and for what the inventory knows
    already."""
    options: Options = field(default_factory=Options)
    gone: bool = False
    """It was gone already when the plan was made."""
    unreadable: str = ""
    """Why it could not be looked at; empty if it could."""

    @property
    def ref(self) -> Ref:
        return self.resource.ref

    @property
    def protections(self) -> tuple[Protection, ...]:
        """All that protects it, those that matter to the chosen action only."""
        own = tuple(
            each
            for each in self.resource.protections or ()
            if not (each.only_bucket and self.options.only_empty)
        )
        return own + _lock_protections(self.facts)

    @property
    def verb(self) -> str:
        """What is done to it, in a word."""
        if self.options.only_empty:
            return "empty"
        return {ResourceKind.UPLOADS: "abort", ResourceKind.RULE: "remove"}.get(
            self.resource.kind, "delete"
        )

    @property
    def blocked(self) -> tuple[str, ...]:
        """Why it is left out, a sentence each; empty if it will be done."""
        if self.gone:
            return ("It is gone already.",)
        if self.unreadable:
            return (self.unreadable,)
        why = [
            each.what
            for each in self.protections
            if not (each.liftable and each.kind in self.options.lifted)
        ]
        return (*why, *self._snapshot_problems(), *self._upload_problems())

    @property
    def ready(self) -> bool:
        """Whether applying the plan acts on it."""
        return not self.blocked

    def _upload_problems(self) -> tuple[str, ...]:
        if not isinstance(self.facts, UploadFacts) or self.going_uploads.count:
            return ()
        return ("All of them began less than a day ago; somebody may still be uploading.",)

    @property
    def going_uploads(self) -> UploadTotal:
        """The multipart uploads that are aborted, where that is what the step does."""
        if not isinstance(self.facts, UploadFacts):
            return UploadTotal()
        return self.facts.stale if self.options.only_stale else self.facts.all

    def _snapshot_problems(self) -> tuple[str, ...]:
        name = self.options.final_snapshot
        detail = self.resource.detail
        if name is None or not isinstance(detail, Instance | Cluster):
            return ()
        if isinstance(detail, Instance) and detail.must_skip_snapshot:
            why = "a replica" if detail.replica_of else f"in the state {detail.status}"
            return (f"It is {why}: RDS takes no final snapshot of it.",)
        if isinstance(self.facts, InstanceFacts) and name in self.facts.snapshot_taken:
            return (f"A snapshot named {name} exists already.",)
        return tuple(snapshot_name_problems(name))


def unread(resource: Resource, error: ServiceError) -> Step:
    """The step for a resource that is gone, or could not be looked at."""
    if error.kind is ErrorKind.NOT_FOUND:
        return Step(resource, None, gone=True)
    return Step(resource, None, unreadable=f"It could not be looked at: {reason(error)}.")


def _lock_protections(facts: Facts) -> tuple[Protection, ...]:
    if not isinstance(facts, BucketCount):
        return ()
    found: list[Protection] = []
    rest = "Delete what is not locked; the bucket stays"
    if facts.governed:
        number = counted(facts.governed, "version")
        found.append(
            Protection(
                ProtectionKind.GOVERNANCE,
                f"{number} under GOVERNANCE retention.",
                lifting="Bypass GOVERNANCE retention (needs s3:BypassGovernanceRetention)",
                goes=f"Bypasses the GOVERNANCE retention of {number}.",
            )
        )
    if facts.complying:
        until = facts.comply_until
        when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        found.append(
            Protection(
                ProtectionKind.COMPLIANCE,
                f"{counted(facts.complying, 'version')} under COMPLIANCE retention{when}; nobody "
                f"can delete {'it' if facts.complying == 1 else 'them'} before.",
                lifting=rest,
            )
        )
    if facts.held:
        found.append(
            Protection(
                ProtectionKind.LEGAL_HOLD,
                f"{counted(facts.held, 'version')} under legal hold.",
                lifting=rest,
                hint="Release the holds first: aws s3api put-object-legal-hold.",
            )
        )
    if not facts.locks_known:
        found.append(
            Protection(
                ProtectionKind.OBJECT_LOCK,
                "Object lock is on, and not every version was checked for a lock.",
                lifting="Delete what is not locked; S3 refuses the rest",
                stays="Locked versions stay, if there are any, and then the bucket stays too.",
            )
        )
    return tuple(found)
