"""A dialog that holds what was typed: Esc warns before it is thrown away."""

from __future__ import annotations

from typing import TypeVar

from textual.widgets import Static

from tui.widgets.application.leaving import EscTwice
from tui.widgets.dialogs.dialog import Dialog
from tui.widgets.text.safe_text import content

AnswerT = TypeVar("AnswerT")


class TypedDialog(Dialog[AnswerT]):
    """The first Esc says what the second one throws away. Whatever changes the text calls
    `self._esc.forget()`."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._esc = EscTwice()

    # -- to be given by a dialog -----------------------------------------------------------

    @property
    def is_typed_in(self) -> bool:
        """Whether there is something that would be lost."""
        raise NotImplementedError

    @property
    def state_line(self) -> Static:
        """The widget that says how it stands; its class `problem` marks what is wrong."""
        raise NotImplementedError

    # -- shared ----------------------------------------------------------------------------

    def tell(self, text: str, *, problem: bool = False) -> None:
        """Say how it stands, or what is wrong."""
        self.state_line.set_class(problem, "problem")
        self.state_line.update(content(text, multiline=True))

    def action_leave(self) -> None:
        if self._esc.leaves(typed=self.is_typed_in):
            self.dismiss(None)
        else:
            self.tell(self._esc.warning(sent=False), problem=True)
