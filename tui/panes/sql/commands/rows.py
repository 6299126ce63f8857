"""What can be done with rows and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.sql.commands.run import NOT_CONNECTED, RUNNING
from tui.panes.sql.running import run_statements
from tui.services.sql import split
from tui.services.sql.copies import as_csv, as_insert, as_json
from tui.widgets import verbs
from tui.widgets.dialogs import Choice, Message
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import CopyAsCommand
from tui.widgets.shared_commands import Copyable
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.panes.sql.pane import SqlPane


class Open(OldCommand["SqlPane"]):
    """See all of the value under the cursor; in the list of tables, read the table."""

    verb = verbs.OPEN

    def available(self, host: SqlPane) -> bool:
        return host.in_results and host.results.grid.current is not None

    def will_ask(self, host: SqlPane) -> bool:
        return host.results.current_relation is None and host.results.current_row is not None

    async def run(self, host: SqlPane) -> None:
        relation = host.results.current_relation
        if relation is not None:
            text = f"SELECT * FROM {relation.sql_name}"  # noqa: S608 - quoted, and shown
            host.editor.put_in_front(text)
            # Cut from our own text, never read back from the editor's: what is run is the SELECT.
            await run_statements(host, split(text))
            return
        row, column = host.results.current_row, host.results.current_column
        if row is None or column is None:
            return
        value = row[host.results.grid.cursor_column]
        title = f"{column.name}  {column.type_name}"
        if value is None:
            await host.ask(Message(title, "NULL: there is no value here."))
        else:
            await host.ask(
                ValueViewer(title, value, note=f"row {host.results.grid.cursor_row + 1:,}")
            )


class Info(OldCommand["SqlPane"]):
    """List the tables and views of the database with their columns."""

    verb = verbs.INFO
    label = "Tables"
    footer = True

    def available(self, host: SqlPane) -> bool:
        return host.session is not None and not host.running

    def instead(self, host: SqlPane) -> str:
        return RUNNING if host.running else NOT_CONNECTED

    async def run(self, host: SqlPane) -> None:
        await host.list_relations()


class CopyAs(CopyAsCommand["SqlPane"]):
    """Copy the value under the cursor, its row as JSON, CSV or INSERT, or the statement."""

    footer = True

    def available(self, host: SqlPane) -> bool:
        return host.in_results and (
            host.results.result is not None or host.results.current_relation is not None
        )

    def choices(self, host: SqlPane) -> list[Choice[Copyable]]:
        results = host.results
        result, row, column = results.result, results.current_row, results.current_column
        relation = results.current_relation
        choices: list[Choice[Copyable]] = []
        if relation is not None:
            choices.append(Choice(relation.sql_name, "name", relation.sql_name, key="n"))
        if result is not None and row is not None and column is not None:
            columns = result.columns or ()
            value = row[results.grid.cursor_column]
            if value is not None:
                choices.append(Choice(value, "value", value[:60], key="v"))
            choices += [
                Choice(as_json(columns, row), "row as JSON", key="j"),
                Choice(as_csv(columns, row), "row as CSV", key="c"),
                Choice(as_insert(result.statement, columns, row), "row as SQL (INSERT)", key="i"),
            ]
        if result is not None:
            text = result.statement.text
            choices.append(Choice(text, "statement as SQL", text[:60], key="s"))
        return choices


class FetchAgain(OldCommand["SqlPane"]):
    """Run the statement of this result again if it only reads; in the list of tables, list them
    again."""

    verb = verbs.REFRESH

    def available(self, host: SqlPane) -> bool:
        if not host.in_results or host.session is None or host.running:
            return False
        shown = host.results.result
        # Not the tag alone: EXPLAIN ANALYZE INSERT and WITH … DELETE … SELECT have a reader's.
        return shown is None or (
            shown.tag.startswith(("SELECT", "SHOW", "EXPLAIN")) and not shown.wrote
        )

    def instead(self, host: SqlPane) -> str:
        if host.session is None:
            return NOT_CONNECTED
        return RUNNING if host.running else "Only what reads is run again; F5 runs the editor."

    async def run(self, host: SqlPane) -> None:
        shown = host.results.result
        if shown is None:
            await host.list_relations()
        else:
            await run_statements(host, (shown.statement,), in_editor=False)
