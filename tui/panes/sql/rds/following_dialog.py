"""A dialog with a list, on which is seen how far everything is that was asked of RDS."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from tui.panes.sql.rds.known import InstanceWatch, KnownInstances
from tui.panes.sql.rds.progress import REDRAW
from tui.services.bundle import Services
from tui.widgets.commands import verbs
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

AnswerT = TypeVar("AnswerT")


class FollowingDialog(Dialog[AnswerT], CommandHost, Generic[AnswerT]):
    """A note, the list below it, and the watches that it shows instead of a toast."""

    BINDINGS = [verbs.binding(verbs.HELP, "app.help", "Show every key.", show=True)]

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    FollowingDialog .dialog-prompt { max-height: 12; }
    """

    def __init__(self, title: str, services: Services, known: KnownInstances) -> None:
        super().__init__(title)
        self.services = services
        self.known = known
        self.grid = Grid()
        self.followed: list[InstanceWatch] = []
        self._note = SteadyText("", classes="dialog-prompt")

    def compose_box(self) -> ComposeResult:
        yield self._note
        yield self.grid
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close", id="close")

    def on_mount(self) -> None:
        self.grid.focus()
        self.reload()
        self.set_interval(REDRAW, self.follow)

    def on_unmount(self) -> None:
        for watch in self.followed:
            watch.on_screen = False

    def reload(self) -> None:
        """Ask for what is listed anew."""
        raise NotImplementedError

    def follow(self) -> None:
        """Show how far everything is that is under way, and what has ended."""
        raise NotImplementedError

    @property
    def is_read_only(self) -> bool:
        return self.services.account.read_only

    def adopt(self, watch: InstanceWatch) -> None:
        """Show here how far it is and how it ends."""
        if watch not in self.followed:
            watch.on_screen = True
            self.followed.append(watch)

    def take_ended(self) -> list[InstanceWatch]:
        """What has ended since it was asked for, and is followed no longer."""
        ended = [watch for watch in self.followed if watch.done]
        self.followed = [watch for watch in self.followed if not watch.done]
        return ended

    def note(self, text: str) -> None:
        """Say something above the list."""
        self._note.update(content(text, multiline=True))

    @on(Grid.CursorMoved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(Button.Pressed)
    def _close(self) -> None:
        self.dismiss(None)
