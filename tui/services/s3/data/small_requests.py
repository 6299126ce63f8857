"""Objects of at most a mebibyte, each put or fetched in one request, many at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from tui.services.audit import AuditEntry, AuditLog
from tui.services.s3.data.body import PausedError, Stop, is_paused
from tui.services.s3.data.http_connections import (
    CancelledUnsentError,
    HttpAnswer,
    HttpConnections,
    NotSentError,
)
from tui.services.s3.data.native_answers import Answers
from tui.services.s3.data.signing import EMPTY, UNSIGNED, Header, HeaderSigner

if TYPE_CHECKING:
    import ssl


class SmallRequests:
    """Signed requests without a thread for each. Awaited on any event loop."""

    def __init__(self, signer: HeaderSigner, tls: ssl.SSLContext | None) -> None:
        self._signer = signer
        self._tls = tls
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _OnLoop] = WeakKeyDictionary()

    async def send(
        self,
        method: str,
        address: tuple[str, str],
        headers: Sequence[Header],
        body: bytes,
        *,
        stop: Stop,
        longest: float,
    ) -> HttpAnswer:
        """Send a request to an address, a host and a quoted path. Raises NotSentError if nothing
        was sent; PausedError; BrokenOffError, TimeoutError after `longest` seconds; StoppedError.
        """
        credentials = await self._credentials()
        if stop.is_set():
            raise NotSentError("it was cancelled")
        here = self._on(asyncio.get_running_loop())
        host, path = address
        request = self._bytes(credentials, method, host, path, headers, body)
        answer = here.answers.expect(stop, longest, has_begun=False)

        def begin() -> None:
            if is_paused(stop):
                raise PausedError
            here.answers.begin(answer)

        try:
            return await here.connections(host, self._tls).send(request, answer, begin)
        finally:
            here.answers.forget(answer)
            if answer.done() and not answer.cancelled():
                # It may have been given up while the request waited for a connection.
                answer.exception()

    async def _credentials(self) -> Any:
        try:
            if not self._signer.waits:
                return self._signer.credentials()
            # Those that live only for minutes are renewed each time: never on the event loop.
            return await asyncio.to_thread(self._signer.credentials)
        except asyncio.CancelledError as error:
            raise CancelledUnsentError from error
        except Exception as error:
            # Whatever it is, the SDK says it better.
            raise NotSentError(str(error)) from error

    def _bytes(
        self,
        credentials: Any,
        method: str,
        host: str,
        path: str,
        headers: Sequence[Header],
        body: bytes,
    ) -> bytes:
        content = EMPTY
        if body:
            # TLS guards what has an MD5 besides, as the SDK has it.
            content = UNSIGNED if self._tls is not None else sha256(body).hexdigest()
        signed = self._signer.signed(credentials, method, path, [("host", host), *headers], content)
        lines = "".join([f"{name}: {value}\r\n" for name, value in signed.items()])
        if lines.count("\n") + lines.count("\r") != 2 * len(signed):
            raise NotSentError("a line break in a header")
        length = f"content-length: {len(body)}\r\n" if method == "PUT" else ""
        return f"{method} {path} HTTP/1.1\r\n{lines}{length}\r\n".encode() + body

    def _on(self, loop: asyncio.AbstractEventLoop) -> _OnLoop:
        found = self._loops.get(loop)
        if found is None:
            found = self._loops[loop] = _OnLoop(Answers(loop))
        return found


class _OnLoop:
    """What belongs to one event loop."""

    def __init__(self, answers: Answers[HttpAnswer]) -> None:
        self.answers = answers
        self._connections: dict[str, HttpConnections] = {}

    def connections(self, host: str, tls: ssl.SSLContext | None) -> HttpConnections:
        found = self._connections.get(host)
        if found is None:
            parts = urlsplit(f"//{host}")
            port = parts.port or (80 if tls is None else 443)
            found = HttpConnections(parts.hostname or "", port, tls)
            self._connections[host] = found
        return found


EVERY = 0.01
"""Seconds between two writes to the audit log: where answers come one by one, each would wake a
thread."""


class AuditLines:
    """The audit log for calls that end on an event loop: what ends together is written together, on
    a thread."""

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit
        self._entries: deque[AuditEntry] = deque()
        """Those that nobody writes yet: whoever takes one out writes it."""
        self._waiting: list[asyncio.Future[None]] = []
        self._writing: asyncio.Task[None] | None = None
        self._next = 0.0
        """When the next lines may be written."""

    async def append(self, entry: AuditEntry) -> None:
        """Return when the line is written, or kept because it cannot be."""
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._entries.append(entry)
        self._waiting.append(written)
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        await written

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[None]] = []
        try:
            while self._waiting:
                await asyncio.sleep(self._next - loop.time())
                self._next = loop.time() + EVERY
                waiting, self._waiting = self._waiting, []
                await asyncio.to_thread(self._write_entries)
                _tell(waiting)
        finally:
            self._writing = None
            # The loop ends: what waits still, or never came to its thread, is written at once.
            self._write_entries()
            _tell(waiting + self._waiting)
            self._waiting = []

    def _write_entries(self) -> None:
        entries = []
        with contextlib.suppress(IndexError):
            while True:
                entries.append(self._entries.popleft())
        if entries:
            self._audit.append_all(entries)


def _tell(waiting: Sequence[asyncio.Future[None]]) -> None:
    for written in waiting:
        if not written.done():
            written.set_result(None)
