"""Download one object so that nothing is overwritten unseen and nothing half-written remains.

A download is written under a temporary name in its folder, checked, and only then given its name.
A cancelled one starts anew when it is retried. Of one that was cut off, or that failed for a reason
that may pass, the ranges that the journal tells of are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import create_temporary, look_at, place, translating_local
from tui.services.put_file import free_names, place_beside
from tui.services.s3 import Listed, Stop, StoppedError
from tui.services.s3.data.conditions import not_as_listed
from tui.services.s3.data.content import Content
from tui.services.s3.data.multipart import composite_etag
from tui.services.s3.data.object_read import SmallObject
from tui.services.transfers.job_states import FileResult, FileState
from tui.services.transfers.journal.records import FileRecord
from tui.services.transfers.local.exact import is_same
from tui.services.transfers.local.local_files import (
    make_folder,
    remove_unlocked,
    reopen_temporary,
)
from tui.services.transfers.local.small_files import SmallFile, exists_now
from tui.services.transfers.local.temporary_file import TemporaryFile
from tui.services.transfers.models import ConflictPolicy, DownloadItem
from tui.services.transfers.moving.ranges import Ranges, has_not, not_as_stored
from tui.services.transfers.moving.transport import Transport

CHECKED_HERE = 64 * 1024
"""Bytes that are checked on the event loop: the way to a thread takes longer."""

NOT_CHECKED = "only its size was checked: S3 keeps nothing that tells what it holds"


@dataclass(frozen=True)
class Download:
    """One object of a job."""

    transport: Transport
    bucket: str
    folder: Path
    """The chosen one, which nothing is written outside of."""
    item: DownloadItem
    policy: ConflictPolicy
    record: FileRecord | None = None
    """None for a job that is not in the journal."""

    @property
    def source(self) -> str:
        return self.item.key

    @property
    def destination(self) -> str:
        return str(self.item.target)

    @property
    def size(self) -> int:
        return self.item.size

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        """Fetch the object. Raises StoppedError when cancelled, ServiceError otherwise: EXISTS when
        the local name was taken after the plan, CHANGED when the object or the local file is not
        what it was.
        """
        item, path, size = self.item, self.item.target, self.item.size
        if item.is_folder:
            call, size = self.transport.throttle.call, 0
            await call(stop, f"download {item.key}", make_folder, self.folder, item.target)
        elif item.existing is not None and self.policy is ConflictPolicy.SKIP:
            why = "the file already exists"
            return FileResult(item.key, self.destination, FileState.SKIPPED, size, why)
        else:
            downloader = _Downloader(self, stop, on_bytes)
            path = await downloader.fetch()
            if downloader.said:
                said = "; ".join(filter(None, (item.renamed, downloader.said)))
                return FileResult(item.key, str(path), FileState.DONE, size, said)
        return FileResult(item.key, str(path), FileState.DONE, size, item.renamed)


class _Downloader:
    """Fetches one object."""

    def __init__(self, download: Download, stop: Stop, on_bytes: Callable[[int], None]) -> None:
        self._transport = download.transport
        self._item = download.item
        self._folder = download.folder
        self._policy = download.policy
        item = download.item
        self._listed = Listed(download.bucket, item.key, item.size, item.etag, item.version_id)
        self._stop = stop
        self._on_bytes = on_bytes
        self._action = f"download {download.item.key}"
        self._record = download.record
        self.said = ""
        """What is worth knowing of how it went."""

    async def fetch(self) -> Path:
        """Fetch the object; gives where it went."""
        data, throttle = self._transport.data, self._transport.throttle
        if (there := await self._had_arrived()) is not None:
            return there
        if self._item.size > self._transport.tuning.single:
            return await self._fetch_ranges()
        answer = None
        if not throttle.pace.is_limited:
            answer = await throttle.request(
                self._stop, lambda: data.read_quickly(self._listed, stop=self._stop)
            )
        if answer is not None and not self._replaces:
            return await self._put(answer)
        # In one step, because for a small object each step costs more than its bytes.
        way = throttle.call if answer is None else throttle.small
        return await way(self._stop, self._action, self._fetch_now, answer)

    @property
    def _replaces(self) -> bool:
        return self._item.existing is not None and self._policy is ConflictPolicy.OVERWRITE

    async def _put(self, answer: SmallObject) -> Path:
        """Put a whole object in place."""
        item, throttle = self._item, self._transport.throttle
        if self._stop.is_set():
            raise StoppedError
        if len(answer.data) <= CHECKED_HERE:
            self._refuse_unless_whole(answer)
        else:
            await throttle.small(self._stop, self._action, self._refuse_unless_whole, answer)
        modified = item.modified.timestamp() if item.modified is not None else None
        beside = item.existing is not None
        file = SmallFile(self._folder, item.target, answer.data, modified, beside)
        try:
            path = await self._transport.files.put(file)
        except ServiceError as error:
            # The process of the run that was killed may have put its last file in place meanwhile.
            there = await self._had_arrived() if error.kind is ErrorKind.EXISTS else None
            if there is None:
                raise
            return there
        self._on_bytes(len(answer.data))
        return path

    async def _had_arrived(self) -> Path | None:
        """Where an earlier run has put the object; None if nowhere, or if there was none."""
        if self._record is None or not self._record.is_resumed:
            return None
        there = await self._transport.throttle.call(self._stop, self._action, self._in_place)
        if there is not None:
            self.said = "it had arrived before the transfer was cut off"
            self._on_bytes(self._item.size)
        return there

    def _in_place(self) -> Path | None:
        """Where an earlier run has put the object without writing that down; None if nowhere."""
        item = self._item
        target, names = item.target, [item.target]
        if item.existing is not None and self._policy is ConflictPolicy.KEEP_BOTH:
            beside = (target.with_name(name) for name in free_names(target.name))
            names = list(takewhile(os.path.lexists, beside))
        for path in names:
            now = look_at(path)
            if now is None or (path == target and now == item.existing):
                continue
            is_file = stat.S_ISREG(path.lstat().st_mode)
            if is_file and is_same(self._transport.data, self._listed, path):
                return path
        return None

    def _fetch_now(self, answer: SmallObject | None) -> Path:
        sink = self._begin()
        try:
            if answer is None:
                pace = self._transport.throttle.pace

                def write(data: bytes | memoryview, position: int) -> None:
                    pace.wait(len(data), self._stop)
                    sink.write(data, position)

                sink.encryption = self._transport.data.read_whole(
                    self._listed, write, stop=self._stop, on_bytes=sink.count
                )
            else:
                self._refuse_unless_whole(answer)
                sink.is_checked = True
                sink.write(answer.data, 0)
                sink.count(len(answer.data))
            path = self._finish(sink)
        except BaseException:
            self._discard(sink)
            raise
        self._end(sink, path)
        return path

    def _refuse_unless_whole(self, answer: SmallObject) -> None:
        """Raise ServiceError if an answer is not what is stored: its checksum, or else its MD5."""
        if answer.checksum is not None:
            if not answer.checksum.is_of(answer.data):
                raise has_not(self._item.key, answer.checksum)
            return
        data, etag = self._transport.data, self._item.etag
        expected = data.content_md5(etag, answer.encryption)
        found = Content.of(answer.data).etag if expected else ""
        if not expected and (expected := data.parts_etag(etag, answer.encryption)):
            # What is so small is one part, but for servers that take smaller ones than S3 does.
            expected = expected if expected.endswith("-1") else ""
            found = composite_etag([Content.of(answer.data).etag]) if expected else ""
        if not expected:
            self.said = NOT_CHECKED
        elif found != expected:
            raise not_as_stored(self._item.key, f"MD5 {found}, expected {expected}")

    async def _fetch_ranges(self) -> Path:
        call = self._transport.throttle.call
        checksum = await call(self._stop, self._action, self._transport.data.checksum, self._listed)
        parts = 0
        if checksum is None:
            data = self._transport.data
            parts = await call(self._stop, self._action, data.part_step, self._listed)
        is_checked = checksum is not None or parts > 0
        sink = await call(self._stop, self._action, self._reopen, is_checked)
        if sink is None:
            sink = await call(self._stop, self._action, self._begin)
        if parts:
            sink.hash_parts(parts)
        try:
            step = self._transport.tuning.range
            if self._record is not None and not sink.step and self._item.size > step:
                # A later run may not be told what the ranges are to be checked by.
                self._record.begun_download(sink.temporary, step, is_flushed=not is_checked)
            await call(self._stop, self._action, sink.use_disk)
            await Ranges(
                self._transport, self._listed, sink, checksum, self._record, self._stop
            ).read()
            path = await call(self._stop, self._action, self._finish, sink)
        except asyncio.CancelledError:
            # The loop is ending, and a thread may still be writing: the descriptor is left to it.
            if not self._is_kept:
                sink.temporary.unlink(missing_ok=True)
            raise
        except BaseException as error:
            await self._discard_on_thread(sink, error)
            raise
        self._end(sink, path)
        return path

    @property
    def _is_kept(self) -> bool:
        return self._record is not None and self._record.recorder.is_kept

    # -- the temporary file ----------------------------------------------------------------

    def _begin(self) -> TemporaryFile:
        target = self._item.target
        make_folder(self._folder, target.parent)
        with translating_local(f"write to {target.parent}"):
            sink = TemporaryFile(target, *create_temporary(target), self._on_bytes)
        self._transport.unfinished.add(sink.temporary)
        return sink

    def _reopen(self, is_checked: bool) -> TemporaryFile | None:
        """The temporary file of an earlier run, where what it holds can be relied on, or
        `is_checked` at the end."""
        item, record = self._item, self._record
        begun = record.download if record is not None else None
        if record is None or begun is None:
            return None
        is_here = bool(begun.done) and begun.temporary.parent == item.target.parent
        if not is_here or not (is_checked or (begun.is_flushed and self._is_unchanged())):
            remove_unlocked(begun.temporary)
            return None
        descriptor = reopen_temporary(begun.temporary)
        if descriptor is None:
            return None
        if os.fstat(descriptor).st_size < min(max(begun.done) + begun.step, item.size):
            # Somebody has cut it.
            os.close(descriptor)
            remove_unlocked(begun.temporary)
            return None
        # At least one range is read: so S3 says whether the object is still the one that was
        # listed, and how it is encrypted.
        done = begun.done - {max(begun.done)}
        sink = TemporaryFile(
            item.target, descriptor, begun.temporary, self._on_bytes, begun.step, done
        )
        record.download = None
        self._transport.unfinished.add(sink.temporary)
        self.said = f"went on after {len(begun.done):,} of {-(-item.size // begun.step):,} ranges"
        return sink

    def _is_unchanged(self) -> bool:
        """Whether S3 says that the object is still the one of which ranges are here. Not every
        server looks at the condition of a request for a range."""
        if self._listed.version_id or self._transport.data.content_md5(self._listed.etag, ""):
            return True
        found = self._transport.data.head(self._listed.bucket, self._listed.key)
        return found is not None and bool(found.etag) and found.etag == self._listed.etag

    def _finish(self, sink: TemporaryFile) -> Path:
        self._verify(sink)
        with translating_local(f"write {self._item.target}"):
            try:
                return self._place(sink)
            except FileNotFoundError as error:
                raise ServiceError(
                    f"{self._item.target} was not written: its folder, or the unfinished file in "
                    "it, was removed meanwhile.",
                    hint="Retry the failed files: the folder is made again.",
                    kind=ErrorKind.NOT_FOUND,
                ) from error

    def _place(self, sink: TemporaryFile) -> Path:
        item, temporary = self._item, sink.temporary
        if item.modified is not None:
            seconds = item.modified.timestamp()
            os.utime(temporary, (seconds, seconds))
        if self._replaces:
            # What it replaces must not be lost to a power cut. What is new is in S3 still.
            os.fsync(sink.descriptor)
        else:
            # A network file system says only at a close that its disk or the quota is full.
            os.close(os.dup(sink.descriptor))
        if item.existing is not None and not self._replaces:
            return Path(place_beside(str(temporary), str(item.target)))
        try:
            place(temporary, item.target, replacing=item.existing)
        except FileExistsError as error:
            raise exists_now(item.target) from error
        return item.target

    def _verify(self, sink: TemporaryFile) -> None:
        """Raise ServiceError unless the file is what was listed: its size, and its MD5, or those
        of its parts, where the object's ETag tells of them.
        """
        item = self._item
        if os.fstat(sink.descriptor).st_size != item.size:
            raise not_as_listed(item.key)
        if sink.is_checked:
            return
        data = self._transport.data
        if self._item.size <= self._transport.tuning.single and (
            step := data.part_step(self._listed)
        ):
            sink.hash_parts(step)
        tells = data.parts_etag if sink.part_step else data.content_md5
        if not (expected := tells(item.etag, sink.encryption)):
            self._note_not_checked()
            return
        found = sink.md5(self._stop)
        if found == expected:
            return
        # Parts of other sizes, as many of them, have another ETag. But what an earlier run has left
        # may not have been on the disk.
        if not sink.part_step or sink.done or self._parts_are_alike(sink.part_step):
            raise not_as_stored(item.key, f"MD5 {found}, expected {expected}")
        self._note_not_checked()

    def _parts_are_alike(self, step: int) -> bool:
        return self._transport.data.parts_are_alike(self._listed, step, self._stop)

    def _note_not_checked(self) -> None:
        self.said = "; ".join(filter(None, (self.said, NOT_CHECKED)))

    def _end(self, sink: TemporaryFile, path: Path) -> None:
        self._transport.unfinished.discard(sink.temporary)
        with translating_local(f"write {path}"):
            sink.close()

    async def _discard_on_thread(self, sink: TemporaryFile, reason: BaseException) -> None:
        """To remove gigabytes takes long."""
        try:
            await self._transport.throttle.alone(self._action, lambda: self._discard(sink, reason))
        except RuntimeError:
            # The application ends, and its pools are closed.
            self._discard(sink, reason)

    def _discard(self, sink: TemporaryFile, reason: BaseException | None = None) -> None:
        """`reason` is why a download in ranges failed, which the journal tells of."""
        # What made the download fail is worth more than what a full or lost disk says here.
        with contextlib.suppress(OSError):
            sink.close()
        is_in_ranges = self._item.size > (sink.step or self._transport.tuning.range)
        passes = reason is not None and self._record is not None and self._record.keeps(reason)
        if not self._is_kept and not (passes and is_in_ranges):
            with contextlib.suppress(OSError):
                sink.temporary.unlink(missing_ok=True)
        self._transport.unfinished.discard(sink.temporary)
        self._on_bytes(-sink.counted)
