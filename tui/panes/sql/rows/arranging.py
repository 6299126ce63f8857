"""Puts the loaded rows of a result in order while keys are answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows.arranged import Arrangement, OvertakenError, arrange


class RowsArranging:
    """Works on a thread; a newer wish ends the one before it."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._stop = threading.Event()

    def stop(self) -> None:
        """Give up what is under way."""
        self._stop.set()

    async def arrange(self, shown: LoadedResult, wanted: Arrangement) -> None:
        """Show the rows that are loaded now as `wanted`."""
        await self._arrange(shown, wanted)

    async def _arrange(self, shown: LoadedResult, wanted: Arrangement) -> bool:
        """False if a newer wish ended it."""
        self._stop.set()
        stop = self._stop = threading.Event()
        shown.wanted = wanted
        if wanted.is_plain:
            shown.arranged, shown.is_arranging = None, False
            self._changed()
            return True
        shown.is_arranging = True
        self._changed()
        types = [column.type_name for column in shown.result.columns or ()]
        try:
            while True:
                taken = shown.rows.snapshot()
                found = await asyncio.to_thread(arrange, taken, types, wanted, stop.is_set)
                if len(shown.rows) == len(taken):
                    break  # else a page came meanwhile
        except OvertakenError:
            return False
        finally:
            stop.set()
            if shown.wanted is wanted:
                shown.is_arranging = False
        if shown.wanted is wanted:
            found.replaced = shown.rows.replaced
            shown.arranged = found
            self._changed()
        return True

    async def arrange_as(self, shown: LoadedResult, before: LoadedResult) -> None:
        """Put rows that take the place of others in their order, and filter them as those are, if
        they have the same columns. Returns when it is done."""
        if shown.result.columns != before.result.columns:
            return
        # It may be changed meanwhile; and a wish for the rows before ends what is done here.
        is_done = True
        while shown.wanted != before.wanted or not is_done:
            is_done = await self._arrange(shown, before.wanted)
