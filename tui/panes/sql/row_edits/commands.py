"""The commands that stage changes of rows, and apply them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.row_edits import told
from tui.panes.sql.row_edits.new_row import NewRowDialog
from tui.panes.sql.row_edits.staged import StagedChanges
from tui.panes.sql.row_edits.staged_dialog import StagedDialog
from tui.panes.sql.row_edits.value_editor import Entered, ValueEdit, ValueEditor
from tui.panes.sql.rows.commands import NO_ROWS, result_of
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.commands import RUNNING
from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, TransactionState
from tui.services.sql.row_edits.applying import EditsApplied
from tui.services.sql.row_edits.changes import InsertRow
from tui.services.sql.row_edits.taken_along import TakenAlong, taken_along
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.dialogs.dialogs import Message

NOTHING_STAGED = "Nothing is staged: e edits a cell, N adds a row, x deletes one."


def can_stage(view: SqlView) -> bool:
    """Whether the cursor is among the rows of a result, and nothing runs."""
    return result_of(view) is not None and not view.runner.running


def on_row(view: SqlView) -> bool:
    """Whether there is a row under the cursor."""
    return can_stage(view) and view.results.current_row is not None


def not_here(view: SqlView) -> str:
    """What is in the way of changing a row."""
    return RUNNING if view.runner.running else NO_ROWS


def staged_here(view: SqlView) -> StagedChanges | None:
    """What is staged of the result that is shown."""
    shown = view.runner.shown
    staged = shown.staged if isinstance(shown, LoadedResult) else None
    return staged if staged is not None and staged.count else None


async def _staging(runner: QueryRunner, shown: LoadedResult) -> StagedChanges:
    """Where changes of a result are staged. ServiceError if its rows cannot be changed."""
    session = runner.session
    if session is None or session.read_only:
        raise ServiceError(
            "Read-only mode: rows cannot be changed.",
            hint="Start without --read-only, or take a profile or connection not marked so.",
            kind=ErrorKind.READ_ONLY,
        )
    if shown.staged is None:
        table = await session.editable_table(shown.result)
        shown.staged = StagedChanges.of(table, shown.result)
    return shown.staged


def _show(runner: QueryRunner, shown: LoadedResult) -> None:
    shown.version += 1
    runner.staging_changed()


@command(verbs.EDIT, footer=True, asks=True, changes=True, when=on_row, instead=not_here)
async def edit_cell(view: SqlView) -> None:
    """Edit the value under the cursor, if it is a column of a table whose key is shown. The change
    is staged: nothing is sent before Ctrl+S."""
    runner, shown, row = view.runner, result_of(view), view.results.current_row
    place, at = view.results.grid.cursor_column, view.results.current_number
    if shown is None or row is None:
        return
    staged = await _staging(runner, shown)
    staged.refuse_lost_row(row)
    column = staged.column_at(place)
    of_row = staged.of_row(row)
    if of_row is not None and of_row.deleted:
        raise ServiceError(
            "This row is marked for deletion.", hint="x takes that back.", kind=ErrorKind.INVALID
        )
    now = Entered(staged.value_at(row, place))
    edit = await asyncio.to_thread(ValueEdit.of, column, now, new=False)
    if edit.is_too_long:
        raise ServiceError(
            edit.too_long,
            hint="UPDATE can be written in the editor.",
            kind=ErrorKind.INVALID,
        )
    entered = await view.ask(ValueEditor(column.name, edit))
    if entered is not None:
        staged.set_value(row, at, column.number, entered.value)
        _show(runner, shown)


@command(
    verbs.NEW_FOLDER, label="New row", asks=True, changes=True, when=can_stage, instead=not_here
)
async def new_row(view: SqlView) -> None:
    """Stage a new row of the table whose rows are shown. A column without a value gets its
    default."""
    runner, shown = view.runner, result_of(view)
    if shown is None:
        return
    staged = await _staging(runner, shown)
    values = await view.ask(NewRowDialog(staged.table))
    if values is not None:
        staged.add(values)
        _show(runner, shown)


@command(verbs.DELETE, footer=True, changes=True, when=on_row, instead=not_here)
async def delete_row(view: SqlView) -> None:
    """Stage the deletion of the marked rows or else of the row under the cursor, or take it
    back."""
    runner, shown = view.runner, result_of(view)
    current, at = view.results.current_row, view.results.current_number
    if shown is None or current is None:
        return
    marked = [(shown.rows[number], number) for number in shown.marks]
    staged = await _staging(runner, shown)
    for row, _ in marked or [(current, at)]:
        staged.refuse_lost_row(row)
    if not marked:
        staged.toggle_delete(current, at)
    for row, number in marked:
        # A join may show the same row of the table in several places.
        if staged.of_row(row) is None:
            staged.toggle_delete(row, number)
    shown.marked.clear()
    _show(runner, shown)


@command(
    verbs.UNDO_DELETE,
    label="Take back",
    footer=True,
    when=lambda view: view.in_results and staged_here(view) is not None,
    instead=NOTHING_STAGED,
)
def take_back(view: SqlView) -> None:
    """Take back what is staged of the row under the cursor, or else what was staged last."""
    runner, staged = view.runner, staged_here(view)
    shown = runner.shown
    if isinstance(shown, LoadedResult) and staged is not None:
        staged.take_back_row(view.results.current_row)
        _show(runner, shown)


async def _taken_along(session: Session, staged: StagedChanges) -> Sequence[TakenAlong]:
    """What the server changes by itself with what is staged."""
    table, changes = staged.table, staged.changes
    if all(isinstance(each, InsertRow) for each in changes):
        return ()
    return await session.look_up(lambda connection: taken_along(connection, table, changes))


@command(
    verbs.GO_ON,
    label="Apply…",
    footer=True,
    asks=True,
    changes=True,
    when=lambda view: staged_here(view) is not None and not view.runner.running,
    instead=lambda view: RUNNING if view.runner.running else NOTHING_STAGED,
)
async def apply_staged(view: SqlView) -> None:
    """Show the staged changes as the SQL that will run; Ctrl+S again applies them, all or none. A
    row that somebody else changed meanwhile is shown, and nothing is changed then."""
    runner, staged = view.runner, staged_here(view)
    shown, session = runner.shown, runner.session
    if session is None or staged is None or not isinstance(shown, LoadedResult):
        return

    def keep_mine() -> None:
        kept = staged.keep_mine()
        if kept is not None:
            shown.replace_row(*kept)

    async def apply() -> EditsApplied:
        return await runner.apply_staged(shown)

    dialog = StagedDialog(
        staged,
        apply,
        partial(_taken_along, session, staged),
        where=session.info.label,
        begins=session.state is not TransactionState.OPEN,
        ends=not session.manual_commit,
        keep_mine=keep_mine,
        cancel=runner.cancel,
    )
    applied = await view.ask(dialog)
    if applied is not None:
        said = told.applied_text(staged, applied)
        otherwise = told.stored_otherwise(staged, applied)
        changed = staged.applied(applied)
        rows = shown.rows.snapshot()  # with the keys that they had before
        for each in changed:
            shown.replace_row(each.at, each.row)
        if changed:
            for at, row in await asyncio.to_thread(staged.shown_again, rows, changed):
                shown.replace_row(at, row)
        if staged.shows_others:
            said += " What is not of the table is as it was: r runs the statement again."
        view.say(said)
        if otherwise:
            await view.ask(Message("Stored", f"{said}\n\n{otherwise}"))
    _show(runner, shown)


ROW_EDIT_COMMANDS: tuple[Command[Any], ...] = (
    edit_cell,
    new_row,
    delete_row,
    take_back,
    apply_staged,
)
"""In the order of the help."""
