"""The middle of a preview: the widget that suits what the object is, and what is in it."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.panes.s3.preview.coloring import Coloring
from tui.panes.s3.preview.lexing_process import LexingProcess
from tui.panes.s3.preview.limits import MOST_ROWS
from tui.panes.s3.preview.model import PreviewModel, Shape
from tui.panes.s3.preview.picture import read_picture
from tui.panes.s3.preview.rows import FORMULA, absent_of, cells, columns
from tui.panes.s3.preview.search import Searched
from tui.panes.s3.preview.text import drawn, language, margin_of
from tui.panes.s3.preview.text_view import PreviewText
from tui.panes.s3.preview.wording import EMPTY
from tui.services.errors import ServiceError
from tui.widgets.drawing import Drawing
from tui.widgets.grid.cells import Absent, Cell, CellValue
from tui.widgets.grid.grid import Grid
from tui.widgets.json_view import JsonView
from tui.widgets.kitty_graphics import shows_pictures
from tui.widgets.text.safe_text import content

Drawn = Static | Drawing | Grid | PreviewText | JsonView


class PreviewBody(Vertical):
    """Draws the model as a text, a table, a tree or a picture."""

    DEFAULT_CSS = """
    PreviewBody {
        height: 1fr;
        & Grid { height: 1fr; }
    }
    """

    def __init__(self, model: PreviewModel) -> None:
        super().__init__()
        self._model = model
        self._lexing = LexingProcess()
        self.drawn: Drawn | None = None
        """What is in it; None while it is read, and while it is drawn anew."""

    def compose(self) -> ComposeResult:
        yield Static("Reading…", markup=False)

    async def on_unmount(self) -> None:
        await asyncio.to_thread(self._lexing.close)

    # -- what is in it -------------------------------------------------------------------------

    @property
    def grid(self) -> Grid | None:
        return self.drawn if isinstance(self.drawn, Grid) else None

    @property
    def text(self) -> PreviewText | None:
        return self.drawn if isinstance(self.drawn, PreviewText) else None

    @property
    def searched(self) -> Searched | None:
        """What can be searched."""
        return None if isinstance(self.drawn, Static | Drawing) else self.drawn

    @property
    def top(self) -> int:
        """The row under the cursor, or the line at the top of the view."""
        if self.grid is not None:
            return self.grid.cursor_row
        return self.text.top_line if self.text is not None else 0

    def cell(self) -> tuple[str, CellValue]:
        """The name and the value of the cell under the cursor."""
        grid = self.grid
        if grid is None or grid.current is None:
            return "", Absent.MISSING
        name = f"{grid.columns[grid.cursor_column].title}, row {grid.cursor_row + 1}"
        value = grid.cell_at(grid.cursor_row, grid.cursor_column)
        return name, value.text.removeprefix(FORMULA) if isinstance(value, Cell) else value

    async def copied(self) -> str | None:
        """What is copied of it: the cell under the cursor, or the whole text that is loaded."""
        model = self._model
        if self.grid is not None:
            value = self.cell()[1]
            return value if isinstance(value, str) else ""
        if model.shown is None or model.window is None:
            return None
        return await asyncio.to_thread(drawn, model.shown, model.window.start)

    # -- drawing -------------------------------------------------------------------------------

    async def refuse(self, error: ServiceError) -> None:
        """Say why there is nothing to draw."""
        await self._put(Static(content(str(error), "$text-error", multiline=True)))

    async def draw(self) -> None:
        """Draw what the model holds now."""
        model = self._model
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
                await self._put(JsonView(model.json))
            case _:
                await self._put(await self._text_widget())

    async def _put(self, widget: Drawn) -> None:
        self.drawn = None
        # Not awaited: see PaneFrame.fill.
        self.remove_children()
        await self.mount(widget)
        self.drawn = widget
        if widget.can_focus:
            widget.focus()

    async def _picture(self) -> Drawing:
        model = self._model
        assert model.window is not None
        return await read_picture(
            model.s3,
            model.window.of,
            *self.content_size,
            as_picture=shows_pictures(self.app),
        )

    async def _draw_rows(self) -> None:
        source = self._model.source
        assert source is not None
        grid = Grid(cursor_type="cell")
        await self._put(grid)
        shown = cells(self._model.first_rows, absent_of(source))
        grid.show(columns(source.columns, source.numeric), shown)
        grid.more = source.more

    async def _draw_table(self) -> None:
        model = self._model
        table = model.table
        assert table is not None
        grid = Grid(cursor_type="cell")
        await self._put(grid)
        grid.show(columns(table.columns, model.numbers), cells(table.rows))
        grid.more = model.may_go_on
        if model.top is not None:
            grid.move_cursor(len(table.rows) - 1 if model.top < 0 else model.top, 0)

    async def _text_widget(self) -> PreviewText:
        model = self._model
        window, shown = model.window, model.shown
        assert window is not None
        assert shown is not None
        text = await asyncio.to_thread(drawn, shown, window.start)
        if shown.binary:
            return PreviewText(text, top=model.top)
        margin = await asyncio.to_thread(margin_of, window, shown)
        named, coloring = language(model.key), None
        if named:
            lines = await asyncio.to_thread(text.split, "\n")
            coloring = Coloring(lines, named, self._lexing.read)
        return PreviewText(
            text,
            label=margin.label,
            label_width=margin.width,
            coloring=coloring,
            top=model.top,
        )

    async def add_rows(self) -> bool:
        """Put the next rows of a table below the others; False if there are none, or what is
        drawn is another one by then."""
        model, grid, source = self._model, self.grid, self._model.source
        if source is None or grid is None:
            return False
        rows = await model.next_rows()
        if rows is None or grid is not self.grid:
            return False
        full = len(grid.rows) + len(rows) >= MOST_ROWS
        if full and source.more:
            model.said = f"A preview holds at most {MOST_ROWS:,} rows."
        names = columns(source.columns, source.numeric)
        grid.append(cells(rows, absent_of(source)), more=source.more and not full, columns=names)
        return True
