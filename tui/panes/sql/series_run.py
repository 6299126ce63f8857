"""Follows statements that run one behind the other in a thread, for what is shown of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.run_log import RunUnderWay
from tui.services.sql import Series, Session

LOOK_EVERY = 0.1
"""Seconds between two looks how far they are."""


class SeriesRun:
    """Runs a series on a session, and adds what ends to a run."""

    def __init__(
        self, session: Session, series: Series, under_way: RunUnderWay, tell: Callable[[], None]
    ) -> None:
        """`tell` is called when others have ended and another one runs."""
        self._session = session
        self._series = series
        self._under_way = under_way
        self._tell = tell
        self._told = 0
        self._timer: asyncio.TimerHandle | None = None
        self.last: LoadedResult | None = None
        """What the last one came to that has ended."""

    async def run(self) -> None:
        """Run it to its end; raises what the first one raises that fails."""
        self._look_later()
        try:
            while not self._series.is_over:
                await self._session.run_series(self._series)
                self._take()
        finally:
            if self._timer is not None:
                self._timer.cancel()
            self._take()

    def _look_later(self) -> None:
        if len(self._series.statements) > 1:
            self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def _look(self) -> None:
        self._take()
        if self._series.at != self._told:
            self._told = self._series.at
            self._tell()
        self._look_later()

    def _take(self) -> None:
        for ended in self._series.take():
            self.last = LoadedResult(ended.result, self._session)
            self.last.take_ahead(ended.pages)
            self._under_way.add(self.last)
