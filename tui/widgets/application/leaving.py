"""Leaving a screen: once, however quickly keys come; with Esc twice where text would be lost."""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete

from tui.widgets.application.orderly_screen import OrderlyScreen

THROW_AWAY = "Esc again throws away what you typed."

SENT = (
    "It was sent, and the answer is not there yet. Esc again leaves; "
    "what became of it is said when it is known."
)


class EscTwice:
    """The rule for every dialog that holds typed text: the first Esc says what the second will do,
    the second does it. A key that changes the text in between makes the next Esc the first one."""

    def __init__(self) -> None:
        self._said = False

    @property
    def is_warning(self) -> bool:
        """Whether the next Esc leaves, as the dialog says now."""
        return self._said

    def leaves(self, *, typed: bool, sent: bool = False) -> bool:
        """Whether this Esc leaves. `typed` and `sent` say what leaving would give up; if False is
        returned, the dialog shows `warning`."""
        if self._said or not (typed or sent):
            return True
        self._said = True
        return False

    def forget(self) -> None:
        """The text was changed, or sent."""
        self._said = False

    @staticmethod
    def warning(*, sent: bool) -> str:
        """What the first Esc says."""
        return SENT if sent else THROW_AWAY


class LeavesOnce(OrderlyScreen):
    """A screen that only ever takes itself away. List it before the screen class it extends.

    Textual's `dismiss` takes away whatever is on top: Enter, pressed twice before the screen is
    gone, would also close the next one, and its question would never be answered. An answer that
    comes while another screen is on top (Quit? over a form that is being sent) waits for its end.
    """

    answer: Any = None
    """What it was left with."""
    _left = False
    _waiting: tuple[Any] | None = None

    @property
    def has_left(self) -> bool:
        """Whether it was taken away."""
        return self._left

    def dismiss(self, result: Any = None) -> AwaitComplete:
        if self._left or self not in self.app.screen_stack:
            return AwaitComplete()
        if self.app.screen is not self:
            if self._waiting is None:
                self._waiting = (result,)
            return AwaitComplete()
        self._left = True
        self.answer = result
        # What still reads for this screen would look for widgets that are going.
        self.workers.cancel_node(self)
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        if self._waiting is not None:
            self.dismiss(self._waiting[0])
