"""Textual's driver, for a terminal that may go away while the application runs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, MouseScrollDown, MouseScrollUp
from textual.message import Message

from tui.services.giving_way import key_came, key_drawn
from tui.widgets.application.terminal_input import TerminalInput
from tui.widgets.application.terminal_output import LastingFile, TerminalOutput

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
        self._input: TerminalInput | None = None
        self._output: TerminalOutput | None = None
        if sys.__stderr__ is not None:
            file = LastingFile(sys.__stderr__)
            self._file = cast("TextIOWrapper", file)
            self._output = TerminalOutput(file)

    # -- while another program has the terminal ---------------------------------------------------

    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        # The thread that writes is gone. The application goes on and may draw: on the screen of
        # the other program, or into a queue that nobody empties.
        self._is_lent = True

    def resume_application_mode(self) -> None:
        self._is_lent = False
        if self._output is not None:
            self._output.open()
        super().resume_application_mode()

    # -- what is typed and what is drawn ----------------------------------------------------------

    def run_input_thread(self) -> None:
        if not os.isatty(self.fileno):
            super().run_input_thread()  # a file, which an event loop cannot wait for
            return
        self._input = TerminalInput(self.fileno, self._loop, debug=self._debug)
        self._loop.call_soon_threadsafe(self._input.begin, self.process_message)
        self.exit_event.wait()

    def disable_input(self) -> None:
        super().disable_input()
        # Behind it: then the thread has made it.
        if self._input is not None:
            self._input.end()

    def process_message(self, message: Message) -> None:
        if isinstance(message, Key | MouseScrollDown | MouseScrollUp):
            key_came()
        super().process_message(message)

    def write(self, data: str) -> None:
        if self._is_lent:
            return
        key_drawn()
        rest = data if self._output is None else self._output.write(data)
        if rest is not None:
            super().write(rest)

    def close(self) -> None:
        super().close()
        if self._output is not None:
            self._output.close()

    def _sigcont_application(self, *_: object) -> None:
        # A closed terminal sends SIGCONT after SIGHUP: there is nothing to go on with.
        if os.isatty(self.fileno):
            super()._sigcont_application()
