"""What is said in place of a screen that the terminal has no room for."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

MIN_COLUMNS = 80
MIN_ROWS = 24


class TooSmall(Static):
    """Covers its screen while the terminal is too small for it. The screen calls `fit` whenever
    its size changes, and has a layer `over`."""

    DEFAULT_CSS = """
    TooSmall { display: none; layer: over; dock: top; width: 100%; height: 100%;
        content-align: center middle; text-align: center; background: $surface;
        &.-shown { display: block; }
    }
    """

    def fit(self, size: Size) -> bool:
        """Show or hide it for a terminal of this size; whether it is shown."""
        small = size.width < MIN_COLUMNS or size.height < MIN_ROWS
        self.set_class(small, "-shown")
        if small:  # each update makes the screen lay out all its widgets
            self.update(
                Content(
                    f"{size.width}×{size.height} is too small.\nTristore needs a terminal of at "
                    f"least {MIN_COLUMNS}×{MIN_ROWS}.\nCtrl+Q quits."
                )
            )
        return small
