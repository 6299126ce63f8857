"""The ranges of one large download: several at once, checked as they arrive, written down in the
journal when a later run may rely on them.

What can be checked at the end is written down at once. Of what cannot, only what is on the disk:
what a power cut takes away would otherwise be found by nobody.
"""

from __future__ import annotations

import contextlib
import threading
import time

from tui.services.errors import ServiceError
from tui.services.s3 import Listed, Stop
from tui.services.s3.data.checksums import Checksum, RangeSums
from tui.services.transfers.job_stop import AnyStop
from tui.services.transfers.journal.records import FileRecord
from tui.services.transfers.local.exact import chunks_of
from tui.services.transfers.local.temporary_file import TemporaryFile
from tui.services.transfers.moving.transport import Transport, several

RANGES_AT_ONCE = 8
"""Ranges of one object in flight; the pool bounds all objects together. More than a line needs: on
a busy machine some wait for the processor."""

HASHERS = 2
"""Threads that make the MD5 of what has arrived: one reads it back while the other hashes."""

FLUSHED_EVERY = 5.0
"""Seconds between two waits for the disk, at least. A kill costs no more than what has arrived in
that time."""


class Ranges:
    """Reads what is missing in a temporary file, range by range."""

    def __init__(
        self,
        transport: Transport,
        listed: Listed,
        sink: TemporaryFile,
        checksum: Checksum | None,
        record: FileRecord | None,
        stop: Stop,
    ) -> None:
        self._transport = transport
        self._listed = listed
        self._sink = sink
        self._checksum = checksum
        self._record = record
        self._given_up = threading.Event()
        self._stop = AnyStop(stop, self._given_up)
        self._action = f"download {listed.key}"
        self._step = sink.step or transport.tuning.range
        self._sums: RangeSums | None = None
        if checksum is not None and checksum.can_be_summed and not sink.done:
            self._sums = RangeSums(checksum.algorithm)
        self._arrived = set(sink.done)
        self._gap = 0
        """Up to here it has arrived, at least."""
        self._hashers = threading.BoundedSemaphore(HASHERS)
        self._looking = threading.Lock()
        self._unwritten: list[int] = []
        """Ranges that are in the file, and in the journal once they are on the disk."""
        self._flushed_at = time.monotonic()
        self._is_flushing = False

    async def read(self) -> None:
        """Read them all. Raises ServiceError, also if they have not the checksum of the object."""
        sink, size = self._sink, self._listed.size
        starts = [start for start in range(0, size, self._step) if start not in sink.done]
        sink.count(sum(min(self._step, size - start) for start in sink.done))
        try:
            await several(starts, self._fetch, at_once=RANGES_AT_ONCE, give_up=self._given_up.set)
        except ServiceError:
            with contextlib.suppress(ServiceError):
                # What made it fail is worth more than what the disk says here.
                await self._flush()
            raise
        await self._check()

    # -- one range ---------------------------------------------------------------------------

    async def _fetch(self, start: int) -> None:
        await self._transport.throttle.call(self._stop, self._action, self._read, start)
        if self._record is None or self._listed.size <= self._step:
            return
        if self._can_be_checked:
            self._record.range_done(start)
            return
        self._unwritten.append(start)
        if not self._is_flushing and time.monotonic() - self._flushed_at >= FLUSHED_EVERY:
            await self._flush()

    def _read(self, start: int) -> None:
        sink, sums = self._sink, self._sums
        end = min(start + self._step, self._listed.size)
        summed, reached = 0, start

        def write(data: bytes | memoryview, position: int) -> None:
            nonlocal summed, reached
            self._transport.throttle.pace.wait(len(data), self._stop)
            sink.write(data, position)
            if sums is not None:
                # A range that breaks off is read from its start again.
                summed = sums.add(data, summed if position == reached else 0)
                reached = position + len(data)

        sink.encryption = self._transport.data.read_range(
            self._listed, start, end, write, stop=self._stop, on_bytes=sink.count
        )
        if sums is not None:
            sums.keep(start, end - start, summed)
        self._arrived.add(start)
        if self._checksum is None and self._has_hash:
            self._hash_on()

    def _hash_on(self) -> None:
        """Take into the MD5 what has arrived without a gap, while others read on."""
        if not self._hashers.acquire(blocking=False):
            return
        try:
            hashed = 0
            while (end := self._without_gap()) > hashed:
                self._sink.hash_to(end, self._stop)
                hashed = end
        finally:
            self._hashers.release()

    def _without_gap(self) -> int:
        """How far the file has arrived from its beginning on."""
        with self._looking:
            while self._gap in self._arrived:
                self._gap += self._step
            return min(self._gap, self._listed.size)

    # -- what is known of them -----------------------------------------------------------------

    @property
    def _has_hash(self) -> bool:
        """Whether the ETag is the MD5 of the content, or made of those of its parts."""
        data, etag = self._transport.data, self._listed.etag
        tells = data.parts_etag if self._sink.part_step else data.content_md5
        return bool(tells(etag, self._sink.encryption))

    @property
    def _can_be_checked(self) -> bool:
        return self._checksum is not None or self._has_hash

    async def _flush(self) -> None:
        """Have what has arrived on the disk, and then in the journal. Raises ServiceError."""
        if self._record is None or not self._unwritten:
            return
        self._is_flushing = True
        waiting, self._unwritten = self._unwritten, []
        try:
            # Not to be stopped: what failed is gone on with from here.
            await self._transport.throttle.alone(self._action, self._sink.flush)
        finally:
            self._is_flushing = False
            self._flushed_at = time.monotonic()
        for start in waiting:
            self._record.range_done(start)

    async def _check(self) -> None:
        """Raise ServiceError unless they have the checksum. An MD5 is compared by the caller."""
        checksum, sink = self._checksum, self._sink
        if checksum is None:
            return
        if self._sums is not None:
            found = self._sums.whole(self._listed.size)
            if found != checksum.value:
                cause = f"{checksum.algorithm.upper()} {found}, expected {checksum.value}"
                raise not_as_stored(self._listed.key, cause)
        else:
            # Of what an earlier run has read the sums are not known.
            chunks = chunks_of(sink.descriptor)
            call = self._transport.throttle.call
            if not await call(self._stop, self._action, checksum.is_of_all, chunks):
                raise has_not(self._listed.key, checksum)
        sink.is_checked = True


def has_not(key: str, checksum: Checksum) -> ServiceError:
    """What arrived has not the checksum that S3 keeps."""
    return not_as_stored(key, f"it has not the {checksum.algorithm.upper()} {checksum.value}")


def not_as_stored(key: str, cause: str) -> ServiceError:
    return ServiceError(
        f"What arrived of {key} is not what is stored; it was thrown away.",
        cause=cause,
        hint="Retry the failed files.",
    )
