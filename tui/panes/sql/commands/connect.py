"""Going to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.sql import connecting
from tui.panes.sql.commands.run import RUNNING
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import GoToCommand

if TYPE_CHECKING:
    from tui.panes.sql.pane import SqlPane


class Connect(OldCommand["SqlPane"]):
    """Choose a database: one of this run, PG* of the environment, an RDS instance, a URL."""

    verb = verbs.CONNECT
    asks = True
    footer = True
    priority = True

    def available(self, host: SqlPane) -> bool:
        return not host.running

    def instead(self, host: SqlPane) -> str:
        return RUNNING

    async def run(self, host: SqlPane) -> None:
        await connecting.choose(host)


class GoTo(GoToCommand["SqlPane"]):
    """Type the URL of a database: postgresql://user@host:5432/database. A password is asked for."""
