"""Running, stopping, and ending transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.sql import connecting
from tui.panes.sql.running import run_statements
from tui.services.sql import TransactionState, split
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.sql.pane import SqlPane

RUNNING = "A statement is running: Esc stops it."
NOT_CONNECTED = "There is no connection: Ctrl+O connects."
NO_TRANSACTION = "No transaction is open: the statement BEGIN opens one."


class Run(OldCommand["SqlPane"]):
    """Run the selected statements (Ctrl+N selects all), or else the one at the cursor. Each
    commits by itself unless a transaction is open."""

    verb = verbs.RUN
    footer = True
    priority = True

    def available(self, host: SqlPane) -> bool:
        return host.is_mounted and not host.running

    def instead(self, host: SqlPane) -> str:
        return RUNNING

    def will_ask(self, host: SqlPane) -> bool:
        return host.session is None

    async def run(self, host: SqlPane) -> None:
        if host.session is None:
            await connecting.choose(host)
            return
        escapes = host.session.backslash_escapes
        await run_statements(host, await host.editor.chosen(backslash_escapes=escapes))


class RunAll(OldCommand["SqlPane"]):
    """Run every statement of the editor in order, and stop at the first that fails."""

    verb = verbs.RUN_ALL
    priority = True

    def available(self, host: SqlPane) -> bool:
        return host.is_mounted and host.session is not None and not host.running

    def instead(self, host: SqlPane) -> str:
        return RUNNING if host.running else NOT_CONNECTED

    async def run(self, host: SqlPane) -> None:
        assert host.session is not None
        escapes = host.session.backslash_escapes
        await run_statements(host, await host.editor.all_statements(backslash_escapes=escapes))


class Cancel(OldCommand["SqlPane"]):
    """Stop the running statement, on the server as well. The connection stays good. While all rows
    are loaded, the page under way is the last one; a second press stops that, too."""

    verb = verbs.CANCEL
    footer = True

    def available(self, host: SqlPane) -> bool:
        return host.running

    async def run(self, host: SqlPane) -> None:
        if host.loading_all.active and not host.loading_all.stopping:
            host.loading_all.stop()
        elif host.session is not None:
            await host.session.cancel()


class Commit(OldCommand["SqlPane"]):
    """Commit the open transaction."""

    verb = verbs.COMMIT
    footer = True
    priority = True

    def available(self, host: SqlPane) -> bool:
        session = host.session
        return session is not None and not host.running and session.state is TransactionState.OPEN

    def instead(self, host: SqlPane) -> str:
        return RUNNING if host.running else NO_TRANSACTION

    async def run(self, host: SqlPane) -> None:
        await run_statements(host, split("COMMIT"), in_editor=False)


class Rollback(OldCommand["SqlPane"]):
    """Undo the open transaction, or end one that failed."""

    verb = verbs.ROLLBACK
    footer = True
    priority = True

    def available(self, host: SqlPane) -> bool:
        session = host.session
        open_states = (TransactionState.OPEN, TransactionState.FAILED)
        return session is not None and not host.running and session.state in open_states

    def instead(self, host: SqlPane) -> str:
        return RUNNING if host.running else NO_TRANSACTION

    async def run(self, host: SqlPane) -> None:
        await run_statements(host, split("ROLLBACK"), in_editor=False)
