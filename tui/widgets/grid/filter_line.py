"""The line under rows in which a filter is typed."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tui.widgets.text.safe_input import SafeInput
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

KEEPS = "filters what is loaded · Enter keeps it"
"""What Enter does, unless the host has something else for it."""


class FilterField(SafeInput):
    """Enter is named in the line of keys, which shows nothing of Textual's own inputs."""

    BINDINGS = [Binding("enter", "submit", "Done")]


class FilterLine(Horizontal):
    """Narrows what is loaded as you type. Hidden until it is wanted, and while it is empty."""

    DEFAULT_CSS = """
    FilterLine { display: none; height: 1; padding: 0 1; background: $panel;
        &.-shown { display: block; }
        & > Static { width: auto; height: 1; color: $text-muted; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; }
        & > Input:focus { background: $boost; }
    }
    """

    BINDINGS = [
        Binding("escape", "clear", "Clear filter", id="filter.clear"),
        Binding("down,tab", "leave", show=False),
    ]

    class Changed(Message):
        """Another text to filter by; empty shows everything."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class Left(Message):
        """The rows should have the focus again; the filter stays, unless it was taken away."""

    class Submitted(Message):
        """Enter was pressed, and `Left` follows: for hosts that have more to do then."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self.field = FilterField(compact=True)
        self._hint = SteadyText("", id="filter-hint")

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False)
        yield self.field
        yield self._hint

    @property
    def text(self) -> str:
        """What is filtered by; empty while everything is shown."""
        return self.field.value

    def edit(self, hint: str = KEEPS) -> None:
        """Show the line and type into it; `hint` says what Enter does."""
        self._hint.update(content(hint))
        self.add_class("-shown")
        # Not `focus()`, which lets the keys that follow at once still go to the rows.
        self.screen.set_focus(self.field)

    def reset(self) -> None:
        """Empty and hidden, without telling anybody."""
        with self.field.prevent(Input.Changed):
            self.field.value = ""
        self.remove_class("-shown")

    def put(self, text: str) -> None:
        """Another text, without telling anybody; hidden if it is empty."""
        if text != self.text:
            with self.field.prevent(Input.Changed):
                self.field.value = text
        if not self.field.has_focus:
            self.set_class(bool(text), "-shown")

    def clear(self) -> None:
        """Take the filter away."""
        self.reset()
        self.post_message(self.Changed(""))
        self.post_message(self.Left())

    def action_clear(self) -> None:
        self.clear()

    def action_leave(self) -> None:
        if not self.text:
            self.remove_class("-shown")
        self.post_message(self.Left())

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(event.value))
        self.action_leave()
