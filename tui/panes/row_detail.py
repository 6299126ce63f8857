"""The detail of the row under the cursor, for the place beside the rows. No widget here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from rich.segment import Segment

from tui.services.errors import ServiceError

REST = 0.15
"""Seconds that the cursor rests on a row before its detail is asked for."""


DRAWING = 40
"""Columns that the narrowest detail has for a picture."""


@dataclass(frozen=True)
class DetailText:
    """What is to be said of a row."""

    text: str
    """Raw; of any length."""
    note: str = ""
    """One sentence about the text: which part of the whole it is, how it was read."""
    wrap: bool = True
    """Whether long lines go on in the next one; a table is cut at the edge instead."""
    drawing: Sequence[Sequence[Segment]] = ()
    """The lines of a small picture, at most `DRAWING` columns wide, in the place of the text."""
    begin: int = 0
    """The character whose line is to be seen first."""


@dataclass(frozen=True)
class Subject:
    """A row that a detail is about."""

    about: object
    """Equal for two subjects with the same detail."""
    title: str
    """Raw."""
    read: Callable[[], Awaitable[DetailText]] = field(compare=False, repr=False)
    """Gives the detail. May raise ServiceError."""


class Cancellable(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Do not call."""


class RowDetail:
    """Follows the cursor and reads the detail of the row on which it rests.

    Nothing is asked for while the cursor moves: until it rests, the detail of the row before
    stays, under its own title. The answer for a row that was left meanwhile is dropped.

    `current` gives the row under the cursor, `start` runs a read in the place of the one before
    it, `changed` is called whenever what is shown may have changed.
    """

    def __init__(
        self,
        current: Callable[[], Subject | None],
        start: Callable[[Callable[[], Coroutine[Any, Any, None]]], object],
        changed: Callable[[], None],
        later: Callable[[float, Callable[[], None]], Cancellable],
    ) -> None:
        self.is_on = False
        """Whether there is a place for it on the screen. While there is none, nothing is read."""
        self.subject: Subject | None = None
        """What is shown or read; None for no row."""
        self.text: DetailText | None = None
        """None while it is read, and after an error."""
        self.error: ServiceError | None = None
        """Why there is no text."""
        self._current = current
        self._start = start
        self._changed = changed
        self._later = later
        self._waiting: Cancellable | None = None

    @property
    def is_reading(self) -> bool:
        return self.subject is not None and self.text is None and self.error is None

    def turn(self, on: bool) -> None:
        """Begin or cease to follow the cursor."""
        if on == self.is_on:
            return
        self.is_on = on
        self.stop()
        self._show(None)
        if on:
            self.rested()

    def stop(self) -> None:
        """Ask for nothing more until the cursor is moved."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def moved(self) -> None:
        """The cursor was moved, or its row may be another one."""
        if self.is_on:
            self.stop()
            self._waiting = self._later(REST, self.rested)

    def rested(self) -> None:
        """The cursor has rested: read the detail of its row, unless it is here already."""
        self._waiting = None
        subject = self._current() if self.is_on else None
        if subject == self.subject and (subject is None or self.text is not None):
            return
        self._show(subject)
        if subject is not None:
            self._start(partial(self._read, subject))

    def _show(self, subject: Subject | None) -> None:
        self.subject, self.text, self.error = subject, None, None
        self._changed()

    async def _read(self, subject: Subject) -> None:
        text: DetailText | None = None
        problem: ServiceError | None = None
        try:
            text = await subject.read()
        except ServiceError as error:
            problem = error
        finally:
            if self.subject is subject:
                self.text, self.error = text, problem
                if self.is_reading:  # cancelled: the next move asks again
                    self.subject = None
                self._changed()
