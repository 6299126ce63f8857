"""Uploads, downloads and copies of one account: planned, shown, and carried out by the queue."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.s3 import ObjectCopy, S3Service
from tui.services.transfers.comparing import Comparer
from tui.services.transfers.copying import Copying, CopyTransport
from tui.services.transfers.cut_off import CutOffTransfers, clear, maker
from tui.services.transfers.feeding import Feed, More
from tui.services.transfers.job import Job
from tui.services.transfers.job_files import HeldFiles
from tui.services.transfers.leftovers import Leftovers
from tui.services.transfers.limits import Limits
from tui.services.transfers.local_folders import LocalFolders
from tui.services.transfers.models import (
    ConflictPolicy,
    Direction,
    DownloadPlan,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.more import MoreFiles, MoreObjects
from tui.services.transfers.planner import Planner
from tui.services.transfers.queue import TransferQueue
from tui.services.transfers.recorded_files import RecordedFiles
from tui.services.transfers.records import PlannedFile, Recorder
from tui.services.transfers.removing import Remover
from tui.services.transfers.resuming import planned_download, planned_upload, temporaries
from tui.services.transfers.transport import FIRST_DELAY, Throttle, Transport, Tuning

THREADS = 32
"""Requests in flight, of all jobs together."""

_NO_OVERRIDES: Mapping[str, ConflictPolicy] = {}


class TransferService:
    """Composes S3 with the local disk, and with itself. Use it from one event loop.

    `fault_log` is where a defect that ends a job is written down; without it, asyncio tells of it.
    `journal` is where jobs are written down, so that a later run can go on with them.
    `limits` are what the settings allow; the user may set others.
    `downloads_record` keeps the folders of downloads, to look for unfinished files in a later run.
    """

    def __init__(
        self,
        s3: S3Service,
        *,
        fault_log: Path | None = None,
        downloads_record: Path | None = None,
        journal: Path | None = None,
        tuning: Tuning | None = None,
        first_delay: float = FIRST_DELAY,
        limits: Limits | None = None,
    ) -> None:
        self.folders = LocalFolders()
        """The folders of this machine, for choosing what goes and where to."""
        self._recorder = Recorder(journal) if journal is not None else None
        self._private = Recorder(None)
        """For jobs that are not in the journal."""
        self.leftovers = Leftovers(downloads_record, self._kept)
        """Unfinished files of earlier downloads."""
        self.planner = Planner(s3)
        """What goes where: looked up before anything goes."""
        self._pool = BlockingPool("transfers", size=THREADS)
        self.queue = TransferQueue(fault_log)
        """The jobs of this session."""
        self.comparer = Comparer(s3, self._pool)
        """Whether files and objects hold the same."""
        self.remover = Remover(self._pool)
        """Removes local files, which only a sync does."""
        self._s3 = s3
        self._throttle = Throttle(self._pool, first_delay=first_delay)
        if limits is not None:
            self.limits = limits
        self._tuning = tuning or Tuning()
        self._unfinished: set[Path] = set()
        self.cut_off = CutOffTransfers(
            self._recorder,
            self.queue,
            self.leftovers,
            self.planner,
            connect=s3.account.connect,
            transport=self._transport,
            refuse=self.refuse_if_read_only,
        )
        """Jobs of earlier runs that were killed."""

    @property
    def connection(self) -> Connection:
        """Where and as whom a transfer that is chosen now goes: `at` of its plan."""
        return self._s3.account.connection

    @property
    def limits(self) -> Limits:
        """What all transfers together may take of the line; it can be set while they run."""
        return self._throttle.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._throttle.limits = limits

    @property
    def journal_problem(self) -> ServiceError | None:
        """Why what runs cannot be gone on with after a crash; None if it can."""
        return self._recorder.problem if self._recorder is not None else None

    def refuse_if_read_only(self) -> None:
        """Raise ServiceError (READ_ONLY) where an upload would be refused anyway."""
        self._s3.refuse_if_read_only()

    async def start_upload(
        self,
        plan: UploadPlan,
        policy: ConflictPolicy = ConflictPolicy.SKIP,
        overrides: Mapping[str, ConflictPolicy] = _NO_OVERRIDES,
        *,
        more: MoreFiles | None = None,
    ) -> int:
        """Queue a plan; gives the job's number. `policy` is for the conflicts that the plan
        shows, `overrides` for single keys among them. `more` says where there are more files than
        the plan holds: they are looked for while it runs. Raises ServiceError: READ_ONLY, or
        CONFLICT when the user has left the connection that the bucket was chosen on.
        """
        self.refuse_if_read_only()
        files = await self._recorded(
            Direction.UPLOAD,
            plan,
            plan.prefix,
            lambda: (planned_upload(item, overrides.get(item.key, policy)) for item in plan.items),
            replace(more, policy=policy) if more is not None else None,
        )
        refuse = self.refuse_if_read_only
        return self.queue.add(
            lambda number, changed: Job(
                number, Direction.UPLOAD, plan.bucket, plan.prefix, files, changed, refuse
            )
        )

    async def start_download(
        self,
        plan: DownloadPlan,
        policy: ConflictPolicy = ConflictPolicy.SKIP,
        overrides: Mapping[str, ConflictPolicy] = _NO_OVERRIDES,
        *,
        more: MoreObjects | None = None,
    ) -> int:
        """Queue a plan; gives the job's number. As `start_upload`."""
        await self.leftovers.remember(plan.folder)
        place = str(plan.folder)
        files = await self._recorded(
            Direction.DOWNLOAD,
            plan,
            place,
            lambda: (
                planned_download(item, overrides.get(item.key, policy)) for item in plan.items
            ),
            replace(more, policy=policy) if more is not None else None,
        )
        return self.queue.add(
            lambda number, changed: Job(
                number, Direction.DOWNLOAD, plan.bucket, place, files, changed
            )
        )

    async def start_copies(
        self,
        copies: Sequence[ObjectCopy],
        *,
        found: Sequence[ObjectCopy] = (),
        moves: bool = False,
        place: str,
        at: Connection,
    ) -> int:
        """Queue copies within S3, from one bucket to one bucket; gives the job's number. With
        `moves` each source is deleted after its copy was looked at, also of those that the plan
        `found` at their destination already. `place` is where they go. Raises as `start_upload`.
        """
        self.refuse_if_read_only()
        bucket, to_bucket = (first := (copies or found)[0]).bucket, first.to_bucket
        copier = await self._pool.run(self._s3.copier, at, bucket, to_bucket)
        transport = CopyTransport(copier, self._throttle, self._tuning)
        files = await self._pool.run(
            lambda: HeldFiles(
                [
                    *(Copying(transport, copy, moves) for copy in copies),
                    *(Copying(transport, copy, moves, found=True) for copy in found),
                ]
            )
        )
        direction = Direction.MOVE if moves else Direction.COPY
        refuse = self.refuse_if_read_only
        return self.queue.add(
            lambda number, changed: Job(
                number, direction, bucket, place, files, changed, refuse, to_bucket=to_bucket
            )
        )

    async def _recorded(
        self,
        direction: Direction,
        plan: UploadPlan | DownloadPlan,
        place: str,
        files: Callable[[], Iterable[PlannedFile]],
        more: More | None,
    ) -> RecordedFiles:
        """The files of a plan, written down before the first byte."""
        transport = await self._transport(plan.bucket, plan.at)
        feed = None
        if more is not None:
            # It goes on looking there, whatever the user chooses meanwhile.
            at = await self._s3.account.connect()
            feed = Feed(self.planner, plan.bucket, place, at)
        text = more.text if more is not None else ""
        record = None
        if self._recorder is not None:
            record = await self._recorder.add(direction, plan.at, plan.bucket, place, files, text)
        if record is None:
            # Nobody goes on with it after a crash, but it need not be in memory.
            record = await self._private.add(direction, plan.at, plan.bucket, place, files, text)
        if record is None:
            raise ServiceError(
                "The list of the files could not be written.",
                cause=str(self._private.problem or ""),
                hint="It goes into the folder for temporary files: free some space there.",
            )
        return RecordedFiles(
            record,
            direction,
            maker(transport, plan.bucket, place),
            count=len(plan.items),
            size=plan.bytes,
            only_source=_only_source(plan) if more is None else "",
            more=more,
            feed=feed,
            clear=partial(clear, record.recorder, record.id, direction, plan.bucket, transport),
        )

    async def _kept(self) -> frozenset[Path]:
        if self._recorder is None:
            return frozenset()
        try:
            return await self._recorder.run(temporaries)
        except ServiceError:
            # Without the journal nothing can be gone on with.
            return frozenset()

    async def _transport(self, bucket: str, at: Connection) -> Transport:
        # All is taken now: a job stays with the account that it was planned for.
        native = self._tuning.native
        data = await self._pool.run(self._s3.data_plane, bucket, at, native_bytes=native)
        return Transport(data, self._throttle, self._tuning, self._unfinished)

    async def stop(self, patience: float = 5.0) -> None:
        """Cancel everything and wait up to `patience` seconds for parts to be cleared away."""
        await self.queue.stop(patience)
        await self.cut_off.cleared(patience)
        if self._recorder is not None:
            await self._recorder.sync()

    async def leave(self, patience: float = 5.0) -> None:
        """Stop everything so that a later run can go on with it, where there is a journal; as
        `stop` where there is none."""
        if self._recorder is not None and not self._recorder.problem:
            await self._recorder.sync()
            self._recorder.is_kept = True
        await self.stop(patience)

    def close(self) -> None:
        """Cancel everything; never waits. What `stop` could not end in time leaves no file."""
        self.queue.close()
        self.cut_off.close()
        is_kept = self._recorder is not None and self._recorder.is_kept
        for temporary in () if is_kept else tuple(self._unfinished):
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        self.planner.close()
        self.folders.close()
        self.leftovers.close()
        if self._recorder is not None:
            self._recorder.close()
        self._private.close()
        self._pool.close()


def _only_source(plan: UploadPlan | DownloadPlan) -> str:
    if len(plan.items) != 1:
        return ""
    item = plan.items[0]
    return str(item.path) if isinstance(item, UploadItem) else item.key
