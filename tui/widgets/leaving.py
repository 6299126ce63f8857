"""Screens that are left once, however quickly keys come."""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete

from tui.widgets.orderly_screen import OrderlyScreen


class LeavesOnce(OrderlyScreen):
    """A screen that only ever takes itself away. List it before the screen class it extends.

    Textual's `dismiss` takes away whatever is on top: Enter, pressed twice before the screen is
    gone, would also close the next one, and its question would never be answered. An answer that
    comes while another screen is on top (Quit? over a form that is being sent) waits for its end.
    """

    _left = False
    _waiting: tuple[Any] | None = None

    def dismiss(self, result: Any = None) -> AwaitComplete:
        if self._left or self not in self.app.screen_stack:
            return AwaitComplete()
        if self.app.screen is not self:
            if self._waiting is None:
                self._waiting = (result,)
            return AwaitComplete()
        self._left = True
        # What still reads for this screen would look for widgets that are going.
        self.workers.cancel_node(self)
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        if self._waiting is not None:
            self.dismiss(self._waiting[0])
