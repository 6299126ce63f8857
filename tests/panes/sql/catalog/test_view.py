"""The catalog by key presses, over the pane."""

from __future__ import annotations

from tests.driver import NARROW
from tests.panes.sql.conftest import OpenPane
from tests.postgres import RunElsewhere


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
    assert driver.pane.editor.text.startswith(f"SELECT * FROM {table} LIMIT 100;")
