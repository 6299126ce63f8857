"""Dialogs that a command is about to open: the keys that wait for them, and which may open.

A command may wait for its service before it asks. What is typed meanwhile waits for its dialog
(`PendingDialog`). If the user begins something else meanwhile, a dialog that came up now would take
the keys that are meant for that, and does not open (`LatestCommand`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Any

from textual.app import App
from textual.screen import Screen
from textual.worker import Worker

from tui.widgets.application.leaving import LeavesOnce

LOOK_EVERY = 0.1
"""Seconds between two looks whether the other dialog is gone."""

Follows = bool | Callable[[Any], bool]
"""Whether another dialog follows an answer, or what tells it from the answer. None follows the
answer None, with which a dialog is left."""


class DialogState(Enum):
    """How far a key is that may open a dialog."""

    PENDING = "pending"
    """The dialog may still come."""
    OPEN = "open"
    """Its dialog is on the screen, and another one may follow."""
    DONE = "done"
    """The dialog came, and none follows."""
    NEVER = "never"
    """No dialog comes any more."""


class PendingDialog:
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

    @property
    def has_asked(self) -> bool:
        """Whether one dialog has been opened already, and another one may follow."""
        return self._dialog is not None

    def state(self) -> DialogState:
        """How far it is now."""
        dialog = self._dialog
        if dialog is not None and dialog in self._app.screen_stack:
            return DialogState.OPEN if self._follows else DialogState.DONE
        if isinstance(dialog, LeavesOnce) and dialog.has_left and not self._goes_on(dialog.answer):
            return DialogState.DONE
        if self._app.screen is not self._below:
            return DialogState.DONE
        return DialogState.NEVER if self._worker.is_finished else DialogState.PENDING

    def _goes_on(self, answer: Any) -> bool:
        if answer is None:
            return False
        return self._follows(answer) if callable(self._follows) else self._follows

    def give_up(self) -> str:
        """The user waits no longer; gives what to say about it."""
        if not self.has_asked:
            # Nothing has been asked, so nothing has been changed.
            self._worker.cancel()
            return f"{self.what}: cancelled."
        return f"{self.what}: what you typed was dropped."


class LatestCommand:
    """The commands of one host that have not asked anything yet, in the order of their keys."""

    def __init__(self) -> None:
        self._latest = 0
        self._waiting: dict[Worker[Any], int] = {}

    def begin(self, worker: Worker[Any]) -> None:
        """A command begins in this worker; those before it may not open their first dialog."""
        self.overtake()
        self._waiting[worker] = self._latest

    def end(self, worker: Worker[Any]) -> None:
        """The command of this worker is over."""
        self._waiting.pop(worker, None)

    def overtake(self) -> None:
        """No command that is under way may open its first dialog any more."""
        self._latest += 1

    async def may_ask(
        self, worker: Worker[Any], *, at_work: Callable[[], bool], free: Callable[[], bool]
    ) -> bool:
        """Whether the dialog that this worker asks for may open; `at_work` says whether the user
        still is at the host, `free` whether no other dialog is in the way.

        The first of a command is dropped: nothing has been done yet. What comes after it may be
        the report of what was done, so it waits.
        """
        number = self._waiting.pop(worker, None)
        if number is not None:
            return number == self._latest and at_work() and free()
        while not free():  # noqa: ASYNC110  # no event says that the screens are another stack
            await asyncio.sleep(LOOK_EVERY)
        return True
