"""Copy or move one object on the server's side.

Nothing is overwritten unseen, no parts stay behind, and a source is deleted only after its copy was
looked at.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import (
    Copier,
    CopyInParts,
    CopySource,
    DataPlane,
    ObjectCopy,
    Stop,
    StoppedError,
    needs_no_checksums,
)
from tui.services.transfers.job_states import FileResult, FileState
from tui.services.transfers.job_stop import AnyStop
from tui.services.transfers.journal.begun import BegunCopy
from tui.services.transfers.journal.records import FileRecord
from tui.services.transfers.moving.parts_left import parts_left
from tui.services.transfers.moving.transport import Throttle, Tuning, several
from tui.services.transfers.moving.upload_parts import clear_upload

PARTS_AT_ONCE = 8
"""Parts of one object in flight; the pool bounds all objects together."""

P = ParamSpec("P")
T = TypeVar("T")

_HAD_ARRIVED = "it had been copied before the transfer was cut off"
_WAS_MOVED = "the source is gone already, and its copy is there"


@dataclass(frozen=True)
class CopyTransport:
    """What all copies of a job share."""

    copier: Copier
    """Of the account that the job was planned for."""
    data: DataPlane
    """The way to what lies in the bucket of the copies."""
    throttle: Throttle
    tuning: Tuning


@dataclass(frozen=True)
class Copying:
    """One object of a job."""

    transport: CopyTransport
    copy: ObjectCopy
    moves: bool
    record: FileRecord
    found: bool = False
    """Whether the plan found the same at the destination: a move only deletes the source."""
    left: str = ""
    """Why it is not copied; empty if it is."""

    @property
    def source(self) -> str:
        return self.copy.key

    @property
    def destination(self) -> str:
        return f"s3://{self.copy.to_bucket}/{self.copy.to_key}"

    @property
    def size(self) -> int:
        """Bytes that are to be copied."""
        return 0 if self.found else self.copy.size

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        """Copy the object. Raises StoppedError when cancelled, ServiceError otherwise: EXISTS when
        the key came into being after the plan, CHANGED when either object is not what it was.
        """
        if self.left:
            return self._ended(FileState.SKIPPED, self.size, self.left)
        step = _Step(self.transport, self.copy, stop, on_bytes, self.record)
        try:
            return await self._run(step)
        except (ServiceError, StoppedError) as error:
            step.withdraw()
            await step.clear_after(error)
            missing = isinstance(error, ServiceError) and error.kind is ErrorKind.NOT_FOUND
            if missing and self.moves and await step.was_moved(found=self.found):
                step.count(self.size)
                return self._ended(FileState.DONE, self.size, _WAS_MOVED)
            raise
        except BaseException:
            step.withdraw()
            raise

    async def _run(self, step: _Step) -> FileResult:
        message = ""
        if self.found:
            await step.refuse_unless_made()
            message = "the same was there already"
        elif await step.had_been_made():
            message = _HAD_ARRIVED
            step.count(self.size)
        else:
            try:
                await step.make(looks=self.moves)
                message = step.note
            except ServiceError as error:
                # An earlier run may have made it.
                taken = error.kind in {ErrorKind.EXISTS, ErrorKind.CHANGED}
                if not taken or not await step.is_made():
                    await step.refuse_other_name(written=False)
                    raise
                message = _HAD_ARRIVED if self.record.was_near else "the same is there already"
                if not self.moves and not self.record.was_near:
                    return self._ended(FileState.SKIPPED, self.size, message)
                step.count(self.size)
        await step.refuse_other_name()
        if self.moves:
            await step.delete_source()
        return self._ended(FileState.DONE, step.counted, message)

    def _ended(self, state: FileState, size: int, message: str) -> FileResult:
        return FileResult(self.source, self.destination, state, size, message)


class _Step:
    """The steps of one copy."""

    def __init__(
        self,
        transport: CopyTransport,
        copy: ObjectCopy,
        stop: Stop,
        on_bytes: Callable[[int], None],
        record: FileRecord,
    ) -> None:
        self._record = record
        self._transport = transport
        self._copier = transport.copier
        self._copy = copy
        self._stop = stop
        self._on_bytes = on_bytes
        self.counted = 0
        """Bytes that were said to be copied."""
        self.note = ""
        """What is not as it was, though the copy was made."""

    def count(self, size: int) -> None:
        self.counted += size
        self._on_bytes(size)

    def withdraw(self) -> None:
        """Take back what was said to be copied."""
        self._on_bytes(-self.counted)

    async def _call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        action = f"copy {self._copy.key}"
        return await self._transport.throttle.call(self._stop, action, function, *args, **kwargs)

    async def is_made(self) -> bool:
        """Whether the destination holds the same as the source."""
        return await self._call(self._copier.is_made, self._copy)

    async def refuse_other_name(self, *, written: bool = True) -> None:
        """Raise ServiceError if the server keeps the copy under another name."""
        if self._copier.may_rename(self._copy):
            refuse = self._copier.refuse_other_name
            await self._call(refuse, self._copy, written=written)

    async def refuse_unless_made(self) -> None:
        """Raise ServiceError (CHANGED) if the destination does not hold the same."""
        if not await self.is_made():
            raise ServiceError(
                f"{self._copy.to_key!r} does not hold the same as {self._copy.key!r}, or says "
                "something else of it. Both were left as they are.",
                hint="Compare them (i shows each), and move it again.",
                kind=ErrorKind.CHANGED,
            )

    async def had_been_made(self) -> bool:
        """Whether the journal tells which copy an earlier run has made, and it is there."""
        begun = self._record.copy
        if begun is None or not begun.made:
            return False
        return await self._call(self._copier.holds, self._copy, {begun.made})

    async def was_moved(self, *, found: bool) -> bool:
        """Whether the source is gone, and what it held is at the destination."""
        begun, copy = self._record.copy, self._copy
        etags = {copy.etag, begun.made if begun is not None else ""}
        if found:
            etags.add(copy.replaces)
        if not await self._call(self._copier.is_gone, copy):
            return False
        return await self._call(self._copier.holds, copy, etags)

    async def make(self, *, looks: bool) -> None:
        """Copy the object, and look at the copy where `looks`, or where the answer does not say
        that it is the same."""
        source = await self._call(self._copier.read, self._copy)
        if source.size <= self._transport.tuning.single_copy:
            etag = await self._call(self._copier.whole, source)
            self.count(source.size)
        else:
            try:
                etag = await self._in_parts(source)
            except ServiceError as error:
                if not needs_no_checksums(error):
                    raise
                self.note = "without its checksum, which this server does not copy in parts"
                etag = await self._in_parts(source, checksums=False)
        if looks or etag != source.etag:
            await self._call(self._copier.verify, source, etag)
        if looks and etag != source.etag:
            # Once the source is gone, nothing else tells that this is its copy.
            await self._record.begun_in_s3(BegunCopy(self._copy.to_key, made=etag))

    async def _in_parts(self, source: CopySource, *, checksums: bool = True) -> str:
        parts = await self._go_on(source) or await self._begin(source, checksums=checksums)
        begun = BegunCopy(self._copy.to_key, parts.id, parts.step, checksums, time.time())
        before = self.counted
        try:
            await self._send(parts)
            # So that a copy whose end was not written down is known again.
            await self._record.begun_in_s3(replace(begun, made=parts.etag))
            return await self._call(self._copier.complete, source, parts)
        except BaseException as error:
            self.count(before - self.counted)
            if not self._record.keeps(error):
                await self._abort(parts, error)
                self._record.nothing_begun()
            raise

    async def _begin(self, source: CopySource, *, checksums: bool) -> CopyInParts:
        smallest = self._transport.tuning.copy_part
        begun = BegunCopy(self._copy.to_key, "", smallest, checksums, time.time())
        # So that one that was begun, and whose id was not written down, is looked for.
        await self._record.begun_in_s3(begun)
        begin = self._copier.in_parts
        parts = await self._call(begin, source, smallest, checksums=checksums)
        await self._record.begun_in_s3(replace(begun, upload_id=parts.id, step=parts.step))
        return parts

    async def _go_on(self, source: CopySource) -> CopyInParts | None:
        """Go on with the copy that was begun before; None if there is none."""
        begun = self._record.copy
        if begun is None or not begun.step:
            return None
        if not begun.upload_id:
            await self._clear(begun)
            return None
        go_on = self._copier.go_on
        parts = await self._call(go_on, source, begun.upload_id, begun.step)
        self._record.copy = None
        if parts is not None:
            there = len(parts.ranges) - len(parts.missing)
            self.note = f"went on after {there:,} of {counted(len(parts.ranges), 'part')}"
        return parts

    async def clear_after(self, reason: BaseException) -> None:
        """Remove what was begun before and was not gone on with, unless it still can be."""
        begun = self._record.copy
        if begun is not None and begun.step and not self._record.keeps(reason):
            with contextlib.suppress(ServiceError):
                # Cleanup (F8) lists what stays.
                await self._clear(begun)

    async def _clear(self, begun: BegunCopy) -> None:
        transport, bucket = self._transport, self._copy.to_bucket
        await transport.throttle.call(
            threading.Event(),
            f"abort the copy {begun.key}",
            lambda: clear_upload(transport.data, bucket, begun),
        )
        self._record.copy = None

    async def _send(self, parts: CopyInParts) -> None:
        given_up = threading.Event()
        stop, throttle = AnyStop(self._stop, given_up), self._transport.throttle

        async def send(number: int) -> None:
            await throttle.call(stop, f"copy {self._copy.key}", parts.send, number)
            self.count(len(parts.ranges[number - 1]))

        missing = parts.missing
        sent = len(parts.ranges) - len(missing)
        if sent:
            there = set(range(1, len(parts.ranges) + 1)).difference(missing)
            self.count(sum(len(parts.ranges[number - 1]) for number in there))
        # Every call must have ended before the upload is aborted, so that none is left behind.
        await several(missing, send, at_once=PARTS_AT_ONCE, give_up=given_up.set)

    async def _abort(self, parts: CopyInParts, reason: BaseException) -> None:
        never, key = threading.Event(), self._copy.to_key
        try:
            await self._transport.throttle.call(never, f"abort the copy {key}", parts.abort)
        except ServiceError as error:
            raise parts_left(f"The copy {key}", reason, error) from reason

    async def delete_source(self) -> None:
        """Delete the source of a copy that was looked at."""
        try:
            await self._call(self._copier.delete_source, self._copy)
        except ServiceError as error:
            raise ServiceError(
                f"The copy of {self._copy.key} was made, but the source is still there.",
                cause="\n".join(filter(None, (error.message, error.cause))),
                hint=error.hint,
                code=error.code,
                kind=error.kind,
            ) from error
