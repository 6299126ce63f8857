"""Empty a bucket: page over versions and markers, delete in parallel, begin again until nothing
is left or nothing moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tui.services.cleanup.counting import Entry, read_lock, versions
from tui.services.cleanup.deleting import Deleter, Refusal
from tui.services.cleanup.removal import Allowance
from tui.services.cleanup.second_look import SecondLook
from tui.services.cleanup.upload_abort import UploadAbort
from tui.services.errors import ServiceError
from tui.services.s3.batch_delete import NO_VERSION, Name


@dataclass
class Tally:
    """What has gone so far, and what would not go."""

    deleted: int = 0
    markers: int = 0
    """Delete markers among `deleted`."""
    versioned: bool = False
    """Whether any of `deleted` had a version id: then they are versions, else plain objects."""
    size_bytes: int = 0
    refused: dict[Name, Refusal] = field(default_factory=dict)
    """What S3 refused to delete, or lists still after it said that it was deleted."""

    def add(self, entries: Iterable[Entry], sign: int = 1) -> None:
        """Count entries as deleted; with `sign` -1 take that back."""
        for entry in entries:
            self.deleted += sign
            self.markers += sign * entry.marker
            self.size_bytes += sign * entry.size_bytes
            self.versioned |= entry.version_id != NO_VERSION


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
        deleter: Deleter,
        uploads: UploadAbort,
        *,
        allowance: Allowance,
        progress: Callable[[Tally, str], None],
    ) -> None:
        """`allowance`: what may go, however much somebody writes meanwhile."""
        self.deleter = deleter
        self.uploads = uploads
        self.tally = Tally()
        self._allowance = allowance
        self._progress = progress
        self._second_look = SecondLook(deleter.tunables.remembered)
        self._cut = False

    @property
    def hit_limit(self) -> bool:
        """Whether it ended because more was found than the plan allows."""
        return self._cut

    async def run(self) -> bool:
        """Whether nothing is left, as the last listing says. Raises ServiceError."""
        first = True
        while not self.deleter.stop.is_set():
            this = await self._one_pass()
            aborted = 0
            if not self.deleter.stop.is_set():
                aborted = await self.uploads.one_pass()
            if self.deleter.stop.is_set():
                return False
            nothing_new = this.deleted == this.refused == aborted == 0
            if this.whole and nothing_new:
                self._forget_gone(this.still)
            if this.seen == aborted == 0:
                return True
            # After a refusal one more look tells what really stays.
            if nothing_new or self.hit_limit or self._hopeless:
                return False
            if first:
                # From the second pass on versions are named: versioning may be on by now, and a
                # delete without a version id would only add markers.
                self.deleter = replace(self.deleter, by_version=True)
                first = False
        return False

    def _forget_gone(self, still: set[Name]) -> None:
        """What was refused or in doubt, and is not listed any more, is gone."""
        refused = self.tally.refused
        gone = [refused.pop(name) for name in list(refused) if name not in still]
        self.tally.add(each.entry for each in gone)

    @property
    def _hopeless(self) -> bool:
        return len(self.tally.refused) >= self.deleter.tunables.refusals

    async def _one_pass(self) -> _Pass:
        """List from the start once, deleting on the way."""
        this = _Pass()
        running: set[asyncio.Task[None]] = set()
        tunables = self.deleter.tunables
        self._second_look.begin_pass()
        try:
            async for page in versions(self.deleter.stores, self.deleter.bucket, tunables.page):
                this.seen += len(page)
                for batch in self._batches(page, this):
                    running.add(asyncio.create_task(self._delete(batch, this)))
                while len(running) >= tunables.delete_calls:
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
                if self.deleter.stop.is_set() or self.hit_limit or self._hopeless:
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

    def _batches(self, page: list[Entry], this: _Pass) -> list[list[Entry]]:
        fresh: list[Entry] = []
        for entry in page:
            if entry.name in self.tally.refused:
                this.still.add(entry.name)
            elif why := self._second_look.finds(entry):
                self.tally.add([entry], -1)
                self.tally.refused[entry.name] = Refusal(entry, "", why)
                this.still.add(entry.name)
            else:
                fresh.append(entry)
        taken = self._allowance.take(fresh)
        self._cut = self._cut or len(taken) < len(fresh)
        size = self.deleter.tunables.batch
        return [taken[start : start + size] for start in range(0, len(taken), size)]

    async def _delete(self, batch: list[Entry], this: _Pass) -> None:
        refused = await self.deleter.delete(batch)
        stay = {each.entry.name: each for each in refused}
        gone = [entry for entry in batch if entry.name not in stay]
        this.deleted += len(gone)
        this.refused += len(refused)
        self.tally.add(gone)
        self.tally.refused.update(stay)
        self._second_look.deleted(gone)
        self._progress(self.tally, "deleting what is in it")


async def explain(emptying: Emptying) -> tuple[str, ...]:
    """Why versions stay, a line for each reason, the first few looked into one by one."""
    deleter = emptying.deleter
    reasons: dict[str, int] = {}
    for number, refusal in enumerate(emptying.tally.refused.values()):
        why = ": ".join(part for part in (refusal.code, refusal.message) if part)
        # Servers refuse a locked version with codes of their own.
        if number < deleter.tunables.explained and refusal.code:
            why = await _lock_of(deleter, refusal.entry) or why
        reasons[why] = reasons.get(why, 0) + 1
    return tuple(f"{number:,} × {why}" for why, number in reasons.items())


async def _lock_of(deleter: Deleter, entry: Entry) -> str:
    if entry.marker:
        return ""
    try:
        lock = await read_lock(deleter.stores, deleter.bucket, entry)
    except ServiceError:
        # The refusal itself is shown instead.
        return ""
    if lock.held:
        return "under legal hold"
    if lock.mode and lock.until:
        return f"under {lock.mode} retention until {lock.until:%Y-%m-%d %H:%M} UTC"
    return ""
