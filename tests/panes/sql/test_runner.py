"""What the SQL pane is about, without its widgets: statements, transactions, rows."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.panes.sql.runners import (
    Changes,
    connect,
    fail,
    rows_of,
    run,
    services_of,
    session_of,
    sleeping,
    state_of,
)
from tests.postgres import RunElsewhere
from tui.panes import loading_all
from tui.panes.sql.results import log_lines
from tui.panes.sql.run_log import KEPT_RESULTS
from tui.panes.sql.runner import NOTHING, QueryRunner
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    LARGE_PAGE,
    PAGE_SIZE,
    READ_AHEAD_ROWS,
    Relations,
    SqlError,
    TransactionState,
)

# -- statements -----------------------------------------------------------------------------------


async def test_after_connecting_the_tables_are_shown(
    runner: QueryRunner, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (id int)")
    await runner.list_relations()
    assert isinstance(runner.shown, Relations)
    assert table in [each.name for each in runner.shown.found]
    assert runner.status.endswith("Enter reads one")


async def test_nothing_to_run_is_said_and_changes_nothing(runner: QueryRunner) -> None:
    await run(runner, "select 1")
    await run(runner, " -- only a comment")
    assert runner.status == NOTHING
    assert rows_of(runner) == [("1",)]


async def test_several_statements_show_the_last_that_has_rows(changes: Changes, table: str) -> None:
    runner = changes.runner
    await run(
        runner, f"create table {table} (n int); select 'kept'; insert into {table} values (1)"
    )
    assert next(each for each in changes.seen if each.startswith("running")) == "running 1/3"
    assert rows_of(runner) == [("kept",)]
    assert runner.status.startswith("SELECT 1 · 1 row · ")
    assert not runner.running


async def test_notices_and_a_run_of_several_are_listed(runner: QueryRunner) -> None:
    await run(runner, "do $$begin raise notice 'hello [/]'; end$$; select 1; values (2), (3)")
    said = log_lines(runner.log).plain
    for text in ("NOTICE:  hello [/]", "✓ 1/3", "✓ 3/3", "2 rows"):
        assert text in said


async def test_what_came_before_a_failure_is_shown_and_the_failure_is_named(
    runner: QueryRunner, server: RunElsewhere, table: str
) -> None:
    error = await fail(
        runner,
        f"create table {table} (id int primary key);\nselect 'kept' as v;\n"
        f"insert into {table} values (1), (1);\nselect 'never'",
    )
    assert "Duplicate key value" in error.message
    assert "Key (id)=(1) already exists" in error.cause
    assert "✗ 3/4 failed, 1 after it not run" in log_lines(runner.log).plain
    assert runner.status == "the statement failed · the rows below are older: select 'kept' as v"
    assert rows_of(runner) == [("kept",)]
    assert runner.failed is not None
    assert runner.failed.keyword == "INSERT"
    assert server(f"select count(*) from {table}") == [(0,)]


async def test_a_failed_statement_is_not_said_of_the_list_of_tables_below(
    runner: QueryRunner, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (id int)")
    await runner.list_relations()
    await fail(runner, "selec 1")
    assert runner.status.startswith("the statement failed · below: ")
    assert runner.status.endswith("Enter reads one")
    assert isinstance(runner.shown, Relations)


async def test_notices_before_an_error_are_listed_with_it(runner: QueryRunner) -> None:
    error = await fail(runner, "do $$begin raise notice 'said first'; raise 'then failed'; end$$")
    assert error.message == "Then failed."
    assert "said first" in log_lines(runner.log).plain


async def test_the_lines_of_an_earlier_run_do_not_stand_over_the_next_statement(
    runner: QueryRunner, server: RunElsewhere
) -> None:
    await run(runner, "do $$begin raise notice 'said before'; end$$")
    assert "said before" in log_lines(runner.log).plain
    task = await sleeping(runner, server)
    assert log_lines(runner.log).plain == ""
    await runner.cancel()
    with pytest.raises(SqlError):
        await task


async def test_a_cancel_stops_the_server_and_keeps_the_connection(
    runner: QueryRunner, server: RunElsewhere
) -> None:
    task = await sleeping(runner, server)
    assert runner.running
    assert runner.doing == "running"
    assert runner.at_stake() == ["A statement is running; quitting cancels it."]
    await runner.cancel()
    with pytest.raises(SqlError) as caught:
        await task
    assert caught.value.kind is ErrorKind.CANCELLED
    assert runner.status.startswith("cancelled")
    assert runner.at_stake() == []
    await run(runner, "select 'still here'")
    assert rows_of(runner) == [("still here",)]


@pytest.mark.parametrize(
    "text",
    [
        "explain analyze insert into {t} values (1)",
        "with gone as (insert into {t} values (1) returning id) select * from gone",
        "select put_{t}()",
        "begin; select put_{t}()",
    ],
)
async def test_what_wrote_cannot_be_asked_for_again(
    runner: QueryRunner, server: RunElsewhere, table: str, text: str
) -> None:
    server(f"create table {table} (id int)")
    server(
        f"create function put_{table}() returns int language sql volatile as "
        f"$$insert into {table} values (1) returning id$$"
    )
    await run(runner, text.format(t=table))
    assert not runner.can_refresh
    if state_of(runner) is TransactionState.OPEN:
        await run(runner, "commit")
    assert server(f"select count(*) from {table}") == [(1,)]


async def test_what_reads_and_the_list_of_tables_can_be_asked_for_again(
    runner: QueryRunner,
) -> None:
    assert runner.can_refresh
    for text in ("select 1", "show datestyle", "explain select 1", "begin; select 1"):
        await run(runner, text)
        assert runner.can_refresh


# -- transactions ---------------------------------------------------------------------------------


async def test_an_open_transaction_is_said_with_the_keys_that_end_it(runner: QueryRunner) -> None:
    assert runner.location[1] == "each statement commits · no TLS (local)"
    await run(runner, "begin")
    said = r"IN TRANSACTION: 0 statements, \d+ s · F7 commit, Ctrl\+B roll back"
    assert re.fullmatch(said, runner.location[1])
    assert runner.at_stake() == ["A transaction is open; quitting rolls it back."]
    await run(runner, "select 1; select 2")
    assert runner.location[1].startswith("IN TRANSACTION: 2 statements, ")
    assert runner.at_stake() == ["A transaction of 2 statements is open; quitting rolls it back."]
    await run(runner, "commit")
    assert runner.location[1] == "each statement commits · no TLS (local)"


async def test_a_failed_transaction_says_the_way_out(runner: QueryRunner) -> None:
    error = await fail(runner, "begin; select 1/0")
    assert error.message == "Division by zero."
    assert runner.location[1] == "TRANSACTION FAILED: Ctrl+B rolls it back"
    assert "the transaction is aborted: Ctrl+B rolls it back" in runner.status
    await run(runner, "rollback")
    assert runner.location[1] == "each statement commits · no TLS (local)"


async def test_read_only_mode_refuses_and_says_so(
    read_only_account: Account,
    audit: AuditLog,
    pane_database: str,
    server: RunElsewhere,
    table: str,
    tmp_path: Path,
) -> None:
    server(f"create table {table} (n int)")
    services = services_of(read_only_account, audit, tmp_path)
    runner = QueryRunner(services, lambda: None)
    assert runner.location == ("not connected", "READ ONLY · Ctrl+O connects")
    await connect(runner, pane_database)
    assert runner.location[1] == "READ ONLY · no TLS (local)"
    error = await fail(runner, f"insert into {table} values (1)")
    assert error.message == "Read-only mode: INSERT is not among the statements that only read."
    assert server(f"select count(*) from {table}") == [(0,)]
    runner.close()
    services.close()


# -- pages ----------------------------------------------------------------------------------------


async def test_pages_are_added_until_the_last_one(changes: Changes) -> None:
    runner = changes.runner
    await run(runner, "select n from generate_series(1, 1200) n")
    assert (len(rows_of(runner)), runner.held) == (500, True)
    assert runner.status.startswith("500+ rows")
    await runner.load_page()
    assert runner.status.startswith("1,000+ rows")
    await runner.load_page()
    assert runner.status.startswith("SELECT 1200 · 1,200 rows")
    assert [row[0] for row in rows_of(runner)] == [str(n) for n in range(1, 1201)]
    before = len(changes.seen)
    await runner.load_page()
    assert len(rows_of(runner)) == 1200
    assert len(changes.seen) > before


async def test_pages_that_are_asked_for_at_once_come_one_after_the_other(
    runner: QueryRunner,
) -> None:
    await run(runner, "select n from generate_series(1, 1200) n")
    await asyncio.gather(*(runner.load_page() for _ in range(4)))
    assert [row[0] for row in rows_of(runner)] == [str(n) for n in range(1, 1201)]


async def test_all_pages_are_loaded_with_progress(
    changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading_all, "TELL_EVERY", 0.0)  # each page is told
    runner = changes.runner
    total = PAGE_SIZE + LARGE_PAGE + 600
    await run(runner, f"select n from generate_series(1, {total}) as n")
    assert await runner.load_all()
    assert len(rows_of(runner)) == total
    assert f"{PAGE_SIZE + LARGE_PAGE:,} rows… Esc stops" in changes.seen
    assert runner.status.startswith(f"SELECT {total} · {total:,} rows")
    assert not runner.running


async def test_a_cancel_stops_loading_all_after_a_page_and_the_rest_can_be_had(
    changes: Changes,
) -> None:
    runner = changes.runner
    await run(runner, "select n from generate_series(1, 1000000) as n")
    task = asyncio.ensure_future(runner.load_all())
    while len(rows_of(runner)) <= 1500:
        await asyncio.sleep(0.005)
    assert "A statement is running" in runner.at_stake()[0]
    await runner.cancel()
    assert not await task
    assert not runner.running
    stopped_at = len(rows_of(runner))
    assert runner.held
    assert "+ rows" in runner.status
    await runner.load_page()
    assert len(rows_of(runner)) == stopped_at + 500


async def test_a_page_of_an_overtaken_result_is_not_added_to_the_next(runner: QueryRunner) -> None:
    await run(runner, "select n from generate_series(1, 1200) n")
    overtaken = asyncio.ensure_future(runner.load_all())
    await run(runner, "select 'next'")
    with suppress(ServiceError):
        # Whether it learns of it from the server depends on how far it was.
        await overtaken
    assert rows_of(runner) == [("next",)]
    assert runner.status.startswith("SELECT 1")


async def test_a_result_that_is_no_longer_held_says_so(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(runner)
    monkeypatch.setattr(session._idle, "_seconds", 0.01)
    await run(runner, "select n from generate_series(1, 2000) n")
    async with asyncio.timeout(20):
        while runner.held:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    assert "no longer held on the server: run again to see it" in runner.status
    assert not await runner.load_all() or len(rows_of(runner)) == 500
    assert len(rows_of(runner)) == 500


async def test_the_rows_of_every_statement_of_a_run_can_be_shown(runner: QueryRunner) -> None:
    await run(runner, "select 'a'; select 'b' where false; set work_mem to '5MB'; select 'c'")
    assert rows_of(runner) == [("c",)]
    assert runner.status.endswith("result 3 of 3: [ ] change it")
    assert "▸✓ 4/4 select 'c'" in log_lines(runner.log).plain
    runner.show_result(-1)
    assert rows_of(runner) == []
    assert runner.result is not None
    assert runner.result.columns is not None
    runner.show_result(-1)
    runner.show_result(-1)
    assert rows_of(runner) == [("a",)]
    assert runner.status.endswith("result 1 of 3: [ ] change it")
    assert "▸✓ 1/4 select 'a'" in log_lines(runner.log).plain
    runner.show_result(5)
    assert rows_of(runner) == [("c",)]


async def test_a_result_before_the_last_keeps_many_rows_and_says_that_there_are_more(
    runner: QueryRunner,
) -> None:
    await run(
        runner,
        "select n from generate_series(1, 3000) n; select n from generate_series(1, 50000) n; "
        "select 'last'",
    )
    runner.show_result(-1)
    assert len(rows_of(runner)) >= READ_AHEAD_ROWS
    assert [row[0] for row in rows_of(runner)][:3] == ["1", "2", "3"]
    assert "the rest is no longer held on the server" in runner.status
    runner.show_result(-1)
    assert len(rows_of(runner)) == 3000
    assert runner.status.startswith("SELECT 3000 · 3,000 rows")


async def test_an_error_in_a_later_row_is_the_failure_of_its_statement(
    runner: QueryRunner,
) -> None:
    text = "select 1 / (n - 3000) from generate_series(1, 9000) n; select 'never'"
    error = await fail(runner, text)
    assert "Division by zero" in error.message
    assert runner.failed is not None
    assert runner.failed.text.startswith("select 1 /")
    assert "✗ 1/2 failed, 1 after it not run" in log_lines(runner.log).plain


async def test_the_rows_of_very_many_statements_are_not_all_kept(runner: QueryRunner) -> None:
    await run(runner, ";".join(f"select {n}" for n in range(KEPT_RESULTS + 5)))
    assert len(runner.log.results) == KEPT_RESULTS + 5
    assert len(runner.log.choices) == KEPT_RESULTS
    runner.show_result(-999)
    assert rows_of(runner) == [("5",)]


async def test_the_list_of_tables_has_no_result_beside_it(runner: QueryRunner) -> None:
    await run(runner, "select 1; select 2")
    await runner.list_relations()
    runner.show_result(-1)
    assert isinstance(runner.shown, Relations)


async def test_what_was_run_is_listed_while_the_rest_runs(
    changes: Changes, server: RunElsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.panes.sql.runner.LOG_EVERY", 0.0)
    runner = changes.runner
    task = asyncio.ensure_future(run(runner, "select 'first'; select pg_sleep(60)"))
    while "1/2" not in log_lines(runner.log).plain:
        await asyncio.sleep(0.005)
    assert runner.doing == "running 2/2"
    await runner.cancel()
    with suppress(SqlError):
        await task


async def test_long_results_of_a_run_are_not_all_kept(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.panes.sql.run_log.KEPT_BYTES", 1000)
    await run(runner, "select repeat('x', 600); select repeat('y', 600); select repeat('z', 5000)")
    assert runner.log.choices == [2]
    await run(runner, "select repeat('x', 300); select repeat('y', 300); select repeat('z', 300)")
    assert runner.log.choices == [0, 1, 2]
