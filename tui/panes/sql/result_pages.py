"""The pages of the result that is shown: the next one, or all that are left."""

from __future__ import annotations

from collections.abc import Callable

from tui.panes.loading_all import LoadingAll
from tui.panes.sql.loaded_result import LoadedResult
from tui.services.sql import LARGE_PAGE, PAGE_SIZE


class ResultPages:
    """Adds pages to a result for as long as it is the one that is shown."""

    def __init__(self, shown: Callable[[], object], say: Callable[[str], None]) -> None:
        """`say` shows a text of progress; an empty one, the status of the rows."""
        self.loading_all = LoadingAll(say)
        self._shown = shown
        self._say = say

    async def load_page(self) -> None:
        """Add the next page."""
        shown = self._shown()
        if isinstance(shown, LoadedResult):
            await self._next_page(shown)

    async def load_all(self) -> bool:
        """Add every page that is left, until `loading_all` is stopped; whether the last row of all
        is here now."""
        shown = self._shown()
        if not isinstance(shown, LoadedResult):
            return False
        try:
            at_end = await self.loading_all.run(
                lambda: self._next_page(shown, LARGE_PAGE), lambda: len(shown.rows)
            )
        finally:
            self._say("")
        return at_end and self._shown() is shown

    async def _next_page(self, shown: LoadedResult, most: int = PAGE_SIZE) -> bool:
        if self._shown() is not shown:
            return False
        try:
            return await shown.next_page(most) and self._shown() is shown
        finally:
            # Else the progress that follows draws it.
            if self._shown() is shown and not self.loading_all.active:
                self._say("")
