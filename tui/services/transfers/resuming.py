"""Transfers that a killed application left unfinished: find them, go on with them, drop them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import ExistingFile
from tui.services.s3.upload_attributes import UploadAttributes
from tui.services.transfers.journal import Journal
from tui.services.transfers.models import (
    ConflictPolicy,
    Direction,
    DownloadItem,
    ExistingObject,
    UploadItem,
)
from tui.services.transfers.records import BegunDownload, BegunUpload, PlannedFile


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
    """Those that have not ended."""
    bytes: int
    more: str = ""
    """Where there are more files, which were not found yet; "" if all were found."""

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
    item: UploadItem | DownloadItem
    policy: ConflictPolicy
    upload: BegunUpload | None
    download: BegunDownload | None


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun of a file that has not ended."""

    number: int
    upload: BegunUpload | None = None
    download: BegunDownload | None = None


def cut_off(journal: Journal) -> tuple[CutOff, ...]:
    """The jobs that were cut off, the oldest first. Raises sqlite3.Error, OSError."""
    found = []
    for job in journal.cut_off():
        row: Any = journal.read(
            "SELECT id, direction, profile, region, endpoint, account, bucket, place,"
            " jobs.begun, more, count(number), total(size) FROM jobs LEFT JOIN files"
            " ON files.job = jobs.id AND state NOT IN ('done', 'skipped') WHERE id = ? GROUP BY id",
            (job,),
        )[0]
        if not row[9] and not row[10]:
            # It had only not been written down that the job was over.
            journal.forget([job])
            continue
        found.append(
            CutOff(
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
            )
        )
    return tuple(found)


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
    is_upload = direction is Direction.UPLOAD
    read = _upload if is_upload else _download
    return tuple(
        UnfinishedFile(
            row[0],
            read(row[1], row[2], row[3], details := json.loads(row[4])),
            ConflictPolicy(details["policy"]),
            BegunUpload.of(row[5]) if row[5] and is_upload else None,
            _begun_download(row[5], ranges.get(row[0], set())) if not is_upload else None,
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
    if direction is Direction.UPLOAD:
        return tuple(Begun(number, upload=BegunUpload.of(text)) for number, text in rows)
    return tuple(Begun(number, download=_begun_download(text, set())) for number, text in rows)


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


def kept_source(direction: Direction, source: str) -> bytes:
    """The source of a file, as the journal keeps it."""
    if direction is Direction.UPLOAD:
        return os.fsencode(source)
    return source.encode("utf-8", "surrogatepass")


def source_of(direction: Direction, kept: bytes) -> str:
    """What `kept_source` was made of."""
    return os.fsdecode(kept) if direction is Direction.UPLOAD else _key(kept)


def destination_of(direction: Direction, kept: bytes) -> str:
    """The destination of a file, as the journal keeps it."""
    return _key(kept) if direction is Direction.UPLOAD else os.fsdecode(kept)


def _key(kept: bytes) -> str:
    return kept.decode("utf-8", "surrogatepass")


def planned_upload(item: UploadItem, policy: ConflictPolicy) -> PlannedFile:
    """An upload as the journal keeps it."""
    details: dict[str, object] = {"policy": policy.value, "mtime": item.mtime_ns}
    if item.existing is not None:
        details["existing"] = [item.existing.size, item.existing.etag]
    if item.attributes:
        details["attributes"] = item.attributes.details
    source = os.fsencode(item.path)
    return PlannedFile(
        source, item.key.encode("utf-8", "surrogatepass"), item.size, json.dumps(details)
    )


def planned_download(item: DownloadItem, policy: ConflictPolicy) -> PlannedFile:
    """A download as the journal keeps it."""
    details: dict[str, object] = {"policy": policy.value, "etag": item.etag}
    if item.existing is not None:
        details["existing"] = [item.existing.size, item.existing.mtime_ns]
    if item.modified is not None:
        details["modified"] = item.modified.isoformat()
    for name in ("is_folder", "renamed", "version_id"):
        if value := getattr(item, name):
            details[name] = value
    target = os.fsencode(item.target)
    return PlannedFile(
        item.key.encode("utf-8", "surrogatepass"), target, item.size, json.dumps(details)
    )


def _upload(source: bytes, destination: bytes, size: int, details: Any) -> UploadItem:
    existing = details.get("existing")
    return UploadItem(
        Path(os.fsdecode(source)),
        _key(destination),
        size,
        details["mtime"],
        ExistingObject(existing[0], existing[1], None) if existing else None,
        checked=True,
        attributes=UploadAttributes.of(details.get("attributes", {})),
    )


def _download(source: bytes, destination: bytes, size: int, details: Any) -> DownloadItem:
    existing, modified = details.get("existing"), details.get("modified")
    return DownloadItem(
        _key(source),
        size,
        details["etag"],
        datetime.fromisoformat(modified) if modified else None,
        Path(os.fsdecode(destination)),
        details.get("is_folder", False),
        details.get("renamed", ""),
        ExistingFile(existing[0], existing[1]) if existing else None,
        details.get("version_id", ""),
    )


def _begun_download(text: str, done: set[int]) -> BegunDownload | None:
    if not text:
        return None
    read = json.loads(text)
    temporary = Path(os.fsdecode(bytes.fromhex(read["temporary"])))
    return BegunDownload(temporary, read["step"], frozenset(done))


def temporaries(journal: Journal) -> frozenset[Path]:
    """The temporary files that a cut-off download may go on with."""
    rows: Any = journal.read(
        "SELECT files.begun FROM files JOIN jobs ON jobs.id = files.job"
        " WHERE direction = ? AND NOT is_over AND state NOT IN ('done', 'skipped')"
        " AND files.begun <> ''",
        (Direction.DOWNLOAD.value,),
    )
    begun = (_begun_download(row[0], set()) for row in rows)
    return frozenset(each.temporary for each in begun if each is not None)


def folders(journal: Journal, job: str) -> tuple[Path, ...]:
    """The folders that a download's unfinished files go into. Raises sqlite3.Error, OSError."""
    rows: Iterator[Any] = journal.each(
        "SELECT destination FROM files WHERE job = ? AND state NOT IN ('done', 'skipped')",
        (job,),
    )
    found = dict.fromkeys(os.path.dirname(row[0]) for row in rows)
    return tuple(Path(os.fsdecode(folder)) for folder in found)
