"""The peer of the key benchmark: rows, a footer and equal screens in plain Textual."""

from __future__ import annotations

from rich.table import Table
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import DataTable, Footer, Input, Static, TextArea

from tests.benchmarks.rows import COLUMNS, ROWS, long_value, row

KEYS = 60
"""Keys that a help names."""


class BareDialog(ModalScreen[None]):
    """A box in the middle; Esc leaves it."""

    CSS = """
    BareDialog { align: center middle; background: $background 60%; }
    BareDialog > Vertical { width: 92%; height: 90%; border: round $primary; }
    """
    BINDINGS = [Binding("escape", "app.pop_screen", "Back")]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield from self.compose_box()

    def compose_box(self) -> ComposeResult:
        yield from ()


class BareHelp(BareDialog):
    """A field and one text."""

    def compose_box(self) -> ComposeResult:
        yield Input()
        with VerticalScroll():
            table = Table.grid(padding=(0, 2, 0, 0))
            for number in range(KEYS):
                table.add_row(f"F{number}", f"key {number}", "what this key does " * 4)
            yield Static(table)


class BarePicker(BareDialog):
    """A line and rows."""

    def compose_box(self) -> ComposeResult:
        yield Static("/home")
        yield filled()
        yield Static("Enter opens")


class BareViewer(BareDialog):
    """A text."""

    def compose_box(self) -> ComposeResult:
        yield TextArea(long_value(), read_only=True)
        yield Static("Esc back")


class BareRows(Screen[None]):
    """Rows over the whole screen."""

    BINDINGS = [Binding("escape", "app.pop_screen", "Back")]

    def compose(self) -> ComposeResult:
        yield Static("bare rows")
        yield filled(30)
        yield Footer()


class BareApp(App[None]):
    """Rows and a footer."""

    BINDINGS = [
        Binding("ctrl+q", "quit", "Quit", priority=True),
        Binding("f1", "open('help')", "Help"),
        Binding("u", "open('picker')", "Picker"),
        Binding("v", "open('viewer')", "Viewer"),
        Binding("f8", "open('cleanup')", "Cleanup"),
        *(Binding(key, "bell", f"Key {key}") for key in "abcdefgh"),
    ]

    def compose(self) -> ComposeResult:
        yield Static("bare application")
        yield filled(ROWS)
        yield Footer()

    def action_open(self, name: str) -> None:
        screens = {
            "help": BareHelp,
            "picker": BarePicker,
            "viewer": BareViewer,
            "cleanup": BareRows,
        }
        self.push_screen(screens[name]())


def filled(rows: int = 10) -> DataTable[str]:
    """A table of so many rows."""
    table: DataTable[str] = DataTable(cursor_type="row")
    table.add_columns(*COLUMNS)
    table.add_rows(row(number) for number in range(rows))
    return table


if __name__ == "__main__":
    BareApp().run()
