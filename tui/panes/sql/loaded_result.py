"""A result with the rows of it that are here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui.panes.sql import wording
from tui.panes.sql.packed_rows import Block, PackedRows, pack
from tui.panes.sql.row_edits.staged import StagedChanges
from tui.panes.sql.rows.arranged import ArrangedRows, Arrangement
from tui.services.sql import LARGE_PAGE, PAGE_SIZE, READ_AHEAD_ROWS, Page, Result, Row, Session
from tui.widgets.grid.cells import Absent, CellValue

READ_AHEAD_BYTES = 16 * 1024 * 1024
"""Bytes from which on no more of a result is read ahead."""


class LoadedResult:
    """The rows of a result that came so far, and the way to the next ones."""

    def __init__(self, result: Result, session: Session) -> None:
        self.result = result
        self.rows = PackedRows(result.rows)
        """Those that came so far."""
        self.complete = result.complete
        """Whether these are all."""
        self.wanted = Arrangement()
        """How the loaded rows are to be shown."""
        self.arranged: ArrangedRows | None = None
        """They so; None while they are shown as they came."""
        self.is_arranging = False
        """Whether that is worked out now."""
        self.staged: StagedChanges | None = None
        """What is staged of its rows; None until one is to be changed."""
        self.marked: set[int] = set()
        """Numbers of the rows that were marked, to be copied or deleted together."""
        self.version = 0
        """Another number each time that rows are to be drawn otherwise."""
        self._session = session
        self.place = (0, 0)
        """Row and column where the cursor stood when another result was shown."""
        self.frozen = 0
        """How many columns stayed in view when another result was shown."""
        self.series: object = object()
        """The same for each result of a statement that is run again and again: the cursor stays."""
        self._page_lock = asyncio.Lock()
        """Held while a page is fetched and added: a page behind the last is an error."""
        self._packing: asyncio.Task[None] | None = None

    @property
    def held(self) -> bool:
        """Whether the next page can be had."""
        return not self.complete and self._session.has_more(self.result)

    @property
    def is_behind(self) -> bool:
        """Whether rows have come since they were put in order."""
        if self.arranged is None or self.is_arranging:
            return False
        return self.arranged.of != len(self.rows)

    @property
    def visible(self) -> Sequence[Row]:
        """The rows as they are shown."""
        return self.rows if self.arranged is None else self.arranged

    def number(self, at: int) -> int:
        """Which row of the result the one is that is shown at an index, from 0 on."""
        return at if self.arranged is None else self.arranged.number(at)

    @property
    def status(self) -> str:
        """Its tag, how much of it is here, how long it took."""
        line = wording.result_line(
            self.result, len(self.rows), complete=self.complete, held=self.held
        )
        if self.marks:
            line = f"{len(self.marked):,} marked · {line}"
        if self.is_arranging:
            return f"arranging {len(self.rows):,} loaded rows… · {line}"
        if self.arranged is None:
            return line
        columns = self.result.columns or ()
        by = None if self.wanted.column is None else columns[self.wanted.column].name
        said = wording.arrangement_line(
            len(self.arranged),
            self.arranged.of,
            by,
            descending=self.wanted.descending,
            more=not self.complete,
        )
        return f"{said} · {line}"

    def cells(self, row: Row) -> tuple[CellValue, ...]:
        """A row for the grid: NULL looks different from the text NULL and from nothing."""
        if self.staged is not None:
            return self.staged.cells(row)
        return tuple(Absent.NULL if value is None else value for value in row)

    @property
    def has_staged(self) -> bool:
        """Whether a change of a row is staged."""
        return self.staged is not None and self.staged.count > 0

    def is_marked(self, at: int) -> bool:
        """Whether the row that is shown at an index has the sign: something is staged of it, or,
        while nothing is staged, it was marked."""
        if at >= len(self.visible):
            return False
        if self.staged is not None and self.staged.count:
            return self.staged.is_marked(self.visible[at])
        return bool(self.marked) and self.number(at) in self.marked

    @property
    def marks(self) -> list[int]:
        """The numbers of the marked rows, in the order of the result; none while changes are
        staged, when only those have a sign."""
        return [] if self.has_staged else sorted(self.marked)

    def toggle_mark(self, at: int) -> None:
        """Mark the row that is shown at an index, or take the mark away."""
        self.marked ^= {self.number(at)}
        self.version += 1

    def replace_row(self, at: int, row: Row) -> None:
        """Show what is stored now in the place of a row of the result."""
        self.rows.replaced[at] = row
        self.version += 1

    async def next_page(self, most: int = PAGE_SIZE) -> bool:
        """Add the next page, of `most` rows at most; whether another one follows."""
        async with self._page_lock:
            if not self.held:
                return False
            page = await self._session.fetch_more(self.result, most)
            if self._packing is not None:
                await self._packing  # one page at most is held unpacked
            number = self.rows.add(page.rows)
            self._packing = asyncio.create_task(self._pack(number, page.rows))
            self.complete = page.complete
            return self.held

    def take_ahead(self, pages: Sequence[tuple[Page, Block]]) -> None:
        """Add pages that were read ahead, each with what `pack` made of it."""
        for page, block in pages:
            if page.rows:
                self.rows.put_packed(self.rows.add(page.rows), block)
            self.complete = page.complete

    async def _pack(self, number: int, rows: Sequence[Row]) -> None:
        """Pack a page that was added, while the server makes the next one."""
        self.rows.put_packed(number, await asyncio.to_thread(pack, rows))

    async def read_ahead(self) -> None:
        """Read as much as is kept of a result whose rest the server is about to give up."""
        while len(self.rows) < READ_AHEAD_ROWS and self.rows.bytes < READ_AHEAD_BYTES:
            if not await self.next_page(LARGE_PAGE):
                return
