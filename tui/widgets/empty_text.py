"""Why there are no rows, and what to press, in the place of the rows."""

from __future__ import annotations

from textual.widgets import Static

from tui.widgets.grid import Grid
from tui.widgets.safe_text import content


class EmptyText(Static):
    """Stands under the header of the grid beside it; hidden while there are rows."""

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
