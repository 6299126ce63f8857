"""An object on screen: a text, a table, a tree, a picture, or bytes. Draws the model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static, Tree

from tui.panes.s3.preview.limits import MOST_ROWS
from tui.panes.s3.preview.model import PreviewModel, Shape
from tui.panes.s3.preview.picture import read_picture
from tui.panes.s3.preview.rows import absent_of, cells, columns
from tui.panes.s3.preview.schema import SchemaDialog
from tui.panes.s3.preview.search import PreviewSearch, Searched
from tui.panes.s3.preview.text import drawn, language, margin_of
from tui.panes.s3.preview.text_view import PreviewText
from tui.panes.s3.preview.tree import Item, PreviewTree
from tui.panes.s3.preview.wording import EMPTY, KEYS_OF_SHAPES, PLACES, facts, labels, notes
from tui.services.errors import ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.window import END, START, Place, place_of
from tui.widgets import verbs
from tui.widgets.cells import Absent, CellValue
from tui.widgets.choose import Choice, Choose
from tui.widgets.clipboard import copy_text
from tui.widgets.dialogs import AskText, Dialog
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content
from tui.widgets.steady_text import SteadyText
from tui.widgets.value_viewer import ValueViewer

Drawn = Static | Grid | PreviewText | PreviewTree


class PreviewDialog(Dialog[None]):
    """Shows one object of any size, a window of it at a time."""

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
        Binding("slash", "search", "Search", id="preview.search"),
        Binding("H", "header", "Header", id="preview.header"),
        Binding("enter", "cell", "Value", id="preview.cell"),
        Binding("w", "wrap", "Wrap", id="preview.wrap"),
        Binding("plus", "more", "More", show=False, id="preview.more"),
        Binding("minus", "before", "Before", show=False, id="preview.before"),
        Binding("g", "edge(0)", "Start", show=False, id="preview.start"),
        Binding("G", "edge(-1)", "End", id="preview.end"),
        verbs.binding(verbs.GO_TO, "place", "Go to a line, a byte or a percentage.", show=True),
        Binding("d", "delimiter", "Delimiter", id="preview.delimiter"),
        Binding("quotation_mark", "quote", "Quotes", id="preview.quote"),
        Binding("e", "encoding", "Encoding", id="preview.encoding"),
        Binding("s", "sheet", "Sheet", id="preview.sheet"),
        verbs.binding(verbs.INFO, "schema", "Show the schema of a Parquet file.", show=True),
        Binding("n", "again(1)", "Next hit", show=False, id="preview.next_hit"),
        Binding("N", "again(-1)", "Hit before", show=False, id="preview.hit_before"),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, s3: S3Service, bucket: str, key: str, version_id: str = "") -> None:
        super().__init__(f"{key} (version {version_id})" if version_id else key)
        self.model = PreviewModel(s3, bucket, key, version_id, changed=self._say)
        self.search = PreviewSearch()
        self._drawn: Drawn | None = None
        """What is in the body; None while it is read."""

    def compose_box(self) -> ComposeResult:
        with Vertical(id="body"):
            yield Static("Reading…", markup=False)
        yield SteadyText("", id="notes")
        yield SteadyText("", id="facts")

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self.run_worker(self._read(), group="preview", exclusive=True)

    async def _read(self) -> None:
        model = self.model
        try:
            await self.load()
        except ServiceError as error:
            await self._put(Static(content(str(error), "$text-error", multiline=True)))
            return
        await self._draw()
        model.top = None

    async def load(self) -> None:
        """Read what is shown first. Raises ServiceError."""
        await self.model.read()

    @property
    def is_filled(self) -> bool:
        return self._drawn is not None

    @property
    def _grid(self) -> Grid | None:
        return self._drawn if isinstance(self._drawn, Grid) else None

    @property
    def _text(self) -> PreviewText | None:
        return self._drawn if isinstance(self._drawn, PreviewText) else None

    @property
    def _searched(self) -> Searched | None:
        return None if isinstance(self._drawn, Static) else self._drawn

    # -- drawing ---------------------------------------------------------------------------

    async def _put(self, widget: Drawn) -> None:
        body = self.query_one("#body", Vertical)
        self._drawn = None
        # Not awaited: see PaneFrame.fill.
        body.remove_children()
        await body.mount(widget)
        self._drawn = widget
        if widget.can_focus:
            widget.focus()

    async def _draw(self) -> None:
        model = self.model
        if model.shape is Shape.PICTURE:
            try:
                await self._put(await self._picture())
                return
            except ServiceError as error:
                model.problem = str(error)
                await model.show_as_text()
        match model.shape:
            case Shape.EMPTY:
                await self._put(Static(EMPTY, markup=False))
            case Shape.ROWS:
                await self._draw_rows()
            case Shape.DELIMITED:
                await self._draw_table()
            case Shape.TREE:
                assert model.json is not None
                await self._put(PreviewTree(model.json))
            case _:
                await self._put(await self._text_widget())
        self._say()

    async def _picture(self) -> Static:
        assert self.model.window is not None
        room = self.query_one("#body").content_size
        return await read_picture(self.model.s3, self.model.window.of, *room)

    async def _draw_rows(self) -> None:
        source = self.model.source
        assert source is not None
        grid = Grid(cursor_type="cell")
        await self._put(grid)
        shown = cells(self.model.first_rows, absent_of(source))
        grid.show(columns(source.columns, source.numeric), shown)
        grid.more = source.more

    async def _draw_table(self) -> None:
        model = self.model
        table = model.table
        assert table is not None
        grid = Grid(cursor_type="cell")
        await self._put(grid)
        grid.show(columns(table.columns, model.numbers), cells(table.rows))
        grid.more = model.may_go_on
        if model.top is not None:
            grid.move_cursor(len(table.rows) - 1 if model.top < 0 else model.top, 0)

    async def _text_widget(self) -> PreviewText:
        model = self.model
        window, shown = model.window, model.shown
        assert window is not None
        assert shown is not None
        text = await asyncio.to_thread(drawn, shown, window.start)
        if shown.binary:
            return PreviewText(text, top=model.top)
        margin = await asyncio.to_thread(margin_of, window, shown)
        return PreviewText(
            text,
            label=margin.label,
            label_width=margin.width,
            language=language(model.key),
            top=model.top,
        )

    def _say(self) -> None:
        model = self.model
        rows = len(self._grid.rows) if self._grid is not None else 0
        self.query_one("#notes", Static).update(content("  ".join(notes(model)), multiline=True))
        self.query_one("#facts", Static).update(content(facts(model, rows)))
        self.refresh_bindings()

    @property
    def key_labels(self) -> Mapping[str, str]:
        return labels(self.model)

    # -- keys ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        model, drawn = self.model, self._drawn is not None
        shape = model.shape if drawn else Shape.NOTHING
        if action in KEYS_OF_SHAPES:
            # Not while it is read or drawn anew.
            return shape in KEYS_OF_SHAPES[action]
        match action:
            case "search" | "again":
                return self._searched is not None and (
                    action == "search" or bool(self.search.wanted)
                )
            case "sheet":
                return model.source is not None and len(model.source.sheets) > 1
            case "schema":
                return shape is Shape.ROWS and model.schema is not None
            case "more":
                return drawn and model.may_go_on
            case "before":
                return drawn and model.may_go_back
            case "edge" | "place":
                return drawn and model.may_move and (action == "place" or shape is not Shape.TREE)
            case "encoding":
                return drawn and model.shown is not None and bool(model.shown.data)
        return super().check_action(action, parameters)

    def _do(self, change: Callable[[], Awaitable[object]]) -> None:
        """Change the model and draw it anew."""
        self.run_worker(self._change(change), group="preview", exclusive=True)

    async def _change(self, change: Callable[[], Awaitable[object]]) -> None:
        try:
            await change()
        except ServiceError as error:
            self.model.said = str(error)
            self._say()
            return
        await self._draw()
        self.model.top = None

    def action_table(self) -> None:
        self._do(self.model.toggle)

    def action_header(self) -> None:
        self._do(self.model.toggle_header)

    def action_delimiter(self) -> None:
        self._do(self.model.next_delimiter)

    def action_quote(self) -> None:
        self._do(self.model.next_quote)

    def action_encoding(self) -> None:
        self._do(self.model.next_encoding)

    def action_sheet(self) -> None:
        source = self.model.source
        if source is not None:
            names = [Choice(name, name) for name in source.sheets]
            at = source.sheets.index(source.sheet) if source.sheet in source.sheets else 0
            self.app.push_screen(Choose("Sheet", names, current=at), self._open_sheet)

    def _open_sheet(self, name: str | None) -> None:
        if name is not None:
            self._do(lambda: self.model.open_sheet(name))

    def action_schema(self) -> None:
        if self.model.schema is not None:
            self.app.push_screen(SchemaDialog(self.model.key, self.model.schema))

    # -- moving ----------------------------------------------------------------------------

    def action_edge(self, edge: int) -> None:
        self._go(END if edge else START)

    def action_place(self) -> None:
        binary = self.model.shape is Shape.HEX
        asked = AskText("Go to", PLACES[binary], check=self._problems_of_place)
        self.app.push_screen(asked, self._go_to)

    def _problems_of_place(self, typed: str) -> list[str]:
        try:
            place_of(typed, binary=self.model.shape is Shape.HEX)
        except ServiceError as error:
            return [str(error)]
        return []

    def _go_to(self, typed: str | None) -> None:
        if typed:
            self._go(place_of(typed, binary=self.model.shape is Shape.HEX))

    def _go(self, place: Place) -> None:
        self._do(lambda: self.model.go(place))

    @on(Grid.MoreWanted)
    @on(Grid.EndWanted)
    def action_more(self) -> None:
        """Read on: a further range of a text, further rows of a table."""
        if self.model.source is None:
            if self.model.may_go_on:
                self._do(lambda: self.model.more(self._top))
        else:
            self.run_worker(self._more_rows(), group="preview-rows")

    def action_before(self) -> None:
        self._do(lambda: self.model.before(self._top))

    @property
    def _top(self) -> int:
        if self._grid is not None:
            return self._grid.cursor_row
        return self._text.top_line if self._text is not None else 0

    async def _more_rows(self) -> None:
        model, grid = self.model, self._grid
        source = model.source
        if source is None or grid is None:
            return
        rows = await model.next_rows()
        if rows is None or grid is not self._grid:
            return
        full = len(grid.rows) + len(rows) >= MOST_ROWS
        if full and source.more:
            model.said = f"A preview holds at most {MOST_ROWS:,} rows."
        names = columns(source.columns, source.numeric)
        grid.append(cells(rows, absent_of(source)), more=source.more and not full, columns=names)
        self._say()

    # -- search ----------------------------------------------------------------------------

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
        shown, source = self._searched, self.model.source
        if shown is not None:
            more = self.model.may_go_on if source is None else source.more
            self.model.said = await self.search.find(shown, step=step, more=more)
            self._say()

    # -- values ----------------------------------------------------------------------------

    @on(Tree.NodeSelected)
    def _open_value(self, event: Tree.NodeSelected[Item]) -> None:
        if isinstance(event.control, PreviewTree):
            value = event.control.chosen(event.node)
            if value is not None:
                self.app.push_screen(ValueViewer(value.label or self.model.key, value.text))

    def action_wrap(self) -> None:
        if self._text is not None:
            self._text.soft_wrap = not self._text.soft_wrap

    async def action_copy(self) -> None:
        model = self.model
        if self._grid is not None:
            value = self._cell()
            await copy_text(self.app, value if isinstance(value, str) else "")
        elif model.shown is not None and model.window is not None:
            whole = await asyncio.to_thread(drawn, model.shown, model.window.start)
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
