"""The commands that work on the rows of a result."""

from __future__ import annotations

from typing import Any

from tui.panes.row_detail import Subject
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.row_detail import subject_of
from tui.panes.sql.rows.arranged import Arrangement
from tui.panes.sql.rows.record import RecordView
from tui.panes.sql.running.commands import RUNNING
from tui.panes.sql.view import SqlView
from tui.services.sql.export import can_run_again
from tui.services.sql.text.wrapping import wrapped
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.commands.shared_commands import filter_rows

NO_ROWS = "There are no rows of a result here; Enter on a table reads it."


def result_of(view: SqlView) -> LoadedResult | None:
    """The result with columns whose rows have the focus."""
    shown = view.results.shown
    if view.in_results and isinstance(shown, LoadedResult) and shown.result.columns:
        return shown
    return None


def has_rows(view: SqlView) -> bool:
    """Whether the cursor is among the rows of a result."""
    return result_of(view) is not None


@command(verbs.SORT, when=has_rows, instead=NO_ROWS)
async def sort(view: SqlView) -> None:
    """Sort the loaded rows by the column under the cursor: upwards, downwards, as they came. By
    value, NULL last. What is not loaded is not looked at; `O` lets the server do it."""
    view.rows.sort(view.results.grid.cursor_column)


def can_mark(view: SqlView) -> bool:
    """Whether there is a row under the cursor, and nothing is staged."""
    shown = result_of(view)
    return shown is not None and not shown.has_staged and view.results.current_row is not None


def not_marked(view: SqlView) -> str:
    """What is in the way of marking a row."""
    shown = result_of(view)
    if shown is not None and shown.has_staged:
        return "While changes are staged (±), rows cannot be marked: Ctrl+S applies, U undoes them."
    return NO_ROWS


@command(verbs.MARK, when=can_mark, instead=not_marked)
def mark(view: SqlView) -> None:
    """Mark the row under the cursor, or take its mark away: y copies the marked rows, x stages the
    deletion of them."""
    shown, grid = result_of(view), view.results.grid
    if shown is not None and grid.current is not None:
        shown.toggle_mark(grid.current)
        view.draw()
        grid.move_cursor(grid.cursor_row + 1)


def can_ask_server(view: SqlView) -> bool:
    """Whether the rows are arranged, and their statement can be run again."""
    shown = result_of(view)
    return (
        shown is not None
        and not shown.wanted.is_plain
        and not shown.result.statement.values
        and can_run_again(shown.result)
        and not view.runner.running
    )


def not_by_server(view: SqlView) -> str:
    """Why the server is not asked."""
    shown = result_of(view)
    if view.runner.running:
        return RUNNING
    if shown is None:
        return NO_ROWS
    if shown.wanted.is_plain:
        return "First sort (o) or filter (/) the loaded rows; then O does it on the server."
    return "This statement is not run again: it may change something, or has parameters."


@command(
    verbs.ON_SERVER, asks=lambda view: view.has_staged, when=can_ask_server, instead=not_by_server
)
async def on_server(view: SqlView) -> None:
    """Sort or filter all rows, not only the loaded ones: puts a statement around this one into the
    editor and runs it. The order of text is the server's."""
    shown = result_of(view)
    if shown is None:
        return
    wanted = shown.wanted
    text = wrapped(
        shown.result.statement,
        shown.result.columns or (),
        text=wanted.text,
        column=wanted.column,
        descending=wanted.descending,
    )
    await view.run_in_front(text, on=view.runner)


def is_arranged(view: SqlView) -> bool:
    """Whether the rows that have the focus are not shown as they came."""
    shown = result_of(view)
    return shown is not None and not shown.wanted.is_plain


def show_all(view: SqlView) -> None:
    """Show all loaded rows as they came."""
    view.rows.arrange(Arrangement())


@command(verbs.RECORD, asks=True, when=has_rows, instead=NO_ROWS)
async def record(view: SqlView) -> None:
    """See the row under the cursor as a record, a line for each column, from the one under the
    cursor on; n and p go to the next row
    and the one before, and the cursor goes along."""
    await show_as_record(view)


async def show_as_record(view: SqlView) -> None:
    """Show the row under the cursor, until that is left."""
    grid = view.results.grid

    def step(step: int) -> bool:
        before = grid.cursor_row
        grid.move_cursor(before + step)
        return grid.cursor_row != before

    def current() -> Subject | None:
        return subject_of(view.results.shown, grid.current, grid.cursor_column)

    await view.ask(RecordView(current, step))


ROWS_COMMANDS: tuple[Command[Any], ...] = (
    mark,
    sort,
    filter_rows.here(
        "Show only the loaded rows that contain a text in one of their values; `O` looks through "
        "all rows on the server, Esc removes the filter.",
        when=has_rows,
        instead=NO_ROWS,
    ),
    on_server,
    record,
)
