"""Alt+X by key, on one pane."""

from __future__ import annotations

import json

from tests.panes.sql.conftest import OpenPane, sleeping
from tests.postgres import RunElsewhere
from tui.services.sql import TransactionState


async def test_a_change_is_measured_and_undone_and_its_plan_is_copied(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f'create table {table} (n int, "[/x]" text)')
    server(f"insert into {table} select i, 'x' from generate_series(1, 300) i")
    async with open_pane() as driver:
        await driver.write(f"""delete from {table} where "[/x]" = 'x' and n in (select 5)""")
        await driver.press("alt+x")
        await driver.sees("Explain this statement", "It may change something")
        await driver.press("a")
        await driver.sees("rolled back", f"Delete on public.{table}", "Own ms", "[/x]")
        assert server(f"select count(*) from {table}") == [(300,)]
        await driver.press("g", "enter")
        await driver.sees("(+")
        await driver.press("enter", "y", "j")
        await driver.sees("Copied")
        assert json.loads(driver.app.clipboard)[0]["Plan"]["Operation"] == "Delete"
        await driver.press("escape")
        await driver.write(f"explain select * from {table}")
        await driver.press("alt+x", "p")
        await driver.sees("Own cost", f"Seq Scan on public.{table}")
        await driver.press("escape")
        await driver.write("select * from no_such_table")
        await driver.press("alt+x", "p")
        await driver.sees('Line 1, column 15: Relation "no_such_table" does not exist')
        await driver.write("select 1;\n\nselect 2 fro m x")
        await driver.press("alt+x", "p")
        await driver.sees('Line 3, column 14: Syntax error at or near "m"')
        assert driver.pane.editor.error_place == (2, 13)
        await driver.write("select 1;\nselec 2")
        await driver.press("alt+x")
        await driver.sees("Line 2, column 1: SELEC has no plan")
        assert driver.pane.editor.error_place == (1, 0)


async def test_esc_stops_a_statement_that_is_being_measured(
    open_pane: OpenPane, server: RunElsewhere
) -> None:
    async with open_pane() as driver:
        await driver.write("select pg_sleep(60)")
        await driver.press("alt+x")
        await driver.sees("Explain this statement")
        await driver.press("a")
        await sleeping(driver, server)
        await driver.press("escape")
        await driver.sees("Cancelled: the server stopped")
        assert driver.runner.state is TransactionState.IDLE
