"""Backslash commands by key presses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane, SqlDriver
from tests.postgres import RunElsewhere
from tui.panes.sql.loaded_result import LoadedResult
from tui.services.sql import Row
from tui.services.sql.files import script_file


async def test_commands_are_run_like_statements(
    open_pane: OpenPane, server: RunElsewhere, table: str, tmp_path: Path
) -> None:
    server(f"create table {table} (id int primary key)")
    script = tmp_path / "script.sql"
    script.write_text(f"insert into {table} values (1);\nselect count(*) as rows_now from {table}")
    async with open_pane() as driver:
        await driver.run(f"\\d {table}")
        await driver.sees(f"public.{table}", "PRIMARY KEY, btree (id)", "not null")
        await driver.run("\\d nosuch_table")
        await driver.sees('Did not find any relation named "nosuch_table".')
        await driver.run(f"\\i {script}", key="f6")
        await driver.sees("rows_now", "2/2")
        await driver.run("\\conninfo")
        await driver.sees("You are connected to database")
        await driver.run("\\gexec")
        await driver.sees("\\gexec is not done here.")
    assert server(f"select count(*) from {table}") == [(1,)]


async def test_data_in_a_script_is_sent_and_its_errors_have_a_line(
    open_pane: OpenPane, server: RunElsewhere, table: str, tmp_path: Path
) -> None:
    server(f"create table {table} (n int, t text)")
    dump = f"COPY {table} (n, t) FROM stdin;\n1\ta;b\n2\tit's\n\\.\n\nselect 'after' as done;\n"
    script = tmp_path / "dump.sql"
    script.write_bytes(f"\\restrict k\n{dump}\\unrestrict k\n".encode())
    bad = tmp_path / "bad.sql"
    bad.write_text(dump.replace("2\t", "two\t"))
    async with open_pane() as driver:
        await driver.run(f"\\i {script}")
        await driver.sees("after")
        await driver.run(dump, key="f6")
        await driver.sees("2/2")
        await driver.run(f"\\i {bad}")
        await driver.sees("bad.sql, line 3, column 1: Invalid input syntax", "kept no row")
        await driver.run(bad.read_text(), key="f6")
        await driver.sees("Line 3, column 1: Invalid input syntax")
    rows = [(1, "a;b"), (2, "it's")]
    assert server(f"select * from {table} order by n") == [rows[0]] * 2 + [rows[1]] * 2


async def test_a_long_file_is_looked_through_and_run_piece_by_piece(
    open_pane: OpenPane,
    server: RunElsewhere,
    table: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script_file, "MAX_BYTES", 50)
    server(f"create table {table} (n int)")
    script = tmp_path / "long.sql"
    lines = f"\\restrict k\ncopy {table} from stdin;\n1\n2\n\\.\n\\unrestrict k\n\\echo told\n"
    script.write_text(f"{lines}select count(*) as rows_now from {table};\n")
    async with open_pane() as driver:
        await driver.run(f"\\i {script}")
        await driver.sees("rows_now", "2 statements", "told")
        assert driver.rows == [("2",)]
        script.write_text(f"{lines}insert into {table} values (3);\n\\nosuch\n")
        await driver.run(f"\\i {script}")
        await driver.sees("long.sql, line 9: \\nosuch is not done here.")
        script.write_text(f"{lines}\n\nselect 1 +\nnosuch \\g\n")
        await driver.run(f"\\i {script}")
        await driver.sees("long.sql, line 11: Column")
        script.write_text(f"insert into {table} values (7) \\g\nselect 'again' as a;\n\\g\n")
        await driver.run(f"\\i {script}")
        await driver.sees("again")
        assert server(f"select count(*) from {table} where n = 7") == [(1,)]
        script.write_text(f"{lines}delete from {table};\nselect 1/0;\n")
        await driver.write(f"\\i {script}")
        await driver.press("f5")
        await driver.sees("DELETE without WHERE")
        await driver.press("r")
        await driver.sees("long.sql, line 9: Division by zero", "2 statements")
        await driver.sees("ON_ERROR_STOP off")
    assert server(f"select count(*) from {table}") == [(0,)]


async def test_a_file_goes_on_behind_errors_and_is_in_the_history(
    open_pane: OpenPane, server: RunElsewhere, table: str, tmp_path: Path
) -> None:
    server(f"create table {table} (n int)")
    script = tmp_path / "some.sql"
    script.write_text(
        f"insert into {table} values (1);\nnosuch;\ninsert into {table} values (2);\n"
    )
    async with open_pane() as driver:
        await driver.run(f"\\i {script}")
        await driver.sees(
            "some.sql, line 2, column 1: Syntax error", "the place named", "ON_ERROR_STOP off"
        )
        await driver.run("\\set ON_ERROR_STOP off")
        await driver.sees("go on behind an error")
        await driver.run(f"\\i {script}")
        await driver.sees("some.sql: 1 of 3 statements failed.", "line 2: Syntax error")
        await driver.press("alt+h")
        await driver.sees(f"\\i {script}", "2 statements, 1 failed")
        await driver.press("escape")
        # What a backslash command sends, and files that it reads, may fail, too.
        (tmp_path / "inner.sql").write_text(f"nosuch;\ninsert into {table} values (3);\n")
        script.write_text(
            f"select 1/0 as q \\gset\n\\ir inner.sql\ninsert into {table} values (4);\n"
            f"select 5 as five \\gset\n"
        )
        await driver.run(f"\\i {script}")
        await driver.sees(
            "some.sql: 2 of 4 statements failed.",
            "line 1: Division by zero",
            "inner.sql: 1 of 2 statements failed.",
        )
    assert server(f"select n from {table} order by n") == [(1,), (1,), (2,), (3,), (4,)]


async def test_a_long_file_asks_where_it_runs_and_before_it_drops_what_is_staged(
    open_pane: OpenPane,
    server: RunElsewhere,
    table: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script_file, "MAX_BYTES", 10)
    server(f"create table {table} (id int primary key); insert into {table} values (1)")
    script = tmp_path / "long.sql"
    script.write_text(f"select 'before' as b;\n\\c postgres\ndrop table {table};\n")
    async with open_pane() as driver:
        await driver.run(f"table {table}")
        await driver.press("escape", "x")
        await driver.sees("1 change staged")
        await driver.write(f"\\i {script}")
        await driver.press("f5")
        await driver.sees("Drop the staged changes?")
        await driver.press("escape")
        assert driver.runner.staged
        await driver.press("f5")
        await driver.sees("Drop the staged changes?")
        await driver.press("ctrl+s")
        await driver.sees("DROP TABLE: what it names is gone", "/postgres?")
        await driver.press("escape")
        await driver.idle()
        assert driver.runner.error is None


async def test_g_with_a_file_writes_the_rows_and_asks_before_it_replaces(
    open_pane: OpenPane, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    async with open_pane() as driver:
        await driver.run(f"select 1 as n \\g {path}")
        await driver.sees("1 row, 4 B, written to")
        await driver.write(f"select 2 as n \\g {path}")
        await driver.press("f5")
        await driver.sees("Replace rows.csv?")
        await driver.press("escape")
        assert path.read_text() == "n\n1\n"
        await driver.run(f"copy (select 3) to stdout \\g {tmp_path}/copied")
        await driver.sees("written to", "copied")
    assert (tmp_path / "copied").read_text() == "3\n"


async def test_gset_sets_parameters_and_crosstabview_turns_the_rows(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select 7 as n, 'it''s' as t \\gset p_")
        await driver.sees("Set :p_n, :p_t")
        await driver.run("select :p_n::int * 6 as product, :'p_t' as told")
        await driver.until(lambda: driver.rows == [("42", "it's")], "the values")
        await driver.run("select 1 where false \\gset")
        await driver.sees("No rows returned for \\gset.")
        await driver.run("values ('a', 'x', 1), ('a', 'y', 2), ('b', 'y', 3) \\crosstabview")
        await driver.sees("CROSSTABVIEW", "3 rows as a cross table")
        assert driver.rows == [("a", "1", "2"), ("b", "", "3")]
        await driver.run("select $1 || $2 as told\n\\bind a 'b c'\n;")
        await driver.until(lambda: driver.rows == [("ab c",)], "the values of \\bind")
        await driver.run("select 1 as one \\gdesc")
        await driver.until(lambda: driver.rows == [("one", "integer")], "the type")
        await driver.write("select 5 as five \\gx")
        await driver.press("f5")
        await driver.sees("Row 1", "five  5")
        await driver.press("escape")
        await driver.run("\\unset p_n")
        await driver.write("select :p_n")
        await driver.press("f5")
        await driver.sees("Parameters")


def first_shown(driver: SqlDriver) -> Row | None:
    """The first row as it is shown."""
    shown = driver.runner.shown
    return shown.visible[0] if isinstance(shown, LoadedResult) and shown.visible else None


async def test_watch_runs_again_in_place_until_esc(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (n int); insert into {table} values (1), (2)")
    async with open_pane() as driver:
        await driver.run(f"select n from {table} order by n \\watch 0.01 c=3")
        await driver.sees("3 runs; the last was at")
        await driver.write(f"select n, txid_current_if_assigned() from {table} order by n")
        await driver.press("end")
        await driver.type(" \\watch 0.05")
        await driver.press("f5")
        await driver.sees(", every 0.05 s · ", "Esc cancels")
        driver.pane.results.grid.focus()
        await driver.press("down")
        server(f"insert into {table} values (3)")
        await driver.until(lambda: len(driver.rows) == 3, "the new row")
        assert driver.pane.results.grid.cursor_row == 1
        await driver.press("escape")
        await driver.sees("Stopped after")
        await driver.write("select n, -n as less from generate_series(1, 3) n \\watch 0.05")
        await driver.press("f5")
        await driver.sees(", every 0.05 s · ", "less")
        driver.pane.results.grid.focus()
        await driver.press("|", "o", "o")
        await driver.until(lambda: first_shown(driver) == ("3", "-3"), "the order")
        shown = driver.runner.shown
        await driver.until(lambda: driver.runner.shown is not shown, "the next run")
        assert first_shown(driver) == ("3", "-3")
        assert driver.pane.results.grid.frozen == 1
        await driver.press("escape")
        await driver.sees("Stopped after")
        await driver.run("select 'still' as s \\watch m=2")
        await driver.sees("1 run; the last was at")
        await driver.run("select generate_series(1, 600) \\watch 0.01 m=600 c=2")
        await driver.sees("2 runs; the last was at")
        await driver.run("select 1/0 \\watch")
        await driver.sees("Division by zero")
        assert not driver.runner.running


async def test_a_script_does_not_join_a_transaction_of_a_connection_that_was_open_before(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    async with open_pane() as driver:
        await driver.run("begin")
        await driver.sees("IN TRANSACTION")
        session = driver.runner.session
        assert session is not None
        own = session.info.database
        await driver.run("\\c postgres", key="f6")
        await driver.sees('You are connected to database "postgres"')
        await driver.run(f"\\c {own}\ncreate table {table} (n int);", key="f6")
        await driver.sees("was open already", "a transaction is open there")
        await driver.run("rollback; select 'over' as v", key="f6")
        await driver.sees("over", "each statement commits")
    assert server(f"select to_regclass('{table}')") == [(None,)]
