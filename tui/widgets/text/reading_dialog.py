"""A dialog that shows a text which is read meanwhile, with a line about it."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_view import ValueView


class ReadingDialog(Dialog[None]):
    """A text of any length, empty at first. A subclass shows it in `view` and chooses the keys."""

    BOX_CLASSES = "dialog-large"

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.view = ValueView("", id="value")
        self._note = SteadyText("", classes="dialog-prompt", markup=False)

    def compose_box(self) -> ComposeResult:
        yield self.view
        yield self._note

    def on_mount(self) -> None:
        self.view.focus()

    def say(self, note: str) -> None:
        """Show a note about the text, below it."""
        self._note.update(content(note, multiline=True))

    async def action_copy(self) -> None:
        await copy_text(self.app, self.view.value)
