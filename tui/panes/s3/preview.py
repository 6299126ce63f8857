"""The beginning of an object on screen: a text, a table, or bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from tui.services.errors import ServiceError
from tui.services.quantities import size_text
from tui.services.s3 import S3Service
from tui.services.s3.preview import Preview, hex_dump, preview
from tui.widgets.cells import Absent, CellValue, Column
from tui.widgets.clipboard import copy_text
from tui.widgets.dialogs import Dialog
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content, visible
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.services.s3.table import CsvTable

_DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


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
        Binding("H", "header", "Header line or not", id="preview.header"),
        Binding("enter", "cell", "Whole value", id="preview.cell"),
        Binding("w", "wrap", "Wrap", id="preview.wrap"),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, s3: S3Service, bucket: str, key: str) -> None:
        super().__init__(key)
        self.s3 = s3
        self.bucket = bucket
        self.key = key
        self.object_size = 0
        self.shown: Preview | None = None
        self.table: CsvTable | None = None
        self.as_table = False
        self.header = True
        self._grid: Grid | None = None
        """The rows, while they are on screen."""
        self._text: TextArea | None = None
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
        self.object_size = beginning.size
        self.shown = await asyncio.to_thread(preview, beginning)
        self.as_table = self.shown.tabular
        await self._draw()

    @property
    def is_filled(self) -> bool:
        return self._drawn

    # -- drawing ---------------------------------------------------------------------------

    async def _put(self, widget: Static | Grid | TextArea) -> None:
        body = self.query_one("#body", Vertical)
        self._grid = self._text = None
        # Not awaited: see PaneFrame.fill.
        body.remove_children()
        await body.mount(widget)
        self._grid = widget if isinstance(widget, Grid) else None
        self._text = widget if isinstance(widget, TextArea) else None
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
            self.table = await asyncio.to_thread(_read_table, shown, self.header)
            grid = Grid(cursor_type="cell")
            await self._put(grid)
            columns, rows = _grid_rows(self.table)
            grid.show(columns, rows)
        else:
            text = await asyncio.to_thread(_drawn, shown)
            area = TextArea(text, read_only=True, show_line_numbers=False, soft_wrap=False)
            area.cursor_blink = False
            await self._put(area)
        self.query_one("#notes", Static).update(content("  ".join(self._notes()), multiline=True))
        self.query_one("#facts", Static).update(content(self._facts()))
        self.refresh_bindings()

    def _facts(self) -> str:
        shown = self.shown
        assert shown is not None
        facts = size_text(self.object_size)
        if self.as_table and self.table is not None:
            rows, columns = self.table.frame.shape
            partly = "+" if shown.truncated else ""
            separated = _DELIMITER_NAMES.get(self.table.delimiter, self.table.delimiter)
            facts += f" · {rows:,}{partly} rows × {columns:,} columns, separated by {separated}"
        return facts

    def _notes(self) -> list[str]:
        shown = self.shown
        assert shown is not None
        notes = []
        if shown.truncated:
            part = f"the first {size_text(len(shown.data))}"
            notes.append(f"Only {part}: the object has {size_text(self.object_size)}.")
        notes += shown.notes
        if self.as_table and self.table is not None:
            notes += self.table.notes
        return notes

    @property
    def key_labels(self) -> Mapping[str, str]:
        if self.as_table:
            return {"copy": "Copy cell", "table": "Text"}
        return {"table": "Table"}

    # -- keys ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        shown = self.shown
        if action in {"header", "cell"}:
            return self._grid is not None
        if action == "wrap":
            return self._text is not None
        if action in {"table", "copy"}:
            # Not while it is read or drawn anew.
            drawn = self._grid is not None or self._text is not None
            return drawn and shown is not None and not (action == "table" and shown.binary)
        return super().check_action(action, parameters)

    def action_table(self) -> None:
        self.as_table = not self.as_table
        self.run_worker(self._draw(), group="preview", exclusive=True)

    def action_header(self) -> None:
        self.header = not self.header
        self.run_worker(self._draw(), group="preview", exclusive=True)

    def action_wrap(self) -> None:
        if self._text is not None:
            self._text.soft_wrap = not self._text.soft_wrap

    async def action_copy(self) -> None:
        if self.shown is None:
            return
        if self._grid is not None:
            value = self._cell()
            await copy_text(self.app, value if isinstance(value, str) else "")
        elif self.shown.binary:
            await copy_text(self.app, hex_dump(self.shown.data))
        else:
            await copy_text(self.app, self.shown.text)

    @on(Grid.Opened)
    def action_cell(self) -> None:
        value = self._cell()
        if isinstance(value, str) and self.table is not None and self._grid is not None:
            grid = self._grid
            column = str(self.table.frame.columns[grid.cursor_column])
            self.app.push_screen(ValueViewer(f"{column}, row {grid.cursor_row + 1}", value))

    def _cell(self) -> CellValue:
        grid = self._grid
        if grid is None or grid.current is None:
            return Absent.MISSING
        return grid.cell_at(grid.cursor_row, grid.cursor_column)


def _drawn(shown: Preview) -> str:
    return hex_dump(shown.data) if shown.binary else visible(shown.text, multiline=True)


def _read_table(shown: Preview, header: bool) -> CsvTable:
    from tui.services.s3.table import preview_csv

    return preview_csv(shown.text, truncated=shown.truncated, header=header)


def _grid_rows(table: CsvTable) -> tuple[list[Column], list[Sequence[CellValue]]]:
    columns = [Column(str(name), max_width=40) for name in table.frame.columns]
    rows: list[Sequence[CellValue]] = [
        tuple(value if isinstance(value, str) else Absent.MISSING for value in row)
        for row in table.frame.itertuples(index=False, name=None)
    ]
    return columns, rows
