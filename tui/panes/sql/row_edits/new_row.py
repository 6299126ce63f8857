"""A new row: every column of the table, each left out until it gets a value."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Button, Static

from tui.panes.sql.row_edits.staged import text_of
from tui.panes.sql.row_edits.value_editor import Entered, ValueEdit, ValueEditor
from tui.services.sql.row_edits.table import EditableTable, EditedColumn
from tui.widgets.dialogs.dialog import YES
from tui.widgets.dialogs.typed_dialog import TypedDialog
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import visible
from tui.widgets.text.steady_text import SteadyText

LEFT_OUT = Entered(left_out=True)

_COLUMNS = (
    Column("column"),
    Column("value", grow=True, max_width=200),
    Column("type"),
    Column("if left out", max_width=40),
)


class NewRow:
    """The values of a row that is to be added, without a screen."""

    def __init__(self, table: EditableTable) -> None:
        self.table = table
        self.columns = [each for each in table.columns if each.number > 0]
        self.entered: dict[int, Entered] = {}

    def at(self, column: EditedColumn) -> Entered:
        """What was entered for a column."""
        return self.entered.get(column.number, LEFT_OUT)

    def enter(self, column: EditedColumn, entered: Entered) -> None:
        """Take a value, NULL, or nothing."""
        self.entered.pop(column.number, None)
        if not entered.left_out:
            self.entered[column.number] = entered

    @property
    def values(self) -> Mapping[int, str | None]:
        """The number of each column that has a value -> that value, in the order of the table."""
        return {
            each.number: self.entered[each.number].value
            for each in self.columns
            if each.number in self.entered
        }

    @property
    def missing(self) -> list[str]:
        """Columns that are NOT NULL and would be NULL; a trigger may still fill them."""
        return [
            each.name
            for each in self.columns
            if each.not_null and not each.fixed and not each.default and self.at(each).value is None
        ]

    def cells(self, column: EditedColumn) -> tuple[CellValue, ...]:
        """A line of the form."""
        entered = self.at(column)
        value: CellValue = Absent.BLANK
        if not entered.left_out:
            value = Absent.NULL if entered.value is None else text_of(entered.value)
        if column.fixed:
            otherwise: CellValue = Cell(column.fixed.removeprefix("it is "), Tone.DIM)
        elif column.default:
            otherwise = Cell(column.default, Tone.DIM)
        else:
            otherwise = Cell("a value is needed", Tone.WARNING) if column.not_null else Absent.NULL
        return (column.name, value, Cell(column.type_name, Tone.DIM), otherwise)


class NewRowDialog(TypedDialog[Mapping[int, str | None]]):
    """Enter gives the column under the cursor a value; Ctrl+S stages the row."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    NewRowDialog {
        & Grid { height: 1fr; }
        & #state { height: auto; margin: 1 0 0 0; color: $text-muted; }
        & #state.problem { color: $text-error; }
    }
    """

    BINDINGS = [YES, Binding("enter", "value", "Value", id="row.value")]

    def __init__(self, table: EditableTable) -> None:
        super().__init__(f"New row of {table.sql_name}")
        self.row = NewRow(table)
        self._grid = Grid()
        self._state = SteadyText("", id="state", markup=False)

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": "Stage the row"}

    def compose_box(self) -> ComposeResult:
        yield self._grid
        yield self._state
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button("Stage the row", id="stage", variant="primary")

    def on_mount(self) -> None:
        self._draw()
        self._grid.focus()

    def _draw(self) -> None:
        at = self._grid.cursor_row
        self._grid.show(_COLUMNS, map(self.row.cells, self.row.columns), cursor=at)
        missing = ", ".join(self.row.missing)
        said = f"Without a value, and NOT NULL: {missing}" if missing else "Enter: give a value"
        self.tell(visible(said))

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_value()

    def action_value(self) -> None:
        if self._grid.current is None:
            return
        column = self.row.columns[self._grid.current]
        if column.fixed:
            self.tell(visible(f"“{column.name}” takes no value: {column.fixed}."), problem=True)
            return
        self.run_worker(self._enter(column), group="value", exclusive=True)

    async def _enter(self, column: EditedColumn) -> None:
        now = self.row.at(column)
        # Whoever opens the editor wants to type.
        began = Entered("") if now.left_out else now
        edit = await asyncio.to_thread(ValueEdit.of, column, began, new=True)
        if edit.is_too_long:
            self.tell(edit.too_long, problem=True)
            return
        entered = await self.app.push_screen_wait(ValueEditor(column.name, edit))
        if entered is not None:
            self._esc.forget()
            self.row.enter(column, entered)
            self._draw()

    def action_submit(self) -> None:
        self.dismiss(self.row.values)

    def busy(self) -> list[str]:
        """What would be lost by quitting now."""
        return ["The new row is not staged yet."] * self.is_typed_in

    @property
    def is_typed_in(self) -> bool:
        return bool(self.row.entered)

    @property
    def state_line(self) -> Static:
        return self._state

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "stage":
            self.action_submit()
        else:
            self.action_leave()
