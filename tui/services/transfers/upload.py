"""Upload one file so that nothing is overwritten unseen and nothing half-written remains."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import CountedBody, Stop, Write
from tui.services.s3.body import FilePart
from tui.services.s3.conditions import (
    knows_no_conditions,
    met_another_write,
    refused_write,
)
from tui.services.s3.content import Content
from tui.services.s3.data_plane import MIB
from tui.services.s3.multipart import Parts, UploadInParts, part_bytes
from tui.services.s3.native import NativePut
from tui.services.transfers.content_types import content_type
from tui.services.transfers.local_files import (
    Stamp,
    free_names,
    open_source,
    refuse_if_changed,
    translating_local,
)
from tui.services.transfers.models import ConflictPolicy, FileResult, FileState, UploadItem
from tui.services.transfers.transport import AnyStop, Transport, several

RACES = 3
"""How often a write is tried that met another write to the same key (409)."""

PARTS_AT_ONCE = 8
"""Parts of one file in flight."""

IN_FLIGHT = 128 * MIB
"""Bytes of one file in flight: the native client holds a part in memory while it sends it."""


@dataclass(frozen=True)
class Upload:
    """One file of a job."""

    transport: Transport
    bucket: str
    item: UploadItem
    policy: ConflictPolicy

    @property
    def source(self) -> str:
        return str(self.item.path)

    @property
    def destination(self) -> str:
        return self.item.key

    @property
    def size(self) -> int:
        return self.item.size

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        """Send the file. Raises StoppedError when cancelled, ServiceError otherwise: EXISTS when
        the key came into being after the plan, CHANGED when the object or the file is not what it
        was.
        """
        uploader = _Uploader(self.transport, self.bucket, self.item, stop, on_bytes)
        existing = self.item.existing
        if existing is None:
            sent = await uploader.send(self.item.key, if_new=True)
        elif self.policy is ConflictPolicy.SKIP:
            why = "the key already exists"
            return FileResult(self.source, self.item.key, FileState.SKIPPED, self.size, why)
        elif self.policy is ConflictPolicy.OVERWRITE:
            sent = await uploader.send(self.item.key, if_etag=existing.etag)
        else:
            sent = await uploader.send_beside()
        key, size = sent
        return FileResult(self.source, key, FileState.DONE, size)


class _Uploader:
    """Sends one file."""

    def __init__(
        self,
        transport: Transport,
        bucket: str,
        item: UploadItem,
        stop: Stop,
        on_bytes: Callable[[int], None],
    ) -> None:
        self._transport = transport
        self._bucket = bucket
        self._item = item
        self._stop = stop
        self._on_bytes = on_bytes

    async def send_beside(self) -> tuple[str, int]:
        """Send the file under the first free name beside its key; as `send`."""
        for key in free_names(self._item.key):
            if await self._holds(key):
                continue
            try:
                return await self.send(key, if_new=True)
            except ServiceError as error:
                if error.kind is not ErrorKind.EXISTS:
                    raise
        raise ServiceError(f"No free key was found beside {self._item.key}.", kind=ErrorKind.EXISTS)

    async def _holds(self, key: str) -> bool:
        try:
            found = await self._transport.throttle.call(
                self._stop, f"look up {key}", self._transport.data.head, self._bucket, key
            )
        except ServiceError as error:
            if error.kind is ErrorKind.DENIED:
                # The conditional write will tell.
                return False
            raise
        return found is not None

    async def send(self, key: str, *, if_new: bool = False, if_etag: str = "") -> tuple[str, int]:
        """Send the file; gives its key and how many bytes it had."""
        existing = self._item.existing
        write = Write(
            self._bucket,
            key,
            content_type(self._item.path.name),
            if_new=if_new,
            if_etag=if_etag,
            before=existing.etag if existing is not None and key == self._item.key else "",
        )
        source = await self._transport.throttle.small(
            self._stop,
            f"read {self._item.path}",
            _Source.open,
            self._item,
            self._transport.tuning.single,
        )
        try:
            await self._send_open(source, write)
        except asyncio.CancelledError:
            # The loop is ending, and a thread may still be reading: the descriptor is left to it.
            raise
        except BaseException:
            source.close()
            raise
        source.close()
        return key, source.before.size

    async def _send_open(self, source: _Source, write: Write) -> None:
        throttle, data = self._transport.throttle, self._transport.data
        for attempt in range(1, RACES + 1):
            try:
                await self._send_once(source, write)
            except ServiceError as error:
                if knows_no_conditions(error) and write.is_conditional:
                    action = f"look up {write.key}"
                    await throttle.call(self._stop, action, data.refuse_if_changed, write)
                    write = replace(write, if_new=False, if_etag="")
                elif not met_another_write(error) or attempt == RACES:
                    raise refused_write(error, write) from error
                else:
                    await asyncio.sleep(0.1 * attempt)
            else:
                return

    async def _send_once(self, source: _Source, write: Write) -> None:
        content, data, throttle = source.content, self._transport.data, self._transport.throttle
        if content is None:
            await _Parts(self._transport, source, write, self._stop, self._on_bytes).send()
            return
        sent = await throttle.request(
            self._stop, lambda: data.put_quickly(write, content, stop=self._stop)
        )
        if sent is NativePut.STORED:
            self._on_bytes(len(content.data))
            return
        await throttle.call(
            self._stop,
            f"upload {write.key}",
            data.put,
            write,
            content,
            stop=self._stop,
            on_bytes=self._on_bytes,
            after=sent,
        )


class _Parts:
    """Sends one file in parts."""

    def __init__(
        self,
        transport: Transport,
        source: _Source,
        write: Write,
        stop: Stop,
        on_bytes: Callable[[int], None],
    ) -> None:
        self._transport = transport
        self._source = source
        self._write = write
        self._on_bytes = on_bytes
        size = source.before.size
        self._parts = Parts(size, part_bytes(size, transport.tuning.single))
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
        upload = await call(
            self._stop,
            f"begin the upload of {key}",
            UploadInParts.begin,
            self._transport.data,
            self._write,
            self._parts,
        )
        try:
            await self._send_parts(upload)
            await call(self._stop, f"read {self._source.path}", self._source.refuse_if_changed)
            await call(self._stop, f"complete the upload of {key}", upload.complete)
        except BaseException as error:
            await self._abort(upload, error)
            raise

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
        action, md5 = f"upload {self._write.key}", ""
        if upload.needs_md5:
            read = f"read {self._source.path}"
            md5 = await throttle.call(stop, read, self._source.md5, start, length)

        async def quickly() -> bool:
            part = FilePart(self._source.descriptor, start, length)
            return await upload.send_quickly(number, part, md5, stop=stop)

        if await throttle.request(stop, quickly):
            self._count(length)
            return
        body = CountedBody(
            lambda position, size: self._source.read(start + position, size),
            length,
            on_bytes=self._count,
            stop=stop,
        )
        await throttle.call(stop, action, upload.send, number, body, md5)

    def _count(self, size: int) -> None:
        with self._lock:
            self._counted += size
        self._on_bytes(size)

    async def _abort(self, upload: UploadInParts, reason: BaseException) -> None:
        self._on_bytes(-self._counted)
        never, key = threading.Event(), self._write.key
        try:
            await self._transport.throttle.call(never, f"abort the upload of {key}", upload.abort)
        except ServiceError as error:
            raise ServiceError(
                f"The upload of {key} failed, and its parts could not be removed.",
                cause=f"{reason}\n{error}",
                hint="Cleanup (F8) lists incomplete uploads and can remove them.",
                code=error.code,
                kind=error.kind,
            ) from reason


@dataclass(slots=True)
class _Source:
    """A file open for reading, and what it was when it was opened."""

    path: Path
    descriptor: int
    before: Stamp
    content: Content | None = None
    """All of a small file, which is closed again."""

    @classmethod
    def open(cls, item: UploadItem, small: int) -> _Source:
        """Open the file; read it if it has at most `small` bytes. Raises ServiceError."""
        with translating_local(f"read {item.path}"):
            source = cls(item.path, *open_source(item.path))
        if source.before.size <= small:
            try:
                # Sent from memory, so that what is checked here is what is sent.
                data = source.read(0, source.before.size)
                source.refuse_if_changed()
            finally:
                source.close()
            source.content = Content.of(data)
        return source

    def close(self) -> None:
        """Close the file. Never twice: another file may have the number by then."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes, fewer only at the end; several may read at once. Raises ServiceError."""
        with translating_local(f"read {self.path}"):
            return os.pread(self.descriptor, size, offset)

    def md5(self, offset: int, size: int) -> str:
        """The MD5 of a range, in base64. Raises ServiceError."""
        return Content.of(self.read(offset, size)).md5

    def refuse_if_changed(self) -> None:
        """Raise ServiceError (CHANGED, NOT_FOUND) if the file is not any more what was opened."""
        with translating_local(f"read {self.path}"):
            refuse_if_changed(self.path, self.descriptor, self.before)
