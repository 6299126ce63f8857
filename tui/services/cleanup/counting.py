"""Count what is in a bucket by listing it: versions, markers, uploads, bytes, locks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tui.services.cleanup.models import BucketDetail, Resource
from tui.services.cleanup.step import BucketCount
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.cleanup.upload_facts import read_uploads
from tui.services.cleanup.uploads import may_not_be_listed
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.batch_delete import NO_VERSION, Name


@dataclass(frozen=True)
class Entry:
    """One version or delete marker, as a delete call names it."""

    key: str
    version_id: str
    """`NO_VERSION` in a bucket that never had versioning."""
    size_bytes: int
    marker: bool
    latest: bool
    modified: datetime | None = None
    etag: str = ""

    @property
    def name(self) -> Name:
        """What a delete call says."""
        return Name(self.key, self.version_id)


async def versions(stores: Stores, bucket: str, page: int) -> AsyncIterator[list[Entry]]:
    """Every version and delete marker, page by page, in the order of the keys."""
    async for answer in stores.pages(
        "s3",
        "list_object_versions",
        f"list the versions in {bucket}",
        tokens={"NextKeyMarker": "KeyMarker", "NextVersionIdMarker": "VersionIdMarker"},
        Bucket=bucket,
        MaxKeys=page,
    ):
        entries = [_entry(row, marker=False) for row in answer.get("Versions", [])]
        entries += [_entry(row, marker=True) for row in answer.get("DeleteMarkers", [])]
        yield entries


def _entry(row: Mapping[str, Any], *, marker: bool) -> Entry:
    return Entry(
        key=str(row["Key"]),
        version_id=str(row.get("VersionId") or NO_VERSION),
        size_bytes=int(row.get("Size") or 0),
        marker=marker,
        latest=bool(row.get("IsLatest")),
        modified=row.get("LastModified"),
        etag=str(row.get("ETag", "")),
    )


async def count_bucket(
    stores: Stores, resource: Resource, tunables: Tunables, stop: asyncio.Event
) -> AsyncIterator[BucketCount]:
    """The count so far after every page; the last one is the answer.

    Setting `stop` ends it early with `complete=False`. Raises ServiceError if the versions may
    not be listed.
    """
    detail = resource.detail
    locked = not isinstance(detail, BucketDetail) or detail.object_lock is not False
    count = BucketCount()
    looked_at = 0
    async for entries in versions(stores, resource.name, tunables.page):
        count = _add(count, entries)
        if locked:
            candidates = [entry for entry in entries if not entry.marker]
            room = max(tunables.lock_lookups - looked_at, 0)
            looked_at += len(candidates[:room])
            count = await _add_locks(stores, resource.name, candidates[:room], count)
            if len(candidates) > room:
                count = replace(count, locks_known=False)
        yield count
        if stop.is_set() or count.entries >= tunables.count_limit:
            yield replace(count, complete=False, uploads=None, upload_bytes=None)
            return
    yield await _add_uploads(stores, resource.name, tunables, stop, count)


def _add(count: BucketCount, entries: list[Entry]) -> BucketCount:
    markers = sum(entry.marker for entry in entries)
    current = sum(entry.latest and not entry.marker for entry in entries)
    return replace(
        count,
        objects=count.objects + current,
        old_versions=count.old_versions + len(entries) - markers - current,
        delete_markers=count.delete_markers + markers,
        size_bytes=count.size_bytes + sum(entry.size_bytes for entry in entries),
    )


async def _add_uploads(
    stores: Stores, bucket: str, tunables: Tunables, stop: asyncio.Event, count: BucketCount
) -> BucketCount:
    try:
        found = await read_uploads(stores, bucket, tunables, stop)
    except ServiceError as error:
        if not may_not_be_listed(error):
            raise
        return replace(count, uploads=None, upload_bytes=None)
    if not found.complete:
        return replace(count, complete=False, uploads=None, upload_bytes=None)
    return replace(count, uploads=found.all.count, upload_bytes=found.all.size_bytes)


@dataclass(frozen=True)
class Lock:
    """What locks one version now."""

    mode: str | None
    """"GOVERNANCE", "COMPLIANCE", or None without retention or after it ended."""
    until: datetime | None
    held: bool


async def read_lock(stores: Stores, bucket: str, entry: Entry) -> Lock:
    """The retention and legal hold of one version. Raises ServiceError."""
    answer = await stores.call(
        "s3",
        "head_object",
        f"look at {entry.key}",
        Bucket=bucket,
        Key=entry.key,
        VersionId=entry.version_id,
    )
    until = answer.get("ObjectLockRetainUntilDate")
    running = until is not None and until > datetime.now(UTC)
    return Lock(
        mode=str(answer["ObjectLockMode"]) if running and answer.get("ObjectLockMode") else None,
        until=until if running else None,
        held=answer.get("ObjectLockLegalHoldStatus") == "ON",
    )


async def _add_locks(
    stores: Stores, bucket: str, entries: list[Entry], count: BucketCount
) -> BucketCount:
    answers = await asyncio.gather(
        *(read_lock(stores, bucket, entry) for entry in entries), return_exceptions=True
    )
    for entry, answer in zip(entries, answers, strict=True):
        if isinstance(answer, ServiceError):
            # One that went meanwhile locks nothing; any other answer leaves it open.
            known = count.locks_known and answer.kind is ErrorKind.NOT_FOUND
            count = replace(count, locks_known=known)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            count = _add_lock(count, entry, answer)
    return count


def _add_lock(count: BucketCount, entry: Entry, lock: Lock) -> BucketCount:
    if lock.mode == "COMPLIANCE":
        latest = max(filter(None, (count.comply_until, lock.until)), default=None)
        count = replace(count, complying=count.complying + 1, comply_until=latest)
    if lock.mode == "GOVERNANCE":
        count = replace(count, governed=count.governed + 1)
    if lock.held:
        count = replace(count, held=count.held + 1)
    if lock.mode != "COMPLIANCE" and not lock.held:
        return count
    return replace(
        count,
        locked_objects=count.locked_objects + entry.latest,
        locked_old_versions=count.locked_old_versions + (not entry.latest),
        locked_bytes=count.locked_bytes + entry.size_bytes,
    )
