"""Upload one file so that nothing is overwritten unseen and nothing half-written remains."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from tui.services.errors import ErrorKind, ServiceError
from tui.services.put_file import free_names
from tui.services.s3 import Stop, Write
from tui.services.s3.data.conditions import (
    knows_no_conditions,
    met_another_write,
    refused_write,
)
from tui.services.s3.data.native import NativePut
from tui.services.s3.properties.upload_attributes import explained
from tui.services.transfers.job_states import FileResult, FileState
from tui.services.transfers.journal.records import FileRecord
from tui.services.transfers.local.content_types import content_type
from tui.services.transfers.local.exact import stores_file
from tui.services.transfers.local.source_file import SourceFile
from tui.services.transfers.models import ConflictPolicy, UploadItem
from tui.services.transfers.moving.transport import Transport
from tui.services.transfers.moving.upload_parts import FileInParts

RACES = 3
"""How often a write is tried that met another write to the same key (409)."""


@dataclass(frozen=True)
class Upload:
    """One file of a job."""

    transport: Transport
    bucket: str
    item: UploadItem
    policy: ConflictPolicy
    record: FileRecord | None = None
    """None for a job that is not in the journal."""

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
        uploader = _Uploader(self.transport, self.bucket, self.item, stop, on_bytes, self.record)
        existing = self.item.existing
        if existing is not None and self.policy is ConflictPolicy.SKIP:
            why = "the key already exists"
            return FileResult(self.source, self.item.key, FileState.SKIPPED, self.size, why)
        try:
            if existing is None:
                key, size = await uploader.send_once(self.item.key, if_new=True)
            elif self.policy is ConflictPolicy.OVERWRITE:
                # The plan may have found what another name holds.
                await uploader.refuse_other_name(self.item.key, written=False)
                key, size = await uploader.send_once(self.item.key, if_etag=existing.etag)
            else:
                key, size = await uploader.send_beside()
        except ServiceError as error:
            if error.kind is ErrorKind.EXISTS:
                await uploader.refuse_other_name(self.item.key, written=False)
            raise
        try:
            await uploader.refuse_other_name(key)
        except BaseException:
            on_bytes(-size)
            raise
        return FileResult(self.source, key, FileState.DONE, size, uploader.said)


class _Uploader:
    """Sends one file."""

    def __init__(
        self,
        transport: Transport,
        bucket: str,
        item: UploadItem,
        stop: Stop,
        on_bytes: Callable[[int], None],
        record: FileRecord | None,
    ) -> None:
        self.said = ""
        """What is worth knowing of how it went."""
        self._record = record
        self._transport = transport
        self._bucket = bucket
        self._item = item
        self._stop = stop
        self._on_bytes = on_bytes

    async def send_beside(self) -> tuple[str, int]:
        """Send the file under the first free name beside its key; as `send`."""
        for key in free_names(self._item.key):
            if await self._holds(key):
                if self._is_resumed and await self._is_stored(key):
                    return self._had_arrived(key)
                continue
            try:
                return await self.send(key, if_new=True)
            except ServiceError as error:
                if error.kind is not ErrorKind.EXISTS:
                    raise
        raise ServiceError(f"No free key was found beside {self._item.key}.", kind=ErrorKind.EXISTS)

    async def refuse_other_name(self, key: str, *, written: bool = True) -> None:
        """Raise ServiceError if the server takes this key for another name."""
        data = self._transport.data
        if data.may_rename(key):
            await self._transport.throttle.call(
                self._stop,
                f"look up {key}",
                lambda: data.refuse_other_name(self._bucket, key, written=written),
            )

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

    async def send_once(
        self, key: str, *, if_new: bool = False, if_etag: str = ""
    ) -> tuple[str, int]:
        """As `send`; what an earlier run has stored without writing it down is not sent again."""
        record = self._record
        begun = record.upload if record is not None else None
        may_be_stored = begun is not None or (record is not None and record.was_near)
        step = begun.step if begun is not None else 0
        if may_be_stored and await self._is_stored(key, step):
            return self._had_arrived(key)
        try:
            return await self.send(key, if_new=if_new, if_etag=if_etag)
        except ServiceError as error:
            taken = error.kind in {ErrorKind.EXISTS, ErrorKind.CHANGED}
            if taken and self._is_resumed and await self._is_stored(key):
                return self._had_arrived(key)
            raise

    @property
    def _is_resumed(self) -> bool:
        return self._record is not None and self._record.is_resumed

    def _had_arrived(self, key: str) -> tuple[str, int]:
        self.said = "it had arrived before the transfer was cut off"
        self._on_bytes(self._item.size)
        return key, self._item.size

    async def _is_stored(self, key: str, step: int = 0) -> bool:
        item, transport = self._item, self._transport
        return await transport.throttle.call(
            self._stop,
            f"look up {key}",
            lambda: stores_file(transport.data, self._bucket, key, item.path, step),
        )

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
            attributes=self._item.attributes,
        )
        source = await self._transport.throttle.small(
            self._stop,
            f"read {self._item.path}",
            SourceFile.open,
            self._item,
            self._transport.tuning.single,
        )
        try:
            await self._send_open(source, write)
        except asyncio.CancelledError:
            # The loop is ending, and a thread may still be reading: the descriptor is left to it.
            raise
        except ServiceError as error:
            source.close()
            raise explained(error, self._item.attributes) from error
        except BaseException:
            source.close()
            raise
        source.close()
        return key, source.before.size

    async def _send_open(self, source: SourceFile, write: Write) -> None:
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

    async def _send_once(self, source: SourceFile, write: Write) -> None:
        content, data, throttle = source.content, self._transport.data, self._transport.throttle
        if content is None:
            parts = FileInParts(
                self._transport, source, write, self._stop, self._on_bytes, self._record
            )
            await parts.send()
            self.said = parts.said
            return
        sent = NativePut.LEFT
        if not throttle.pace.is_limited:
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
            on_bytes=throttle.paced(self._on_bytes, self._stop),
            after=sent,
        )
