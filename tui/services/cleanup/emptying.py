"""Empty a bucket: page over versions and markers, delete in parallel, begin again until nothing
is left or nothing moves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tui.services.aws import Backoff
from tui.services.cleanup.removal import Removal, pause
from tui.services.cleanup.uploads import UploadAbort
from tui.services.errors import ServiceError
from tui.services.s3 import NO_VERSION, Name, ObjectVersion, RefusedVersion

REWRITES = 5
"""Times that an object may be written anew while its bucket is emptied before it is given up."""

STAYS = "S3 answered that it was deleted, and lists it still"
COMES_BACK = f"written anew {REWRITES} times while the bucket was being emptied"


class SecondLook:
    """What a pass over a bucket believed deleted, to be recognised when the next one lists it.

    One for a run over a bucket. Keeps hashes only, and of so many versions only.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._last: dict[int, int] = {}
        self._now: dict[int, int] = {}
        self._rewritten: Counter[Name] = Counter()

    def begin_pass(self) -> None:
        """Compare with what was deleted since the last call of this."""
        self._last, self._now = self._now, {}

    def deleted(self, versions: Iterable[ObjectVersion]) -> None:
        """S3 answered that these were deleted."""
        for version in versions:
            if len(self._now) >= self._limit:
                return
            self._now[hash(version.name)] = _content(version)

    def finds(self, version: ObjectVersion) -> str:
        """Why a version that is listed need not be deleted again; empty if it should be."""
        before = self._last.get(hash(version.name))
        if before is None:
            return ""
        # A version id is never given twice; an object without one may be written anew.
        if version.version_id != NO_VERSION or before == _content(version):
            return STAYS
        self._rewritten[version.name] += 1
        return COMES_BACK if self._rewritten[version.name] >= REWRITES else ""


def _content(version: ObjectVersion) -> int:
    return hash((version.modified, version.size_bytes, version.etag))


@dataclass
class EmptyingTally:
    """What has gone so far, and what would not go."""

    deleted: int = 0
    markers: int = 0
    """Delete markers among `deleted`."""
    versioned: bool = False
    """Whether any of `deleted` had a version id: then they are versions, else plain objects."""
    size_bytes: int = 0
    refused: dict[Name, RefusedVersion] = field(default_factory=dict)
    """What S3 refused to delete, or lists still after it said that it was deleted."""

    def add(self, versions: Iterable[ObjectVersion], sign: int = 1) -> None:
        """Count versions as deleted; with `sign` -1 take that back."""
        for version in versions:
            self.deleted += sign
            self.markers += sign * version.marker
            self.size_bytes += sign * version.size_bytes
            self.versioned |= version.version_id != NO_VERSION


@dataclass
class _Pass:
    """What one listing of the bucket from its start came to."""

    seen: int = 0
    deleted: int = 0
    refused: int = 0
    still: set[Name] = field(default_factory=set)
    """Refused names that it listed."""
    whole: bool = False
    """Whether it came to its end."""


class Emptying:
    """One run over one bucket. `tally` is true at every moment, also after an error."""

    def __init__(
        self,
        removal: Removal,
        *,
        by_version: bool,
        bypass_governance: bool,
        progress: Callable[[EmptyingTally, str], None],
    ) -> None:
        """`by_version` is False for a bucket that never had versioning: then s3:DeleteObject is
        enough. `progress` gets what is done; no more goes than `removal.allowance`, however much
        somebody writes meanwhile."""
        self._stores = removal.stores
        self._bucket = removal.name
        self._tunables = removal.tunables
        self._stop = removal.stop
        self._allowance = removal.allowance
        self._by_version = by_version
        self._bypass_governance = bypass_governance
        self._progress = progress
        self.tally = EmptyingTally()
        self.uploads = UploadAbort(
            removal, progress=lambda aborted: progress(self.tally, "aborting uploads")
        )
        self.hit_limit = False
        """Whether it ended because more was found than the plan allows."""
        self._second_look = SecondLook(removal.tunables.remembered)

    async def run(self) -> bool:
        """Whether nothing is left, as the last listing says. Raises ServiceError."""
        while not self._stop.is_set():
            this = await self._one_pass()
            aborted = 0
            if not self._stop.is_set():
                aborted = await self.uploads.one_pass()
            if self._stop.is_set():
                return False
            nothing_new = this.deleted == this.refused == aborted == 0
            if this.whole and nothing_new:
                self._forget_gone(this.still)
            if this.seen == aborted == 0:
                return True
            # After a refusal one more look tells what really stays.
            if nothing_new or self.hit_limit or self._hopeless:
                return False
            # From the second pass on versions are named: versioning may be on by now, and a
            # delete without a version id would only add markers.
            self._by_version = True
        return False

    def _forget_gone(self, still: set[Name]) -> None:
        """What was refused or in doubt, and is not listed any more, is gone."""
        refused = self.tally.refused
        gone = [refused.pop(name) for name in list(refused) if name not in still]
        self.tally.add(each.version for each in gone)

    @property
    def _hopeless(self) -> bool:
        return len(self.tally.refused) >= self._tunables.refusals

    async def _one_pass(self) -> _Pass:
        """List from the start once, deleting on the way."""
        this = _Pass()
        running: set[asyncio.Task[None]] = set()
        self._second_look.begin_pass()
        try:
            async for page in self._stores.s3.list_versions(
                self._bucket, at=self._stores.connection, limit=self._tunables.page
            ):
                this.seen += len(page)
                for batch in self._batches(page, this):
                    running.add(asyncio.create_task(self._delete(batch, this)))
                while len(running) >= self._tunables.delete_calls:
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
                if self._stop.is_set() or self.hit_limit or self._hopeless:
                    break
            else:
                this.whole = True
        finally:
            # What was sent is waited for, so that the report counts it.
            ended = await asyncio.gather(*running, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException):
                raise outcome
        return this

    def _batches(self, page: list[ObjectVersion], this: _Pass) -> list[list[ObjectVersion]]:
        fresh: list[ObjectVersion] = []
        for version in page:
            if version.name in self.tally.refused:
                this.still.add(version.name)
            elif why := self._second_look.finds(version):
                self.tally.add([version], -1)
                self.tally.refused[version.name] = RefusedVersion(version, "", why)
                this.still.add(version.name)
            else:
                fresh.append(version)
        taken = self._allowance.take(fresh)
        self.hit_limit = self.hit_limit or len(taken) < len(fresh)
        size = self._tunables.batch
        return [taken[start : start + size] for start in range(0, len(taken), size)]

    async def _delete(self, batch: list[ObjectVersion], this: _Pass) -> None:
        refused = await self._delete_patiently(batch)
        stay = {each.version.name: each for each in refused}
        gone = [version for version in batch if version.name not in stay]
        this.deleted += len(gone)
        this.refused += len(refused)
        self.tally.add(gone)
        self.tally.refused.update(stay)
        self._second_look.deleted(gone)
        self._progress(self.tally, "deleting what is in it")

    async def _delete_patiently(self, versions: Sequence[ObjectVersion]) -> list[RefusedVersion]:
        """Delete a batch, and again what S3 asks to repeat; gives those that stay. Raises
        ServiceError if S3 refuses or loses the first call as a whole."""
        backoff = Backoff(self._tunables.attempts, first=self._tunables.backoff)
        refused: list[RefusedVersion] = []
        for attempt in range(backoff.tries):
            try:
                answered = await self._stores.s3.delete_versions(
                    self._bucket,
                    versions,
                    at=self._stores.connection,
                    by_version=self._by_version,
                    bypass_governance=self._bypass_governance,
                )
            except ServiceError as error:
                if attempt == 0:
                    raise
                # What an earlier attempt deleted has to be counted.
                return refused + [
                    RefusedVersion(each, error.code, error.cause) for each in versions
                ]
            refused += [each for each in answered if not each.again]
            again = [each for each in answered if each.again]
            last_try = attempt == backoff.tries - 1
            if not again or last_try or await pause(self._stop, backoff.pause(attempt)):
                return refused + again
            versions = [each.version for each in again]
        return refused

    async def explain(self) -> tuple[str, ...]:
        """Why versions stay, a line for each reason, the first few looked into one by one."""
        reasons: Counter[str] = Counter()
        for number, refused in enumerate(self.tally.refused.values()):
            why = ": ".join(part for part in (refused.code, refused.message) if part)
            # Servers refuse a locked version with codes of their own.
            if number < self._tunables.explained and refused.code and not refused.version.marker:
                why = await self._lock_of(refused.version) or why
            reasons[why] += 1
        return tuple(f"{number:,} × {why}" for why, number in reasons.items())

    async def _lock_of(self, version: ObjectVersion) -> str:
        try:
            lock = await self._stores.s3.version_lock(
                self._bucket, version, at=self._stores.connection
            )
        except ServiceError:
            # The cause could not be found out: the refusal itself is shown.
            return ""
        if lock.held:
            return "under legal hold"
        if lock.mode and lock.until:
            return f"under {lock.mode} retention until {lock.until:%Y-%m-%d %H:%M} UTC"
        return ""
