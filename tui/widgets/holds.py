"""Why keys wait: a worker is about to open a dialog, or one dialog is to follow another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.screen import Screen
from textual.worker import Worker

from tui.widgets.leaving import LeavesOnce
from tui.widgets.typed_ahead import State

Follows = bool | Callable[[Any], bool]
"""Whether another dialog follows an answer, or what tells it from the answer. None follows the
answer None, with which a dialog is left."""


class AboutToAsk:
    """A worker that is going to open a dialog over what is on the screen now."""

    def __init__(self, what: str, app: App[Any], worker: Worker[Any]) -> None:
        self.what = what
        self._app = app
        self._worker = worker
        self._below = app.screen
        self._dialog: Screen[Any] | None = None
        self._follows: Follows = False

    def asks(self, dialog: Screen[Any], follows: Follows) -> None:
        """The worker opens this dialog now."""
        self._below = self._app.screen
        self._dialog = dialog
        self._follows = follows

    def state(self) -> State:
        """How far it is now."""
        dialog = self._dialog
        if dialog is not None and dialog in self._app.screen_stack:
            return State.UP if self._follows else State.DONE
        if isinstance(dialog, LeavesOnce) and dialog.has_left and not self._goes_on(dialog.answer):
            return State.DONE
        if self._app.screen is not self._below:
            return State.DONE
        return State.VOID if self._worker.is_finished else State.PENDING

    def _goes_on(self, answer: Any) -> bool:
        if answer is None:
            return False
        return self._follows(answer) if callable(self._follows) else self._follows

    def give_up(self) -> str:
        """The user waits no longer; gives what to say about it."""
        if self._dialog is None:
            # Nothing has been asked, so nothing has been changed.
            self._worker.cancel()
            return f"{self.what}: cancelled."
        return f"{self.what}: what you typed was dropped."
