"""What every pane is: a location line, a body, a place for errors, commands.

State lives in the pane that shows it. A pane asks its service from an exclusive worker and drops
an answer that is no longer about the place where it stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from tui.panes.detail_beside import ROOM, DetailBeside
from tui.panes.row_detail import RowDetail, Subject
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.widgets.commands.shared_commands import LocationHost
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.grid.grid import Grid
from tui.widgets.path_box import PathBox


class Pane(Vertical, LocationHost):
    """Base of the three panes. Subclasses give `compose_body` and `COMMANDS_HERE`."""

    PLACEHOLDER: ClassVar[str] = ""
    """An example of a location, shown while one is typed."""

    beside: DetailBeside
    """The rows of the pane, with room for the detail of one."""

    BINDINGS = [
        Binding("escape", "dismiss_error", "Dismiss", show=False, id="pane.dismiss_error"),
    ]

    class BusyChanged(Message):
        """Something long began or ended: the header and the quit question look again."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        # Made here and not looked up: a pane may be told something before it is composed.
        self.path_box = PathBox(self.PLACEHOLDER)
        self.banner = ErrorBanner()
        self.last_error: ServiceError | None = None
        """What the banner shows."""
        self.detail = RowDetail(
            self.row_subject, self._read_detail, self._draw_detail, self._call_detail
        )
        self._has_screen = False

    def compose(self) -> ComposeResult:
        yield self.path_box
        yield self.banner
        yield from self.compose_body()

    def compose_body(self) -> ComposeResult:
        """The widgets between the location line and the footer."""
        yield from ()

    @property
    def is_read_only(self) -> bool:
        return self.services.account.read_only

    # -- to be given by a pane ------------------------------------------------------------

    def open(self, location: str) -> None:
        """Go to a location in the pane's own notation. Raises ServiceError if it is none."""
        raise NotImplementedError

    def place_typed(self) -> None:
        """A location that was typed into the line was opened."""

    def account_changed(self) -> None:
        """Another profile, region or set of credentials: begin at the top again."""
        raise NotImplementedError

    def credentials_renewed(self) -> None:
        """The credentials were read anew, and lead to the same account and region: ask again for
        what is shown."""
        self.account_changed()

    def contents_removed(self) -> None:
        """Something was deleted elsewhere: show what is still there."""

    def come_back(self) -> None:
        """Another screen that lay over the pane was left."""

    def focus_target(self) -> Widget:
        """The widget that gets the focus when the pane does."""
        raise NotImplementedError

    def busy(self) -> str:
        """What would be lost by quitting now, as a sentence; empty if nothing."""
        return ""

    def row_subject(self) -> Subject | None:
        """The row under the cursor, for the detail beside the rows; None if there is none."""
        return None

    # -- detail ---------------------------------------------------------------------------

    def take_screen(self, alone: bool) -> None:
        """Whether the pane has the screen for itself: then the detail of the row under the cursor
        stands beside the rows, if there is room."""
        self._has_screen = alone
        self._fit_detail()

    def on_resize(self) -> None:
        self._fit_detail()

    def on_unmount(self) -> None:
        self.detail.stop()

    def _fit_detail(self) -> None:
        self.detail.turn(self._has_screen and self.size.width >= ROOM)

    def _read_detail(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        read: Any = work  # mypy infers no result of a callable
        self.run_worker(read, group="detail", exclusive=True)

    def _call_detail(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        # Cheaper than a timer of Textual's, of which each key would need one.
        return asyncio.get_running_loop().call_later(seconds, self.call_later, call)

    def _draw_detail(self) -> None:
        if self.is_attached:
            self.beside.show(self.detail)

    @on(Grid.CursorMoved)
    def _follow_cursor(self) -> None:
        self.detail.moved()

    # -- shared ---------------------------------------------------------------------------

    def load(self, work: Coroutine[Any, Any, None] | None, *, group: str = "load") -> None:
        """Run a coroutine that fills the pane, in the place of the one before it; None is nothing
        to load.

        The error of an earlier load is cleared first. A ServiceError is shown in the banner.
        """
        if work is not None:
            self.clear_error()
            self.start(work, group=group)

    def show_error(self, error: ServiceError) -> None:
        self.last_error = error
        self.banner.show(error)
        self.refresh_bindings()

    def clear_error(self) -> None:
        """Take the banner away."""
        self.last_error = None
        self.banner.clear()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "dismiss_error":
            return self.last_error is not None
        return super().check_action(action, parameters)

    def action_dismiss_error(self) -> None:
        self.clear_error()

    def on_path_box_submitted(self, event: PathBox.Submitted) -> None:
        event.stop()
        self.focus_target().focus()
        try:
            self.open(event.location)
        except ServiceError as error:
            self.show_error(error)
        else:
            self.place_typed()

    def on_path_box_given_up(self, event: PathBox.GivenUp) -> None:
        event.stop()
        self.focus_target().focus()
