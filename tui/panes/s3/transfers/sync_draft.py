"""The plan of a sync in the making."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from tui.panes.s3.transfers.draft import PlanDraft
from tui.panes.s3.transfers.empty_folders import FoundEmpty
from tui.panes.s3.transfers.plan_text import (
    empty_folders_text,
    hidden_text,
    left_out_text,
    links_text,
)
from tui.services.aws import Connection
from tui.services.blocking import while_awaited
from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import Listed
from tui.services.transfers import (
    Direction,
    Pattern,
    Problem,
    SyncBy,
    SyncKind,
    SyncPlan,
    TransferService,
    Twins,
    Verdicts,
    build_sync_plan,
)
from tui.services.transfers.sync.sync_sides import AT_ONCE, KeptFiles, KeptObjects, KeptProblems

USUALLY = {Direction.UPLOAD: SyncBy.TIME, Direction.DOWNLOAD: SyncBy.EXACT}
"""What is compared until something else is chosen: with the times as `aws s3 sync` sees them, a
download would not see an object that is newer and has the same size."""


class SyncDraft(PlanDraft[SyncPlan]):
    """A local folder and a prefix, the way, and what is compared."""

    def __init__(
        self, transfers: TransferService, bucket: str, prefix: str, folder: Path, *, at: Connection
    ) -> None:
        super().__init__(transfers)
        self.bucket = bucket
        self.prefix = prefix
        self.folder = folder
        self.at = at
        """Where and as whom the bucket was chosen."""
        self.direction = Direction.UPLOAD
        self.by = USUALLY[self.direction]
        self.deletes = False
        """Whether what is only on the far side is to be deleted there."""
        self.files = KeptFiles()
        self.objects = KeptObjects(prefix)
        self._empty = FoundEmpty()
        self._unfit_here = KeptProblems()
        self._unfit_there = KeptProblems()
        """What cannot be transferred: one thread writes to each."""
        self._verdicts: Verdicts = {}
        """Whether names hold the same on both sides, as far as they were compared."""
        self._compared = ""
        self._built_for: tuple[Pattern, ...] = ()

    @property
    def asked(self) -> tuple[object, ...]:
        return (self.patterns, self.direction, self.by, self.deletes, self.attributes)

    def turn(self, direction: Direction) -> None:
        """Go the other way; what is compared follows unless something else was chosen."""
        if direction is not self.direction:
            if self.by is USUALLY[self.direction]:
                self.by = USUALLY[direction]
            self.direction = direction

    async def _collect(self) -> None:
        self.files, self.objects = KeptFiles(), KeptObjects(self.prefix)
        self._unfit_here, self._unfit_there = KeptProblems(), KeptProblems()
        self._empty = FoundEmpty()
        sides = [asyncio.create_task(side) for side in (self._walk(), self._list())]
        try:
            await asyncio.gather(*sides)
        finally:
            for side in sides:
                side.cancel()

    async def _walk(self) -> None:
        async for batch in self._transfers.planner.walk([self.folder]):
            self._empty.add(batch.empty_folders)
            for problem in batch.problems:
                if problem.name == str(self.folder):
                    raise ServiceError(
                        f"{self.folder} cannot be read: {problem.reason}.",
                        hint="Esc leads back to where the folder was chosen.",
                    )
            await asyncio.to_thread(self.files.add, batch.files)
            await asyncio.to_thread(self._unfit_here.add, batch.problems)
            await self._count(self.files.kept + self.objects.kept)

    async def _list(self) -> None:
        found = self._transfers.planner.objects(
            self.bucket, (), (self.prefix,), base=self.prefix, at=self.at
        )
        unfit: list[Problem] = []
        async for answer in found:
            if isinstance(answer, Problem):
                unfit.append(answer)
                if len(unfit) < AT_ONCE:
                    continue
                await asyncio.to_thread(self._unfit_there.add, unfit)
                unfit = []
            else:
                await asyncio.to_thread(self.objects.add, answer)
            await self._count(self.files.kept + self.objects.kept)
        await asyncio.to_thread(self._unfit_there.add, unfit)

    async def _preview(self, patterns: tuple[Pattern, ...], unfinished: str) -> None:
        """A part of two sides says nothing: what is missing may be on the way."""
        if self.collected and unfinished:
            self._show(await self._build(patterns), part=f"Not finished: {unfinished}")

    async def _build(self, patterns: tuple[Pattern, ...], _: int | None = None) -> SyncPlan:
        self._built_for = patterns
        if self.direction is Direction.UPLOAD:
            self._transfers.refuse_if_read_only()
        with while_awaited(self.files) as files:
            plan = await self._transfers.planner.build(
                build_sync_plan,
                files,
                self.objects,
                chain(self._unfit_there, self._unfit_here),
                direction=self.direction,
                bucket=self.bucket,
                prefix=self.prefix,
                folder=self.folder,
                at=self.at,
                by=self.by,
                deletes=self.deletes,
                patterns=patterns,
                verdicts=self._verdicts,
                attributes=self.attributes,
            )
        if self.direction is Direction.UPLOAD:
            return replace(plan, empty_folders=self._empty.folders)
        return plan

    async def _check(self, plan: SyncPlan) -> SyncPlan:
        if not plan.to_compare:
            return plan
        of_all, pairs, before = len(plan.to_compare), iter(plan.to_compare), 0

        def progress(done: int) -> None:
            self._compared = f"comparing contents: {before + done:,} of {of_all:,}…"
            self.changed()

        # Of a million, only these are in memory.
        while some := await asyncio.to_thread(lambda: list(islice(pairs, AT_ONCE))):
            twins = [
                Twins(
                    file.relative, file.path, Listed(self.bucket, found.key, found.size, found.etag)
                )
                for file, found in some
            ]
            await self._transfers.comparer.compare(
                twins, self._verdicts, at=self.at, progress=progress
            )
            before += len(some)
        self._compared = ""
        return await self._build(self._built_for)

    # -- in words --------------------------------------------------------------------------

    def _state_of(self, plan: SyncPlan) -> str:
        there = "S3" if plan.direction is Direction.UPLOAD else "this machine"
        extra = f"only on {there}" if there != "S3" else "only in S3"
        fates = {
            SyncKind.NEW: "new",
            SyncKind.CHANGED: "changed",
            SyncKind.SAME: "identical",
            SyncKind.EXTRA: f"{extra}, {'to be DELETED' if plan.deletes else 'left there'}",
        }
        parts = [
            f"{plan.tallies[kind].count:,} {fate} ({size_text(plan.tallies[kind].bytes)})"
            for kind, fate in fates.items()
            if plan.tallies[kind].count or kind is SyncKind.NEW
        ]
        if plan.left_out.by:
            parts.append(left_out_text(plan.left_out))
        if plan.problems:
            parts.append(f"{len(plan.problems):,} left out, with the reason")
        parts += self._unseen(plan)
        if self._compared:
            parts.append(self._compared)
        return "; ".join(parts)

    def more_to_say(self, plan: SyncPlan) -> Sequence[str]:
        said = []
        if plan.deletions.count:
            said.append(f"{counted(plan.deletions.count, 'deletion')} to confirm")
        return said + self._unseen(plan)

    def _unseen(self, plan: SyncPlan) -> list[str]:
        """What is sent that nobody expects who looks into the folder."""
        said = [links_text(plan.links)] if plan.links else []
        said += [hidden_text(plan.hidden)] if plan.hidden else []
        empty = plan.empty_folders.count
        return said + ([empty_folders_text(empty)] if empty else [])

    @property
    def overwritten(self) -> int:
        return self.plan.tallies[SyncKind.CHANGED].count if self.plan is not None else 0
