"""The keys of the history, on a real server."""

from __future__ import annotations

from tests.panes.sql.conftest import OpenPane
from tests.postgres import RunElsewhere
from tui.panes.sql.history.dialog import HistoryDialog
from tui.services.sql import Result, split


async def test_a_statement_is_found_and_put_into_the_editor(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select 'needle', '[/b]'")
        await driver.run("select 2")
        await driver.run("selec 3")
        await driver.write("-- mine")
        await driver.press("alt+h")
        await driver.sees("3 statements", "error 42601", "Syntax error at or near")
        await driver.type("NEEDLE")
        await driver.sees("1 statement ", "select 'needle', '[/b]'")
        await driver.press("enter")
        await driver.until(lambda: "needle" in driver.pane.editor.text, "the statement")
        editor = driver.pane.editor
        assert editor.text == "-- mine\n;\n\nselect 'needle', '[/b]';"
        editor.undo()
        assert editor.text == "-- mine"
        editor.redo()
        # The cursor stands in it: the next F5 runs that and nothing else.
        await driver.press("f5")
        await driver.idle()
        assert driver.rows == [("needle", "[/b]")]


async def test_a_favourite_is_kept_and_a_statement_run_again_is_asked_about(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} as select generate_series(1, 3) as n")
    async with open_pane() as driver:
        await driver.run(f"delete from {table} where n = 1")
        await driver.run(f"delete from {table}")
        await driver.press("r")
        await driver.idle()
        assert server(f"select count(*) from {table}") == [(0,)]
        server(f"insert into {table} values (7)")
        await driver.press("alt+h")
        await driver.sees("2 statements")
        await driver.press("tab", "f")
        await driver.sees("Keep as a favourite")
        await driver.type("Empty it\n")
        await driver.sees("★", "Empty it · delete from")
        await driver.press("F")
        await driver.sees("1 statement · favourites only")
        await driver.press("f5")
        await driver.sees("Run this on", "every row")
        assert server(f"select count(*) from {table}") == [(1,)]
        await driver.press("r")
        await driver.until(lambda: server(f"select count(*) from {table}") == [(0,)], "the rows")
        await driver.idle()
        # What ran elsewhere runs here only when asked.
        (statement,) = split(f"drop table {table}")
        history = driver.pane.services.sql_history
        elsewhere = history.begin(statement, "bob@there:5432/shop")
        history.end(elsewhere, Result(statement, None, (), True, "DROP TABLE", 0.0, ()))
        await driver.press("alt+h")
        await driver.sees("3 statements")
        await driver.press("f5")
        await driver.sees("Run it on another server?", "It ran on bob@there:5432/shop")
        await driver.press("escape")
        await driver.misses("Run it on another server?")
        await driver.press("alt+h")
        await driver.sees("3 statements")
        await driver.press("tab", "c")
        await driver.sees("2 statements · only on")
        await driver.press("down", "x")
        await driver.sees("Delete it from the history?")
        await driver.press("ctrl+s")
        await driver.sees("1 statement ")
        dialog = driver.app.screen
        assert isinstance(dialog, HistoryDialog)
        assert [each.name for each in dialog.browser.entries] == ["Empty it"]
        assert dialog.browser.entries[0].runs == 2
