"""The SQL pane: a connection, an editor, the rows of the last result."""

from __future__ import annotations

from functools import partial

from textual.screen import Screen

from tui.panes.sql.catalog.showing import fulfil
from tui.panes.sql.catalog.view import Wish
from tui.panes.sql.commands import COMMANDS, INSTEAD
from tui.panes.sql.completing import CompletingEditor
from tui.panes.sql.connecting import choosing
from tui.panes.sql.editor import SqlEditor
from tui.panes.sql.finding.bar import FindBar
from tui.panes.sql.rds.known import KnownInstances
from tui.panes.sql.view import TAB_KEYS, SqlView
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import is_url
from tui.services.sql.connecting.saved import SAVED
from tui.widgets.commands.command_host import AnswerT
from tui.widgets.dialogs.pending_dialogs import Follows


class SqlPane(SqlView):
    """Write statements, run them, read their rows."""

    TITLE_HERE = "SQL"
    COMMANDS_HERE = COMMANDS
    KEYS_HERE = (*CompletingEditor.BINDINGS, *SqlEditor.BINDINGS, *FindBar.BINDINGS, *TAB_KEYS)
    INSTEAD = INSTEAD

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.rds = KnownInstances(
            services,
            connect=partial(choosing.connect_instance, self),
            start=self.start,
            say=self.say,
            removing=self.contents_removed,
        )

    def open(self, location: str) -> None:
        if location.startswith(SAVED):
            name = location.removeprefix(SAVED)
            self.load(choosing.connect_saved(self, name), group="sql-connect")
            return
        if not is_url(location):
            raise ServiceError(
                "This is not a PostgreSQL location.",
                hint="Write postgresql://user@host:5432/database or saved:NAME, or press Ctrl+O.",
                kind=ErrorKind.INVALID,
            )
        self.load(choosing.open_url(self, location), group="sql-connect")

    async def ask(self, dialog: Screen[AnswerT], *, follows: Follows = False) -> AnswerT | None:
        # It is drawn over everything, dialogs too.
        self.editor.close_list()
        return await super().ask(dialog, follows=follows)

    async def fulfil(self, wish: Wish) -> None:
        if wish.hide and wish.connect:
            self.editor.focus()
        elif wish.hide and not (wish.run or wish.insert):
            self.show_catalog(False)
        await fulfil(self, wish)

    def account_changed(self) -> None:
        self.draw()
        # A connection that is open stays: what is in its transaction is the user's.
        if not self.connections.open and self.services.own_database is not None:
            own = choosing.connect_sandbox(self, self.services.own_database)
            self.load(own, group="sql-connect")
