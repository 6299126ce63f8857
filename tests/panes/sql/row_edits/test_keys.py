"""Rows are edited by key, on a real server, and what the screen says of it."""

from __future__ import annotations

import pytest

from tests.panes.sql.conftest import OpenPane
from tests.postgres import RunElsewhere, elsewhere
from tui.panes.sql.row_edits.new_row import NewRowDialog
from tui.panes.sql.row_edits.value_editor import LONGEST, Entered


@pytest.fixture
def people(server: RunElsewhere, table: str) -> str:
    server(
        f"create table {table} (id int primary key, name text, n int generated always as (id * 2) "
        "stored)"
    )
    server(f"insert into {table} values (1, 'Ada'), (2, null), (3, '')")
    return table


async def test_cells_rows_and_deletions_are_staged_then_applied_together(
    open_pane: OpenPane, server: RunElsewhere, people: str
) -> None:
    async with open_pane() as driver:
        await driver.run(f"select name, id, n from {people} order by id")
        await driver.press("escape", "e")
        await driver.sees("text: 3 characters")
        await driver.press("ctrl+a", "alt+n", "ctrl+s")
        await driver.sees("1 change staged: Ctrl+S shows", "✎ NULL")
        await driver.press("right", "right", "e")
        await driver.sees("“n” cannot be changed: it is generated")
        await driver.press("escape", "down", "x")
        await driver.sees("2 changes staged", "✗ NULL", "✗ 2")
        await driver.press("N")
        await driver.sees(f"New row of public.{people}", "Without a value, and NOT NULL: id")
        dialog = driver.app.screen
        assert isinstance(dialog, NewRowDialog)
        dialog.row.enter(dialog.row.columns[0], Entered("9" * (LONGEST + 1)))
        await driver.press("enter")
        await driver.sees("This value is too long to be edited here: 2,000,001 characters.")
        dialog.row.entered.clear()
        await driver.press("enter")
        await driver.sees("an empty text")
        await driver.press("9", "ctrl+s")
        await driver.sees("Enter: give a value")
        await driver.press("ctrl+s")
        await driver.sees("3 changes staged (1 new row)")
        assert server(f"select count(*) from {people} where id = 2") == [(1,)]
        # What would lose them asks first.
        assert "quitting drops what is staged" in driver.pane.busy()
        await driver.press("r")
        await driver.sees("Drop the staged changes?")
        await driver.press("escape", "o", "O")
        await driver.sees("Drop the staged changes?")
        await driver.press("escape", "escape")
        # Nothing was put in front of what is in the editor.
        assert driver.pane.editor.text == f"select name, id, n from {people} order by id"
        await driver.press("ctrl+s")
        await driver.sees("BEGIN;", "SET name = NULL", "DELETE FROM", "VALUES ('9')")
        await driver.press("ctrl+s")
        await driver.sees("1 row changed, 1 row added, 1 row deleted and committed.", "new row:")
        await driver.press("escape")
        await driver.sees("(deleted)")
        assert driver.rows[0] == (None, "1", "2")
    assert server(f"select id, name, n from {people} order by id") == [
        (1, None, 2),
        (3, "", 6),
        (9, None, 18),
    ]


async def test_marked_rows_are_staged_together_and_the_sign_says_what_is_staged(
    open_pane: OpenPane, server: RunElsewhere, people: str
) -> None:
    server(f"create table c_{people} (id int references {people} on delete cascade)")
    server(f"insert into c_{people} values (1), (1), (3)")
    async with open_pane() as driver:
        await driver.run(f"select id, name from {people} order by id")
        await driver.press("escape", "space", "down", "space", "x")
        await driver.sees("2 changes staged", "±✗ 1", "±✗ 3")
        await driver.press("space")
        await driver.sees("While changes are staged (±), rows cannot be marked")
        await driver.press("ctrl+s")
        await driver.sees("BEGIN;", "DELETE FROM")
        await driver.sees(f"also deletes 3 rows of public.c_{people} (ON DELETE CASCADE).")
        await driver.press("escape", "U", "U")
        await driver.misses("staged:")
        await driver.misses("marked")
        # A join shows one row of the table in two places.
        await driver.run(
            f"select p.id, p.name, x from {people} p, generate_series(1, 2) x order by 1, 3"
        )
        await driver.press("escape", "space", "space", "x")
        await driver.sees("1 change staged", "✗ 1")


async def test_a_row_that_changed_meanwhile_is_shown_beside_the_change(
    open_pane: OpenPane, server: RunElsewhere, people: str
) -> None:
    async with open_pane() as driver:
        await driver.run(f"select id, name from {people} order by id")
        await driver.press("escape", "right", "e", "L", "ctrl+s")
        await driver.sees("✎ AdaL")
        server(f"update {people} set name = 'Eve' where id = 1")
        await driver.press("ctrl+s")
        await driver.sees("BEGIN;")
        await driver.press("ctrl+s")
        await driver.sees("was Ada, stored now Eve, yours AdaL", "None of the changes was made")
        assert server(f"select name from {people} where id = 1") == [("Eve",)]
        await driver.press("K")
        await driver.sees("name IS NOT DISTINCT FROM 'Eve'")
        await driver.press("ctrl+s")
        await driver.sees("1 row changed and committed.")
        await driver.press("U")
        await driver.sees("Nothing is staged")
        await driver.press("alt+h")
        await driver.sees("ROLLBACK", "COMMIT")
    assert server(f"select name from {people} where id = 1") == [("AdaL",)]


async def test_esc_stops_what_waits_on_the_server_and_all_stays_staged(
    open_pane: OpenPane, server: RunElsewhere, pane_database: str, people: str
) -> None:
    async with open_pane() as driver:
        await driver.run(f"select id, name from {people} order by id")
        with elsewhere(pane_database) as holder:
            holder(f"begin; select from {people} where id = 1 for update")
            await driver.press("escape", "x")
            await driver.sees("1 change staged")
            await driver.press("ctrl+s")
            await driver.sees("BEGIN;")
            await driver.press("ctrl+s")
            await driver.sees("Applying… Esc stops it.")
            await driver.until(
                lambda: bool(server("select 1 from pg_locks where not granted")), "the lock"
            )
            await driver.press("escape")
            await driver.sees("the server stopped the statement", "None of the changes was made")
        await driver.press("D")
        await driver.sees("Drop the staged changes?")
        await driver.press("ctrl+s")
        await driver.until(lambda: "staged" not in driver.status, "nothing staged")
    assert server(f"select count(*) from {people}") == [(3,)]


async def test_read_only_mode_stages_nothing(open_pane: OpenPane, people: str) -> None:
    async with open_pane(read_only=True) as driver:
        await driver.run(f"select * from {people}")
        await driver.press("escape", "x")
        await driver.sees("ead-only")
        assert "staged" not in driver.status
