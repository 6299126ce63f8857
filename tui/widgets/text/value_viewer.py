"""The whole of one value: shown safely, copied exactly."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static, TextArea

from tui.services.quantities import counted
from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.long_text import LongTextArea
from tui.widgets.text.safe_text import content, visible
from tui.widgets.text.value_view import ValueView

EDITED = 100_000
"""Characters of a value that a text area is given, with colours and a selection. It lays out all of
them at once; a longer value is drawn line by line where it is looked at."""


def text_widget(
    value: str,
    *,
    language: str | None = None,
    at_end: bool = False,
    id: str | None = None,  # noqa: A002  # Textual's own name
) -> LongTextArea | ValueView:
    """What shows a text of any length."""
    if len(value) > EDITED:
        return ValueView(value, at_end=at_end, id=id)
    area = LongTextArea(
        visible(value, multiline=True),
        read_only=True,
        soft_wrap=True,
        show_line_numbers=False,
        tab_behavior="focus",
        language=language,
        id=id,
    )
    area.cursor_blink = False
    return area


class ValueViewer(Dialog[None]):
    """A value of any length. `y` copies it as it is stored and whole, not as it is drawn."""

    BOX_CLASSES = "dialog-large"

    BINDINGS = [
        Binding("y", "copy", "Copy all", id="viewer.copy"),
        Binding("w", "wrap", "Wrap", id="viewer.wrap"),
        Binding("q", "leave", show=False),
    ]

    def __init__(
        self,
        title: str,
        value: str,
        *,
        note: str = "",
        language: str | None = None,
        at_end: bool = False,
    ) -> None:
        """With `at_end` its last line is shown first, as of a log."""
        super().__init__(title)
        self.value = value
        self.note = note
        self.language = language
        self.at_end = at_end

    def compose_box(self) -> ComposeResult:
        yield text_widget(self.value, language=self.language, at_end=self.at_end, id="value")
        parts = [
            counted(len(self.value), "character"),
            self.note,
        ]
        yield Static(content("  ·  ".join(part for part in parts if part)), classes="dialog-prompt")

    def on_mount(self) -> None:
        shown = self._shown
        shown.focus()
        if self.at_end and isinstance(shown, TextArea):
            shown.move_cursor(shown.document.end)
            self.call_after_refresh(shown.scroll_cursor_visible)

    @property
    def _shown(self) -> TextArea | ValueView:
        shown = self.query_one("#value")
        assert isinstance(shown, TextArea | ValueView)
        return shown

    async def action_copy(self) -> None:
        await copy_text(self.app, self.value)

    def action_wrap(self) -> None:
        shown = self._shown
        shown.soft_wrap = not shown.soft_wrap
