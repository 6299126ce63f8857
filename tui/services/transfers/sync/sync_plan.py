"""What a sync is told and what its plan says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path

from tui.services.aws import Connection
from tui.services.transfers.models import (
    NO_EMPTY_FOLDERS,
    DownloadPlan,
    EmptyFolders,
    LocalFile,
    Problem,
    RemoteObject,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.patterns import NONE_LEFT_OUT, LeftOut
from tui.services.transfers.route import Direction


class SyncBy(Enum):
    """What tells that two of the same name differ, besides their sizes."""

    TIME = "time"
    """As `aws s3 sync`."""
    EXACT = "exact time"
    """As `aws s3 sync --exact-timestamps`: in a download, any other time."""
    SIZE = "size"
    """Nothing else."""
    CHECKSUM = "checksum"
    """The content, by the checksum that S3 keeps or by its ETag."""


class SyncKind(Enum):
    """How a name stands on the two sides."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "identical"
    EXTRA = "only there"


@dataclass(frozen=True, slots=True)
class SyncRow:
    """One name of the comparison."""

    name: str
    """Below the folder and below the prefix."""
    kind: SyncKind
    reason: str
    size: int
    """Of the source; of the other side for what is only there."""
    there: int | None
    """Of the other side; None if there is nothing."""
    modified: datetime | None
    """When that was changed; None if it is not known, or there is nothing."""
    leads_to: str = ""
    """Of a file that is sent: as in a LocalFile."""


@dataclass(slots=True)
class SyncTally:
    """How many, and how large."""

    count: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class SyncPlan:
    """What a sync does, before it does anything."""

    direction: Direction
    folder: Path
    transfers: UploadPlan | DownloadPlan
    """What is new or changed; what is changed is overwritten, if it is still as it was seen."""
    by: SyncBy
    deletes: bool
    """Whether what is only on the far side is deleted there."""
    rows: tuple[SyncRow, ...]
    """The first of each kind, in their order."""
    tallies: Mapping[SyncKind, SyncTally]
    extra_objects: Sequence[RemoteObject] = ()
    """What an upload finds in S3 only."""
    extra_files: Sequence[LocalFile] = ()
    """What a download finds on this machine only; no links."""
    problems: Sequence[Problem] = ()
    """What cannot be transferred, and why."""
    left_out: LeftOut = NONE_LEFT_OUT
    to_compare: Sequence[tuple[LocalFile, RemoteObject]] = ()
    """Pairs of one size whose contents were not compared yet."""
    hidden: int = 0
    """How many of the files that are sent to S3 nobody sees who looks into the folder."""
    links: int = 0
    """How many of them are what links lead to."""
    empty_folders: EmptyFolders = NO_EMPTY_FOLDERS
    """Of a folder that is sent to S3."""
    conflicts: tuple[UploadItem, ...] = field(default=(), init=False)
    """A sync has nothing to ask: changed is overwritten."""

    @property
    def bytes(self) -> int:
        """What is to be sent."""
        return self.tallies[SyncKind.NEW].bytes + self.tallies[SyncKind.CHANGED].bytes

    @property
    def bucket(self) -> str:
        return self.transfers.bucket

    @property
    def at(self) -> Connection:
        return self.transfers.at

    @property
    def deletions(self) -> SyncTally:
        """What is to be deleted."""
        return self.tallies[SyncKind.EXTRA] if self.deletes else SyncTally()

    @property
    def items(self) -> Sequence[object]:
        """Something that is to be done; empty if nothing is."""
        extras = self.extra_objects or self.extra_files
        return self.transfers.items or (extras if self.deletes else ())
