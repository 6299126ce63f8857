"""What backslash commands do with the rows of the statement in front of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows.commands import show_as_record
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.view import SqlView
from tui.services.quantities import counted
from tui.services.sql.psql import PsqlCommand
from tui.services.sql.psql.crosstab import crosstab
from tui.services.sql.psql.variables import set_by_row


def rows_of(on: QueryRunner) -> LoadedResult | None:
    """The rows that the last statement of the last run gave; None if it gave none."""
    shown = on.shown
    if not isinstance(shown, LoadedResult) or not on.log.results:
        return None
    return shown if shown.result.number == on.log.results[-1].number else None


def set_variables(view: SqlView, command: PsqlCommand, on: QueryRunner) -> str:
    """`\\gset [prefix]`: take the only row for the values of parameters; what was set, in words."""
    shown = rows_of(on)
    if shown is None:
        return ""
    found = set_by_row(shown.result.columns or (), shown.rows[:2], "".join(command.arguments[:1]))
    view.variables.update({name: value for name, value in found.items() if value is not None})
    gone = [name for name, value in found.items() if value is None]
    for name in gone:
        view.variables.pop(name, None)
    given = [f":{name}" for name in found if name not in gone]
    said = f"Set {', '.join(given)}: not asked for until \\unset takes it back." if given else ""
    return said + (f" NULL: {', '.join(f':{name}' for name in gone)} is not set." if gone else "")


def unset_variable(view: SqlView, command: PsqlCommand) -> str:
    """`\\unset name`."""
    for name in command.arguments[:1]:
        if view.variables.pop(name, None) is not None:
            return f":{name} is asked for again."
    return "No parameter is set by that name."


async def show_crosstab(command: PsqlCommand, on: QueryRunner) -> str:
    """`\\crosstabview`: show the rows as a cross table in their place."""
    shown = rows_of(on)
    if shown is None or shown.result.columns is None or on.session is None:
        raise command.refused("\\crosstabview: statement did not return a result set.")
    if shown.held:
        await on.load_all()
    if not shown.complete:
        raise command.refused("\\crosstabview needs every row, and they were not all loaded.")
    columns, rows = await asyncio.to_thread(
        crosstab, shown.result.columns, shown.rows, command.arguments
    )
    result = replace(
        shown.result,
        # Not what made the rows: run again, or exported anew, it would give others.
        statement=replace(shown.result.statement, keyword="\\", written=command.statement.shown),
        columns=columns,
        rows=rows,
        complete=True,
        tag="CROSSTABVIEW",
    )
    on.show_instead(LoadedResult(result, on.session))
    return f"{counted(len(shown.rows), 'row')} as a cross table."


async def show_record(view: SqlView, on: QueryRunner) -> None:
    """`\\gx`: the first row as a record, if its rows are still shown."""
    shown = rows_of(on)
    if shown is not None and shown.result.columns and len(shown.rows) and view.runner is on:
        view.results.grid.focus()
        await show_as_record(view)
