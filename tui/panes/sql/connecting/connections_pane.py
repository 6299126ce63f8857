"""The connections of the pane: which is shown, what is said of the others, whose an error is."""

from __future__ import annotations

from tui.panes.sql.connecting.open_connections import OpenConnections
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.panes.sql.row_edits.asking import may_drop_staged
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.wording import brief_place
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.sql import DatabaseTarget, Secrets
from tui.widgets.commands import verbs
from tui.widgets.text.safe_text import content

TOLD_FOR = 8
"""Seconds for which is shown what happened on another connection."""


class ConnectionsPane(RdsPane):
    """A pane with several connections, one of which is shown. Subclasses draw that."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.connections = OpenConnections(services, self.draw, self._tell)
        self._drawn: QueryRunner = self.runner

    @property
    def runner(self) -> QueryRunner:
        """The connection that is shown: what F5 runs on."""
        return self.connections.shown

    @property
    def subject(self) -> str:
        # What runs on one connection must not keep the same key from another.
        return str(id(self.runner))

    def shows(self, verb_id: str) -> bool:
        # With one connection the footer has better keys to name.
        return super().shows(verb_id) and (
            verb_id != verbs.CONNECTIONS.id or len(self.connections.open) > 1
        )

    def group(self, name: str, runner: QueryRunner) -> str:
        """A group of workers of one connection: those of another are not cancelled by it."""
        return f"{name}@{id(runner)}"

    def draw(self) -> None:
        """Show what the connection that is shown has come to."""
        raise NotImplementedError

    def change_over(self) -> bool:
        """Whether another connection is shown than was drawn. What went wrong on it is shown again,
        and nothing of the other."""
        if self.runner is self._drawn:
            return False
        self._drawn = self.runner
        error = self.runner.error
        if error is None:
            super().clear_error()
        else:
            super().show_error(error)
        return True

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw_location)

    def draw_location(self) -> None:
        """Say which connection is shown; the database in front, where there is no room for all."""
        session = self.runner.session
        brief = "" if session is None else brief_place(session.info)
        place, state = self.connections.location
        self.path_box.show(place, state, brief=brief, brief_state=self.connections.brief_state)

    async def open_connection(self, target: DatabaseTarget, secrets: Secrets) -> QueryRunner:
        """Open a connection, show it, and begin to list its tables. Raises what
        `OpenConnections.connect` raises."""
        runner = await self.connections.connect(target, secrets)
        if runner in self.connections.open:
            # Not here: who connects may still ask for a password, and what is typed while the
            # tables are listed would wait for that question.
            self.start(self.list_relations_of(runner), group=self.group("sql-tables", runner))
        return runner

    async def list_relations_of(self, runner: QueryRunner) -> None:
        """List the tables of a connection in the place of its rows."""
        with self.connections.work(runner, tells_end=False):
            await runner.list_relations()

    async def list_relations(self) -> None:
        """Show the tables of the database in place of the rows, unless changes are staged."""
        runner = self.runner
        if await may_drop_staged(runner, self.ask):
            await self.list_relations_of(runner)

    def show_error(self, error: ServiceError) -> None:
        self.runner.error = error
        super().show_error(error)

    def clear_error(self) -> None:
        self.runner.error = None
        super().clear_error()

    def _tell(self, text: str, is_error: bool) -> None:
        self.notify(
            content(text).plain,
            markup=False,
            severity="error" if is_error else "information",
            timeout=TOLD_FOR,
        )
