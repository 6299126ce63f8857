"""Copy or move one object on the server's side.

Nothing is overwritten unseen, no parts stay behind, and a source is deleted only after its copy was
looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    Copier,
    CopyInParts,
    CopySource,
    ObjectCopy,
    Stop,
    needs_no_checksums,
)
from tui.services.transfers.models import FileResult, FileState
from tui.services.transfers.transport import AnyStop, Throttle, Tuning, several

PARTS_AT_ONCE = 8
"""Parts of one object in flight; the pool bounds all objects together."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class CopyTransport:
    """What all copies of a job share."""

    copier: Copier
    """Of the account that the job was planned for."""
    throttle: Throttle
    tuning: Tuning


@dataclass
class Copying:
    """One object of a job."""

    transport: CopyTransport
    copy: ObjectCopy
    moves: bool
    found: bool = False
    """Whether the plan found the same at the destination: a move only deletes the source."""
    _made: bool = field(default=False, init=False)
    """Whether the copy was made, and only the source is left to delete: for a second run."""

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
        step = _Step(self.transport, self.copy, stop, on_bytes)
        message = ""
        try:
            if self.found or self._made:
                await step.refuse_unless_made()
                message = "the same was there already" if self.found else ""
                step.count(self.size)
            else:
                try:
                    size = await step.make(looks=self.moves)
                except ServiceError as error:
                    # An earlier run may have made it.
                    taken = error.kind in {ErrorKind.EXISTS, ErrorKind.CHANGED}
                    if not taken or not await step.is_made():
                        raise
                    message = "the same is there already"
                    if not self.moves:
                        return self._ended(FileState.SKIPPED, self.size, message)
                    size = self.size
                    step.count(size)
                self._made = True
                message = message or step.note
            if self.moves:
                await step.delete_source()
        except BaseException:
            step.withdraw()
            raise
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
    ) -> None:
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

    async def refuse_unless_made(self) -> None:
        """Raise ServiceError (CHANGED) if the destination does not hold the same."""
        if not await self.is_made():
            raise ServiceError(
                f"{self._copy.to_key!r} does not hold the same as {self._copy.key!r}, or says "
                "something else of it. Both were left as they are.",
                hint="Compare them (i shows each), and move it again.",
                kind=ErrorKind.CHANGED,
            )

    async def make(self, *, looks: bool) -> int:
        """Copy the object, and look at the copy where `looks`, or where the answer does not say
        that it is the same; gives its bytes."""
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
        return source.size

    async def _in_parts(self, source: CopySource, *, checksums: bool = True) -> str:
        smallest = self._transport.tuning.copy_part
        begin = self._copier.in_parts
        parts = await self._call(begin, source, smallest, checksums=checksums)
        before = self.counted
        try:
            await self._send(parts)
            return await self._call(self._copier.complete, source, parts)
        except BaseException as error:
            self.count(before - self.counted)
            await self._abort(parts, error)
            raise

    async def _send(self, parts: CopyInParts) -> None:
        given_up = threading.Event()
        stop, throttle = AnyStop(self._stop, given_up), self._transport.throttle

        async def send(number: int) -> None:
            await throttle.call(stop, f"copy {self._copy.key}", parts.send, number)
            self.count(len(parts.ranges[number - 1]))

        # Every call must have ended before the upload is aborted, so that none is left behind.
        await several(
            range(1, len(parts.ranges) + 1),
            send,
            at_once=min(PARTS_AT_ONCE, len(parts.ranges)),
            give_up=given_up.set,
        )

    async def _abort(self, parts: CopyInParts, reason: BaseException) -> None:
        never, key = threading.Event(), self._copy.to_key
        try:
            await self._transport.throttle.call(never, f"abort the copy {key}", parts.abort)
        except ServiceError as error:
            raise ServiceError(
                f"The copy {key} failed, and its parts could not be removed.",
                cause=f"{reason}\n{error}",
                hint="Cleanup (F8) lists incomplete uploads and can remove them.",
                code=error.code,
                kind=error.kind,
            ) from reason

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
