"""The smallest Textual application: what the start of ours is measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class EmptyApp(App[None]):
    """One line of text, and q to quit."""

    BINDINGS = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Static("nothing here")


if __name__ == "__main__":
    EmptyApp().run()
