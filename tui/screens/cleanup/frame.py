"""What the three cleanup screens share: header, a line that says where, an error's place."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.services.aws import Connection
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.widgets.command_host import CommandHost
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.header_line import HeaderLine
from tui.widgets.key_line import KeyLine
from tui.widgets.leaving import LeavesOnce
from tui.widgets.safe_text import content


class CleanupFrame(LeavesOnce, Screen[str], CommandHost):
    """Header, where, body, footer.

    Answers what a run did and what remains, in sentences; None if nothing was begun.
    """

    DEFAULT_CSS = """
    CleanupFrame {
        & .where { height: auto; max-height: 3; padding: 0 1; background: $panel; }
        & .line { height: auto; max-height: 4; padding: 0 1; color: $text-muted; }
    }
    """

    HEADING = ""
    """The first words of the line that says where."""

    def __init__(self) -> None:
        super().__init__()
        # Made here and not looked up: a screen may be told something before it is composed.
        self.banner = ErrorBanner()
        self._where = Static(content(self.HEADING), classes="where")

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield self._where
        yield self.banner
        yield from self.compose_body()
        yield KeyLine()

    def compose_body(self) -> ComposeResult:
        """The widgets between the heading and the footer."""
        yield from ()

    services: Services

    @property
    def is_read_only(self) -> bool:
        return self.services.account.read_only

    def show_connection(self, connection: Connection | None) -> None:
        """Say which account, region and endpoint this is about."""
        place = content(connection.sentence) if connection else Content("…")
        line = Content.styled(f"{self.HEADING}  ", "bold $text-primary") + place
        self._where.update(line)

    def show_error(self, error: ServiceError) -> None:
        self.banner.show(error)

    def busy(self) -> list[str]:
        """What quitting now would leave unfinished, a sentence each."""
        return []
