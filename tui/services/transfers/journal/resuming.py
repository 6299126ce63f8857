"""Transfers that a killed application left unfinished: find them, go on with them, drop them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.journal.begun import BegunCopy, BegunDownload, BegunUpload
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.kept_items import Item, item_of
from tui.services.transfers.models import ConflictPolicy
from tui.services.transfers.route import Direction, Route


@dataclass(frozen=True, slots=True)
class CutOff:
    """A job that was cut off, as the journal tells of it."""

    id: str
    direction: Direction
    profile: str
    region: str
    endpoint: str
    """Empty for AWS."""
    account: str
    """Empty if it was not known."""
    bucket: str
    place: str
    begun: datetime
    files: int
    """Those that have not ended, or have `arrived`."""
    bytes: int
    """The sizes of those, as they were when they were planned."""
    more: str = ""
    """Where there are more files, which were not found yet; "" if all were found."""
    to_bucket: str = ""
    """The bucket of copies; "" for uploads and downloads."""
    deletes: bool = False
    """Whether it deletes something when all else has arrived."""
    deletions: int = 0
    """Those that have not ended."""
    arrived: int = 0
    """Files that are whole in their places, and may not be on the disk: they are looked at."""
    arrived_bytes: int = 0
    """The bytes of those."""

    @property
    def files_to_go(self) -> int:
        """Those that are still to be transferred."""
        return self.files - self.arrived

    @property
    def bytes_to_go(self) -> int:
        """The bytes of those."""
        return self.bytes - self.arrived_bytes

    @property
    def route(self) -> Route:
        """Where its files come from and go to."""
        return Route(self.direction, self.bucket, self.place, self.to_bucket)

    def refuse_elsewhere(self, at: Connection) -> None:
        """Raise ServiceError (CONFLICT) unless the connection is to the account and the endpoint
        that the job was begun on."""
        known = bool(self.account and at.account_id)
        same = self.account == at.account_id if known else self.profile == at.profile
        if same and self.endpoint == (at.endpoint or ""):
            return
        account = f" (account {self.account})" if self.account else ""
        where = f"the endpoint {self.endpoint}" if self.endpoint else "AWS"
        raise ServiceError(
            f"This transfer belongs to the profile {self.profile}{account}, "
            f"region {self.region or 'unknown'}, on {where}.",
            hint="Switch there (P the profile, R the region), then go on. Nothing was sent.",
            kind=ErrorKind.CONFLICT,
        )


@dataclass(frozen=True, slots=True)
class UnfinishedFile:
    """One file of a cut-off job that has not ended."""

    number: int
    item: Item
    policy: ConflictPolicy
    upload: BegunUpload | None = None
    download: BegunDownload | None = None
    copy: BegunCopy | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun of a file that has not ended."""

    number: int
    upload: BegunUpload | None = None
    download: BegunDownload | None = None
    copy: BegunCopy | None = None


_LEFT = """
SELECT id, direction, profile, region, endpoint, account, bucket, place, jobs.begun, more,
count(number), total(size), to_bucket, total(state = 'arrived'),
total((state = 'arrived') * size) FROM jobs LEFT JOIN files
ON files.job = jobs.id AND state NOT IN ('done', 'skipped') WHERE id = ? GROUP BY id
"""
_DELETIONS = """
SELECT count(*), total(state NOT IN ('done', 'left') OR made <> ''),
CAST(total(state NOT IN ('done', 'left')) AS INTEGER) FROM deletions WHERE job = ?
"""
"""How many there are, how many have not ended or cannot be taken back yet, and how many have not
ended."""


def cut_off(journal: Journal) -> tuple[CutOff, ...]:
    """The jobs that were cut off, the oldest first. Raises sqlite3.Error, OSError."""
    found = []
    for job in journal.cut_off():
        left = what_is_left(journal, job)
        if left is None:
            # It had only not been written down that the job was over.
            journal.forget([job])
        else:
            found.append(left)
    return tuple(found)


def what_is_left(journal: Journal, job: str) -> CutOff | None:
    """What has not ended of a job; None if all has. Raises sqlite3.Error, OSError."""
    row: Any = journal.read(_LEFT, (job,))[0]
    deletions: Any = journal.read(_DELETIONS, (job,))[0]
    if not row[9] and not row[10] and not deletions[1]:
        return None
    return CutOff(
        id=row[0],
        direction=Direction(row[1]),
        profile=row[2],
        region=row[3],
        endpoint=row[4],
        account=row[5],
        bucket=row[6],
        place=os.fsdecode(row[7]),
        begun=datetime.fromtimestamp(row[8], UTC),
        more=row[9],
        files=row[10],
        bytes=int(row[11]),
        to_bucket=row[12],
        deletes=bool(deletions[0]),
        deletions=deletions[2],
        arrived=int(row[13]),
        arrived_bytes=int(row[14]),
    )


def unfinished(
    journal: Journal, job: str, direction: Direction, *, after: int = -1, limit: int = -1
) -> tuple[UnfinishedFile, ...]:
    """The files of a job that have not ended, by their numbers: at most `limit` of those that come
    after that number. Raises sqlite3.Error, OSError."""
    rows: Any = journal.read(
        "SELECT number, source, destination, size, details, begun FROM files"
        " WHERE job = ? AND number > ? AND state NOT IN ('done', 'skipped')"
        " ORDER BY number LIMIT ?",
        (job, after, limit),
    )
    ranges: dict[int, set[int]] = {}
    if any(row[5] for row in rows):
        found: Any = journal.read(
            "SELECT number, start FROM ranges WHERE job = ? AND number BETWEEN ? AND ?",
            (job, rows[0][0], rows[-1][0]),
        )
        for number, start in found:
            ranges.setdefault(number, set()).add(start)
    return tuple(
        UnfinishedFile(
            row[0],
            item_of(direction, row[1], row[2], row[3], details := json.loads(row[4])),
            ConflictPolicy(details.get("policy", ConflictPolicy.SKIP.value)),
            **_begun(direction, row[5], ranges.get(row[0], set())),
        )
        for row in rows
    )


def begun(journal: Journal, job: str, direction: Direction) -> tuple[Begun, ...]:
    """What was begun of a job's files that have not ended. Raises sqlite3.Error, OSError."""
    rows: Any = journal.read(
        "SELECT number, begun FROM files"
        " WHERE job = ? AND state NOT IN ('done', 'skipped') AND begun <> '' ORDER BY number",
        (job,),
    )
    return tuple(Begun(number, **_begun(direction, text)) for number, text in rows)


def _begun(direction: Direction, text: str, done: Iterable[int] = ()) -> dict[str, Any]:
    """What the journal tells of it, by the name of its field."""
    if not text:
        return {}
    if direction is Direction.UPLOAD:
        return {"upload": BegunUpload.of(text)}
    if direction is Direction.DOWNLOAD:
        return {"download": BegunDownload.of(text, frozenset(done))}
    return {"copy": BegunCopy.of(text)}


def destinations(journal: Journal, job: str) -> Iterator[bytes]:
    """Where the files of a job go. Raises sqlite3.Error, OSError."""
    statement = "SELECT destination FROM files WHERE job = ? AND destination <> x''"
    rows: Iterator[Any] = journal.each(statement, (job,))
    return (row[0] for row in rows)


def next_number(journal: Journal, job: str) -> int:
    """The number that the next file of a job gets. Raises sqlite3.Error, OSError."""
    rows: Any = journal.read("SELECT max(number) FROM files WHERE job = ?", (job,))
    return 0 if rows[0][0] is None else rows[0][0] + 1


def last_ended(journal: Journal, job: str) -> int:
    """The number of the last file of a job that has ended. Raises sqlite3.Error, OSError."""
    rows: Any = journal.read(
        "SELECT number FROM files WHERE job = ? AND state <> '' AND details <> '{}'"
        " ORDER BY number DESC LIMIT 1",
        (job,),
    )
    return rows[0][0] if rows else 0


def temporaries(journal: Journal) -> frozenset[Path]:
    """The temporary files that a cut-off download may go on with."""
    rows: Any = journal.read(
        "SELECT files.begun FROM files JOIN jobs ON jobs.id = files.job"
        " WHERE direction = ? AND NOT is_over AND state NOT IN ('done', 'skipped')"
        " AND files.begun <> ''",
        (Direction.DOWNLOAD.value,),
    )
    return frozenset(BegunDownload.of(row[0]).temporary for row in rows)


def folders(journal: Journal, job: str) -> tuple[Path, ...]:
    """The folders that a download's unfinished files go into. Raises sqlite3.Error, OSError."""
    rows: Iterator[Any] = journal.each(
        "SELECT destination FROM files WHERE job = ? AND state NOT IN ('done', 'skipped')",
        (job,),
    )
    found = dict.fromkeys(os.path.dirname(row[0]) for row in rows)
    return tuple(Path(os.fsdecode(folder)) for folder in found)
