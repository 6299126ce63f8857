"""What a preview shows of one object: what is read of it, and how it is taken. No Textual here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto

from tui.panes.s3.preview.limits import ENCODINGS, LARGEST, ROWS
from tui.panes.s3.preview.moving import Moving
from tui.panes.s3.preview.rows import numeric, read_table
from tui.services.errors import ServiceError
from tui.services.formats.json_tree import JsonTree, parse
from tui.services.formats.picture import is_picture
from tui.services.s3 import S3Service
from tui.services.s3.formats.parquet_schema import Schema
from tui.services.s3.formats.table_source import TableSource
from tui.services.s3.objects import LIMIT
from tui.services.s3.preview.preview import Preview, packing, plain_name, preview_window
from tui.services.s3.preview.table import DELIMITERS, QUOTES, DelimitedRows
from tui.services.s3.preview.tables import is_table
from tui.services.s3.preview.window import ROW, START, LineEnds, ObjectPosition, Window

_JSON = frozenset({".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"})


LINES_BEFORE = 5
"""Lines that are shown before the one that is wanted."""


class Shape(Enum):
    """As what an object is shown."""

    NOTHING = auto()
    """It is being read, or cannot be read."""
    EMPTY = auto()
    TEXT = auto()
    HEX = auto()
    DELIMITED = auto()
    """A text as a table."""
    ROWS = auto()
    """The rows of a Parquet file or a workbook."""
    TREE = auto()
    PICTURE = auto()


class PreviewModel:
    """One object in a preview. Nothing but a window on it of bounded size is held.

    `changed` is called while something long is under way and its figures change.
    """

    def __init__(
        self,
        s3: S3Service,
        bucket: str,
        key: str,
        version_id: str = "",
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.s3 = s3
        self.bucket = bucket
        self.key = key
        self.version_id = version_id
        """Empty for the latest version."""
        self.shape = Shape.NOTHING
        self.window: Window | None = None
        self.shown: Preview | None = None
        """The window as text or bytes; None for what is no text: pictures, Parquet, workbooks."""
        self.source: TableSource | None = None
        self.schema: Schema | None = None
        """What the source says of its columns, if it does."""
        self.table: DelimitedRows | None = None
        self.numbers: frozenset[int] = frozenset()
        """The columns of `table` that hold numbers."""
        self.json: JsonTree | None = None
        self.encoding: str | None = None
        """As chosen; None detects it."""
        self.delimiter: str | None = None
        self.quote: str | None = None
        self.header = True
        self.problem = ""
        """Why the object is not shown as what it is."""
        self.said = ""
        """What came of the last search, read or move: the next one replaces it."""
        self.top: int | None = None
        """The line of the window to be shown first after it was drawn anew; -1 for the last one."""
        self.moving = Moving(s3, changed)
        self.first_rows: list[list[str | None]] = []
        """Those that were read when the source was opened."""
        self._found = ""
        """The encoding of the beginning; empty for binary data."""
        self._names: list[str] = []
        """The columns, as the first line of the object names them."""
        self._reading: TableSource | None = None
        """Whose next rows are read now."""

    @property
    def size(self) -> int:
        """Bytes of the object."""
        return self.window.of.size if self.window is not None else 0

    @property
    def is_json(self) -> bool:
        """Whether the name promises JSON or JSON Lines."""
        return plain_name(self.key).suffix in _JSON

    @property
    def is_packed(self) -> bool:
        """Whether it can be read from its beginning only."""
        return self.window is not None and bool(packing(self.window.of))

    @property
    def lines(self) -> LineEnds | None:
        """Where lines end; None for binary data."""
        shown = self.shown
        return None if shown is None or shown.binary else LineEnds(shown.encoding)

    # -- reading ---------------------------------------------------------------------------

    async def read(self) -> None:
        """Read the beginning, and find out what it is. Raises ServiceError if it cannot be read;
        what is damaged is shown as its bytes, with the `problem`."""
        beginning = await self.s3.read_head(self.bucket, self.key, version_id=self.version_id)
        self.window = Window(beginning, 0, beginning.data, 1)
        try:
            if is_table(beginning):
                await self.open_sheet(None)
                return
            if is_picture(beginning.data):
                self.shape = Shape.PICTURE
                return
        except ServiceError as error:
            self.problem = str(error)
        await self.show_as_text()

    async def read_at(self, line: int) -> int:
        """Read, and show the line of a text with this number, counted from 1, as text, with a few
        lines before it; gives its line in the window. What is no text is shown from its beginning.
        Raises ServiceError."""
        await self.read()
        if self.shape not in (Shape.TEXT, Shape.DELIMITED, Shape.TREE):
            return 0
        self.shape = Shape.TEXT
        if self.is_packed:
            await self._unpack_to(line)
        before = min(LINES_BEFORE, line - 1)
        await self.go(ObjectPosition(line=line - before))
        return 0 if self.top is None or self.top < 0 else self.top + before

    async def _unpack_to(self, line: int) -> None:
        while self.may_go_on and self.shown is not None and self.shown.text.count("\n") < line:
            await self.more()

    async def show_as_text(self) -> None:
        """Take the window as a text, a table or a tree, as its name says; else as bytes."""
        await self._decode()
        shown = self.shown
        assert shown is not None
        self.shape = Shape.TEXT
        if shown.tabular:
            self.shape = Shape.DELIMITED
        elif not shown.binary and self.is_json:
            self.shape = Shape.TREE
        await self.lay_out()

    async def _decode(self) -> None:
        assert self.window is not None
        self.shown = await asyncio.to_thread(
            preview_window, self.window, self.encoding, self._found
        )
        if self.window.at_start:
            self._found = self.shown.encoding

    async def lay_out(self) -> None:
        """Make of the window what is shown of it."""
        shown = self.shown
        assert shown is not None
        if not shown.data:
            self.shape = Shape.EMPTY
        elif shown.binary:
            self.shape = Shape.HEX
        elif self.shape is Shape.DELIMITED:
            names = None if self.window is None or self.window.at_start else self._names
            table = await asyncio.to_thread(
                read_table, shown, self.header, self.delimiter, self.quote, names
            )
            self.numbers = await asyncio.to_thread(numeric, table.rows, len(table.columns))
            self.table = table
            if names is None:
                self._names = table.columns if self.header else []
        elif self.shape is Shape.TREE:
            self.json = await asyncio.to_thread(parse, shown.text)
        elif self.shape is not Shape.TEXT:
            self.shape = Shape.TEXT

    # -- as what it is taken ---------------------------------------------------------------

    async def toggle(self) -> None:
        """A table or a tree as text, or back."""
        if self.shape in (Shape.TREE, Shape.DELIMITED):
            self.shape = Shape.TEXT
        elif self.is_json:
            assert self.window is not None
            if not self.window.at_start:
                # A tree has no meaning without the values that hold its own.
                await self._go(START)
            self.shape = Shape.TREE
        else:
            self.shape = Shape.DELIMITED
        await self.lay_out()

    async def toggle_header(self) -> None:
        """The first line as the names of the columns, or as values."""
        self.header = not self.header
        await self.lay_out()

    async def next_delimiter(self) -> None:
        """Cut the lines at another character."""
        now = self.table.delimiter if self.table is not None else DELIMITERS[-1]
        at = DELIMITERS.index(now) if now in DELIMITERS else -1
        self.delimiter = DELIMITERS[(at + 1) % len(DELIMITERS)]
        await self.lay_out()

    async def next_quote(self) -> None:
        """Take another character as the quote, or none."""
        self.quote = QUOTES[(QUOTES.index(self.quote) + 1) % len(QUOTES)]
        await self.lay_out()

    async def next_encoding(self) -> None:
        """Read the text in another encoding."""
        self.encoding = ENCODINGS[(ENCODINGS.index(self.encoding) + 1) % len(ENCODINGS)]
        await self.decode_anew()

    async def decode_anew(self) -> None:
        """Show the window that is read now, in the shape that was chosen."""
        if self.shape in (Shape.HEX, Shape.EMPTY):
            self.shape = Shape.TEXT
        await self._decode()
        await self.lay_out()

    # -- moving ----------------------------------------------------------------------------

    @property
    def may_go_on(self) -> bool:
        """Whether `more` reads something."""
        window = self.window
        if window is None or self.source is not None or self.shape is Shape.PICTURE:
            return False
        if self.is_packed or self.shape is Shape.TREE:
            return not window.at_end and window.at_start and len(window.data) < LARGEST
        return not window.at_end

    @property
    def may_go_back(self) -> bool:
        """Whether `before` reads something."""
        window = self.window
        return window is not None and self.shown is not None and not window.at_start

    @property
    def may_move(self) -> bool:
        """Whether other places of the object can be shown."""
        return self.shown is not None and self.shape not in (Shape.NOTHING, Shape.EMPTY)

    async def more(self, top: int = 0) -> None:
        """Read on behind the window; the line `top` of it stays, unless the window loses it. Raises
        ServiceError."""
        window = self.window
        assert window is not None
        self.said = ""
        data = await self.moving.range(window, window.end, LIMIT)
        self.window = await asyncio.to_thread(window.forward, data, self.lines, most=LARGEST)
        lost = await self._line_count(window.data[: self.window.start - window.start])
        self.top = max(top + self._titles(window) - lost - self._titles(self.window), 0)
        await self.decode_anew()

    async def before(self, top: int = 0) -> None:
        """Read what stands before the window; its line `top` stays. Raises ServiceError."""
        window = self.window
        assert window is not None
        self.said = ""
        length = min(LIMIT, window.start)
        data = await self.moving.range(window, window.start - length, length)
        self.window = await asyncio.to_thread(window.backward, data, self.lines, most=LARGEST)
        gained = await self._line_count(self.window.data[: window.start - self.window.start])
        self.top = max(top + self._titles(window) + gained - self._titles(self.window), 0)
        await self.decode_anew()

    async def _line_count(self, data: bytes) -> int:
        lines = self.lines
        return len(data) // ROW if lines is None else await asyncio.to_thread(lines.count, data)

    def _titles(self, window: Window) -> int:
        """Lines of a window that are no rows of a table: the one that names the columns."""
        return int(self.shape is Shape.DELIMITED and self.header and window.at_start)

    async def go(self, place: ObjectPosition) -> None:
        """Show another place of the object; `top` says where it stands in the window. Raises
        ServiceError."""
        if self.shape is Shape.TREE:
            self.shape = Shape.TEXT
        await self._go(place)
        await self.decode_anew()

    @property
    def may_search_on(self) -> bool:
        """Whether a text can be looked for behind the window, without all that lies between."""
        window = self.window
        if window is None or self.is_packed or self.shape not in (Shape.TEXT, Shape.DELIMITED):
            return False
        return not window.at_end

    async def search_on(self, wanted: str) -> bool:
        """Look for a text behind the window, and show the place of its first hit; `said` is how far
        it was looked for if there is none. Raises ServiceError."""
        window, shown, lines = self.window, self.shown, self.lines
        assert window is not None
        assert shown is not None
        assert lines is not None
        self.said = ""
        at, said = await self.moving.find(window, wanted, lines, shown.encoding)
        if at is None:
            self.said = said
            return False
        if at < window.end:
            # It begins in the window, and ends behind it.
            await self.more()
        await self.go(ObjectPosition(offset=at))
        return True

    async def _go(self, place: ObjectPosition) -> None:
        window, shown = self.window, self.shown
        assert window is not None
        assert shown is not None
        self.said = ""
        if self.is_packed:
            self.top, self.said = self.moving.in_unpacked(shown, place, more=not window.at_end)
            return
        self.window, top, self.said = await self.moving.to(window, place, self.lines)
        self.top = top if top < 0 else max(top - self._titles(self.window), 0)

    # -- tables that are read row by row ---------------------------------------------------

    async def open_sheet(self, sheet: str | None) -> None:
        """Open a Parquet file, or a sheet of a workbook, and read its first rows. Raises
        ServiceError."""
        assert self.window is not None
        source = await self.s3.open_table(self.window.of, sheet)
        self.first_rows = await self.s3.table_rows(source, ROWS)
        self.schema = await asyncio.to_thread(source.describe)
        self.source, self.shape = source, Shape.ROWS

    async def next_rows(self) -> list[list[str | None]] | None:
        """Further rows of the source; None while others are read. `said` is why there are none."""
        source = self.source
        if source is None or self._reading is source:
            # A second read would take rows out of turn, and those of a cancelled one are lost.
            return None
        self._reading, self.said = source, ""
        try:
            return await self.s3.table_rows(source, ROWS)
        except ServiceError as error:
            self.said = str(error)
            return []
        finally:
            if self._reading is source:
                self._reading = None
