"""The SQL pane by key presses, and what the screen says of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.driver import NARROW, running, sandbox_services
from tests.panes.sql.conftest import OpenPane, SqlDriver, sleeping
from tests.postgres import RunElsewhere
from tui.sandbox import SandboxInfo


async def test_create_insert_and_select_by_keyboard(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    async with open_pane() as driver:
        await driver.type(f"CREATE TABLE {table} (id int, name text);")
        await driver.press("f5")
        await driver.sees("CREATE TABLE ·")
        await driver.press("enter")
        await driver.type(f"INSERT INTO {table} VALUES (1, 'Ada'), (2, NULL), (3, '');")
        await driver.press("ctrl+j")
        await driver.sees("INSERT 0 3")
        await driver.press("enter")
        await driver.type(f"SELECT * FROM {table} ORDER BY id;")
        await driver.press("f5")
        await driver.sees("SELECT 3 · 3 rows", "Ada", "NULL", "''")
    assert server(f"select count(*) from {table}") == [(3,)]


async def test_keys_are_text_in_the_editor_and_verbs_in_the_rows(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select 7 as seven")
        await driver.press("i", "y", "q", "z")
        assert driver.pane.editor.text == "select 7 as seveniyqz"
        await driver.press("escape", "enter")
        await driver.sees("seven  integer", "1 character ")


async def test_the_whole_result_is_exported_by_keys(open_pane: OpenPane, tmp_path: Path) -> None:
    async with open_pane() as driver:
        driver.pane.services.transfers.folders.last_download = tmp_path
        await driver.run("select generate_series(1, 1200) as n")
        await driver.press("escape", "d")
        await driver.sees("the whole result: the statement runs again", "result.csv")
        await driver.press("ctrl+s")
        await driver.sees("1,200 rows, ")
    assert (tmp_path / "result.csv").read_text().count("\n") == 1201


async def test_tab_leaves_the_editor_for_the_next_pane(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    services = sandbox_services(sandbox, tmp_path / "state")
    async with running(services) as driver:
        await driver.press("f3")
        await driver.type("select")
        await driver.press("ctrl+t")
        await driver.sees("select    ")
        await driver.press("tab")
        assert driver.app.workspace.active == "dynamodb"
        await driver.press("shift+tab")
        assert driver.app.workspace.active == "sql"


async def test_null_the_text_null_and_an_empty_string_look_different(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select null as a, 'NULL' as b, '' as c, repeat(chr(39), 2) as d")
        drawn = driver.pane.results.grid.render_line(1).text.split()
        assert drawn == ["NULL", "'NULL'", "''", "''''''"]
        # What was stored is what is copied.
        await driver.press("escape", "right", "y", "v")
        await driver.sees("Copied")
        assert driver.app.clipboard == "NULL"


async def test_the_next_page_comes_when_the_cursor_nears_the_end(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select n from generate_series(1, 1200) n")
        await driver.sees("500+ rows")
        grid = driver.pane.results.grid
        grid.move_cursor(480)
        await driver.sees("1,000+ rows")
        grid.move_cursor(980)
        await driver.sees("SELECT 1200 · 1,200 rows")
        grid.move_cursor(1199)
        await driver.sees(" 1200 ")


HOSTILE = [
    "[/]",
    "[red]x[/red]",
    "\x1b[31mred",
    "a\nb",
    "//",
    "🙂 e\u0301",
    "'; drop table x; --",
    "\\",
]


async def test_hostile_names_and_values_are_shown_and_opened_safely(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        for value in HOSTILE:
            quoted, name = value.replace("'", "''"), value.replace('"', '""')
            await driver.run(f"""select '{quoted}' as "{name}", '[/b]' as "[/b]" """)
            assert driver.rows == [(value, "[/b]")]
            await driver.press("escape", "enter")
            await driver.sees(" character")
            await driver.press("escape")
            driver.app.copy_to_clipboard("")
            await driver.press("y", "v")
            await driver.until(lambda value=value: driver.app.clipboard == value, "the copy")  # type: ignore[misc]  # binds now
            assert "\x1b[31m" not in driver.text


async def test_a_hostile_error_is_shown_safely(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run('select * from "[/] [red]x"')
        await driver.sees('"[/] [red]x" does not exist')


async def test_the_tables_are_listed_and_enter_reads_one(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f'create table "{table} [/]" (id int); insert into "{table} [/]" values (42)')
    async with open_pane() as driver:
        await driver.press("escape")
        listed = driver.relations
        names = [each.name for each in listed.found] if listed else []
        for _ in range(names.index(f"{table} [/]")):
            await driver.press("down")
        await driver.press("enter")
        await driver.until(lambda: driver.rows == [("42",)], "the row")
        assert driver.pane.editor.text == f'SELECT * FROM "{table} [/]";\n'


async def another_list(driver: SqlDriver) -> None:
    """List the tables again."""
    before = driver.relations
    await driver.press("i")
    await driver.until(
        lambda: driver.relations is not None and driver.relations is not before, "the tables"
    )


UNFINISHED = [
    "WITH gone AS (DELETE FROM {t} RETURNING *)",
    "INSERT INTO copy_{t}",
    "select 1; INSERT INTO copy_{t} -- from",
    "select 'x",
]


async def test_reading_a_table_never_becomes_part_of_an_unfinished_statement(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (id int); insert into {table} values (42)")
    server(f"create table copy_{table} (id int)")
    async with open_pane() as driver:
        for unfinished in UNFINISHED:
            written = unfinished.format(t=table)
            await driver.write(written)
            await driver.press("escape")
            await another_list(driver)
            listed = driver.relations
            names = [each.name for each in listed.found] if listed else []
            for _ in range(names.index(table)):
                await driver.press("down")
            await driver.press("enter")
            await driver.until(lambda: driver.rows == [("42",)], "the row")
            assert driver.pane.editor.text == f"SELECT * FROM {table};\n\n{written}"
            # Run again from the editor, it is still that statement and no other.
            driver.pane.editor.focus()
            await driver.press("f5")
            await driver.idle()
            assert driver.rows == [("42",)]
    assert server(f"select count(*) from {table}") == [(1,)]
    assert server(f"select count(*) from copy_{table}") == [(0,)]


async def test_refreshing_never_repeats_what_wrote(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (id int)")
    async with open_pane() as driver:
        await driver.run(f"explain analyze insert into {table} values (1)")
        await driver.press("escape", "r")
        await driver.sees("Only what reads is run again; F5 runs the editor.")
        await driver.idle()
        assert server(f"select count(*) from {table}") == [(1,)]


async def test_refreshing_repeats_what_reads(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select clock_timestamp()")
        before = driver.rows
        await driver.press("escape", "r")
        await driver.until(lambda: driver.rows != before, "another time")


async def test_in_a_small_terminal_the_pane_has_it_all(open_pane: OpenPane) -> None:
    async with open_pane(size=NARROW) as driver:
        await driver.run("select n from generate_series(1, 600) n")
        await driver.sees("500+ rows", "each statement commits", "select n from")


async def test_esc_cancels_on_the_server(open_pane: OpenPane, server: RunElsewhere) -> None:
    async with open_pane() as driver:
        await driver.write("select pg_sleep(60)")
        await driver.press("f5")
        await driver.sees("running", "Esc Cancel")
        await asyncio.wait_for(sleeping(driver, server), 20)
        assert "running" in driver.pane.busy()
        await driver.press("escape")
        await driver.sees("Cancelled: the server stopped the statement.", "cancelled")
        await driver.run("select 'still here' as ok")
        await driver.sees("still here")


async def test_capital_g_goes_to_the_last_row_of_all(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select n from generate_series(1, 3100) as n")
        await driver.sees("500+ rows")
        await driver.press("escape", "G")
        await driver.sees("SELECT 3100 · 3,100 rows", "3100")
        grid = driver.pane.results.grid
        assert grid.cursor_row == 3099
        await driver.press("g")
        assert grid.cursor_row == 0


async def test_esc_stops_going_to_the_end_and_the_rest_can_be_had(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select n from generate_series(1, 1000000) as n")
        await driver.press("escape", "G")
        await driver.until(lambda: len(driver.rows) > 1500, "some pages")
        assert driver.runner.loading_all.active
        await driver.press("escape")
        await driver.until(lambda: not driver.runner.running, "the stop")
        await driver.sees("+ rows")
        grid = driver.pane.results.grid
        stopped_at = len(grid.rows)
        assert grid.more
        assert grid.cursor_row == 0
        grid.move_cursor(stopped_at - 1)
        await driver.until(lambda: len(grid.rows) == stopped_at + 500, "one page more")
        await driver.idle()
        assert len(grid.rows) == stopped_at + 500


async def test_the_results_of_a_run_are_gone_through_by_keys_and_keep_their_cursor(
    open_pane: OpenPane,
) -> None:
    async with open_pane() as driver:
        await driver.write("select 'first'; select n, -n from generate_series(1, 9) n; select 3")
        await driver.press("f6")
        await driver.sees("result 3 of 3: [ ] change it", "▸✓ 3/3 select 3")
        await driver.press("escape", "left_square_bracket", "down", "down", "right")
        await driver.sees("result 2 of 3", "▸✓ 2/3")
        await driver.press("left_square_bracket")
        await driver.sees("result 1 of 3", "first")
        await driver.press("right_square_bracket")
        await driver.until(lambda: len(driver.rows) == 9, "the second result")
        grid = driver.pane.results.grid
        assert (grid.cursor_row, grid.cursor_column) == (2, 1)
        await driver.run("select 1")
        await driver.press("escape", "right_square_bracket")
        await driver.sees("There is one result")


async def test_the_height_of_the_editor_is_changed_by_keys_in_it_and_in_the_rows(
    open_pane: OpenPane,
) -> None:
    async with open_pane() as driver:
        editor = driver.pane.editor

        async def height_after(key: str) -> int:
            before = editor.size.height
            await driver.press(key)
            await driver.until(lambda: editor.size.height != before, "another height")
            return editor.size.height

        small, large, larger = editor.size.height, *[await height_after("alt+down") for _ in "12"]
        assert small < large < larger
        await driver.press("ctrl+down", "escape")
        assert editor.size.height == larger
        assert await height_after("alt+up") == large
