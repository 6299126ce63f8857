"""The commands that go from one open connection to another."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.connecting.open_connections_dialog import OpenConnectionsDialog
from tui.panes.sql.view import SqlView
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command

ONE_CONNECTION = "There is one connection; Ctrl+O opens another beside it."
NO_CONNECTION = "There is no connection: Ctrl+O connects."


def has_several(view: SqlView) -> bool:
    """Whether there is another connection to go to."""
    return len(view.connections.open) > 1


def _one_at_most(view: SqlView) -> str:
    return ONE_CONNECTION if view.connections.open else NO_CONNECTION


@command(
    verbs.CONNECTIONS,
    asks=True,
    footer=True,
    priority=True,
    when=lambda view: bool(view.connections.open),
    instead=NO_CONNECTION,
)
async def list_connections(view: SqlView) -> None:
    """List the open connections with what each does: Enter shows one, x closes one. Each keeps its
    session, its transaction and its rows, and what runs on it goes on."""
    chosen = await view.ask(OpenConnectionsDialog(view.connections))
    if chosen is not None:
        view.connections.show(chosen)


@command(verbs.NEXT_CONNECTION, priority=True, when=has_several, instead=_one_at_most)
def next_connection(view: SqlView) -> None:
    """Show the next open connection. Statements run on the one that is shown."""
    view.connections.step(1)


@command(verbs.PREVIOUS_CONNECTION, priority=True, when=has_several, instead=_one_at_most)
def previous_connection(view: SqlView) -> None:
    """Show the open connection before this one."""
    view.connections.step(-1)


CONNECTION_COMMANDS: tuple[Command[Any], ...] = (
    list_connections,
    next_connection,
    previous_connection,
)
"""In the order of the help."""
