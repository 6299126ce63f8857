"""Go on with what was cut off, or drop it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.feeding import Feed, more_of
from tui.services.transfers.job import Job
from tui.services.transfers.journal.deletions import Deletions, has_made
from tui.services.transfers.journal.recorded_files import RecordedFiles, recorded_unfit
from tui.services.transfers.journal.recorder import Recorder
from tui.services.transfers.journal.records import FileRecord, JobRecord
from tui.services.transfers.journal.resuming import (
    CutOff,
    begun,
    cut_off,
    folders,
    unfinished,
    what_is_left,
)
from tui.services.transfers.local.leftovers import Leftovers
from tui.services.transfers.models import UploadItem
from tui.services.transfers.moving.ways import TransferWay, remove_temporary
from tui.services.transfers.planning.planner import Planner
from tui.services.transfers.queue import TransferQueue
from tui.services.transfers.route import Direction, Route


class CutOffTransfers:
    """The jobs of processes that have ended before them. Use it from one event loop."""

    def __init__(
        self,
        recorder: Recorder | None,
        queue: TransferQueue,
        leftovers: Leftovers,
        planner: Planner,
        *,
        connect: Callable[[], Awaitable[Connection]],
        way: Callable[[Route, Connection], Awaitable[TransferWay]],
        refuse: Callable[[], None],
        deletions: Callable[[JobRecord, Route, Connection, int], Deletions],
    ) -> None:
        self._recorder = recorder
        self._queue = queue
        self._leftovers = leftovers
        self._planner = planner
        self._connect = connect
        self._way = way
        self._refuse = refuse
        self._deletions = deletions
        self._clearing: set[asyncio.Task[None]] = set()

    async def find(self) -> tuple[CutOff, ...]:
        """Those that no living process goes on with, the oldest first. Raises ServiceError."""
        if self._recorder is None:
            return ()
        found = await self._recorder.run(cut_off)
        # It has forgotten those that had ended.
        self._recorder.shrink_soon()
        return found

    async def go_on(self, job: CutOff) -> int:
        """Queue what has not ended, counted now: another window may have gone on with it since it
        was found. Gives the job's number. Raises ServiceError: CONFLICT where it belongs to another
        account, or another window has it, READ_ONLY unless it is a download, NOT_FOUND where
        nothing of it is left.
        """
        refuse = self._refuse if job.direction is not Direction.DOWNLOAD else _allow
        refuse()
        at = await self._connection_of(job)
        way = await self._way(job.route, at)
        recorder = await self._take(job)
        job = await self._counted(recorder, job)
        left_out = await recorder.run(
            lambda journal: recorded_unfit(journal, job.id, job.direction)
        )
        only_source = await self._only_source(recorder, job) if not left_out.count else ""
        if job.direction is Direction.DOWNLOAD:
            await self._sweep(recorder, job)
        record = JobRecord(recorder, job.id)
        deletions = None
        if job.deletes:
            deletions = self._deletions(record, job.route, at, job.deletions)
            deletions.prepare_retry()
        files = RecordedFiles(
            record,
            job.route,
            way.make,
            count=job.files,
            size=job.bytes,
            only_source=only_source,
            is_resumed=True,
            more=more_of(job.more, job.direction),
            feed=Feed(self._planner, job.route, at),
            clear=partial(clear, recorder, job.id, job.direction, way),
            left_out=left_out,
        )
        made: list[Job] = []

        def make(number: int, changed: Callable[[], None]) -> Job:
            made.append(Job(number, job.route, files, changed, refuse, deletions))
            return made[0]

        number = self._queue.add(make)
        task = asyncio.get_running_loop().create_task(self._clear_after(made[0], job, way))
        self._clearing.add(task)
        task.add_done_callback(self._clearing.discard)
        return number

    async def drop(self, job: CutOff) -> None:
        """Clear away what it left: its parts in S3, its unfinished files here. What it has not
        deleted stays. Raises ServiceError, and then it is still there.
        """
        # First of all: another window may be going on with it.
        recorder = await self._take(job)
        try:
            await self._clear_away(recorder, job)
        except ServiceError:
            await recorder.run(lambda journal: journal.give_back(job.id))
            raise
        await recorder.forget([job.id])

    async def cleared(self, patience: float) -> None:
        """Wait up to `patience` seconds until what jobs left that have ended is cleared away."""
        if self._clearing and not self._queue.active:
            await asyncio.wait(set(self._clearing), timeout=patience)

    def close(self) -> None:
        """Clear nothing more away; never waits."""
        for task in self._clearing:
            task.cancel()

    # -- inside ----------------------------------------------------------------------------

    def _recorded(self) -> Recorder:
        if self._recorder is None:
            raise ServiceError("There is no journal of transfers.", kind=ErrorKind.NOT_FOUND)
        return self._recorder

    async def _connection_of(self, job: CutOff) -> Connection:
        at = await self._connect()
        job.refuse_elsewhere(at)
        return at

    async def _take(self, job: CutOff) -> Recorder:
        recorder = self._recorded()
        if not await recorder.run(lambda journal: journal.take(job.id)):
            raise ServiceError(
                "Another window has this transfer, or has dropped it.", kind=ErrorKind.CONFLICT
            )
        return recorder

    async def _counted(self, recorder: Recorder, job: CutOff) -> CutOff:
        try:
            left = await recorder.run(lambda journal: what_is_left(journal, job.id))
        except ServiceError:
            await recorder.run(lambda journal: journal.give_back(job.id))
            raise
        if left is None:
            await recorder.forget([job.id])
            raise ServiceError(
                "Another window has ended this transfer: nothing of it is left to do.",
                kind=ErrorKind.NOT_FOUND,
            )
        return left

    async def _clear_away(self, recorder: Recorder, job: CutOff) -> None:
        found = await recorder.run(lambda journal: begun(journal, job.id, job.direction))
        way = None
        if found and job.direction is not Direction.DOWNLOAD:
            self._refuse()
            way = await self._way(job.route, await self._connection_of(job))
        if await recorder.run(lambda journal: has_made(journal, job.id)):
            at, record = await self._connection_of(job), JobRecord(recorder, job.id)
            await self._deletions(record, job.route, at, 0).keep_for_undo()
        for each in found:
            await (way.clear(each) if way is not None else remove_temporary(each))
        if job.direction is Direction.DOWNLOAD:
            await self._sweep(recorder, job)

    async def _only_source(self, recorder: Recorder, job: CutOff) -> str:
        if job.files != 1 or job.more:
            return ""
        found = await recorder.run(lambda journal: unfinished(journal, job.id, job.direction))
        item = found[0].item
        return str(item.path) if isinstance(item, UploadItem) else item.key

    async def _sweep(self, recorder: Recorder, job: CutOff) -> None:
        """Remove what downloads of dead processes left where the files of this one go."""
        places = await recorder.run(lambda journal: folders(journal, job.id))
        await self._leftovers.remove(await self._leftovers.within(places))

    async def _clear_after(self, job: Job, cut: CutOff, way: TransferWay) -> None:
        """What was begun and not gone on with stays nowhere."""
        await job.ended.wait()
        recorder = self._recorded()
        if not recorder.is_kept and not job.can_go_on:
            with contextlib.suppress(ServiceError):
                await clear(recorder, cut.id, cut.direction, way, job)


async def clear(
    recorder: Recorder, job_id: str, direction: Direction, way: TransferWay, job: Job | None = None
) -> None:
    """Remove what was begun of a job, in S3 and here, unless it begins again meanwhile. Raises
    ServiceError: Cleanup (F8) lists what stays in S3, and X what stays here."""
    found = await recorder.run(lambda journal: begun(journal, job_id, direction))
    for each in found:
        if job is not None and job.state.is_active:
            return
        await way.clear(each)
        FileRecord(recorder, job_id, each.number).nothing_begun()


def _allow() -> None:
    """A download changes nothing in S3."""
