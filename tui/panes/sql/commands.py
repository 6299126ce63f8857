"""The commands of the SQL pane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.panes.sql.catalog.commands import on_readable, read_rows
from tui.panes.sql.catalog.showing import CATALOG_COMMANDS
from tui.panes.sql.connecting import choosing
from tui.panes.sql.connecting.again import explaining
from tui.panes.sql.connecting.commands import CONNECTION_COMMANDS
from tui.panes.sql.editing.commands import EDITING_COMMANDS
from tui.panes.sql.explain.commands import explain
from tui.panes.sql.export.commands import EXPORT_COMMANDS
from tui.panes.sql.finding.commands import FINDING_COMMANDS
from tui.panes.sql.frame.commands import FRAME_COMMANDS
from tui.panes.sql.history.commands import HISTORY_COMMANDS
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.psql.running import run_chosen, will_ask_first
from tui.panes.sql.rds.commands import RDS_COMMANDS
from tui.panes.sql.row_edits.commands import ROW_EDIT_COMMANDS
from tui.panes.sql.rows import copying
from tui.panes.sql.rows.cell_viewer import CellViewer
from tui.panes.sql.rows.columns import COLUMN_COMMANDS
from tui.panes.sql.rows.commands import ROWS_COMMANDS, is_arranged, show_all
from tui.panes.sql.rows.following import FOLLOWING_COMMANDS
from tui.panes.sql.running.commands import RUNNING, RUNNING_COMMANDS, is_ready, not_ready
from tui.panes.sql.view import SqlView
from tui.services.sql import TransactionState, split
from tui.services.sql.copies import Form
from tui.services.sql.value_forms import ValueLooks
from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.commands.shared_commands import Copyable, copy_as, go_to
from tui.widgets.dialogs.dialogs import Choice, Message

NO_TRANSACTION = "No transaction is open: the statement BEGIN opens one."

INSTEAD: Mapping[str, str] = {
    verbs.MARK_ALL.id: "Space marks a row; y copies the marked rows, or else all that are shown.",
    verbs.UPLOAD.id: "N adds a row; COPY … FROM STDIN in the editor reads a file.",
    verbs.UP.id: "There is nothing above this; i lists the tables.",
    verbs.ACCESS.id: "w shows and changes who reaches an RDS instance.",
}
"""For the verbs of the other panes: what does it here."""


def is_idle(view: SqlView) -> bool:
    """Whether nothing runs."""
    return not view.runner.running


def no_transaction(view: SqlView) -> str:
    """What is in the way of ending a transaction."""
    return RUNNING if view.runner.running else NO_TRANSACTION


# -- running, stopping, and ending transactions ---------------------------------------------------


@command(
    verbs.RUN,
    footer=True,
    priority=True,
    asks=lambda view: (
        view.runner.session is None
        or (not view.catalog.grid.has_focus and will_ask_first(view, every=False))
    ),
    when=is_idle,
    instead=RUNNING,
)
async def run(view: SqlView) -> None:
    """Run the selected statements (Ctrl+N selects all), or else the one at the cursor. Each commits
    by itself unless a transaction is open. Parameters (`:name`) are asked for. What goes for every
    row of a table, or removes a thing, is asked about first; so is what would change something on
    another connection than the one that the tab is for. psql's `\\d`, `\\dt`, `\\i`, `\\c`, …
    run, too."""
    runner, session = view.runner, view.runner.session
    if session is None:
        await choosing.choose(view)
        return
    if view.catalog.grid.has_focus:
        if on_readable(view.catalog):
            read_rows.function(view.catalog)
        return
    chosen = await view.editor.chosen(backslash_escapes=session.backslash_escapes)
    await explaining(view, runner, run_chosen(view, chosen, on=runner))


@command(
    verbs.RUN_ALL,
    priority=True,
    asks=lambda view: will_ask_first(view, every=True),
    when=is_ready,
    instead=not_ready,
)
async def run_all(view: SqlView) -> None:
    """Run every statement of the editor in order, and stop at the first that fails."""
    runner, session = view.runner, view.runner.session
    if session is not None:
        escapes = session.backslash_escapes
        statements = await view.editor.all_statements(backslash_escapes=escapes)
        await explaining(view, runner, run_chosen(view, statements, on=runner))


def can_cancel(view: SqlView) -> bool:
    """Whether there is anything that Esc stops or takes back."""
    return view.connections.is_connecting or view.runner.running or is_arranged(view)


@command(verbs.CANCEL, footer=True, when=can_cancel)
async def cancel(view: SqlView) -> None:
    """Give up a connection that is on its way, or stop the running statement, on the server as
    well. The connection stays good. While all rows are loaded, the page under way is the last one;
    a second press stops that, too. When nothing runs, show all loaded rows as they came."""
    if view.connections.is_connecting:
        view.connections.give_up()
    elif view.runner.running:
        await view.runner.cancel()
    else:
        show_all(view)


@command(
    verbs.COMMIT,
    footer=True,
    priority=True,
    asks=lambda view: view.has_staged,
    when=lambda view: is_idle(view) and view.runner.state is TransactionState.OPEN,
    instead=no_transaction,
)
async def commit(view: SqlView) -> None:
    """Commit the open transaction."""
    await view.run_statements(split("COMMIT"), on=view.runner, in_editor=False)


@command(
    verbs.ROLLBACK,
    footer=True,
    priority=True,
    asks=lambda view: view.has_staged,
    when=lambda view: (
        is_idle(view) and view.runner.state in {TransactionState.OPEN, TransactionState.FAILED}
    ),
    instead=no_transaction,
)
async def roll_back(view: SqlView) -> None:
    """Undo the open transaction, or end one that failed."""
    await view.run_statements(split("ROLLBACK"), on=view.runner, in_editor=False)


# -- going to a server ----------------------------------------------------------------------------


@command(verbs.CONNECT, asks=True, footer=True, priority=True)
async def connect(view: SqlView) -> None:
    """Choose a connection: one of this run, a saved one, a service, PG*, an RDS instance or an
    Aurora endpoint; or type one. There they are saved, marked, edited and deleted, too. It is
    opened beside those that are open; what runs on them goes on."""
    await choosing.choose(view)


# -- how much of the pane is the editor's ---------------------------------------------------------


@command(verbs.MORE_EDITOR, priority=True)
async def more_editor(view: SqlView) -> None:
    """Give the editor more lines, the rows fewer."""
    view.resize_editor(1)


@command(verbs.LESS_EDITOR, priority=True)
async def less_editor(view: SqlView) -> None:
    """Give the rows more lines, the editor fewer."""
    view.resize_editor(-1)


# -- rows and tables ------------------------------------------------------------------------------


@command(
    verbs.INFO,
    asks=lambda view: view.has_staged,
    label="Tables",
    footer=True,
    when=is_ready,
    instead=not_ready,
)
async def list_tables(view: SqlView) -> None:
    """List the tables and views of the database with their columns."""
    await view.list_relations()


def has_results(view: SqlView) -> bool:
    """Whether the last run left several results to show."""
    runner = view.runner
    several = len(runner.log.choices) > 1 and runner.shown is runner.log.shown
    return view.in_results and is_idle(view) and several


_ONE_RESULT = "There is one result; F6 runs several statements and keeps the rows of each."


@command(verbs.PREVIOUS_RESULT, when=has_results, instead=_ONE_RESULT)
async def previous_result(view: SqlView) -> None:
    """Show the result before this one of the statements that ran together."""
    view.runner.show_result(-1)


@command(verbs.NEXT_RESULT, footer=True, when=has_results, instead=_ONE_RESULT)
async def next_result(view: SqlView) -> None:
    """Show the next result of the statements that ran together. Of a result that was not the last
    one, the first 10,000 rows are kept."""
    view.runner.show_result(1)


@command(
    verbs.OPEN,
    asks=lambda view: view.results.current_row is not None,
    when=lambda view: view.in_results and view.results.grid.current is not None,
)
async def open_value(view: SqlView) -> None:
    """See all of the value under the cursor; in the list of tables, read the table."""
    relation = view.results.current_relation
    if relation is not None:
        text = f"SELECT * FROM {relation.sql_name}"  # noqa: S608 - quoted, and shown
        await view.run_in_front(text, on=view.runner)
        return
    row, column = view.results.current_row, view.results.current_column
    if row is None or column is None:
        return
    grid = view.results.grid
    value = row[grid.cursor_column]
    title = f"{column.name}  {column.type_name}"
    if value is None:
        await view.ask(Message(title, "NULL: there is no value here."))
    else:
        looks = ValueLooks(column.type_name, value)
        note = f"row {view.results.current_number + 1:,}"
        await view.ask(CellViewer(title, looks, note=note))


def _copyable(view: SqlView) -> list[Choice[Copyable]]:
    relation, shown = view.results.current_relation, view.results.shown
    if relation is not None:
        return [Choice(relation.sql_name, "name", relation.sql_name, key="n")]
    if not isinstance(shown, LoadedResult):
        return []
    grid = view.results.grid

    def copy(name: str) -> Copyable:
        async def run() -> None:
            await copy_text(view.app, await copying.text_of(Form[name], shown))

        return run

    return [
        *copying.of_row(shown.result, view.results.current_row, grid.cursor_column),
        *copying.of_rows(shown, copy),
    ]


copy_rows = copy_as(
    _copyable,
    "Copy the value under the cursor, its row, the marked rows or all that are shown: as JSON, "
    "CSV, TSV, Markdown or INSERT; or the statement.",
    footer=True,
    when=lambda view: (
        view.in_results
        and (view.runner.result is not None or view.results.current_relation is not None)
    ),
)


@command(
    verbs.REFRESH,
    asks=lambda view: view.has_staged,
    when=lambda view: view.in_results and is_ready(view) and view.runner.can_refresh,
    instead=lambda view: (
        "Only what reads is run again; F5 runs the editor." if is_ready(view) else not_ready(view)
    ),
)
async def refresh(view: SqlView) -> None:
    """Run the statement of this result again if it only reads; in the list of tables, list them
    again."""
    result = view.runner.result
    if result is None:
        await view.list_relations()
    else:
        await view.run_statements((result.statement,), on=view.runner, in_editor=False)


COMMANDS: tuple[Command[Any], ...] = (
    run,
    run_all,
    cancel,
    commit,
    roll_back,
    *RUNNING_COMMANDS,
    explain,
    connect,
    *CONNECTION_COMMANDS,
    more_editor,
    less_editor,
    *EDITING_COMMANDS,
    *FINDING_COMMANDS,
    go_to.here(
        "Type the URL of a database: postgresql://user@host:5432/database. A password is asked "
        "for.",
        verb=verbs.GO_TO,
    ),
    list_tables,
    previous_result,
    next_result,
    open_value,
    copy_rows,
    *ROWS_COMMANDS,
    *ROW_EDIT_COMMANDS,
    *COLUMN_COMMANDS,
    *FOLLOWING_COMMANDS,
    *EXPORT_COMMANDS,
    *FRAME_COMMANDS,
    refresh,
    *HISTORY_COMMANDS,
    *CATALOG_COMMANDS,
    *RDS_COMMANDS,
)
"""In the order of the help."""
