"""What every dialog is: a box in the middle of the screen that names its keys in its border."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui.widgets.footer import KEY_STYLE
from tui.widgets.leaving import LeavesOnce
from tui.widgets.safe_text import content
from tui.widgets.too_small import TooSmall

AnswerT = TypeVar("AnswerT")

YES = Binding("ctrl+s", "submit", "Submit", id="form.submit")
"""The one key that says yes in every dialog, from wherever the focus is."""

_KEY_NAME = re.compile(r"\b(Ctrl\+\w|Enter|Esc|PgDn|Tab|Space|F\d+)(?!\w)")


class Dialog(LeavesOnce, ModalScreen[AnswerT]):
    """A box in the middle of the screen. Esc leaves it with the answer None."""

    # Not the application's: the first frame shows no dialog and need not wait for this sheet.
    # Absolute, because a relative path would start from the folder of each subclass.
    CSS_PATH = Path(__file__).parent.parent / "styles" / "dialogs.tcss"

    KEYS_SHOWN: ClassVar[str] = "Esc back"
    """What `keys_shown` says unless a subclass computes it."""

    BINDINGS = [
        Binding("escape", "leave", "Back", id="dialog.leave"),
        Binding("down,right", "app.focus_next", show=False),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("pagedown", "read_on(1)", show=False),
        Binding("pageup", "read_on(-1)", show=False),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.dialog_title = title
        self._keys_line = Content()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = content(self.dialog_title)
            box.border_subtitle = self._keys_line = keys_line(self.keys_shown)
            yield from self.compose_box()
        yield TooSmall()

    @property
    def keys_shown(self) -> str:
        """The keys that the lower border names; empty where the dialog names them itself."""
        return self.KEYS_SHOWN

    def compose_box(self) -> ComposeResult:
        """The widgets inside the box."""
        yield from ()

    def on_resize(self) -> None:
        self.query_one(TooSmall).fit(self.size)
        self.call_after_refresh(self._say_keys)

    def _say_keys(self) -> None:
        """A text that is longer than the screen must not look as if it ended there."""
        longer = any(body.max_scroll_y for body in self.query(".dialog-body"))
        parts = ["PgDn reads on"] if longer else []
        parts += [self.keys_shown] if self.keys_shown else []
        line = keys_line(" · ".join(parts))
        if line != self._keys_line:
            self._keys_line = line
            for box in self.query(".dialog"):
                box.border_subtitle = line

    def action_read_on(self, pages: int) -> None:
        for body in self.query(".dialog-body, .form-fields"):
            body.scroll_relative(y=pages * (body.size.height - 1), animate=False)

    def action_leave(self) -> None:
        self.dismiss(None)


def keys_line(text: str) -> Content:
    """Keys and what they do, drawn like the keys at the bottom of the screen."""
    line = content(text)
    for found in _KEY_NAME.finditer(line.plain):
        line = line.stylize(KEY_STYLE, *found.span())
    return line
