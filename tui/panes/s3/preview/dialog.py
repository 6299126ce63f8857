"""The beginning of an object on screen: a text, a table, or bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static, TextArea, Tree

from tui.panes.s3.preview.limits import ENCODINGS, LARGEST, MOST_ROWS, ROWS
from tui.panes.s3.preview.picture import read_picture
from tui.panes.s3.preview.rows import absent_of, cells, columns, numeric, read_table, table_facts
from tui.panes.s3.preview.search import PreviewSearch
from tui.panes.s3.preview.text import drawn, is_json, part_note, text_widget
from tui.panes.s3.preview.tree import Item, PreviewTree
from tui.services.errors import ServiceError
from tui.services.quantities import size_text
from tui.services.s3 import S3Service
from tui.services.s3.formats.json_tree import JsonTree, parse
from tui.services.s3.formats.picture import is_picture
from tui.services.s3.formats.table_source import TableSource
from tui.services.s3.objects import LIMIT, Beginning
from tui.services.s3.preview import Preview, preview
from tui.services.s3.table import DELIMITERS, DelimitedRows
from tui.services.s3.tables import is_table
from tui.widgets.cells import Absent, CellValue
from tui.widgets.clipboard import copy_text
from tui.widgets.dialogs import AskText, Dialog
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content
from tui.widgets.value_view import ValueView
from tui.widgets.value_viewer import ValueViewer


class PreviewDialog(Dialog[None]):
    """Reads the first part of one object and shows it; the object itself may be of any size."""

    DEFAULT_CSS = """
    PreviewDialog {
        & #body { height: 1fr; }
        & #body Grid { height: 1fr; }
        & #facts { height: 1; }
        & #notes { height: auto; max-height: 4; color: $text-warning; }
    }
    """

    BINDINGS = [
        Binding("y", "copy", "Copy", id="preview.copy"),
        Binding("t", "table", "Table or text", id="preview.table"),
        Binding("H", "header", "Header", id="preview.header"),
        Binding("enter", "cell", "Value", id="preview.cell"),
        Binding("w", "wrap", "Wrap", id="preview.wrap"),
        Binding("plus", "more", "More", show=False, id="preview.more"),
        Binding("d", "delimiter", "Delimiter", id="preview.delimiter"),
        Binding("e", "encoding", "Encoding", id="preview.encoding"),
        Binding("s", "sheet", "Next sheet", id="preview.sheet"),
        Binding("slash", "search", "Search", id="preview.search"),
        Binding("n", "again(1)", "Next hit", show=False, id="preview.next_hit"),
        Binding("N", "again(-1)", "Hit before", show=False, id="preview.hit_before"),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, s3: S3Service, bucket: str, key: str) -> None:
        super().__init__(key)
        self.s3 = s3
        self.bucket = bucket
        self.key = key
        self.object_size = 0
        self.shown: Preview | None = None
        self.beginning: Beginning | None = None
        self.source: TableSource | None = None
        """The rows of a Parquet file or a workbook."""
        self._reading: TableSource | None = None
        """Whose next rows are read now."""
        self.table: DelimitedRows | None = None
        self.json: JsonTree | None = None
        self.as_tree = False
        self.encoding: str | None = None
        self.delimiter: str | None = None
        self.search = PreviewSearch()
        self.problem = ""
        """Why the object is not shown as what it is."""
        self.said = ""
        """What came of the last search or read: the next one replaces it."""
        self.as_table = False
        self.header = True
        self._grid: Grid | None = None
        """The rows, while they are on screen."""
        self._text: TextArea | ValueView | None = None
        """The text, while it is on screen."""
        self._drawn = False

    def compose_box(self) -> ComposeResult:
        with Vertical(id="body"):
            yield Static("Reading…", markup=False)
        yield Static("", id="notes")
        yield Static("", id="facts")

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self.run_worker(self._read(), group="preview", exclusive=True)

    async def _read(self) -> None:
        try:
            beginning = await self.s3.read_head(self.bucket, self.key)
        except ServiceError as error:
            await self._put(Static(content(str(error), "$text-error", multiline=True)))
            return
        self.beginning = beginning
        self.object_size = beginning.size
        try:
            if is_table(beginning):
                await self._open_table(None)
                return
            if is_picture(beginning.data):
                room = self.query_one("#body").content_size
                await self._put(await read_picture(self.s3, beginning, *room))
                return
        except ServiceError as error:
            self.problem = str(error)
        await self._decode()
        assert self.shown is not None
        self.as_table = self.shown.tabular
        self.as_tree = not self.shown.binary and is_json(self.key)
        await self._draw()

    async def _decode(self) -> None:
        assert self.beginning is not None
        self.shown = await asyncio.to_thread(preview, self.beginning, self.encoding)

    async def _open_table(self, sheet: str | None) -> None:
        assert self.beginning is not None
        source = await self.s3.open_table(self.beginning, sheet)
        rows = await self.s3.table_rows(source, ROWS)
        self.source = source
        grid = Grid(cursor_type="cell")
        await self._put(grid)
        grid.show(columns(source.columns, source.numeric), cells(rows, absent_of(source)))
        grid.more = source.more
        self._say()

    @property
    def is_filled(self) -> bool:
        return self._drawn

    # -- drawing ---------------------------------------------------------------------------

    async def _put(self, widget: Static | Grid | TextArea | ValueView | PreviewTree) -> None:
        body = self.query_one("#body", Vertical)
        self._grid = self._text = None
        # Not awaited: see PaneFrame.fill.
        body.remove_children()
        await body.mount(widget)
        self._grid = widget if isinstance(widget, Grid) else None
        self._text = widget if isinstance(widget, TextArea | ValueView) else None
        self._drawn = True
        if widget.can_focus:
            widget.focus()

    async def _draw(self) -> None:
        shown = self.shown
        assert shown is not None
        if not shown.data:
            self.as_table = False
            await self._put(Static("The object is empty: 0 bytes.", markup=False))
        elif self.as_table:
            self.table = table = await asyncio.to_thread(
                read_table, shown, self.header, self.delimiter
            )
            numbers = await asyncio.to_thread(numeric, table.rows, len(table.columns))
            grid = Grid(cursor_type="cell")
            await self._put(grid)
            grid.show(columns(table.columns, numbers), cells(table.rows))
            grid.more = self._may_grow
        elif self.as_tree:
            self.json = await asyncio.to_thread(parse, shown.text)
            await self._put(PreviewTree(self.json))
        else:
            text = await asyncio.to_thread(drawn, shown)
            await self._put(text_widget(self.key, text, binary=shown.binary))
        self._say()

    def _say(self) -> None:
        self.query_one("#notes", Static).update(content("  ".join(self._notes()), multiline=True))
        self.query_one("#facts", Static).update(content(self._facts()))
        self.refresh_bindings()

    @property
    def _may_grow(self) -> bool:
        """Whether more of the object can be read."""
        beginning = self.beginning
        return beginning is not None and beginning.truncated and len(beginning.data) < LARGEST

    def _facts(self) -> str:
        facts = size_text(self.object_size)
        if self.source is not None:
            loaded = len(self._grid.rows) if self._grid is not None else 0
            return f"{facts} · {self.source.facts} · {loaded:,} rows read"
        shown = self.shown
        assert shown is not None
        if self.as_table and self.table is not None:
            facts += f" · {table_facts(self.table, truncated=shown.truncated)}"
        return facts

    def _notes(self) -> list[str]:
        shown = self.shown
        notes = [each for each in (self.problem, self.said) if each]
        if self.source is not None or shown is None:
            return notes
        if shown.truncated and self.beginning is not None:
            notes.append(part_note(shown, self.beginning, may_grow=self._may_grow))
        notes += shown.notes
        if self.as_table and self.table is not None:
            notes += self.table.notes
        if self.as_tree and self.json is not None and self.json.note:
            notes.append(self.json.note)
        return notes

    @property
    def key_labels(self) -> Mapping[str, str]:
        if self.as_table:
            return {"copy": "Copy cell", "table": "Text"}
        if self.as_tree:
            return {"copy": "Copy all", "table": "Text"}
        if is_json(self.key):
            return {"table": "Tree"}
        return {"table": "Table"}

    # -- keys ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        shown = self.shown
        if action in {"header", "delimiter"}:
            return self._grid is not None and self.source is None
        if action == "cell":
            return self._grid is not None
        if action in {"search", "again"}:
            found = self._grid is not None or self._text is not None
            return found and (action == "search" or bool(self.search.wanted))
        if action == "sheet":
            return self.source is not None and len(self.source.sheets) > 1
        if action == "more":
            return shown is not None and self._drawn and self._may_grow
        if action == "encoding":
            return self.source is None and shown is not None and bool(shown.data)
        if action == "wrap":
            return self._text is not None
        if action in {"table", "copy"}:
            # Not while it is read or drawn anew.
            if self.source is not None:
                return action == "copy"
            drawn = self._grid is not None or self._text is not None or self.as_tree
            return drawn and shown is not None and not (action == "table" and shown.binary)
        return super().check_action(action, parameters)

    def action_table(self) -> None:
        if self.as_tree or is_json(self.key):
            self.as_tree = not self.as_tree
        else:
            self.as_table = not self.as_table
        self.run_worker(self._draw(), group="preview", exclusive=True)

    def action_header(self) -> None:
        self.header = not self.header
        self.run_worker(self._draw(), group="preview", exclusive=True)

    def action_search(self) -> None:
        asked = AskText("Search in the preview", "Text, in small or capital letters:")
        self.app.push_screen(asked, self._search_for)

    def _search_for(self, wanted: str | None) -> None:
        if wanted:
            self.search.begin(wanted)
            self.action_again(1)

    def action_again(self, step: int) -> None:
        """Show the next hit, or the one before."""
        self.run_worker(self._find(step), group="preview-search", exclusive=True)

    async def _find(self, step: int) -> None:
        shown = self._grid or self._text
        if shown is not None:
            more = self._may_grow if self.source is None else self.source.more
            self.said = await self.search.find(shown, step=step, more=more)
            self._say()

    def action_delimiter(self) -> None:
        now = self.table.delimiter if self.table is not None else DELIMITERS[-1]
        at = DELIMITERS.index(now) if now in DELIMITERS else -1
        self.delimiter = DELIMITERS[(at + 1) % len(DELIMITERS)]
        self.run_worker(self._draw(), group="preview", exclusive=True)

    def action_encoding(self) -> None:
        self.encoding = ENCODINGS[(ENCODINGS.index(self.encoding) + 1) % len(ENCODINGS)]
        self.run_worker(self._draw_anew(), group="preview", exclusive=True)

    async def _draw_anew(self) -> None:
        await self._decode()
        await self._draw()

    def action_sheet(self) -> None:
        self.run_worker(self._next_sheet(), group="preview", exclusive=True)

    async def _next_sheet(self) -> None:
        source = self.source
        assert source is not None
        at = source.sheets.index(source.sheet) if source.sheet in source.sheets else 0
        try:
            await self._open_table(source.sheets[(at + 1) % len(source.sheets)])
        except ServiceError as error:
            self.problem = str(error)
            self._say()

    @on(Grid.MoreWanted)
    @on(Grid.EndWanted)
    def action_more(self) -> None:
        """Read on: a further range of a text, further rows of a table."""
        if self.source is None:
            self.run_worker(self._read_more(), group="preview", exclusive=True)
        else:
            self.run_worker(self._more_rows(), group="preview-rows")

    async def _more_rows(self) -> None:
        source, grid = self.source, self._grid
        if source is None or grid is None or self._reading is source:
            # A second read would take rows out of turn, and those of a cancelled one are lost.
            return
        self._reading, self.said = source, ""
        try:
            rows = await self.s3.table_rows(source, ROWS)
        except ServiceError as error:
            self.said, rows = str(error), []
        finally:
            if self._reading is source:
                self._reading = None
        if grid is not self._grid:
            return
        full = len(grid.rows) + len(rows) >= MOST_ROWS
        if full and source.more:
            self.said = f"A preview holds at most {MOST_ROWS:,} rows."
        names = columns(source.columns, source.numeric)
        grid.append(cells(rows, absent_of(source)), more=source.more and not full, columns=names)
        self._say()

    async def _read_more(self) -> None:
        beginning, grid, text = self.beginning, self._grid, self._text
        if beginning is None or not self._may_grow:
            return
        try:
            self.beginning = await self.s3.read_more(beginning, LIMIT)
        except ServiceError as error:
            self.said = str(error)
            self._say()
            return
        self.said = ""
        row, column = (grid.cursor_row, grid.cursor_column) if grid is not None else (0, 0)
        top = text.scroll_offset.y if text is not None else 0
        await self._draw_anew()
        if self._grid is not None:
            self._grid.move_cursor(row, column)
        elif self._text is not None and top:
            self._text.call_after_refresh(self._text.scroll_to, 0, top, animate=False)

    @on(Tree.NodeSelected)
    def _open_value(self, event: Tree.NodeSelected[Item]) -> None:
        if isinstance(event.control, PreviewTree):
            value = event.control.chosen(event.node)
            if value is not None:
                self.app.push_screen(ValueViewer(value.label or self.key, value.text))

    def action_wrap(self) -> None:
        if self._text is not None:
            self._text.soft_wrap = not self._text.soft_wrap

    async def action_copy(self) -> None:
        if self._grid is not None:
            value = self._cell()
            await copy_text(self.app, value if isinstance(value, str) else "")
        elif self.shown is not None:
            shown = self.shown
            whole = await asyncio.to_thread(drawn, shown) if shown.binary else shown.text
            await copy_text(self.app, whole)

    @on(Grid.Opened)
    def action_cell(self) -> None:
        value = self._cell()
        if isinstance(value, str) and self._grid is not None:
            grid = self._grid
            column = grid.columns[grid.cursor_column].title
            self.app.push_screen(ValueViewer(f"{column}, row {grid.cursor_row + 1}", value))

    def _cell(self) -> CellValue:
        grid = self._grid
        if grid is None or grid.current is None:
            return Absent.MISSING
        return grid.cell_at(grid.cursor_row, grid.cursor_column)
