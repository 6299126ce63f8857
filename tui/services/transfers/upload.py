"""Upload one file so that nothing is overwritten unseen and nothing half-written remains."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import CountedBody, Stop, Write
from tui.services.s3.conditions import knows_no_conditions, met_another_write, refused_write
from tui.services.s3.multipart import UploadInParts, part_bytes
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
"""Parts of one file in flight; the pool bounds all files together."""


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
        source = await self._transport.throttle.call(
            self._stop, f"read {self._item.path}", _Source.open, self._item
        )
        try:
            await self._send_open(source, write)
        except asyncio.CancelledError:
            # The loop is ending, and a thread may still be reading: the descriptor is left to it.
            raise
        except BaseException:
            os.close(source.descriptor)
            raise
        os.close(source.descriptor)
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
        if source.before.size > self._transport.tuning.single:
            await _Parts(self._transport, source, write, self._stop, self._on_bytes).send()
            return
        await self._transport.throttle.call(
            self._stop, f"upload {write.key}", self._put, source, write
        )

    def _put(self, source: _Source, write: Write) -> None:
        # Sent from memory, so that what is checked here is what is sent.
        content = source.read(0, source.before.size)
        source.refuse_if_changed()
        self._transport.data.put(write, content, stop=self._stop, on_bytes=self._on_bytes)


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
        self._step = part_bytes(source.before.size, transport.tuning.single)
        self._offsets = range(0, source.before.size, self._step)
        self._bodies: list[CountedBody] = []
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
            len(self._offsets),
        )
        try:
            await self._send_parts(upload)
            await call(self._stop, f"read {self._source.path}", self._source.refuse_if_changed)
            await call(self._stop, f"complete the upload of {key}", upload.complete)
        except BaseException as error:
            await self._abort(upload, error)
            raise

    async def _send_parts(self, upload: UploadInParts) -> None:
        async def send(part: tuple[int, int]) -> None:
            number, offset = part
            body = CountedBody(
                lambda position, size: self._source.read(offset + position, size),
                min(self._step, self._source.before.size - offset),
                on_bytes=self._on_bytes,
                stop=self._stop_part,
            )
            self._bodies.append(body)
            action = f"upload {self._write.key}"
            await self._transport.throttle.call(self._stop_part, action, upload.send, number, body)

        at_once = min(PARTS_AT_ONCE, len(self._offsets))
        try:
            # Every call must have ended before the upload is aborted, so that none is left behind.
            await several(
                enumerate(self._offsets, 1), send, at_once=at_once, give_up=self._given_up.set
            )
        except BaseException:
            if not self._stop.is_set():
                # A file cut short shows as a part that ended early; say what really happened.
                action = f"read {self._source.path}"
                call = self._transport.throttle.call
                await call(self._stop, action, self._source.refuse_if_changed)
            raise

    async def _abort(self, upload: UploadInParts, reason: BaseException) -> None:
        for body in self._bodies:
            body.withdraw()
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


@dataclass(frozen=True, slots=True)
class _Source:
    """A file open for reading, and what it was when it was opened."""

    path: Path
    descriptor: int
    before: Stamp

    @classmethod
    def open(cls, item: UploadItem) -> _Source:
        """Open the file. Raises ServiceError."""
        with translating_local(f"read {item.path}"):
            return cls(item.path, *open_source(item.path))

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes, fewer only at the end; several may read at once. Raises ServiceError."""
        with translating_local(f"read {self.path}"):
            return os.pread(self.descriptor, size, offset)

    def refuse_if_changed(self) -> None:
        """Raise ServiceError (CHANGED, NOT_FOUND) if the file is not any more what was opened."""
        with translating_local(f"read {self.path}"):
            refuse_if_changed(self.path, self.descriptor, self.before)


# -- the type of a file --------------------------------------------------------------------------

_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": "application/octet-stream",
}
_MISSING = {
    ".md": "text/markdown",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".toml": "application/toml",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".zst": "application/zstd",
}
# Without the machine's own tables, so that the same file gets the same type everywhere.
_KNOWN = mimetypes.MimeTypes()


def content_type(name: str) -> str:
    """The type guessed from a file's name; "" leaves it to S3's default.

    A compressed file is what it is, not what is inside it: `a.csv.gz` is gzip.
    """
    # It would be read as a URL, and each version of Python reads odd ones in its own way.
    plain = re.sub(r"[^\w.]", "_", name.rpartition("/")[2])
    guessed, encoding = _KNOWN.guess_type(plain)
    if encoding:
        return _COMPRESSED.get(encoding, "")
    if guessed:
        return guessed
    return _MISSING.get("." + name.rpartition(".")[2].lower(), "")
