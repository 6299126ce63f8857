"""Loading page after page: going to the end of what a pane shows, and a page that fails.

A pane goes to the end like this, with progress, until Esc:

    self.loading_all = LoadingAll(self.say_progress, "item")

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        self.load(self._go_to_end())  # the exclusive worker that loads single pages, too

    async def _go_to_end(self) -> None:
        if await self.loading_all.run(self._next_page, lambda: len(self.grid.rows)):
            self.grid.move_cursor(len(self.grid.rows) - 1)

`_next_page` loads a page, draws it, and says whether another one follows. While `active`, the pane
ignores Grid.MoreWanted, and its command of Esc is available and calls `stop()`. An error of a page
goes to who awaits `run`; what was loaded before it stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic

from tui.services.aws import TRY_AGAIN
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted

TELL_EVERY = 0.5
"""Seconds between two texts of the progress. Rows are drawn with it: pages may come fifty times a
second, and to draw each would leave no time for keys."""

PAGE_AGAIN = "Press r to try this page again; the rows that are loaded stay."


def say_page_again(error: ServiceError) -> None:
    """Let the hint of an error that came in place of a page name what asks for it again."""
    # Credentials that are read anew may be another account's: then everything is read again.
    if error.kind is not ErrorKind.CREDENTIALS:
        hint = error.hint.replace(TRY_AGAIN, "").rstrip(", .")
        error.hint = f"{hint}. {PAGE_AGAIN}" if hint else PAGE_AGAIN


class LoadingAll:
    """Loads one page after another; says how far it is."""

    def __init__(self, say: Callable[[str], None], one: str = "row") -> None:
        """`say` shows a progress text, and the rows that came meanwhile. It is called after pages,
        not after each; when loading has ended the pane shows its usual text again. `one` is what is
        counted: "row", "object", "item"."""
        self.active = False
        """Whether pages are being loaded."""
        self.stopping = False
        """Whether Esc was pressed: the page under way is the last one."""
        self._say = say
        self._one = one
        self._count: Callable[[], int] = int
        self._told = 0.0

    async def run(self, next_page: Callable[[], Awaitable[bool]], count: Callable[[], int]) -> bool:
        """Load until `next_page` says that nothing follows (True) or until `stop` (False).

        `count` tells how many rows are loaded. Cancelling the worker ends it as well.
        """
        self.active, self.stopping, self._count = True, False, count
        try:
            self._tell()
            while await next_page():
                if self.stopping:
                    return False
                if monotonic() - self._told >= TELL_EVERY:
                    self._tell()
        finally:
            self.active = self.stopping = False
        return True

    def stop(self) -> None:
        """Load no page after the one under way."""
        if self.active and not self.stopping:
            self.stopping = True
            self._tell()

    def _tell(self) -> None:
        self._told = monotonic()
        hint = "stopping" if self.stopping else "Esc stops"
        self._say(f"{counted(self._count(), self._one)}… {hint}")
