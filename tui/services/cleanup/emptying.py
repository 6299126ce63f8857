"""Empty a bucket: page over versions and markers, delete in parallel, begin again until nothing
is left or nothing moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tui.services.cleanup.allowance import Allowance
from tui.services.cleanup.counting import NO_VERSION, Entry, read_lock, uploads, versions
from tui.services.cleanup.deleting import Deleter, Refusal
from tui.services.errors import ServiceError

_ABORTS = 8
"""Uploads aborted at once."""


@dataclass
class Tally:
    """What has gone so far, and what would not go."""

    deleted: int = 0
    markers: int = 0
    """Delete markers among `deleted`."""
    versioned: bool = False
    """Whether any of `deleted` had a version id: then they are versions, else plain objects."""
    size_bytes: int = 0
    uploads: int = 0
    """Multipart uploads aborted."""
    refused: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    """By (key, version id)."""
    upload_problem: ServiceError | None = None
    """Why uploads could not be listed or aborted."""


class Emptying:
    """One run over one bucket. `tally` is true at every moment, also after an error."""

    def __init__(
        self,
        deleter: Deleter,
        *,
        allowance: Allowance,
        progress: Callable[[Tally, str], None],
    ) -> None:
        """`allowance`: what may go, however much somebody writes meanwhile."""
        self.deleter = deleter
        self.tally = Tally()
        self._allowance = allowance
        self._progress = progress
        self._cut = False

    @property
    def hit_limit(self) -> bool:
        """Whether it ended because more was found than the plan allows."""
        return self._cut

    async def run(self) -> bool:
        """Whether nothing is left, as the last listing says. Raises ServiceError."""
        first = True
        while not self.deleter.stop.is_set():
            before = self.tally.deleted + self.tally.uploads
            seen = await self._one_pass()
            if not self.deleter.stop.is_set():
                seen += await self._abort_uploads()
            if seen == 0 and not self.deleter.stop.is_set():
                return True
            moved = self.tally.deleted + self.tally.uploads > before
            if not moved or self.hit_limit or self._hopeless:
                return False
            if first:
                # From the second pass on versions are named: versioning may be on by now, and a
                # delete without a version id would only add markers.
                self.deleter = replace(self.deleter, by_version=True)
                first = False
        return False

    @property
    def _hopeless(self) -> bool:
        return len(self.tally.refused) >= self.deleter.tunables.refusals

    async def _one_pass(self) -> int:
        """List from the start once, deleting on the way; how many entries were seen."""
        seen = 0
        running: set[asyncio.Task[None]] = set()
        tunables = self.deleter.tunables
        try:
            async for page in versions(self.deleter.reach, self.deleter.bucket, tunables.page):
                seen += len(page)
                for batch in self._batches(page):
                    running.add(asyncio.create_task(self._delete(batch)))
                while len(running) >= tunables.delete_calls:
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
                if self.deleter.stop.is_set() or self.hit_limit or self._hopeless:
                    break
        finally:
            # What was sent is waited for, so that the report counts it.
            ended = await asyncio.gather(*running, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException):
                raise outcome
        return seen

    def _batches(self, page: list[Entry]) -> list[list[Entry]]:
        fresh = [each for each in page if (each.key, each.version_id) not in self.tally.refused]
        taken = self._allowance.take(fresh)
        self._cut = self._cut or len(taken) < len(fresh)
        size = self.deleter.tunables.batch
        return [taken[start : start + size] for start in range(0, len(taken), size)]

    async def _delete(self, batch: list[Entry]) -> None:
        refused = await self.deleter.delete(batch)
        stay = {(each.entry.key, each.entry.version_id): each for each in refused}
        gone = [entry for entry in batch if (entry.key, entry.version_id) not in stay]
        self.tally.deleted += len(gone)
        self.tally.markers += sum(entry.marker for entry in gone)
        self.tally.versioned |= any(entry.version_id != NO_VERSION for entry in gone)
        self.tally.size_bytes += sum(entry.size_bytes for entry in gone)
        self.tally.refused.update(stay)
        self._progress(self.tally, "deleting what is in it")

    async def _abort_uploads(self) -> int:
        """Abort every upload under way; how many went."""
        reach, bucket = self.deleter.reach, self.deleter.bucket
        before = self.tally.uploads
        try:
            async for page in uploads(reach, bucket, self.deleter.tunables.page):
                for start in range(0, len(page), _ABORTS):
                    if self.deleter.stop.is_set():
                        break
                    some = page[start : start + _ABORTS]
                    await asyncio.gather(*(self._abort(*each) for each in some))
                    self._progress(self.tally, "aborting uploads")
        except ServiceError as error:
            self._upload_problem(error)
        return self.tally.uploads - before

    async def _abort(self, key: str, upload_id: str) -> None:
        reach, bucket = self.deleter.reach, self.deleter.bucket
        try:
            await reach.call(
                "s3",
                "abort_multipart_upload",
                f"abort the upload of {key}",
                Bucket=bucket,
                Key=key,
                UploadId=upload_id,
            )
        except ServiceError as error:
            if error.code != "NoSuchUpload":
                self._upload_problem(error)
                return
        self.tally.uploads += 1

    def _upload_problem(self, error: ServiceError) -> None:
        if error.code == "NoSuchBucket":
            raise error
        # An upload hinders no DeleteBucket, so what is denied here is told, not fatal.
        self.tally.upload_problem = error


async def explain(emptying: Emptying) -> tuple[str, ...]:
    """Why versions stay, a line for each reason, the first few looked into one by one."""
    deleter = emptying.deleter
    reasons: dict[str, int] = {}
    for number, refusal in enumerate(emptying.tally.refused.values()):
        why = f"{refusal.code}: {refusal.message}".rstrip(": ")
        if number < deleter.tunables.explained and refusal.code == "AccessDenied":
            why = await _lock_of(deleter, refusal.entry) or why
        reasons[why] = reasons.get(why, 0) + 1
    return tuple(f"{number:,} × {why}" for why, number in reasons.items())


async def _lock_of(deleter: Deleter, entry: Entry) -> str:
    if entry.marker:
        return ""
    try:
        lock = await read_lock(deleter.reach, deleter.bucket, entry)
    except ServiceError:
        # The refusal itself is shown instead.
        return ""
    if lock.held:
        return "under legal hold"
    if lock.mode and lock.until:
        return f"under {lock.mode} retention until {lock.until:%Y-%m-%d %H:%M} UTC"
    return ""
