"""The catalog by key presses, over the pane."""

from __future__ import annotations

from tests.driver import NARROW
from tests.panes.sql.conftest import OpenPane
from tests.postgres import RunElsewhere
from tui.panes.sql.running.commands import RUNNING
from tui.widgets.grid.grid import Grid


async def test_a_table_is_found_described_and_read(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (id int primary key, name text default 'x')")
    server(f"insert into {table} values (1, 'Ada')")
    async with open_pane(size=NARROW) as driver:
        await driver.press("alt+d")
        await driver.sees("Catalog of", "▸ public")
        await driver.press("slash")
        await driver.type(table[:8])
        await driver.sees(f"public.{table}")
        await driver.press("enter", "right")
        await driver.sees("▾ columns (2)", "constraints (")
        await driver.press("i")
        await driver.sees(f"CREATE TABLE public.{table} (", "PRIMARY KEY (id)")
        await driver.press("escape", "f5")
        await driver.sees("SELECT 1 · 1 row", "Ada")
        assert driver.pane.results.grid.has_focus
        await driver.press("alt+d")
        await driver.sees("Catalog of")
        await driver.press("escape")  # shows the whole tree again
        await driver.sees("▸ public")
        await driver.press("escape")
        await driver.until(lambda: driver.pane.results.grid.has_focus, "the rows")
    assert driver.pane.editor.text.startswith(f"SELECT * FROM {table} LIMIT 100;")


async def test_in_a_zoomed_pane_it_stands_beside_the_editor_and_follows_it(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f'create schema {table}; create table {table}."Odd na\x1bme" (n int)')
    async with open_pane() as driver:
        driver.pane.take_screen(True)
        await driver.write("select * from ;")
        await driver.press("left")
        await driver.press("alt+d", "slash")
        await driver.type(f"{table}.")
        await driver.sees(f"{table}.Odd na␛me")
        await driver.press("enter", "I")
        name = f'{table}.U&"Odd na\\001Bme"'
        assert driver.pane.editor.text == f"select * from {name};"
        assert driver.pane.editor.has_focus
        # What is created from the editor is there at once.
        await driver.press("alt+d", "escape")
        await driver.sees("▸ public")
        await driver.run(f"create schema new_{table}")
        await driver.sees(f"▸ new_{table}")
        # A click on its header sorts no rows.
        driver.pane.post_message(Grid.HeaderClicked(driver.pane.catalog.grid, 0))
        await driver.run("select n from generate_series(1, 3) n order by n desc")
        assert [row[0] for row in driver.rows] == ["3", "2", "1"]
        # While something runs, nothing is put into the editor.
        await driver.write("select pg_sleep(60)")
        await driver.press("f5")
        await driver.sees("running")
        await driver.press("alt+d", "slash")
        await driver.type(f"{table}.")
        await driver.sees(f"{table}.Odd na␛me")
        await driver.press("enter", "f5")
        await driver.sees(RUNNING)
        assert driver.pane.editor.text == "select pg_sleep(60)"
        await driver.runner.cancel()
        await driver.until(lambda: not driver.runner.running, "the end of what runs")
        # No room any more: the editor has the focus, and the screen to itself.
        await driver.press("alt+d")
        driver.pane.take_screen(False)
        await driver.until(lambda: driver.pane.editor.has_focus, "the editor")
        assert not driver.pane.catalog.display
    server(f"drop schema {table} cascade; drop schema new_{table}")
