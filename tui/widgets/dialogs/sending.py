"""A dialog whose text is sent while it is open: what happens to both when the dialog is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from tui.widgets.dialogs.typed_dialog import TypedDialog

AnswerT = TypeVar("AnswerT")


class SendingDialog(TypedDialog[AnswerT]):
    """Holds a text that was typed, and sends it. Esc warns before the text is thrown away, and
    before the dialog goes while an answer is awaited: what was sent goes on then."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.outstanding: asyncio.Future[AnswerT] | None = None
        """The answer to what was sent, if the dialog was left before it came: who asked awaits
        it."""
        self._sent: asyncio.Future[AnswerT] | None = None

    @property
    def is_sending(self) -> bool:
        """Whether an answer is awaited."""
        return self._sent is not None

    async def send(self, work: Awaitable[AnswerT]) -> AnswerT:
        """The answer to what is sent. Raises ServiceError. From a worker, which ends with the
        dialog; the work does not."""
        self._esc.forget()
        self._sent = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(self._sent)
        finally:
            self._sent = None

    def busy(self) -> list[str]:
        """What would be lost by quitting now, a sentence for each."""
        if self.is_sending:
            return [f"“{self.dialog_title}” was sent, and the answer is not there yet."]
        if self.is_typed_in:
            return [f"What you typed into “{self.dialog_title}” was not sent."]
        return []

    def action_leave(self) -> None:
        if self._esc.leaves(typed=self.is_typed_in, sent=self.is_sending):
            self.outstanding = self._sent
            self.dismiss(None)
        else:
            self.tell(self._esc.warning(sent=self._sent is not None), problem=True)
