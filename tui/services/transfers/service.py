"""Uploads, downloads and copies of one account: planned, shown, and carried out by the queue."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.s3 import ObjectCopy, S3Service
from tui.services.s3.deleting.undo_stack import UndoStack
from tui.services.transfers.cut_off import CutOffTransfers, clear
from tui.services.transfers.feeding import Feed, More
from tui.services.transfers.job import Job
from tui.services.transfers.journal.deletions import planned_deletions
from tui.services.transfers.journal.recorded_files import RecordedFiles, unfit_of
from tui.services.transfers.journal.recorder import Recorder
from tui.services.transfers.journal.records import add_job
from tui.services.transfers.journal.resuming import temporaries
from tui.services.transfers.kept_items import (
    PlannedDeletion,
    PlannedFile,
    UnfitFile,
    planned_copy,
    planned_download,
    planned_upload,
    unfit_files,
)
from tui.services.transfers.local.leftovers import Leftovers
from tui.services.transfers.local.local_folders import LocalFolders
from tui.services.transfers.local.small_files import SmallFiles
from tui.services.transfers.models import (
    ConflictPolicy,
    DownloadPlan,
    Problem,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.more import MoreCopies, MoreFiles, MoreObjects
from tui.services.transfers.moving.limits import Limits
from tui.services.transfers.moving.transport import FIRST_DELAY, Throttle, Tuning
from tui.services.transfers.planning.comparing import Comparer
from tui.services.transfers.planning.copy_batches import LeftCopy
from tui.services.transfers.planning.planner import Planner
from tui.services.transfers.queue import TransferQueue
from tui.services.transfers.route import Direction, Route
from tui.services.transfers.sync.sync_plan import SyncPlan
from tui.services.transfers.way_maker import WayMaker

THREADS = 32
"""Requests in flight, of all jobs together."""

LEAVING = 2.0
"""Seconds that the end of the application waits for the disk, at most."""

_NO_OVERRIDES: Mapping[str, ConflictPolicy] = {}


class TransferService:
    """Composes S3 with the local disk, and with itself. Use it from one event loop.

    `fault_log` is where a defect that ends a job is written down; without it, asyncio tells of it.
    `journal` is where jobs are written down, so that a later run can go on with them.
    `limits` are what the settings allow; the user may set others.
    `undo` keeps what a sync deletes where that can be taken back.
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
        undo: UndoStack | None = None,
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
        self._s3 = s3
        self._throttle = Throttle(self._pool, first_delay=first_delay)
        self._unfinished: set[Path] = set()
        self._files = SmallFiles(self._throttle.calls)
        self._ways = WayMaker(
            s3, self._pool, self._throttle, tuning or Tuning(), self._unfinished, self._files, undo
        )
        if limits is not None:
            self.limits = limits
        self.cut_off = CutOffTransfers(
            self._recorder,
            self.queue,
            self.leftovers,
            self.planner,
            connect=s3.account.connect,
            way=self._ways.way,
            refuse=self.refuse_if_read_only,
            deletions=self._ways.deletions,
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
        kept = self._recorder
        return None if kept is None else kept.problem or kept.disk.problem

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
        return await self._start(
            Route(Direction.UPLOAD, plan.bucket, plan.prefix),
            plan,
            lambda: (planned_upload(item, overrides.get(item.key, policy)) for item in plan.items),
            replace(more, policy=policy) if more is not None else None,
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
        return await self._start(
            Route(Direction.DOWNLOAD, plan.bucket, str(plan.folder)),
            plan,
            lambda: (
                planned_download(item, overrides.get(item.key, policy)) for item in plan.items
            ),
            replace(more, policy=policy) if more is not None else None,
        )

    async def start_sync(self, plan: SyncPlan) -> int:
        """Queue what a sync transfers; gives the job's number. When all of it has arrived, what the
        plan deletes is deleted, each only if it still is as it was listed. Raises as
        `start_upload`."""
        policy, transfers = ConflictPolicy.OVERWRITE, plan.transfers
        place = str(plan.folder)
        if isinstance(transfers, UploadPlan):
            self.refuse_if_read_only()
            place = transfers.prefix
        else:
            await self.leftovers.remember(plan.folder)

        def files() -> Iterator[PlannedFile]:
            if isinstance(transfers, UploadPlan):
                yield from (planned_upload(item, policy) for item in transfers.items)
            else:
                yield from (planned_download(item, policy) for item in transfers.items)

        return await self._queued(
            Route(plan.direction, plan.bucket, place),
            plan.at,
            files,
            count=len(transfers.items),
            size=plan.bytes,
            only_source=_only_source(transfers)
            if not (plan.deletions.count or plan.problems)
            else "",
            deletions=plan if plan.deletions.count else None,
            left_out=plan.problems,
        )

    async def start_copies(
        self,
        copies: Sequence[ObjectCopy],
        *,
        buckets: tuple[str, str],
        found: Sequence[ObjectCopy] = (),
        left: Sequence[LeftCopy] = (),
        moves: bool = False,
        place: str,
        at: Connection,
        more: MoreCopies | None = None,
    ) -> int:
        """Queue copies within S3, from the first of the `buckets` to the second; gives the job's
        number. With `moves` each source is deleted after its copy was looked at, also of those
        that the plan `found` at their destination already. What is `left` as it is, is told with
        the others. `place` is where they go. `more` says where there are more: they are looked for
        while it runs. Raises as `start_upload`.
        """
        self.refuse_if_read_only()
        bucket, to_bucket = buckets
        direction = Direction.MOVE if moves else Direction.COPY

        def files() -> Iterator[PlannedFile]:
            yield from (planned_copy(copy) for copy in copies)
            yield from (planned_copy(copy, found=True) for copy in found)
            yield from (planned_copy(each.copy, left=each.reason) for each in left)

        every = (*copies, *found, *(each.copy for each in left))
        # What was found is not sent: it counts no bytes.
        sent = (*copies, *(each.copy for each in left))
        return await self._queued(
            Route(direction, bucket, place, to_bucket),
            at,
            files,
            count=len(every),
            size=await self._pool.run(lambda: sum(copy.size for copy in sent)),
            only_source=every[0].key if len(every) == 1 and more is None else "",
            more=more,
        )

    async def _start(
        self,
        route: Route,
        plan: UploadPlan | DownloadPlan,
        files: Callable[[], Iterable[PlannedFile]],
        more: More | None,
    ) -> int:
        return await self._queued(
            route,
            plan.at,
            files,
            count=len(plan.items),
            size=plan.bytes,
            only_source=_only_source(plan) if more is None and not plan.problems else "",
            more=more,
            left_out=plan.problems,
        )

    async def _queued(
        self,
        route: Route,
        at: Connection,
        planned: Callable[[], Iterable[PlannedFile]],
        *,
        count: int,
        size: int,
        only_source: str,
        more: More | None = None,
        deletions: SyncPlan | None = None,
        left_out: Sequence[Problem] = (),
    ) -> int:
        """Queue the files of a plan, written down before the first byte, and behind them what is
        `left_out` because it cannot be transferred."""
        way = await self._ways.way(route, at)
        feed = None
        if more is not None:
            # It goes on looking there, whatever the user chooses meanwhile.
            feed = Feed(self.planner, route, await self._s3.account.connect())
        text = more.text if more is not None else ""
        record = None

        def removed() -> Iterable[PlannedDeletion]:
            return planned_deletions(deletions) if deletions is not None else ()

        def files_and_left_out() -> Iterable[PlannedFile | UnfitFile]:
            return chain(planned(), unfit_files(route.direction, left_out))

        if self._recorder is not None:
            record = await add_job(self._recorder, route, at, files_and_left_out, text, removed)
        if record is None:
            # Nobody goes on with it after a crash, but it need not be in memory.
            record = await add_job(self._private, route, at, files_and_left_out, text, removed)
        if record is None:
            raise ServiceError(
                "The list of the files could not be written.",
                cause=str(self._private.problem or ""),
                hint="It goes into the folder for temporary files: free some space there.",
            )
        files = RecordedFiles(
            record,
            route,
            way.make,
            count=count,
            size=size,
            only_source=only_source,
            more=more,
            feed=feed,
            clear=partial(clear, record.recorder, record.id, route.direction, way),
            left_out=await self._pool.run(unfit_of, left_out),
        )
        writes = route.direction is not Direction.DOWNLOAD
        refuse = self.refuse_if_read_only if writes else lambda: None
        last = None
        if deletions is not None:
            held = await self._ways.kept(at)
            last = self._ways.deletions(record, route, held, deletions.deletions.count)
        return self.queue.add(
            lambda number, changed: Job(number, route, files, changed, refuse, last)
        )

    async def _kept(self) -> frozenset[Path] | None:
        if self._recorder is None:
            return frozenset()
        try:
            return await self._recorder.run(temporaries)
        except ServiceError:
            # A newer version, or the next start, may read what this one cannot.
            return None

    async def stop(self, patience: float = 5.0) -> None:
        """Cancel everything and wait up to `patience` seconds for parts to be cleared away."""
        await self.queue.stop(patience)
        await self.cut_off.cleared(patience)
        if self._recorder is not None:
            await self._recorder.disk.leave(min(patience, LEAVING))
            await self._recorder.sync()

    async def leave(self, patience: float = 5.0) -> None:
        """As `stop`, so that a later run can go on with everything where there is a journal."""
        if self._recorder is not None:
            await self._recorder.sync()
            self._recorder.is_kept = not self._recorder.problem
        await self.stop(patience)

    def close(self) -> None:
        """Cancel everything; waits for no request. What `stop` could not end in time leaves no
        file."""
        self.queue.close()
        self.cut_off.close()
        self._files.close()
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
