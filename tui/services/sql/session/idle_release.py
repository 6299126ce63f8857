"""Gives up the rest of a result that nobody asks for any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.services.errors import ServiceError

IDLE_RELEASE = 60.0
"""Seconds without a page asked for, after which a result stops holding a snapshot on the server
(an old snapshot keeps VACUUM from cleaning the whole database)."""


class IdleRelease:
    """Calls `release` some seconds after it was started, unless it was stopped."""

    def __init__(
        self,
        seconds: float,
        release: Callable[[], Awaitable[None]],
        *,
        is_running: Callable[[], bool],
    ) -> None:
        self._seconds = seconds
        self._release = release
        self._is_running = is_running
        self._timer: asyncio.TimerHandle | None = None
        self._releasing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Nobody asks for anything now."""
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin)

    def stop(self) -> None:
        """Something is asked for, or all is over."""
        if self._timer is not None:
            self._timer.cancel()

    def _begin(self) -> None:
        if not self._is_running():
            self._releasing = asyncio.ensure_future(self._quietly())

    async def _quietly(self) -> None:
        try:
            await self._release()
        except ServiceError:
            # The connection is lost; the next statement says so.
            return
