"""Keys that come faster than they are handled take effect in the order in which they were typed.

Textual hands a printable key to the focused widget, which takes it at once; a key that is bound to
an action (Backspace, Tab, Enter, F5) first bubbles up to the application. When a slow terminal or a
slow screen lets several come together, what was typed after a Backspace would be in the text before
it works. So one key is on its way at a time: a message follows it along the same way, and the next
key is sent when that message has arrived.

A key that opens a dialog works later still: its command may ask a service first, and a dialog takes
time to appear. What is typed meanwhile is meant for the dialog and waits for it (`PendingDialog`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from textual import events
from textual.message import Message

from tui.widgets.dialogs.pending_dialogs import DialogState, PendingDialog

OVERDUE = 3.0
"""Seconds after which a key counts as handled though its widget still works on it."""

LOOK_EVERY = 0.02
"""Seconds between two looks whether what waits may be sent."""

SAY_AFTER = 1.0
"""Seconds after which it is said what keys wait for."""

ROUNDS = {"enter": 5, "escape": 5}
"""How often the message follows a key, where not once. What these keys do is told from widget to
widget: an input posts that it was submitted, its dialog answers that, the screen below goes on."""

Typed = events.Key | events.Paste


class KeyPassed(Message):
    """Everything in the way of a key has seen it."""

    def __init__(self, number: int, rounds: int = 1) -> None:
        super().__init__()
        self.number = number
        self.rounds = rounds
        """How often it still goes along the way, this time included."""


class KeyQueue:
    """What was typed and is not sent yet, which key is on its way, and what keys wait for."""

    def __init__(
        self,
        send: Callable[[Typed], Awaitable[int | None]],
        takes: Callable[[Typed], bool],
        say: Callable[[str], None],
        *,
        always: Callable[[str], bool] = lambda key: False,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`send` sends one and gives the number of the message that follows it, or None if it
        was handled at once; `takes` says whether what is on the screen is ready for it; `always`
        names the keys that wait for no dialog."""
        self._send = send
        self._takes = takes
        self._say = say
        self._always = always
        self._now = now
        self._waiting: deque[Typed] = deque()
        self._dialogs: list[PendingDialog] = []
        self._on_its_way: int | None = None
        self._since = 0.0
        self._waits_since: float | None = None
        """When the first key began to wait for a dialog; None while none does."""
        self._is_said = False
        """Whether it was said what keys wait for."""

    @property
    def is_waiting(self) -> bool:
        """Whether anything waits for its turn."""
        return bool(self._waiting)

    @property
    def is_sending(self) -> bool:
        """Whether a key waits only for those before it, and not for a dialog."""
        waits = bool(self._dialogs) and self._dialogs[-1].state() is DialogState.PENDING
        return self.is_waiting and not waits

    def wait_for(self, dialog: PendingDialog) -> None:
        """Let the keys that follow wait for a dialog."""
        if dialog not in self._dialogs:
            self._dialogs.append(dialog)

    def drop(self) -> None:
        """Forget what waits, and say so."""
        if self._waiting:
            self._waiting.clear()
            self._say("What you typed was dropped.")

    async def take(self, event: Typed) -> None:
        """Send it now, or when those before it have been handled and there is what it is for."""
        # What is typed after a command that opened nothing is not for its dialog.
        self._pending()
        self._waiting.append(event)
        await self.go_on()

    async def passed(self, number: int) -> None:
        """A key has gone its way."""
        if number == self._on_its_way:
            self._on_its_way = None
        await self.go_on()

    async def go_on(self) -> None:
        """Send what may be sent."""
        if self._on_its_way is not None and self._now() - self._since >= OVERDUE:
            self._on_its_way = None
        while self._waiting and self._on_its_way is None:
            pending = self._pending()
            if not self._waiting:
                break
            if pending is None and self._takes(self._waiting[0]):
                await self._send_first()
            elif not await self._break_out(pending):
                break
        self._say_what_for()

    async def _send_first(self) -> None:
        self._since = self._now()
        self._on_its_way = await self._send(self._waiting.popleft())

    async def _break_out(self, pending: PendingDialog | None) -> bool:
        """Nobody is locked out by a dialog that does not come: a key that works always, or Esc,
        drops what was typed before it. Gives whether there was one."""
        for number, event in enumerate(self._waiting):
            if not isinstance(event, events.Key):
                continue
            backs_out = event.key == "escape"
            if not backs_out and not self._always(event.key):
                continue
            for _ in range(number):
                self._waiting.popleft()
            if not backs_out:
                await self._send_first()
            elif pending is not None:
                self._dialogs.remove(pending)
                # With nothing typed for the dialog that may follow, Esc is for what is on the
                # screen: it may cancel the work that follows an answer.
                if number or not pending.has_asked:
                    self._waiting.popleft()
                    self._say(pending.give_up())
            return not backs_out or pending is not None or self._takes(event)
        return False

    def _pending(self) -> PendingDialog | None:
        """The reason for which keys wait now; what was typed for a dialog that does not come is
        dropped."""
        came = False
        while self._dialogs:
            dialog = self._dialogs[-1]
            state = dialog.state()
            if state is DialogState.PENDING:
                return dialog
            if state is DialogState.OPEN:
                return None
            self._dialogs.pop()
            came = came or state is DialogState.DONE
            if state is DialogState.NEVER and self._waiting and not came:
                self._waiting.clear()
                self._say(f"{dialog.what} opened no dialog: what you typed was dropped.")
        return None

    def _say_what_for(self) -> None:
        pending = self._pending()
        if pending is None or not self._waiting:
            self._waits_since, self._is_said = None, False
        elif self._waits_since is None:
            self._waits_since = self._now()
        elif not self._is_said and self._now() - self._waits_since >= SAY_AFTER:
            self._is_said = True
            self._say(f"What you type waits for {pending.what}; Esc cancels it.")
