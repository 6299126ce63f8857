"""The body of a request, read where it lies, counted as it is sent, stopped on request."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from typing import Any, Protocol

from tui.services.errors import ServiceError

_HANDLER = "tristore-transfers-count"


class Stop(Protocol):
    """Whatever can say that the work is no longer wanted."""

    def is_set(self) -> bool:
        """Whether it is no longer wanted. Asked from any thread; never blocks."""
        ...


class StoppedError(BaseException):
    """Raised inside a request to end it, because its transfer was cancelled.

    Not an Exception: the SDK would take it for a broken connection and try again.
    """


class PausedError(Exception):
    """Nothing was sent: the transfer was paused while the request waited for its turn."""


def is_paused(stop: Stop) -> bool:
    """Whether the work that `stop` can stop is to wait: a transfer can be paused."""
    return bool(getattr(stop, "paused", False))


ReadAt = Callable[[int, int], bytes]
"""(offset, size) -> that many bytes, fewer only at the end. May raise ServiceError."""


class Seekable(io.RawIOBase):
    """A stream of `length` bytes; a subclass reads them."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._length = length
        self._position = 0

    def __len__(self) -> int:
        return self._length

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = max(0, start + offset)
        return self._position

    def _wanted(self, size: int | None) -> int:
        """How many bytes a read of `size` gives."""
        left = max(0, self._length - self._position)
        return left if size is None or size < 0 else min(size, left)


class SeekableBytes(Seekable):
    """The bytes that `read_at` gives, as a stream."""

    def __init__(self, read_at: ReadAt, length: int) -> None:
        super().__init__(length)
        self._read_at = read_at
        self.failure: ServiceError | None = None
        """Why the bytes could not be read."""


class CountedBody(SeekableBytes):
    """The body of a request; after a `failure`, sending ends with a StoppedError.

    Tells `on_bytes` how far sending has come; going back (the SDK's own retry) is told as a
    negative number. Reading for a signature or a checksum is not counted.
    """

    def __init__(
        self, read_at: ReadAt, length: int, *, on_bytes: Callable[[int], None], stop: Stop
    ) -> None:
        super().__init__(read_at, length)
        self._on_bytes = on_bytes
        self._stop = stop
        self._told = 0
        self.counting = False

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        position = super().seek(offset, whence)
        if position < self._told:
            self._tell_up_to(position)
        return position

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._wanted(size)
        data = self._read_on(wanted)
        if self.counting and (
            (self._position < self._length and self._stop.is_set()) or len(data) < wanted
        ):
            # Cancelled; or the file was cut short, and the server would wait for the rest for
            # ever. Not when all is sent, for then it is stored; and not while signing, for the
            # native signer prints what it does not expect.
            raise StoppedError
        self._position += len(data)
        if self.counting and self._position > self._told:
            self._tell_up_to(self._position)
        return data

    def _read_on(self, wanted: int) -> bytes:
        if self.failure is None:
            try:
                return self._read_at(self._position, wanted)
            except ServiceError as failure:
                # Kept for whoever sends: the SDK would take it for a broken connection, and the
                # native signer prints it over the screen.
                self.failure = failure
        return b""

    def readinto(self, buffer: Any, /) -> int:
        # The native signer reads in this way.
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def withdraw(self) -> None:
        """Take back what was counted: it did not arrive."""
        self._tell_up_to(0)

    def _tell_up_to(self, position: int) -> None:
        step, self._told = position - self._told, position
        self._on_bytes(step)


class FilePart(Seekable):
    """A range of an open file, which the native client reads straight into its own memory.

    It has a descriptor of its own until `withdraw`: the file may be closed while the client still
    reads.
    """

    def __init__(self, descriptor: int, offset: int, length: int) -> None:
        super().__init__(length)
        self._descriptor = os.dup(descriptor)
        self._offset = offset
        self._lock = threading.Lock()
        self._readers = 0
        self._withdrawn = False

    def readinto(self, buffer: Any, /) -> int:
        """Read on; 0 at the end, after `withdraw`, and where the file was cut short."""
        wanted = self._wanted(len(buffer))
        with self._lock:
            if self._withdrawn or wanted <= 0:
                return 0
            self._readers += 1
        try:
            # The interpreter's lock is free meanwhile.
            with memoryview(buffer) as whole, whole[:wanted] as part:
                size = os.preadv(self._descriptor, [part], self._offset + self._position)
        except OSError:
            # Who sends the part anew through the SDK is told why.
            size = 0
        finally:
            with self._lock:
                self._readers -= 1
                self._close_if_over()
        self._position += size
        return size

    def withdraw(self) -> None:
        """Let nothing be read any more; never waits."""
        with self._lock:
            self._withdrawn = True
            self._close_if_over()

    def _close_if_over(self) -> None:
        if self._withdrawn and not self._readers and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def from_memory(data: bytes) -> ReadAt:
    """Read from `data`."""
    view = memoryview(data)
    return lambda offset, size: bytes(view[offset : offset + size])


def count_only_sending(client: Any) -> None:
    """Make the client tell bodies when they are being sent rather than signed. Idempotent."""

    def switch(request: Any, on: bool) -> None:
        # With a trailing checksum the SDK wraps the body.
        body = getattr(request.body, "_raw", request.body)
        if isinstance(body, CountedBody):
            body.counting = on

    def signing(request: Any, **_: Any) -> None:
        switch(request, on=False)

    def sending(request: Any, **_: Any) -> None:
        switch(request, on=True)

    events = client.meta.events
    events.register_first("request-created.s3", signing, unique_id=_HANDLER + "-off")
    events.register_last("request-created.s3", sending, unique_id=_HANDLER + "-on")
