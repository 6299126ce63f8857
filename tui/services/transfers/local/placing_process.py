"""A process beside this one that puts small files in place: `put_file`, run as a program.

It ends when this one does, however that ends, and has nothing to do with the terminal. What becomes
of it, nothing is lost: whoever gives an order is told when no answer can come any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import marshal
import socket
import subprocess
import sys
import threading
import time

from tui.services import put_file
from tui.services.put_file import HEAD, Outcome, messages

TOGETHER = 16
"""Files of one message at most; each message is answered as a whole."""

COLLECTED = 0.002
"""Seconds for which orders are collected: each message wakes both processes."""

SLOW = 0.1
"""Seconds without an answer after which the disk counts as slow: others need not wait for that."""

LAST = 0.3
"""Seconds that it is given for the file that it is at when it is to end."""

Order = tuple[object, ...]
"""What `put_file.put` takes."""


class PlacingProcess(asyncio.Protocol):
    """One such process. Use it from one event loop."""

    def __init__(self) -> None:
        self.has_ended = False
        """Whether it cannot be used, and never will be."""
        self._program: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.Transport | None = None
        self._starting: asyncio.Task[None] | None = None
        self._closing = threading.Lock()
        self._is_ready = False
        self._held = bytearray()
        self._count = 0
        self._under_way: dict[int, tuple[float, asyncio.Future[Outcome | None]]] = {}
        """Those that are not answered, the oldest first, and when they were ordered."""
        self._collected: list[Order] = []

    @property
    def is_quick(self) -> bool:
        """Whether it takes orders, and carries them out in time."""
        if not self._is_ready:
            return False
        oldest = next(iter(self._under_way.values()), None)
        return oldest is None or time.monotonic() - oldest[0] < SLOW

    async def put(self, order: Order) -> Outcome | None:
        """What becomes of an order; None if it has ended meanwhile and nothing is known."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome | None] = loop.create_future()
        self._count += 1
        self._under_way[self._count] = (time.monotonic(), answer)
        self._collected.append((self._count, *order))
        if len(self._collected) == TOGETHER:
            self._send()
        elif len(self._collected) == 1:
            loop.call_later(COLLECTED, self._send)
        return await answer

    def _send(self) -> None:
        collected, self._collected = self._collected, []
        if collected and self._transport is not None:
            content = marshal.dumps(collected)
            self._transport.write(len(content).to_bytes(HEAD, "little") + content)

    # -- its life --------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to start it; never waits."""
        self._starting = asyncio.get_running_loop().create_task(self._start())

    async def _start(self) -> None:
        try:
            if not _can_be_started():
                raise OSError
            here, there = socket.socketpair()
            try:
                await asyncio.to_thread(self._run, there)
                here.setblocking(False)
                loop = asyncio.get_running_loop()
                await loop.create_unix_connection(lambda: self, sock=here)
            except BaseException:
                here.close()
                there.close()
                raise
        except OSError:
            self.has_ended = True

    def _run(self, there: socket.socket) -> None:
        # Names are encoded in it as they are here.
        way = (sys.executable, "-I", "-S", "-X", f"utf8={sys.flags.utf8_mode}")
        with there, self._closing:
            if not self.has_ended:
                self._program = subprocess.Popen(
                    (*way, put_file.__file__),
                    stdin=there.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def close(self) -> None:
        """Let it end what it is at, and end it."""
        self._is_ready = False
        self.has_ended = True
        if self._starting is not None:
            self._starting.cancel()
        if self._transport is not None:
            with contextlib.suppress(OSError):
                # At once: the event loop may not come to closing it.
                self._transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            self._transport.abort()
        with self._closing:
            if self._program is None:
                return
        try:
            self._program.wait(LAST)
        except subprocess.TimeoutExpired:
            self._program.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._program.wait(LAST)

    # -- called by the loop ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        for message in messages(self._held):
            answers = marshal.loads(message)  # noqa: S302 - of our own process
            if isinstance(answers, str):
                self._is_ready = answers == sys.getfilesystemencoding() and not self.has_ended
                continue
            for number, *outcome in answers:
                _, answer = self._under_way.pop(number)
                if not answer.done():
                    answer.set_result(tuple(outcome))

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_ready, self.has_ended, self._transport = False, True, None
        under_way, self._under_way = self._under_way, {}
        self._collected.clear()
        for _, answer in under_way.values():
            if not answer.done():
                answer.set_result(None)


def _can_be_started() -> bool:
    """Whether there is a Python to run it, and not an application that has one inside."""
    return bool(sys.executable) and not getattr(sys, "frozen", False) and hasattr(socket, "AF_UNIX")
