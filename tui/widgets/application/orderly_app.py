"""An application that ends in order: on signals, and when something of its own is broken."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual import events, on
from textual.actions import ActionParseResult
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerFailed

from tui.services.errors import ServiceError
from tui.widgets.application.key_queue import LOOK_EVERY, ROUNDS, KeyPassed, KeyQueue, Typed
from tui.widgets.application.orderly_screen import OrderlyScreen, release_drawn_lines
from tui.widgets.application.tidy_workers import TidyWorkers
from tui.widgets.dialogs.pending_dialogs import Follows, PendingDialog
from tui.widgets.text.safe_text import visible

BROKEN = 70
"""The exit status after a defect of our own (EX_SOFTWARE of sysexits.h)."""


GRACE = 5.0
"""Seconds that an ending in order may take after a signal."""

WIND_UP = 3.5
"""Seconds of them for what is still under way; the rest is for the terminal and the processes."""

MARKS: Mapping[SeverityLevel, str] = {"information": "", "warning": "! ", "error": "✗ "}
"""What a message begins with."""

MESSAGE_LINES = 3
"""Lines that the messages have room for, as the style sheet says. The lines of a longer one are
joined."""


def _end_anyway(status: int) -> None:
    time.sleep(GRACE)
    os._exit(status)


class OrderlyApp(App[int]):
    """Leaves the terminal as it was, whatever happens, and never prints what variables held."""

    def __init__(self, fault_log: Path) -> None:
        super().__init__()
        self._workers = TidyWorkers(self)
        self.fault_log = fault_log
        """Where defects are written down."""
        self.fault_log_ends = False
        """Whether the log goes with the application, as a sandbox does."""
        self._ending: asyncio.Task[None] | None = None
        self._key_queue = KeyQueue(
            self._send_typed, self._takes, self._tell, always=self.works_always
        )
        self._closes = False
        """Whether the screens are being taken away."""
        self._typed = 0
        self._has_key: Widget | None = None
        """Where the key went that is on its way."""
        self._will_look = False
        """Whether a timer runs that looks whether what was typed may be sent."""
        self._closing_down: asyncio.Task[None] | None = None
        """Closes every screen, once; awaited by each that shuts the application down."""
        self._pending: dict[Worker[Any], PendingDialog] = {}

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]], *, group: str) -> Worker[None]:
        """Run work as the exclusive worker of a group. It is called when the worker begins: what
        is replaced before that was never made."""
        return self.run_worker(work, group=group, exclusive=True)

    def get_driver_class(self) -> type[Driver]:
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual  # Windows, or a driver that was asked for
        from tui.widgets.application.terminal_driver import TerminalDriver

        return TerminalDriver

    def end_well_on_signals(self) -> None:
        """Leave the terminal as it was, and nothing running, also when told to end from outside."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, 128 + number)
        loop.add_signal_handler(signal.SIGHUP, self._terminal_gone)

    @on(Driver.SignalResume)
    def draw_again(self) -> None:
        """Draw all of it: a shell had the screen meanwhile (`kill -TSTP`, then `fg`)."""
        self.refresh(layout=True)

    @contextmanager
    def lend_terminal(self) -> Iterator[None]:
        """Let another program have the terminal until the block ends; what runs here goes on.

        Ctrl+C and Ctrl+\\ reach every process of the terminal, and are meant for that program.
        Raises SuspendNotSupported where there is no terminal.
        """
        loop = asyncio.get_running_loop()
        with self.suspend():
            for number in (signal.SIGINT, signal.SIGQUIT):
                # Not ignored: the other program would ignore them, too.
                loop.add_signal_handler(number, lambda: None)
            try:
                yield
            finally:
                for number in (signal.SIGINT, signal.SIGQUIT):
                    loop.remove_signal_handler(number)
                self.end_well_on_signals()

    def _terminal_gone(self) -> None:
        # It may be told by the system and by what reads the terminal: nobody asks twice.
        if self._ending is None:
            self._end(128 + signal.SIGHUP)

    def _end(self, status: int) -> None:
        # Whatever still waits for something then, the process ends.
        threading.Thread(target=_end_anyway, args=(status,), daemon=True).start()
        if self._ending is not None:
            self.exit(status)  # asked twice: nothing is waited for
            return
        self._ending = asyncio.get_running_loop().create_task(self._end_in_order(status))

    async def _end_in_order(self, status: int) -> None:
        try:
            # Nothing is drawn meanwhile: a terminal that hangs would hold it up.
            with self.batch_update():
                await asyncio.wait_for(self.wind_up(), WIND_UP)
        except TimeoutError:
            pass  # what is left then is left
        finally:
            self.exit(status)

    async def wind_up(self) -> None:
        """Bring to an end what would leave something behind, within `WIND_UP` seconds; awaited
        after a signal, before the end."""

    async def _shutdown(self) -> None:
        self._closes = True
        if self._closing_down is None:
            closing = super()._shutdown()
            self._closing_down = asyncio.get_running_loop().create_task(closing)
        # Whoever awaits it may be cancelled; the widgets that are being closed may not.
        await asyncio.shield(self._closing_down)
        release_drawn_lines()

    async def on_event(self, event: events.Event) -> None:
        # What was typed after the key that quits may find no screen any more.
        if self._is_leaving and isinstance(event, events.InputEvent):
            return
        if isinstance(event, events.Key) and event.key.startswith("alt+"):
            # A terminal sends the letter with it, and every field would write that.
            event.character = None
        if isinstance(event, Typed) and not event.is_forwarded:
            await self._key_queue.take(event)
            self._look_again()
        else:
            await super().on_event(event)

    # -- keys that wait ----------------------------------------------------------------------

    def works_always(self, key: str) -> bool:
        """Whether a key must work while others wait for a dialog."""
        return False

    def keys_wait_for(self, what: str, worker: Worker[Any]) -> None:
        """Let what is typed from now on wait for the dialog that a worker is about to open."""
        self._key_queue.wait_for(self._pending_dialog(what, worker))

    @property
    def is_sending_keys(self) -> bool:
        """Whether keys that were typed wait for their turn, and not for a dialog."""
        return self._key_queue.is_sending

    def drop_typed(self) -> None:
        """What was typed and waits was meant for something that does not come."""
        self._key_queue.drop()

    def opens(self, worker: Worker[Any], dialog: Screen[Any], follows: Follows = False) -> None:
        """A worker opens a dialog now; `follows` says whether another one comes after it."""
        pending = self._pending.get(worker)
        if pending is None and follows:
            pending = self._pending_dialog("The dialog", worker)
        if pending is not None:
            pending.asks(dialog, follows)
            self._key_queue.wait_for(pending)

    def _pending_dialog(self, what: str, worker: Worker[Any]) -> PendingDialog:
        # Each holds its dialog, with all that this has drawn.
        for ended in [each for each in self._pending if each.is_finished]:
            del self._pending[ended]
        pending = self._pending[worker] = PendingDialog(what, self, worker)
        return pending

    def _takes(self, event: Typed) -> bool:
        if self._is_leaving:
            return True  # and is nobody's
        screen = self.screen
        if not screen.is_mounted:
            return False
        backs_out = isinstance(event, events.Key) and event.key == "escape"
        return backs_out or not isinstance(screen, OrderlyScreen) or screen.takes_keys

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a message for some seconds; its mark tells how grave it is without a colour."""
        said = MARKS[severity] + (f"{title}: {message}" if title else message)
        if said.count("\n") >= MESSAGE_LINES:
            said = " · ".join(line.strip() for line in said.splitlines() if line.strip())
        super().notify(said, severity=severity, timeout=timeout, markup=markup)

    def show_error(self, error: ServiceError) -> None:
        """An error with no pane to show it in."""
        self.notify(visible(str(error), multiline=True), severity="error")

    def _tell(self, text: str) -> None:
        self.notify(text, severity="warning", markup=False, timeout=6)

    def _look_again(self) -> None:
        if self._key_queue.is_waiting and not self._will_look:
            self._will_look = True
            self.set_timer(LOOK_EVERY, self._look)

    async def _look(self) -> None:
        self._will_look = False
        if self._is_leaving:
            return
        if self._has_key is None or not self._has_key.is_attached:
            # It is gone, and so is the message that followed the key.
            await self._key_queue.passed(self._typed)
        await self._key_queue.go_on()
        self._look_again()

    @property
    def _is_leaving(self) -> bool:
        return self._exit or self._closes or not self._screen_stack

    async def _send_typed(self, event: Typed) -> int | None:
        if self._is_leaving:
            return None
        target = self._has_key = self.focused or self.screen
        await super().on_event(event)
        self._typed += 1
        # Handled at once, as a binding with priority is, it goes nowhere.
        rounds = ROUNDS.get(event.key, 1) if isinstance(event, events.Key) else 1
        followed = event.is_forwarded and target.post_message(KeyPassed(self._typed, rounds))
        return self._typed if followed else None

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        # A key may come before the widgets are there that its action asks for.
        node, *_ = self._parse_action(action, default_namespace or self, namespaces)
        if self._is_leaving or (isinstance(node, Widget) and not node.is_mounted):
            return False
        return await super().run_action(action, default_namespace, namespaces)

    def _check_action_state(self, action: str, default_namespace: DOMNode) -> bool | None:
        node, *_ = self._parse_action(action, default_namespace)
        if isinstance(node, Widget) and not node.is_mounted:
            return False
        return super()._check_action_state(action, default_namespace)

    async def on_key_passed(self, message: KeyPassed) -> None:
        if self._is_leaving:
            return
        if message.rounds > 1:
            self._has_key = self.focused or self.screen
            if self._has_key.post_message(KeyPassed(message.number, message.rounds - 1)):
                return
        await self._key_queue.passed(message.number)

    def _fatal_error(self) -> None:
        # The inherited one prints the local variables of every frame, passwords among them.
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.bell()
        shown = self.console.render(Traceback(width=None), self.console.options)
        self._exit_renderables.append(Segments(shown))
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """The one catch-all. Textual's own would end the application whatever failed.

        Work that failed in the background is reported, and the application goes on. A widget
        whose handler failed is dead: the application ends in order and says where to look.
        """
        original = error.error if isinstance(error, WorkerFailed) else error
        overtaken = isinstance(error, WorkerFailed) and not self.is_running
        if self._exit or self._closes or overtaken:
            # What the end overtook finds its widgets gone, or never composed; nobody waits for it.
            return
        if self.is_headless:
            super()._handle_exception(error)
            return
        from tui.services.fault_log import append_fault, fault_text

        path = self.fault_log
        kept = f" Where it happened is in {path}." if append_fault(path, original) else ""
        text = f"Unexpected {type(original).__name__}.{kept}"
        if self.fault_log_ends and not isinstance(error, WorkerFailed):
            text = f"Unexpected {type(original).__name__}.\n{fault_text(original)}"
        if isinstance(error, WorkerFailed):
            self.notify(text, title="This is a defect", severity="error", markup=False, timeout=20)
        else:
            from rich.text import Text

            # Not a str, in which the brackets of a line of code would be markup.
            self.exit(return_code=BROKEN, message=Text(f"tristore: {text}"))
