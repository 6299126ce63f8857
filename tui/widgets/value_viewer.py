"""The whole of one value: shown safely, copied exactly."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static, TextArea

from tui.services.quantities import counted
from tui.widgets.clipboard import copy_text
from tui.widgets.dialogs import Dialog
from tui.widgets.safe_text import content, visible

SHOWN = 500_000
"""Characters of a value that are drawn: laying out more would hold up the keys. A whole item of
DynamoDB (400 KB) fits."""


class ValueViewer(Dialog[None]):
    """A value of any length. `y` copies it as it is stored and whole, not as it is drawn.

    Of a very long one only the beginning is drawn (or the end, with `at_end`), and it says so.
    """

    KEYS_SHOWN = ""  # its last line says them

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
        area = TextArea(
            visible(self._drawn, multiline=True),
            read_only=True,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            language=self.language,
            id="value",
        )
        area.cursor_blink = False
        yield area
        parts = [self._length, self.note, "y copy   w wrap   Esc back"]
        yield Static(content("  ·  ".join(part for part in parts if part)), classes="dialog-prompt")

    @property
    def _drawn(self) -> str:
        return self.value[-SHOWN:] if self.at_end else self.value[:SHOWN]

    @property
    def _length(self) -> str:
        whole = counted(len(self.value), "character")
        if len(self.value) <= SHOWN:
            return whole
        return f"the {'last' if self.at_end else 'first'} {SHOWN:,} of {whole}, y copies all"

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        area = self.query_one(TextArea)
        area.focus()
        if self.at_end:
            area.move_cursor(area.document.end)
            self.call_after_refresh(area.scroll_cursor_visible)

    async def action_copy(self) -> None:
        await copy_text(self.app, self.value)

    def action_wrap(self) -> None:
        area = self.query_one(TextArea)
        area.soft_wrap = not area.soft_wrap
