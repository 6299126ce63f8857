"""What a job says of itself and of its files, while it runs and afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tui.services.transfers.route import Direction
from tui.services.transfers.sync.deletion_counts import DeletionCounts


class FileState(Enum):
    """How one file of a job ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The answer of the service was lost, and nothing shows whether the file was uploaded."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FileResult:
    """How one file of a job ended."""

    source: str
    """The local path of an upload, the key of a download or a copy."""
    destination: str
    """The key or the local path that was written, or would have been; the address of a copy."""
    state: FileState
    size: int
    message: str = ""
    """For a failure, or where it is unknown: what went wrong, why, and what to do. For the rest:
    what is worth knowing."""


@dataclass(frozen=True, slots=True)
class FileUnderWay:
    """One file that is being transferred."""

    source: str
    """The local path of an upload, the key of a download or a copy."""
    bytes_done: int
    bytes_total: int
    """As it was planned."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Many files failed in a row for a reason that concerns all; the others wait."""

    why: str
    seconds: float
    """Until one of them is tried."""


class JobState(Enum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PARTLY_FAILED = "partly failed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nothing failed, but it is not known whether every file was uploaded."""
    CANCELLED = "cancelled"

    @property
    def is_active(self) -> bool:
        """Whether it is still going to do something."""
        return self in {JobState.QUEUED, JobState.RUNNING}

    @property
    def can_retry(self) -> bool:
        """Whether it has ended, and some of its files were not transferred."""
        return not self.is_active and self is not JobState.DONE


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job as it is at one moment."""

    id: int
    direction: Direction
    bucket: str
    place: str
    """The prefix of an upload, the local folder of a download, the address of a copy."""
    only_source: str
    """The local path or the key of a file that is transferred alone; "" for several files."""
    state: JobState
    cancelling: bool
    """Asked to stop, and still ending what is in flight."""
    files_total: int
    files_done: int
    files_skipped: int
    files_failed: int
    bytes_total: int
    bytes_done: int
    rate: float | None
    """Bytes per second over the last seconds; None while it is unknown."""
    eta: float | None
    """Seconds to go at that rate; None while it is unknown."""
    elapsed: float
    """Seconds since the job left the queue; 0 while it is queued."""
    in_flight: tuple[FileUnderWay, ...] = field(default=())
    """A few of the files that are being transferred now, those that began first."""
    failures: tuple[FileResult, ...] = field(default=())
    """The first files that failed, or of which it is unknown; `TransferService.results` gives
    all."""
    files_unknown: int = 0
    to_bucket: str = ""
    """The bucket of copies; "" for uploads and downloads."""

    paused: bool = False
    """Whether it waits to be told to go on; what was in flight may still end."""

    turn: int = 0
    """Its place among the jobs that wait, 1 for the next to begin; 0 for one that does not wait."""

    in_journal: bool = True
    """Whether it was written down, so that a later run can go on with it."""
    looking: bool = False
    """Whether more files are still being found: the totals grow."""
    can_go_on: bool = False
    """Whether something failed for a reason that may pass, so that what has arrived is kept."""
    unfit: tuple[FileResult, ...] = ()
    """The first of what the plan left out because it cannot be transferred, or what was found so
    on the way; they count as skipped."""
    deletions: DeletionCounts | None = None
    """What a sync deletes after all else; None if it deletes nothing."""
    in_flight_more: int = 0
    """Files that are being transferred now besides those of `in_flight`."""
    files_unfit: int = 0
    """Of those that were skipped, how many cannot be transferred."""
    files_rate: float | None = None
    """Files per second over the last seconds; None while it is unknown."""
    held_back: HeldBack | None = None
    """Why no file begins now; None if they do."""

    @property
    def only_deletes(self) -> bool:
        """Whether nothing is transferred, and something is deleted."""
        return self.deletions is not None and not self.files_total and not self.looking

    @property
    def is_deleting(self) -> bool:
        """Whether all else has arrived, and what is to be deleted is being deleted."""
        ended = self.files_done + self.files_skipped + self.files_failed + self.files_unknown
        is_left = self.deletions is not None and bool(self.deletions.pending)
        return is_left and self.state is JobState.RUNNING and ended >= self.files_total

    def changes(self, bucket: str) -> bool:
        """Whether the job changes what that bucket holds."""
        changed = {
            Direction.UPLOAD: {self.bucket},
            Direction.DOWNLOAD: set[str](),
            Direction.COPY: {self.to_bucket},
            Direction.MOVE: {self.bucket, self.to_bucket},
        }
        return bucket in changed[self.direction]

    @property
    def progress(self) -> tuple[int, int]:
        """(done, of all): bytes; or files, where all of them are empty."""
        if self.bytes_total:
            return self.bytes_done, self.bytes_total
        ended = self.files_done + self.files_skipped + self.files_failed + self.files_unknown
        return ended, self.files_total
