"""Upload one file in parts, of which nothing can be seen before the last step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from tui.services.errors import ServiceError
from tui.services.s3 import CountedBody, Stop, Write
from tui.services.s3.data.body import FilePart
from tui.services.s3.data.data_plane import MIB, DataPlane
from tui.services.s3.data.empty_uploads import abort_empty
from tui.services.s3.data.multipart import UploadInParts, part_bytes
from tui.services.s3.data.part_layout import PartLayout
from tui.services.transfers.job_stop import AnyStop
from tui.services.transfers.journal.begun import BegunCopy, BegunUpload
from tui.services.transfers.journal.records import FileRecord
from tui.services.transfers.local.source_file import SourceFile
from tui.services.transfers.moving.parts_left import parts_left
from tui.services.transfers.moving.transport import Transport, several

PARTS_AT_ONCE = 8
"""Parts of one file in flight."""

IN_FLIGHT = 128 * MIB
"""Bytes of one file in flight: the native client holds a part in memory while it sends it."""


class FileInParts:
    """Sends one file in parts."""

    def __init__(
        self,
        transport: Transport,
        source: SourceFile,
        write: Write,
        stop: Stop,
        on_bytes: Callable[[int], None],
        record: FileRecord | None = None,
    ) -> None:
        self.said = ""
        """What is worth knowing of how it went."""
        self._record = record
        self._transport = transport
        self._source = source
        self._write = write
        self._on_bytes = on_bytes
        size = source.before.size
        self._parts = PartLayout(size, part_bytes(size, transport.tuning.single))
        self._counted = 0
        self._lock = threading.Lock()
        self._stop = stop
        self._given_up = threading.Event()
        self._stop_part = AnyStop(stop, self._given_up)

    async def send(self) -> None:
        """Send every part and make the object of them. When it fails, it raises after everything in
        flight has ended and the parts have been removed.
        """
        call, key = self._transport.throttle.call, self._write.key
        upload = await self._resume() or await self._begin()
        try:
            await self._send_parts(upload)
            await call(self._stop, f"read {self._source.path}", self._source.refuse_if_changed)
            await call(self._stop, f"complete the upload of {key}", upload.complete)
        except BaseException as error:
            await self._abort(upload, error)
            raise

    async def _begin(self) -> UploadInParts:
        begun = BegunUpload(
            "", self._write.key, self._parts.step, False, self._source.before, time.time()
        )
        if self._record is not None:
            # So that one that was begun, and whose id was not written down, is looked for.
            await self._record.begun_in_s3(begun)
        upload = await self._transport.throttle.call(
            self._stop,
            f"begin the upload of {self._write.key}",
            UploadInParts.begin,
            self._transport.data,
            self._write,
            self._parts,
        )
        if self._record is not None:
            begun = replace(begun, upload_id=upload.id, summed=upload.is_summed)
            await self._record.begun_in_s3(begun)
        return upload

    async def _resume(self) -> UploadInParts | None:
        """Go on with the upload that an earlier run began; None if there is none of this file."""
        begun = self._record.upload if self._record is not None else None
        if self._record is None or begun is None:
            return None
        is_same_file = begun.stamp == self._source.before
        if not begun.upload_id or begun.key != self._write.key or not is_same_file:
            if not is_same_file:
                self.said = "the file was changed since the transfer was cut off: sent anew"
            # Now, because the journal keeps one upload of a file.
            await self._transport.throttle.call(
                self._stop,
                f"abort the upload of {begun.key}",
                lambda: clear_upload(self._transport.data, self._write.bucket, begun),
            )
            self._record.upload = None
            return None
        parts = PartLayout(self._source.before.size, begun.step)
        upload = await self._transport.throttle.call(
            self._stop,
            f"list the parts of the upload of {begun.key}",
            lambda: UploadInParts.resume(
                self._transport.data, self._write, begun.upload_id, parts, summed=begun.summed
            ),
        )
        self._record.upload = None
        if upload is not None:
            self._parts = parts
            self.said = f"went on after {len(upload.stored):,} of {parts.count:,} parts"
        return upload

    async def _send_parts(self, upload: UploadInParts) -> None:
        async def send(number: int) -> None:
            await self._send_part(upload, number)

        at_once = min(self._parts.count, max(2, min(PARTS_AT_ONCE, IN_FLIGHT // self._parts.step)))
        numbers = range(1, self._parts.count + 1)
        try:
            # Every call must have ended before the upload is aborted, so that none is left behind.
            await several(numbers, send, at_once=at_once, give_up=self._given_up.set)
        except BaseException:
            if not self._stop.is_set():
                # A file cut short shows as a part that ended early; say what really happened.
                action = f"read {self._source.path}"
                call = self._transport.throttle.call
                await call(self._stop, action, self._source.refuse_if_changed)
            raise

    async def _send_part(self, upload: UploadInParts, number: int) -> None:
        throttle, stop = self._transport.throttle, self._stop_part
        start, length = self._parts.of(number)
        if number in upload.stored:
            read = f"read {self._source.path}"
            if await throttle.call(stop, read, upload.has, number, self._source.read):
                self._count(length)
                return
        action, md5 = f"upload {self._write.key}", ""
        if upload.needs_md5:
            read = f"read {self._source.path}"
            md5 = await throttle.call(stop, read, self._source.md5, start, length)

        async def quickly() -> bool:
            part = FilePart(self._source.descriptor, start, length)
            try:
                return await upload.send_quickly(number, part, md5, stop=stop)
            finally:
                part.withdraw()

        if not throttle.pace.is_limited and await throttle.request(stop, quickly):
            self._count(length)
            return
        body = CountedBody(
            lambda position, size: self._source.read(start + position, size),
            length,
            on_bytes=throttle.paced(self._count, stop),
            stop=stop,
        )
        await throttle.call(stop, action, upload.send, number, body, md5)

    def _count(self, size: int) -> None:
        with self._lock:
            self._counted += size
        self._on_bytes(size)

    async def _abort(self, upload: UploadInParts, reason: BaseException) -> None:
        self._on_bytes(-self._counted)
        if self._record is not None and self._record.keeps(reason):
            return
        never, key = threading.Event(), self._write.key
        try:
            await self._transport.throttle.call(never, f"abort the upload of {key}", upload.abort)
        except ServiceError as error:
            raise parts_left(f"The upload of {key}", reason, error) from reason
        if self._record is not None:
            self._record.nothing_begun()


def clear_upload(data: DataPlane, bucket: str, begun: BegunUpload | BegunCopy) -> None:
    """Remove the parts that an earlier run has begun. Raises ServiceError."""
    try:
        if begun.upload_id:
            write, parts = Write(bucket, begun.key), PartLayout(0, begun.step)
            UploadInParts(data, write, begun.upload_id, parts, summed=False).abort()
        else:
            abort_empty(data, bucket, begun.key, datetime.fromtimestamp(begun.begun, UTC))
    except ServiceError as error:
        if error.code != "NoSuchBucket":
            raise
