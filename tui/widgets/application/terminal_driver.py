"""Textual's driver, for a terminal that may go away while the application runs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, MouseScrollDown, MouseScrollUp
from textual.message import Message

from tui.services.giving_way import key_came, key_drawn

if TYPE_CHECKING:
    from io import TextIOWrapper

    from textual.app import App


@dataclass(frozen=True)
class AltFigure:
    """A key that Textual has no name for; it reads `value` of those that it has."""

    value: str


def read_alt_and_figures() -> None:
    """Let Escape and a figure, which is what terminals send for Alt and a figure, be that key.
    Textual takes it for the character that a Mac writes with these keys."""
    table = cast("dict[str, object]", ANSI_SEQUENCES_KEYS)
    table.update({f"\x1b{figure}": (AltFigure(f"alt+{figure}"),) for figure in "1234567890"})


class LastingFile:
    """A file whose writes never fail. What a terminal that is gone does not take is dropped."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._gone = False

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> int:
        try:
            return 0 if self._gone else self._file.write(text)
        except OSError:
            self._gone = True
            return 0

    def flush(self) -> None:
        key_drawn()
        try:
            if not self._gone:
                self._file.flush()
        except OSError:
            self._gone = True


class TerminalDriver(LinuxDriver):
    """Ends at once when the terminal is closed.

    In the inherited driver the thread that writes dies of the first error; its queue, of 30 writes,
    fills up, and the event loop then waits for ever to put one more into it.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        read_alt_and_figures()
        self._is_lent = False
        """Whether another program has the terminal."""
        if sys.__stderr__ is not None:
            self._file = cast("TextIOWrapper", LastingFile(sys.__stderr__))

    # -- while another program has the terminal ---------------------------------------------------

    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        # The thread that writes is gone. The application goes on and may draw: on the screen of
        # the other program, or into a queue that nobody empties.
        self._is_lent = True

    def resume_application_mode(self) -> None:
        self._is_lent = False
        super().resume_application_mode()

    def process_message(self, message: Message) -> None:
        # In the thread that reads.
        if isinstance(message, Key | MouseScrollDown | MouseScrollUp):
            key_came()
        super().process_message(message)

    def write(self, data: str) -> None:
        if not self._is_lent:
            super().write(data)

    def _sigcont_application(self, *_: object) -> None:
        # A closed terminal sends SIGCONT after SIGHUP: there is nothing to go on with.
        if os.isatty(self.fileno):
            super()._sigcont_application()
