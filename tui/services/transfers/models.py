"""What a transfer is told: files, objects, plans and policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from pathlib import Path

from tui.services.aws import Connection
from tui.services.placing import ExistingFile
from tui.services.s3.properties.upload_attributes import DEFAULTS, UploadAttributes
from tui.services.transfers.patterns import NONE_LEFT_OUT, LeftOut


class ConflictPolicy(Enum):
    """What to do where the destination already holds something. Asked before the start."""

    SKIP = "skip"
    """Leave what is there; send nothing."""
    OVERWRITE = "overwrite"
    """Replace it, but only if it is still what the plan saw."""
    KEEP_BOTH = "keep both"
    """Write beside it, under the first free name of the form `name (2).ext`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that will not be transferred, and why. Never fatal to the rest."""

    name: str
    """The local path or the key, raw. A local name that is not UTF-8 holds surrogates."""
    reason: str


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A regular file found under a path that the user chose."""

    path: Path
    """Absolute; symbolic links are not resolved."""
    root_name: str
    """The name of the chosen folder, "" when the file itself was chosen."""
    relative: str
    """The path inside the chosen folder (or the file's name), with `/` between its parts."""
    size: int
    mtime_ns: int
    leads_to: str = ""
    """The file that a link stands for, or a link among the folders on the way to it; "" without
    links. Above what was chosen no link counts: it was chosen by that name."""

    @property
    def is_hidden(self) -> bool:
        """Whether it, or a folder on the way to it, has a dot before its name, below what the
        user chose."""
        return bool(self.root_name) and any(
            part.startswith(".") for part in self.relative.split("/")
        )


@dataclass(frozen=True, slots=True)
class WalkPosition:
    """How far a walk or a listing has come."""

    number: int
    """In which of the chosen paths or prefixes, from 0 on."""
    inside: str
    """The last name there: below a chosen folder, a folder ending in `/`; the key in a prefix."""


START = WalkPosition(-1, "")
"""Nothing was found yet."""


@dataclass(frozen=True, slots=True)
class LocalBatch:
    """The next files of a walk, in the order in which S3 lists their keys."""

    files: tuple[LocalFile, ...]
    problems: tuple[Problem, ...]
    last: WalkPosition = START
    """Where the walk stands after it."""
    empty_folders: tuple[str, ...] = ()
    """The paths of folders in which there is nothing."""


@dataclass(frozen=True, slots=True)
class ExistingObject:
    """What S3 already holds under a key."""

    size: int
    etag: str
    """Empty if the server gave none; then an overwrite cannot be tied to what was seen."""
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class RemoteObject:
    """An object to download."""

    key: str
    inside: str
    """The key's part below the place that the user looked at; the local name is made of it."""
    relative: str
    """The key's part below the chosen prefix (or after the last `/` of a chosen key); the
    patterns are matched against it."""
    size: int
    etag: str
    """Empty if the server gave none."""
    modified: datetime | None
    version_id: str = ""
    """Empty for the latest version."""


@dataclass(frozen=True, slots=True)
class UploadItem:
    """One file and the key that it will get."""

    path: Path
    key: str
    size: int
    mtime_ns: int
    existing: ExistingObject | None = None
    checked: bool = False
    """Whether it is known what the key holds now. False before the check, or when it was denied;
    the write is conditional either way."""
    leads_to: str = ""
    """As in a LocalFile."""
    is_hidden: bool = False
    """As in a LocalFile."""
    attributes: UploadAttributes = DEFAULTS
    """What the object gets besides its content and the type that its name tells."""


@dataclass(frozen=True, slots=True)
class EmptyFolders:
    """Folders in which there is nothing: S3 keeps objects only, so that nothing is sent of them."""

    count: int = 0
    named: tuple[str, ...] = ()
    """The paths of the first."""


NO_EMPTY_FOLDERS = EmptyFolders()


@dataclass(frozen=True)
class UploadPlan:
    """What will go where, before anything goes. Made on a thread, and counted there: what it says
    of itself is kept, because a screen asks again and again."""

    bucket: str
    prefix: str
    items: Sequence[UploadItem]
    problems: tuple[Problem, ...] = ()
    left_out: LeftOut = NONE_LEFT_OUT
    """Files that the patterns left out."""
    empty_folders: EmptyFolders = NO_EMPTY_FOLDERS
    at: Connection = field(kw_only=True)
    """Where and as whom the bucket was chosen: the plan is not carried out from anywhere else."""

    @cached_property
    def bytes(self) -> int:
        """The sizes of all items, as they were when they were planned."""
        return sum(item.size for item in self.items)

    @cached_property
    def conflicts(self) -> tuple[UploadItem, ...]:
        """The items whose keys already exist."""
        return tuple(item for item in self.items if item.existing is not None)

    @cached_property
    def unchecked(self) -> int:
        """How many keys could not be looked up."""
        return sum(not item.checked for item in self.items)

    @cached_property
    def links(self) -> tuple[UploadItem, ...]:
        """The items whose content lies elsewhere than their names say."""
        return tuple(item for item in self.items if item.leads_to)

    @cached_property
    def hidden(self) -> int:
        """How many items nobody sees who looks into the chosen folders."""
        return sum(item.is_hidden for item in self.items)


@dataclass(frozen=True, slots=True)
class DownloadItem:
    """One object and the local path that it will get, always inside the plan's folder."""

    key: str
    size: int
    etag: str
    modified: datetime | None
    target: Path
    is_folder: bool = False
    """A key that ends in `/` and holds nothing: it becomes a folder."""
    renamed: str = ""
    """Why the local name is not simply the key's, "" if it is."""
    existing: ExistingFile | None = None
    version_id: str = ""
    """Empty for the latest version."""


@dataclass(frozen=True)
class DownloadPlan:
    """What will go where, before anything goes."""

    bucket: str
    folder: Path
    items: Sequence[DownloadItem]
    problems: tuple[Problem, ...] = ()
    left_out: LeftOut = NONE_LEFT_OUT
    """Objects that the patterns left out."""
    at: Connection = field(kw_only=True)
    """As in an UploadPlan."""

    @cached_property
    def bytes(self) -> int:
        """The sizes of all objects as they were listed."""
        return sum(item.size for item in self.items)

    @cached_property
    def conflicts(self) -> tuple[DownloadItem, ...]:
        """The items whose local names are taken."""
        return tuple(item for item in self.items if item.existing is not None)

    @cached_property
    def renamed(self) -> tuple[DownloadItem, ...]:
        """The items whose local names differ from their keys."""
        return tuple(item for item in self.items if item.renamed)


@dataclass(frozen=True, slots=True)
class CopyItem:
    """One object that is copied within S3; the buckets are those of its job."""

    key: str
    to_key: str
    etag: str
    """As listed: another object under this key is not copied."""
    size: int
    replaces: str = ""
    """The ETag of what may be overwritten; empty writes only where nothing is. Of what was `found`,
    its own."""
    version_id: str = ""
    """Empty for the latest version."""
    found: bool = False
    """Whether the plan found the same at the destination: a move only deletes the source."""
    left: str = ""
    """Why it is not copied; empty if it is."""
