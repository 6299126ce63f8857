"""How many multipart uploads a bucket holds, since when, and how large their parts are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.cleanup.uploads import Upload, uploads
from tui.services.errors import ServiceError

STALE = timedelta(days=1)
"""An upload that began longer ago is taken for left behind; a later one may be under way."""

_AT_ONCE = 8


@dataclass(frozen=True)
class Some:
    """A number of uploads and the bytes of their parts."""

    count: int = 0
    size_bytes: int | None = 0
    """None if the parts of any of them are unknown."""

    def __add__(self, other: Some) -> Some:
        known = self.size_bytes is not None and other.size_bytes is not None
        size = (self.size_bytes or 0) + (other.size_bytes or 0)
        return Some(self.count + other.count, size if known else None)


@dataclass(frozen=True)
class UploadFacts:
    """The multipart uploads of one bucket, as of a moment."""

    looked_at: datetime
    stale: Some = Some()
    """Those that began more than a day before `looked_at`."""
    recent: Some = Some()
    """The others, and those whose beginning is unknown."""
    oldest: datetime | None = None
    newest: datetime | None = None
    complete: bool = True
    """False if the count was stopped: there are more."""

    @property
    def all(self) -> Some:
        return self.stale + self.recent

    @property
    def stale_before(self) -> datetime:
        """The latest beginning of a stale one."""
        return self.looked_at - STALE


async def read_uploads(
    stores: Stores, bucket: str, tunables: Tunables, stop: asyncio.Event
) -> UploadFacts:
    """Count and measure every upload. Raises ServiceError if they may not be listed.

    Parts are read of `tunables.upload_lookups` uploads; with more the size is unknown.
    """
    facts = UploadFacts(datetime.now(UTC))
    looked_at = 0
    async for page in uploads(stores, bucket, tunables.page):
        for start in range(0, len(page), _AT_ONCE):
            if stop.is_set():
                return replace(facts, complete=False)
            some = page[start : start + _AT_ONCE]
            room = looked_at + len(some) <= tunables.upload_lookups
            looked_at += len(some)
            sizes = await _sizes(stores, bucket, some) if room else [None] * len(some)
            for upload, size in zip(some, sizes, strict=True):
                facts = _add(facts, upload, size)
    return facts


def _add(facts: UploadFacts, upload: Upload, size: int | None) -> UploadFacts:
    one = Some(1, size)
    if upload.begun is None:
        return replace(facts, recent=facts.recent + one)
    facts = replace(
        facts,
        oldest=min(filter(None, (facts.oldest, upload.begun))),
        newest=max(filter(None, (facts.newest, upload.begun))),
    )
    if upload.begun < facts.stale_before:
        return replace(facts, stale=facts.stale + one)
    return replace(facts, recent=facts.recent + one)


async def _sizes(stores: Stores, bucket: str, some: list[Upload]) -> list[int | None]:
    return list(await asyncio.gather(*(_size(stores, bucket, each) for each in some)))


async def _size(stores: Stores, bucket: str, upload: Upload) -> int | None:
    """The bytes of an upload's parts; None if they may not be read."""
    size = 0
    try:
        async for page in stores.pages(
            "s3",
            "list_parts",
            f"list the parts of the upload of {upload.key}",
            tokens={"NextPartNumberMarker": "PartNumberMarker"},
            Bucket=bucket,
            Key=upload.key,
            UploadId=upload.upload_id,
        ):
            size += sum(int(part.get("Size") or 0) for part in page.get("Parts", []))
    except ServiceError as error:
        if error.code == "NoSuchUpload":
            # Completed or aborted since it was listed.
            return 0
        # Shown as unknown in the plan.
        return None
    return size
