"""From a value to the row of another table that it leads to."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.rows.commands import NO_ROWS, has_rows, result_of
from tui.panes.sql.running.commands import RUNNING
from tui.panes.sql.view import SqlView
from tui.services.sql.foreign_keys import ForeignKey
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.dialogs.dialogs import Choice, Choose

NO_KEY = "No foreign key leads from this column to another table."
NULL = "A NULL in the key leads to no row."


def can_follow(view: SqlView) -> bool:
    """Whether there is a row of a result, and nothing runs."""
    return has_rows(view) and view.results.grid.current is not None and not view.runner.running


@command(
    verbs.FOLLOW,
    asks=True,
    when=can_follow,
    instead=lambda view: RUNNING if view.runner.running else NO_ROWS,
)
async def follow(view: SqlView) -> None:
    """Read the row that the value under the cursor leads to by a foreign key: puts its statement
    into the editor and runs it. Of several keys one is chosen."""
    runner, shown, row = view.runner, result_of(view), view.results.current_row
    session = runner.session
    if shown is None or session is None or row is None:
        return
    keys = await session.foreign_keys(shown.result, view.results.grid.cursor_column)
    if not keys:
        view.hint(NO_KEY)
        return
    chosen: ForeignKey | None = keys[0]
    if len(keys) > 1:
        choices = [Choice(each, each.table, each.name) for each in keys]
        chosen = await view.ask(Choose("Follow which foreign key", choices))
    if chosen is None:
        return
    text = chosen.query(row)
    if not text:
        view.hint(NULL)
        return
    await view.run_in_front(text, on=runner)


FOLLOWING_COMMANDS: tuple[Command[Any], ...] = (follow,)
