"""HTTP/1.1 for many small requests: connections that are kept, one request at a time on each.

All of it runs on the event loop: no request waits for another thread to give up the interpreter,
which costs more than the request itself. An answer that does not say how long it is ends its
connection.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.services.gate import Gate

if TYPE_CHECKING:
    import ssl

FEW = 64
"""Connections to one host; further requests wait for one. To one that is near, more only wait
there."""

MANY = 256
"""Connections to one that is far away, at most."""

QUICKEST = 8_000
"""More requests in a second than this process can send: so many connections are of use as it sends
while one answer is on its way."""

IDLE_SECONDS = 3.0
"""Seconds that a connection is kept without use. A server closes it, too, and what is sent into
that is lost."""

CONNECT_SECONDS = 10.0

BUFFER = 32 * 1024
"""Bytes that are read at once; the head of an answer has to fit."""

LONGEST_BODY = 8 * 1024 * 1024
"""Bytes of an answer above which it is not read: it is not one to a small request."""

_OF_CONNECTION = re.compile(
    rb"\r\n(connection|content-length|transfer-encoding):([^\r\n]*)", re.IGNORECASE
)
"""The headers that say how long the answer is, and whether the connection goes on."""


_GIVEN_UP = "it was given up while it waited for a connection"


class NotSentError(Exception):
    """Nothing was sent."""


class CancelledUnsentError(asyncio.CancelledError):
    """Cancelled while it waited for a connection: nothing was sent."""


class BrokenOffError(Exception):
    """A request was sent, and no whole answer came."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer."""

    status: int
    head: bytes
    body: bytes

    @property
    def headers(self) -> Mapping[str, str]:
        """Their names in lower case. Read when they are asked for: of most answers nobody does."""
        headers = {}
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return headers


class HttpConnections:
    """The connections to one host. Use it from one event loop, which closes them when it ends."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._free: list[_Connection] = []
        self._most = min(MANY, _files_that_may_be_open() // 4)
        self._gate = Gate(min(FEW, self._most))
        """Lets in as many requests as there may be connections."""
        self._answers = 0
        self._shortest = CONNECT_SECONDS
        """Seconds that the quickest answer took."""
        self._closing: asyncio.Task[None] | None = None

    async def send(
        self,
        request: bytes,
        answer: asyncio.Future[HttpAnswer],
        begin: Callable[[], None] = lambda: None,
    ) -> HttpAnswer:
        """Send a request and await its answer, which somebody else may set an exception for: then,
        and when this is cancelled, the connection is closed. `begin` is called when its turn has
        come. Raises NotSentError, also where that was before a connection was free; BrokenOffError;
        CancelledUnsentError; what `begin` raises, and then nothing was sent.
        """
        is_sent = False
        try:
            async with self._gate:
                if answer.done():
                    # To make a connection takes long where nobody answers.
                    raise NotSentError(_GIVEN_UP)
                begin()
                connection = self._kept() or await self._connect()
                if answer.done():
                    self._take_back(connection)
                    raise NotSentError(_GIVEN_UP)
                is_sent = True
                try:
                    connection.send(request, answer)
                    arrived = await answer
                except BaseException:
                    connection.close()
                    raise
                finally:
                    self._take_back(connection)
                self._learn(connection.took)
                return arrived
        except asyncio.CancelledError as error:
            if is_sent:
                raise
            raise CancelledUnsentError from error

    def _kept(self) -> _Connection | None:
        """A connection that is free."""
        while self._free:
            connection = self._free.pop()
            if connection.is_quiet:
                return connection
            connection.close()
        return None

    async def _connect(self) -> _Connection:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    _Connection, self._host, self._port, ssl=self._tls
                )
        except OSError as error:
            raise NotSentError(str(error)) from error
        return connection

    def _take_back(self, connection: _Connection) -> None:
        if not connection.is_open:
            connection.close()
            return
        self._free.append(connection)
        if self._closing is None or self._closing.done():
            self._closing = asyncio.get_running_loop().create_task(self._close_unused())

    def _learn(self, took: float) -> None:
        """Take the time of an answer: a host that is far away gets more requests at once."""
        self._answers += 1
        if took < self._shortest:
            self._shortest = took
        elif self._answers != FEW:
            return
        # Before, it may only have been slow to begin.
        if self._answers >= FEW:
            self._gate.change(min(max(FEW, int(self._shortest * QUICKEST)), self._most))

    async def _close_unused(self) -> None:
        loop = asyncio.get_running_loop()
        kept_since = 0.0
        try:
            while self._free:
                await asyncio.sleep(IDLE_SECONDS)
                kept_since = loop.time() - IDLE_SECONDS
                self._close_free(kept_since)
        except asyncio.CancelledError:
            # The loop ends.
            self._close_free(float("inf"))
            raise

    def _close_free(self, before: float) -> None:
        """Close those that were last used before that time."""
        old = [each for each in self._free if not each.is_open or each.used_at < before]
        self._free = [each for each in self._free if each not in old]
        for each in old:
            each.close()


def _files_that_may_be_open() -> int:
    """How many the system lets this process have open; a connection is one."""
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return 4 * MANY
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 4 * MANY if most == resource.RLIM_INFINITY else most


class _Connection(asyncio.BufferedProtocol):
    """One connection. What arrives is read into memory that is used again."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.is_open = False
        """Whether another request may be sent."""
        self.used_at = 0.0
        """When the last answer had arrived."""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._memory = memoryview(bytearray(BUFFER))
        self._held = 0
        """Bytes of a head that has not arrived whole."""
        self._answer: asyncio.Future[HttpAnswer] | None = None
        self._status = 0
        self._head = b""
        self._body: bytearray | None = None
        """With room for a byte more than it is going to have; None while the head arrives."""
        self._size = 0
        """Bytes that the body is going to have."""
        self._arrived = 0
        """Bytes of the body, and of what comes behind it."""

    @property
    def is_quiet(self) -> bool:
        """Whether the server has said nothing behind its last answer, and not closed the
        connection: the event loop may not have looked yet."""
        from urllib3.util.wait import wait_for_read

        if self._transport is None or not self.is_open:
            return False
        return not wait_for_read(self._transport.get_extra_info("socket"), 0.0)

    @property
    def took(self) -> float:
        """Seconds until the last answer had arrived."""
        return self.used_at - self._sent_at

    def send(self, request: bytes, answer: asyncio.Future[HttpAnswer]) -> None:
        self._answer, self._sent_at = answer, self._loop.time()
        if self._transport is None or not self.is_open:
            self._fail("the connection was closed")
        else:
            self._transport.write(request)

    def close(self) -> None:
        self.is_open = False
        self._answer = None
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _fail(self, why: str) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BrokenOffError(why))

    # -- called by the loop ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(str(exc or "the connection was closed"))
        self._transport = None

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._body is not None:
            return memoryview(self._body)[self._arrived :]
        return self._memory[self._held :]

    def buffer_updated(self, nbytes: int) -> None:
        if self._answer is None:
            # Nobody asked: what this begins would be taken for the next answer.
            self.close()
        elif self._body is not None:
            self._arrived += nbytes
            if self._arrived >= self._size:
                self._end()
        else:
            self._held += nbytes
            self._look_for_head()

    def _look_for_head(self) -> None:
        held = bytes(self._memory[: self._held])
        head, end, rest = held.partition(b"\r\n\r\n")
        if not end:
            if self._held == BUFFER:
                self._fail("the head of the answer is too long")
            return
        if head[9:10] == b"1":  # the answer itself follows
            self._memory[: len(rest)] = rest
            self._held = len(rest)
            self._look_for_head()
            return
        try:
            size = self._read_head(head)
        except ValueError:
            self._fail("the answer is none")
            return
        if size > LONGEST_BODY:
            self._fail("the answer is too long")
            return
        self._size, self._body = size, bytearray(size + 1)
        self._arrived = min(len(rest), size + 1)
        self._body[: self._arrived] = rest[: size + 1]
        if self._arrived >= size:
            self._end()

    def _read_head(self, head: bytes) -> int:
        """Take in the head of an answer; gives the length of the body. Raises ValueError."""
        self._status, self._head = int(head[9:12]), head
        said = {name.lower(): value.strip() for name, value in _OF_CONNECTION.findall(head)}
        if said.get(b"connection", b"").lower() == b"close" or not head.startswith(b"HTTP/1.1"):
            self.is_open = False
        if b"transfer-encoding" in said or b"content-length" not in said:
            if 200 <= self._status < 300 and self._status != 204:
                raise ValueError("an answer without a length")
            # Its status says enough.
            self.is_open = False
            return 0
        size = int(said[b"content-length"])
        if size < 0:
            raise ValueError("a length below nothing")
        return size

    def _end(self) -> None:
        body = bytes(memoryview(self._body or b"")[: self._size])
        self._body, self._held = None, 0
        answer, self._answer = self._answer, None
        self.used_at = self._loop.time()
        unread = self._transport is not None and self._transport.get_write_buffer_size()
        if unread or self._arrived > self._size:
            # The server has not read the whole request, or said more than the answer.
            self.is_open = False
        if answer is not None and not answer.done():
            answer.set_result(HttpAnswer(self._status, self._head, body))
