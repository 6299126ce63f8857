"""One blocking call at a time on a connection, and how one that is under way is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from tui.services.blocking import BlockingPool

P = ParamSpec("P")
T = TypeVar("T")


class OneCall:
    """Runs calls on a pool, each behind the one before. A task that awaits one and is cancelled
    asks for the call to be stopped; the next call waits until its thread has ended."""

    def __init__(
        self,
        pool: BlockingPool,
        control: BlockingPool,
        *,
        begins: Callable[[], None],
        ended: Callable[[], None],
        halt: Callable[[], None],
        cancel: Callable[[], None],
    ) -> None:
        """`begins` and `ended` are called in the event loop around each call. To stop one, `halt`
        is called there, and `cancel`, which blocks, on the pool `control`."""
        self._pool = pool
        self._control = control
        self._begins = begins
        self._ended = ended
        self._halt = halt
        self._cancel = cancel
        self._lock = asyncio.Lock()
        self._cancelling: asyncio.Future[None] | None = None

    @property
    def running(self) -> bool:
        """Whether a call is under way."""
        return self._lock.locked()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a call, when those before it have ended."""
        await self._lock.acquire()
        try:
            if self._cancelling is not None:
                # A late cancel request would hit the next statement.
                await asyncio.wait({self._cancelling})
                self._cancelling = None
        except asyncio.CancelledError:
            self._lock.release()
            raise
        self._begins()
        call = partial(function, *args, **kwargs)
        future = asyncio.ensure_future(self._pool.run(call))
        future.add_done_callback(self._finished)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not future.done():
                self.stop()
            raise

    def stop(self) -> asyncio.Future[None]:
        """Ask for the call under way to be stopped; done when it was asked."""
        if self._cancelling is None or self._cancelling.done():
            self._halt()
            self._cancelling = asyncio.ensure_future(self._control.run(self._cancel))
            self._cancelling.add_done_callback(_retrieve)
        return self._cancelling

    def _finished(self, future: asyncio.Future[T]) -> None:
        # Its waiter may have been cancelled; the thread is what the lock is about.
        if not future.cancelled():
            future.exception()
        self._lock.release()
        self._ended()


def _retrieve(future: asyncio.Future[None]) -> None:
    if not future.cancelled():
        future.exception()
