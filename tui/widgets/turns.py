"""Whose turn it is to open a dialog.

A command may wait for its service before it asks. By then the user may have begun something else,
and a dialog that comes up now would take the keys that are meant for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.worker import Worker

LOOK_EVERY = 0.1
"""Seconds between two looks whether the other dialog is gone."""


class Turns:
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

    async def comes(
        self, worker: Worker[Any], *, at_work: Callable[[], bool], free: Callable[[], bool]
    ) -> bool:
        """Whether the dialog that this worker asks for may open; `at_work` says whether the user
        still is at the host, `free` whether no other dialog is in the way.

        The first of a command is dropped: nothing has been done yet. What comes after it may be
        the report of what was done, so it waits.
        """
        turn = self._waiting.pop(worker, None)
        if turn is not None:
            return turn == self._latest and at_work() and free()
        while not free():  # noqa: ASYNC110  # no event says that the screens are another stack
            await asyncio.sleep(LOOK_EVERY)
        return True
