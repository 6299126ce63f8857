"""What the panes share that are one grid: marks, a filter, a reason where there are no rows."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from tui.panes.detail_beside import DetailBeside
from tui.panes.pane import Pane
from tui.services.bundle import Services
from tui.widgets.commands.shared_commands import FilteringHost, MarkingHost
from tui.widgets.grid.filter_line import FilterLine
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText


class EmptyText(SteadyText):
    """Why there are no rows, and what to press: under the header of the grid beside it."""

    DEFAULT_CSS = """
    EmptyText { display: none; height: 1fr; padding: 1 2; color: $text-muted;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def explain(self, text: str) -> None:
        """Say why there is nothing; an empty text says that there is something."""
        self.set_class(bool(text), "-shown")
        self.update(content(text, multiline=True))
        if self.parent is not None:
            for grid in self.parent.query_children(Grid):
                grid.set_class(bool(text), "-empty")


class RowsPane(Pane, MarkingHost, FilteringHost):
    """A grid with a filter line under it. Its commands begin with those in `rows_commands`."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.grid = Grid()
        self.filter_line = FilterLine()
        self._emptiness = EmptyText()
        self.beside = DetailBeside(self.grid, self._emptiness)

    def compose_body(self) -> ComposeResult:
        yield self.beside
        yield self.filter_line

    # -- to be given by a pane ------------------------------------------------------------

    def reload(self) -> None:
        """Ask again for what is shown."""
        raise NotImplementedError

    @property
    def page_failed(self) -> bool:
        """Whether the page after the loaded rows was asked for, and an error came instead."""
        raise NotImplementedError

    def try_page_again(self) -> None:
        """Ask once more for the page that failed; what is loaded stays."""
        raise NotImplementedError

    def narrow(self, text: str) -> None:
        """Show only the loaded rows that contain a text; empty shows all."""
        raise NotImplementedError

    def credentials_renewed(self) -> None:
        self.reload()

    # -- shared ---------------------------------------------------------------------------

    def focus_target(self) -> Widget:
        return self.grid

    def explain_emptiness(self, text: str) -> None:
        """Say why there are no rows, in their place; an empty text if there are some."""
        self._emptiness.explain(text)

    @on(FilterLine.Changed)
    def _filter_changed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self.narrow(event.text)

    @on(FilterLine.Left)
    def _filter_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.grid.focus()

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")
