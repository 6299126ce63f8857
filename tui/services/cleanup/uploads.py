"""The multipart uploads of a bucket: counted and measured for the plan, and aborted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, StepResult
from tui.services.cleanup.step import UploadFacts, UploadTotal
from tui.services.cleanup.stores import Stores, Tunables
from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import MultipartUpload

_AT_ONCE = 8


async def read_uploads(
    stores: Stores, bucket: str, tunables: Tunables, stop: asyncio.Event
) -> UploadFacts:
    """Count and measure every upload. Raises ServiceError if they may not be listed.

    Parts are read of `tunables.upload_lookups` uploads; with more the size is unknown.
    """
    facts = UploadFacts(datetime.now(UTC))
    looked_at = 0
    async for page in stores.s3.list_uploads(bucket, at=stores.connection, limit=tunables.page):
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


def _add(facts: UploadFacts, upload: MultipartUpload, size: int | None) -> UploadFacts:
    one = UploadTotal(1, size)
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


async def _sizes(
    stores: Stores, bucket: str, uploads: Sequence[MultipartUpload]
) -> list[int | None]:
    async def size(upload: MultipartUpload) -> int | None:
        try:
            return await stores.s3.upload_bytes(bucket, upload, at=stores.connection)
        except ServiceError:
            # Shown as unknown in the plan.
            return None

    return list(await asyncio.gather(*map(size, uploads)))


def when_begun(oldest: datetime, newest: datetime) -> str:
    """ "on 2026-01-15", "between 2026-01-15 and 2026-02-01"."""
    first, last = f"{oldest:%Y-%m-%d}", f"{newest:%Y-%m-%d}"
    return f"on {first}" if first == last else f"between {first} and {last}"


class UploadAbort:
    """One run over the uploads of one bucket."""

    def __init__(
        self,
        removal: Removal,
        *,
        before: datetime | None = None,
        undated: bool = True,
        progress: Callable[[int], None],
    ) -> None:
        """`before`: only what was begun before then, None for all; `undated`: also what the
        server gives no beginning of. `progress` gets the number of uploads aborted so far."""
        self._stores = removal.stores
        self._bucket = removal.name
        self._page = removal.tunables.page
        self._stop = removal.stop
        self._before = before
        self._undated = undated
        self._progress = progress
        self._answered: set[tuple[str, str]] = set()
        """Those of which S3 said that they are aborted, by (key, upload id)."""
        self._stay: set[tuple[str, str]] = set()
        """Those that were listed in the last pass and not aborted."""
        self.problem: ServiceError | None = None
        """Why some could not be listed or aborted."""

    @property
    def aborted(self) -> int:
        """Uploads that are gone, as far as it is known."""
        return len(self._answered - self._stay)

    @property
    def stay(self) -> int:
        """Uploads that were listed in the last pass and not aborted."""
        return len(self._stay)

    async def one_pass(self) -> int:
        """Abort every upload that is listed; of how many S3 answered that it is done."""
        before = len(self._answered)
        self._stay = set()
        try:
            async for page in self._stores.s3.list_uploads(
                self._bucket, at=self._stores.connection, limit=self._page
            ):
                chosen = [each for each in page if self._is_meant(each)]
                for start in range(0, len(chosen), _AT_ONCE):
                    if self._stop.is_set():
                        break
                    some = chosen[start : start + _AT_ONCE]
                    await asyncio.gather(*map(self._abort, some))
                    self._progress(self.aborted)
        except ServiceError as error:
            self._note(error)
        return len(self._answered) - before

    def _is_meant(self, upload: MultipartUpload) -> bool:
        if upload.begun is None:
            return self._undated
        return self._before is None or upload.begun < self._before

    async def _abort(self, upload: MultipartUpload) -> None:
        name = (upload.key, upload.upload_id)
        if name in self._answered:
            self._stay.add(name)
            cause = "S3 answered that it was aborted, and lists it still."
            self._note(ServiceError(f"The upload of {upload.key} stays.", cause=cause))
            return
        try:
            await self._stores.s3.abort_upload(self._bucket, upload, at=self._stores.connection)
        except ServiceError as error:
            self._stay.add(name)
            self._note(error)
            return
        self._answered.add(name)

    def _note(self, error: ServiceError) -> None:
        if error.code == "NoSuchBucket":
            raise error
        # An upload hinders no DeleteBucket, so what is denied here is told, not fatal.
        self.problem = error


async def remove_uploads(removal: Removal) -> Outcome:
    """Raises ServiceError only if the bucket is gone."""
    facts = removal.step.facts
    if not isinstance(facts, UploadFacts):
        raise TypeError("a step without its facts is not ready")
    only_stale = removal.step.options.only_stale
    # The server's clock may be ahead of this machine's.
    latest = max(filter(None, (facts.looked_at, facts.newest))) + timedelta(seconds=1)
    abort = UploadAbort(
        removal,
        before=facts.stale_before if only_stale else latest,
        undated=not only_stale,
        progress=lambda aborted: removal.progress("aborting uploads", aborted, facts.all.count),
    )
    removal.progress("listing the uploads", 0)
    # The last pass looks whether they are gone.
    while await abort.one_pass() and not removal.stop.is_set():
        pass
    return _outcome(removal, facts, abort)


def _outcome(removal: Removal, facts: UploadFacts, abort: UploadAbort) -> Outcome:
    if abort.aborted:
        planned = facts.stale if removal.step.options.only_stale else facts.all
        known = abort.aborted == planned.count and planned.size_bytes is not None
        size = f", {size_text(planned.size_bytes)} of parts" if known else ""
        removal.did.append(f"Aborted {counted(abort.aborted, 'multipart upload')}{size}.")
    if removal.step.options.only_stale and facts.recent.count:
        number = counted(facts.recent.count, "multipart upload")
        removal.remains.append(f"{number} that began less than a day before.")
    if removal.stop.is_set():
        return removal.ended(StepResult.STOPPED, problem="Stopped; the rest was not touched.")
    if abort.problem is not None:
        number = counted(abort.stay, "multipart upload") if abort.stay else "Some multipart uploads"
        removal.remains.append(f"{number}.")
        return removal.failed(abort.problem)
    return removal.ended(StepResult.DELETED if abort.aborted else StepResult.GONE)
