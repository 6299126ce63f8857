"""Reading pages: one thing is read at a time; after an error or a stop reading waits for the user.

A coroutine that reads takes the place of the one before it, which is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui.panes.dynamodb.items import ItemList
from tui.panes.loading_all import LoadingAll, say_page_again
from tui.services.dynamodb import PAGE_SIZE, DynamoService, ItemPage
from tui.services.errors import ServiceError

EMPTY_PAGES = 10
"""Pages without an item that are read in a row before the user is asked to go on."""

FURTHER_PAGE = 500
"""Items examined for one page on the way to the end: fewer requests for the same cost."""


class PageReader:
    """What is being read, and where reading was held up."""

    def __init__(
        self,
        service: DynamoService,
        take_page: Callable[[ItemList, ItemPage], bool],
        tell: Callable[[], None],
    ) -> None:
        """`take_page` adds a page to its list and shows it; it is False for a list that is not
        shown any more. `tell` is called when reading begins, goes on or ends."""
        self.page_failed = False
        """Whether an error came in place of the page after the loaded ones."""
        self.progress = ""
        """How far reading every page is; empty while that is not under way."""
        self._service = service
        self._take_page = take_page
        self._tell = tell
        self._task: asyncio.Task[object] | None = None
        """What reads now."""
        self._all = LoadingAll(self._say_progress, "item")
        self._row = 0
        """The cursor's, as it was told last."""
        self._held_up_at: int | None = None
        """The cursor's row when reading was held up (an error, Esc, many empty pages); it goes on
        when the user moves. None while nothing is held up."""

    @property
    def is_active(self) -> bool:
        """Whether a page or a list is under way."""
        return self._task is not None

    @property
    def reads_all(self) -> bool:
        """Whether every page that is left is being read."""
        return self._all.active

    @contextmanager
    def reading(self, items: ItemList | None = None) -> Iterator[None]:
        """A block that reads; it cancels what was reading before. An error in place of a page of
        `items` makes reading wait for the user."""
        me = asyncio.current_task()
        if self._task is not me:
            self.give_up()
        self._task, self.progress = me, ""
        self._tell()
        try:
            yield
        except ServiceError as error:
            if items is not None:
                self._held_up_at = self._row
                # Before the first page there are no items to keep.
                self.page_failed = items.token is not None
                if self.page_failed:
                    say_page_again(error)
            raise
        finally:
            if self._task is me:
                self._task, self.progress = None, ""
                self._tell()

    def give_up(self) -> None:
        """Cancel what reads now."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def begin_anew(self) -> None:
        """Nothing is held up: something else is listed, or reading goes on."""
        self._held_up_at = None
        self.page_failed = False

    def stop(self) -> None:
        """Stop, when every page is being read after the page in flight; what is loaded stays."""
        if self._all.active:
            self._all.stop()
        elif self._task is not None:
            self.give_up()
            self._held_up_at = self._row
            self._tell()

    def can_read_on(self, items: ItemList) -> bool:
        """Whether there is a next page, and none under way."""
        return not items.complete and not self.is_active

    def wants_page(self, items: ItemList) -> bool:
        """Whether to read the next page where the rows come to an end. What was held up waits for
        the user: a resize of the grid asks, too."""
        return self.can_read_on(items) and items.wants_more and self._held_up_at is None

    def cursor_moved(self, items: ItemList, row: int) -> bool:
        """The cursor is in this row; whether to read on what was held up at another one."""
        self._row = row
        is_elsewhere = self._held_up_at not in (None, row)
        return is_elsewhere and items.wants_more and self.can_read_on(items)

    async def read_on(self, items: ItemList) -> None:
        """Read pages until there is something new to show."""
        self.begin_anew()
        with self.reading(items):
            for _ in range(EMPTY_PAGES):
                before = len(items.items)
                is_taken = self._take_page(items, await self._page(items, PAGE_SIZE))
                if not is_taken or items.complete or len(items.items) > before:
                    return
            self._held_up_at = self._row

    async def read_all(self, items: ItemList) -> bool:
        """Read every page that is left, in larger pages than the screen needs; whether the end was
        reached."""

        async def next_page() -> bool:
            page = await self._page(items, FURTHER_PAGE)
            return self._take_page(items, page) and not items.complete

        self.begin_anew()
        with self.reading(items):
            at_end = await self._all.run(next_page, lambda: len(items.items))
            if not at_end:
                self._held_up_at = self._row
            return at_end

    async def _page(self, items: ItemList, limit: int) -> ItemPage:
        if items.query is not None:
            return await self._service.query_page(items.query, items.token, limit)
        return await self._service.scan_page(items.source, items.token, limit)

    def _say_progress(self, text: str) -> None:
        self.progress = text
        self._tell()
