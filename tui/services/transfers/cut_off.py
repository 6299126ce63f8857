"""Go on with what was cut off, or drop it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.download import Download
from tui.services.transfers.job import Job
from tui.services.transfers.leftovers import Leftovers
from tui.services.transfers.local_files import is_locked, translating_local
from tui.services.transfers.models import Direction, UploadItem
from tui.services.transfers.queue import TransferQueue
from tui.services.transfers.records import BegunUpload, JobRecord, Recorder
from tui.services.transfers.resuming import (
    CutOff,
    UnfinishedFile,
    cut_off,
    folders,
    unfinished,
)
from tui.services.transfers.transport import JobStop, Transport
from tui.services.transfers.upload import Upload
from tui.services.transfers.upload_parts import clear_upload


class CutOffTransfers:
    """The jobs of processes that have ended before them. Use it from one event loop."""

    def __init__(
        self,
        recorder: Recorder | None,
        queue: TransferQueue,
        leftovers: Leftovers,
        *,
        connect: Callable[[], Awaitable[Connection]],
        transport: Callable[[str, Connection], Awaitable[Transport]],
        refuse: Callable[[], None],
    ) -> None:
        self._recorder = recorder
        self._queue = queue
        self._leftovers = leftovers
        self._connect = connect
        self._transport = transport
        self._refuse = refuse
        self._clearing: set[asyncio.Task[None]] = set()

    async def find(self) -> tuple[CutOff, ...]:
        """Those that no living process goes on with, the oldest first. Raises ServiceError."""
        return () if self._recorder is None else await self._recorder.run(cut_off)

    async def go_on(self, job: CutOff) -> int:
        """Queue what has not ended; gives the job's number. Raises ServiceError: CONFLICT where it
        belongs to another account, or another window has it, READ_ONLY for an upload.
        """
        is_upload = job.direction is Direction.UPLOAD
        if is_upload:
            self._refuse()
        transport = await self._transport_of(job)
        recorder, files = await self._take(job)
        numbers = {place: each.number for place, each in enumerate(files)}
        record = JobRecord(recorder, job.id, numbers)
        if not is_upload:
            await self._sweep(files)
        work = [_work(record, place, each, job, transport) for place, each in enumerate(files)]
        made: list[Job] = []

        def make(number: int, changed: Callable[[], None]) -> Job:
            refuse = self._refuse if is_upload else lambda: None
            size = sum(each.size for each in work)
            made.append(
                Job(
                    *(number, job.direction, job.bucket, job.place),
                    *(work, size, changed, refuse),
                    record=record,
                )
            )
            return made[0]

        number = self._queue.add(make)
        task = asyncio.get_running_loop().create_task(self._clear_after(made[0], work, transport))
        self._clearing.add(task)
        task.add_done_callback(self._clearing.discard)
        return number

    async def drop(self, job: CutOff) -> None:
        """Clear away what it left: its parts in S3, its unfinished files here. Raises ServiceError,
        and then it is still there.
        """
        is_upload = job.direction is Direction.UPLOAD
        recorder = self._recorded()
        files = await recorder.run(lambda journal: unfinished(journal, job))
        begun = [each.upload for each in files if each.upload is not None]
        transport = None
        if begun:
            self._refuse()
            transport = await self._transport_of(job)
        recorder, files = await self._take(job)
        for upload in begun:
            if transport is not None:
                await _abort(transport, job.bucket, upload)
        for each in files:
            if each.download is not None:
                await asyncio.to_thread(_remove, each.download.temporary)
        await recorder.run(lambda journal: journal.forget([job.id]))
        if not is_upload:
            await self._sweep(files)

    # -- inside ----------------------------------------------------------------------------

    def _recorded(self) -> Recorder:
        if self._recorder is None:
            raise ServiceError("There is no journal of transfers.", kind=ErrorKind.NOT_FOUND)
        return self._recorder

    async def _transport_of(self, job: CutOff) -> Transport:
        at = await self._connect()
        job.refuse_elsewhere(at)
        return await self._transport(job.bucket, at)

    async def _take(self, job: CutOff) -> tuple[Recorder, tuple[UnfinishedFile, ...]]:
        recorder = self._recorded()
        if not await recorder.run(lambda journal: journal.take(job.id)):
            raise ServiceError(
                "Another window has this transfer, or has dropped it.", kind=ErrorKind.CONFLICT
            )
        return recorder, await recorder.run(lambda journal: unfinished(journal, job))

    async def _sweep(self, files: Sequence[UnfinishedFile]) -> None:
        """Remove what downloads of dead processes left where these files go."""
        await self._leftovers.remove(await self._leftovers.within(folders(files)))

    async def _clear_after(
        self, job: Job, work: Sequence[Upload | Download], transport: Transport
    ) -> None:
        """What was begun and not gone on with stays nowhere."""
        await job.ended.wait()
        for each in work:
            record = each.record
            if record is None or record.recorder.is_kept:
                continue
            with contextlib.suppress(ServiceError):
                # Cleanup (F8) lists what stays in S3, and X what stays here.
                if record.upload is not None:
                    await _abort(transport, each.bucket, record.upload)
                if record.download is not None:
                    await asyncio.to_thread(_remove, record.download.temporary)
            record.upload = record.download = None


def _work(
    record: JobRecord, place: int, each: UnfinishedFile, job: CutOff, transport: Transport
) -> Upload | Download:
    of_file = record.file(place)
    of_file.is_resumed = True
    of_file.upload, of_file.download = each.upload, each.download
    if isinstance(each.item, UploadItem):
        return Upload(transport, job.bucket, each.item, each.policy, of_file)
    return Download(transport, job.bucket, Path(job.place), each.item, each.policy, of_file)


async def _abort(transport: Transport, bucket: str, begun: BegunUpload) -> None:
    await transport.throttle.call(
        JobStop(),
        f"abort the upload of {begun.key}",
        lambda: clear_upload(transport.data, bucket, begun),
    )


def _remove(temporary: Path) -> None:
    with translating_local(f"remove {temporary}"), contextlib.suppress(FileNotFoundError):
        if not is_locked(temporary):
            temporary.unlink()
