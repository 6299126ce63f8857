"""Keys that come faster than they are handled take effect in the order in which they were typed.

Textual hands a printable key to the focused widget, which takes it at once; a key that is bound to
an action (Backspace, Tab, Enter, F5) first bubbles up to the application. When a slow terminal or a
slow screen lets several come together, what was typed after a Backspace would be in the text before
it works. So one key is on its way at a time: a message follows it along the same way, and the next
key is sent when that message has arrived.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from textual import events
from textual.message import Message

OVERDUE = 0.25
"""Seconds after which a key counts as handled: the widget that had it is gone, or works long."""

Typed = events.Key | events.Paste


class KeyPassed(Message):
    """Everything in the way of a key has seen it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class TypedAhead:
    """What was typed and is not sent yet, and which key is on its way."""

    def __init__(self, send: Callable[[Typed], Awaitable[int | None]]) -> None:
        """`send` sends one and gives the number of the message that follows it, or None if it
        was handled at once."""
        self._send = send
        self._waiting: deque[Typed] = deque()
        self._on_its_way: int | None = None
        self._since = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether anything waits for its turn."""
        return bool(self._waiting)

    async def take(self, event: Typed) -> None:
        """Send it now, or when those before it have been handled."""
        self._waiting.append(event)
        await self.go_on()

    async def passed(self, number: int) -> None:
        """A key has gone its way."""
        if number == self._on_its_way:
            self._on_its_way = None
        await self.go_on()

    async def go_on(self) -> None:
        """Send what may be sent."""
        if self._on_its_way is not None and monotonic() - self._since >= OVERDUE:
            self._on_its_way = None
        while self._waiting and self._on_its_way is None:
            self._since = monotonic()
            self._on_its_way = await self._send(self._waiting.popleft())
