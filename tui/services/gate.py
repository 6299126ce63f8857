"""A gate that lets so many in at a time."""

from __future__ import annotations

import asyncio
from collections import deque


class Gate:
    """Lets so many in at a time, in the order of asking; the number may change meanwhile. For one
    event loop.

    async with gate:  # be one of them
    """

    def __init__(self, limit: int | None = None) -> None:
        """`limit` is how many; None lets in all."""
        self._limit = limit
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def change(self, limit: int | None) -> None:
        """From now on so many; those inside stay."""
        self._limit = limit
        self._let_in()

    async def __aenter__(self) -> None:
        if not self._waiting and not self._is_full:
            self._inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    @property
    def _is_full(self) -> bool:
        return self._limit is not None and self._inside >= self._limit

    def _leave(self) -> None:
        self._inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and not self._is_full:
            turn = self._waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
