"""What every dialog is: a box in the middle of the screen, and the keys that work in the footer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.application.orderly_screen import TooSmall
from tui.widgets.commands.footer import FooterKey, FooterLine
from tui.widgets.text.safe_text import content

AnswerT = TypeVar("AnswerT")

YES = Binding("ctrl+s", "submit", "Submit", id="form.submit")
"""The one key that says yes in every dialog, from wherever the focus is."""

_LEAVING = {"leave", "leave_step"}
"""Actions whose key stands last."""


class DialogFooter(FooterLine):
    """The footer of a dialog, which words its keys itself; the key that leaves it comes last."""

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self._dialog = dialog

    def label_of(self, binding: Binding) -> str:
        return self._dialog.key_labels.get(binding.action) or binding.description

    def _candidates(self) -> list[FooterKey]:
        return sorted(super()._candidates(), key=lambda each: each.action in _LEAVING)


class Dialog(LeavesOnce, ModalScreen[AnswerT]):
    """A box in the middle of the screen. Esc leaves it with the answer None."""

    # Not the application's: the first frame shows no dialog and need not wait for this sheet.
    # Absolute, because a relative path would start from the folder of each subclass.
    CSS_PATH = Path(__file__).parents[2] / "styles" / "dialogs.tcss"

    BINDINGS = [
        Binding("escape", "leave", "Back", id="dialog.leave"),
        Binding("down,right", "app.focus_next", show=False),
        Binding("up,left", "app.focus_previous", show=False),
        Binding("pagedown", "read_on(1)", "Read on"),
        Binding("pageup", "read_on(-1)", show=False),
    ]

    BOX_CLASSES: ClassVar[str] = ""
    """More classes of the box: one that gets a class when it is mounted is laid out twice."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.dialog_title = title

    def compose(self) -> ComposeResult:
        with Vertical(classes=f"dialog {self.BOX_CLASSES}".rstrip()) as box:
            box.border_title = content(self.dialog_title)
            yield from self.compose_box()
        yield TooSmall()
        yield DialogFooter(self)

    @property
    def key_labels(self) -> Mapping[str, str]:
        """Action -> what the footer calls it here, where that is not what its binding says."""
        return {}

    def compose_box(self) -> ComposeResult:
        """The widgets inside the box."""
        yield from ()

    def on_resize(self) -> None:
        self.query_one(TooSmall).fit(self.size)
        # Only the layout tells whether there is something to read on to.
        self.call_after_refresh(self.refresh_bindings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "read_on":
            return any(body.max_scroll_y for body in self.query(".dialog-body, .form-fields"))
        return super().check_action(action, parameters)

    def action_read_on(self, pages: int) -> None:
        for body in self.query(".dialog-body, .form-fields"):
            body.scroll_relative(y=pages * (body.size.height - 1), animate=False)

    def action_leave(self) -> None:
        self.dismiss(None)
