"""What the journal says of jobs and their files, from before the first byte to the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from uuid import uuid4

from tui.services.aws import Connection
from tui.services.s3 import Stop
from tui.services.transfers.job_states import FileResult, FileState
from tui.services.transfers.journal.begun import BegunCopy, BegunDownload, BegunUpload
from tui.services.transfers.journal.journal import Journal, Note
from tui.services.transfers.journal.on_disk import ARRIVED
from tui.services.transfers.journal.recorder import Recorder
from tui.services.transfers.kept_items import PlannedDeletion, PlannedFile, UnfitFile
from tui.services.transfers.passing import may_pass
from tui.services.transfers.route import Route

ADD_JOB = (
    "INSERT INTO jobs (id, owner, direction, profile, region, endpoint, account, bucket, place,"
    " begun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_TO_BUCKET = "UPDATE jobs SET to_bucket = ? WHERE id = ?"
_MORE = "UPDATE jobs SET more = ? WHERE id = ?"
_LEFT_OUT = (
    "INSERT INTO files (job, number, source, destination, size, details, state, message)"
    " VALUES (?, ?, ?, x'', 0, '{}', 'skipped', ?)"
)
ADD_FILE = (
    "INSERT INTO files (job, number, source, destination, size, details) VALUES (?, ?, ?, ?, ?, ?)"
)
_ADD_DELETION = "INSERT INTO deletions (job, number, name, size, told) VALUES (?, ?, ?, ?, ?)"
_ENDED = "UPDATE files SET state = ?, result = ?, message = ? WHERE job = ? AND number = ?"
_AGAIN = (
    "UPDATE files SET state = '', result = NULL, message = NULL"
    " WHERE job = ? AND state NOT IN ('', 'done', 'skipped', 'arrived')"
)
_BEGUN = "UPDATE files SET begun = ? WHERE job = ? AND number = ?"
_OVER = "UPDATE jobs SET is_over = ? WHERE id = ?"
_RANGE = "INSERT OR IGNORE INTO ranges (job, number, start) VALUES (?, ?, ?)"
_NO_RANGES = "DELETE FROM ranges WHERE job = ? AND number = ?"


async def add_job(
    recorder: Recorder,
    route: Route,
    at: Connection,
    files: Callable[[], Iterable[PlannedFile | UnfitFile]],
    more: str = "",
    deletions: Callable[[], Iterable[PlannedDeletion]] = tuple,
) -> JobRecord | None:
    """Write a job down before its first byte; None where the journal cannot be written. `more` says
    where the rest of its files is found, `deletions` what is deleted after them.
    """
    job = uuid4().hex

    def add(journal: Journal) -> None:
        row = (
            *(job, journal.owner, route.direction.value, at.profile, at.region or ""),
            *(at.endpoint or "", at.account_id or "", route.bucket, os.fsencode(route.place)),
            time.time(),
        )
        about: list[Note] = [(ADD_JOB, row), (_MORE, (more, job))]
        if route.to_bucket:
            about.append((_TO_BUCKET, (route.to_bucket, job)))
        removed: Iterator[Note] = (
            (_ADD_DELETION, (job, number, each.name, each.size, each.told))
            for number, each in enumerate(deletions())
        )
        journal.write(chain(about, added(job, 0, files()), removed))

    return JobRecord(recorder, job) if await recorder.begin(add) else None


def added(job: str, first: int, files: Iterable[PlannedFile | UnfitFile]) -> Iterator[Note]:
    """What adds files to a job; `first` is the number of the first of them."""
    for number, each in enumerate(files, first):
        if isinstance(each, UnfitFile):
            yield _LEFT_OUT, (job, number, each.source, _bytes(each.reason))
        else:
            yield ADD_FILE, (job, number, each.source, each.destination, each.size, each.details)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job in the journal."""

    recorder: Recorder
    id: str

    def ended(
        self, number: int, result: FileResult, planned: str, folder: str = "", place: str = ""
    ) -> None:
        """A file has ended; the plan said `planned`, and it has arrived in the local `folder`,
        which is in the chosen `place`."""
        if result.state is FileState.CANCELLED:
            return
        state = ARRIVED if folder else result.state.value
        where = _bytes(result.destination) if result.destination != planned else None
        message = _bytes(result.message) if result.message else None
        self.recorder.note(_ENDED, state, where, message, self.id, number)
        if folder:
            self.recorder.disk.arrived(self.id, number, folder, place)

    async def found(
        self,
        first: int,
        files: Sequence[PlannedFile],
        left_out: Sequence[UnfitFile],
        more: str,
        stop: Stop,
    ) -> None:
        """Write down more files of the job, from the number `first` on, and where to look on.
        Raises ServiceError; StoppedError if `stop` is set while another window holds the journal.
        """
        notes: list[Note] = [*added(self.id, first, (*files, *left_out)), (_MORE, (more, self.id))]
        await self.recorder.when_free(lambda journal: journal.write(notes), stop, lambda _: None)

    def again(self) -> None:
        """What failed is to be done again."""
        self.recorder.note(_AGAIN, self.id)

    @property
    def arrived_here(self) -> frozenset[int]:
        """The files that have arrived in this run and are not known to be on the disk; another run
        has to look at those that arrived before it."""
        return self.recorder.disk.arrived_of(self.id)

    def over(self, is_over: bool) -> None:
        """The job has ended, or begins again."""
        if not self.recorder.is_kept:
            say = partial(self.recorder.note, _OVER, int(is_over), self.id)
            self.recorder.disk.over(self.id, is_over, say)


def _bytes(text: str) -> bytes:
    # A name that is not UTF-8 holds surrogates.
    return text.encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class FileRecord:
    """One file in the journal."""

    recorder: Recorder
    job: str
    number: int
    upload: BegunUpload | None = None
    """What an earlier run has begun; None once it was gone on with."""
    download: BegunDownload | None = None
    copy: BegunCopy | None = None
    is_resumed: bool = False
    """Whether an earlier run may have ended it without writing that down."""
    was_near: bool = False
    """Whether it stands so near those that the earlier run had come to, that it well may have."""

    async def begun_in_s3(self, begun: BegunUpload | BegunCopy) -> None:
        """Write down what of it will lie in S3; returns when that is written."""
        self.recorder.note(_BEGUN, begun.text, self.job, self.number)
        await self.recorder.sync()

    def begun_download(self, temporary: Path, step: int, *, is_flushed: bool) -> None:
        """Write down where its ranges go, before those that are done."""
        begun = BegunDownload(temporary, step, is_flushed=is_flushed)
        self.recorder.note(_NO_RANGES, self.job, self.number)
        self.recorder.note(_BEGUN, begun.text, self.job, self.number)

    def range_done(self, start: int) -> None:
        """A range is in the temporary file."""
        self.recorder.note(_RANGE, self.job, self.number, start)

    def keeps(self, reason: BaseException) -> bool:
        """Whether what was begun is left where it is after it broke off for that reason: a retry,
        or a later run, goes on with it."""
        recorder = self.recorder
        is_written = recorder.path is not None and recorder.problem is None
        return recorder.is_kept or (is_written and may_pass(reason))

    def nothing_begun(self) -> None:
        """What was begun was cleared away."""
        self.recorder.note(_BEGUN, "", self.job, self.number)
