"""The commands about columns: go to one by its name, keep some in view, figures about one."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows.commands import NO_ROWS, has_rows, result_of
from tui.panes.sql.rows.statistics_view import StatisticsView
from tui.panes.sql.view import SqlView
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.dialogs.dialogs import Choice, Choose

NO_ROOM = "These columns leave too little room for the others; freeze fewer."


@command(verbs.COLUMN, asks=True, when=has_rows, instead=NO_ROWS)
async def go_to_column(view: SqlView) -> None:
    """Go to a column of the result: type a part of its name."""
    shown = result_of(view)
    if shown is None:
        return
    columns = shown.result.columns or ()
    grid = view.results.grid
    choices = [
        Choice(number, column.name or "(no name)", column.type_name)
        for number, column in enumerate(columns)
    ]
    chosen = await view.ask(Choose("Go to column", choices, current=grid.cursor_column))
    if chosen is not None:
        grid.move_cursor(grid.cursor_row, chosen)
        grid.focus()


@command(verbs.FREEZE, when=has_rows, instead=NO_ROWS)
def freeze(view: SqlView) -> None:
    """Keep the columns up to the cursor in view while the others are scrolled; again, let them
    go."""
    grid = view.results.grid
    wanted = 0 if grid.frozen == grid.cursor_column + 1 else grid.cursor_column + 1
    if not grid.freeze(wanted):
        view.say(NO_ROOM)
    elif wanted:
        view.hint("Frozen; | on the same column lets them go.")


@command(verbs.STATISTICS, asks=True, when=has_rows, instead=NO_ROWS)
async def column_statistics(view: SqlView) -> None:
    """Figures about the column under the cursor: how many values, NULL and different ones, least
    and greatest, exact mean, the most frequent ones, and how they are spread. Of the loaded rows
    that are shown; `O` there asks the server about all rows."""
    shown, session = result_of(view), view.runner.session
    if isinstance(shown, LoadedResult):
        await view.ask(StatisticsView(view.runner, session, shown, view.results.grid.cursor_column))


COLUMN_COMMANDS: tuple[Command[Any], ...] = (go_to_column, freeze, column_statistics)
