"""The first page of a query: what is sent for it, and what is found out before a row is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, state_of
from tui.services.sql import Session, TransactionState, split
from tui.services.sql.files.script_file import ScriptFile
from tui.services.sql.files.script_run import ScriptOutcome
from tui.services.sql.models import SqlError
from tui.services.sql.session import declaring
from tui.services.sql.session.connection import ServerConnection


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first words of what is sent."""
    messages: list[str] = []
    execute = ServerConnection.execute

    def noted(self: ServerConnection, text: str, *args: object, **kwargs: object) -> object:
        messages.append(" ".join(text.split()[:2]))
        return execute(self, text, *args, **kwargs)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(ServerConnection, "execute", noted)
    return messages


async def test_a_table_takes_three_messages(
    run: RunSql, other: RunElsewhere, table: str, sent: list[str]
) -> None:
    other(f"create table {table} as select n from generate_series(1, 600) n")
    result = await run(f"select * from {table} where n % 1 = 0 -- all of it %s")
    assert len(result.rows) == 500
    assert sent == ["BEGIN TRANSACTION", "FETCH FORWARD", "FETCH FORWARD"]


async def test_a_query_that_comes_again_takes_one_message(
    run: RunSql, other: RunElsewhere, table: str, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other(f"create sequence s_{table}")
    other(f"create table {table} as select n from generate_series(1, 600) n")
    query = f"select * from {table}"
    first = await run(query)
    for between, messages in (
        ("select 1", ["BEGIN TRANSACTION"]),
        ("do 'begin end'", ["BEGIN TRANSACTION", "FETCH FORWARD"]),
        # What it calls may make functions.
        (f"select nextval('s_{table}')", ["BEGIN TRANSACTION", "FETCH FORWARD"]),
    ):
        await run(between)
        sent.clear()
        again = await run(query)
        assert (again.rows, again.complete) == (first.rows, False)
        assert sent == messages
    monkeypatch.setattr(declaring, "KNOWN_FOR", 0.0)
    await run("set work_mem = '8MB'")
    await run(query)
    sent.clear()
    await run(query)
    assert sent == ["BEGIN TRANSACTION", "FETCH FORWARD"]


async def test_a_function_that_another_connection_makes_meanwhile_still_runs_once_as_a_whole(
    session: Session, run: RunSql, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    head = f"create or replace function f_{table}(n int) returns int language"
    other(f"{head} sql stable as 'select n'")
    query = f"select f_{table}(n) from generate_series(1, 600) n"
    assert session.has_more(await run(query))
    other(f"{head} sql volatile as 'insert into {table} values (n) returning n'")
    assert len((await run(query)).rows) == 500
    assert other(f"select count(*) from {table}") == [(600,)]
    other(f"drop function f_{table}")


async def test_long_rows_that_come_again_are_few_at_once(
    session: Session, run: RunSql, table: str, other: RunElsewhere
) -> None:
    other(f"create table {table} as select repeat('x', 1000000) from generate_series(1, 40)")
    for _ in range(2):
        result = await run(f"table {table}")
        assert 1 < len(result.rows) <= 8
        assert session.has_more(result)


@pytest.mark.parametrize("open_before", [False, True])
async def test_what_calls_a_volatile_function_is_run_once_as_a_whole(
    session: Session, run: RunSql, other: RunElsewhere, table: str, open_before: bool
) -> None:
    other(f"create table {table} (n int)")
    other(f"create sequence s_{table}")
    other(
        f"create function f_{table}() returns bigint language sql volatile "
        f"return nextval('s_{table}')"
    )
    other(f"create view v_{table} as select f_{table}() from generate_series(1, 600)")
    other(f"create table parent_{table} (n int)")
    other(f"create view heir_{table} as select n from parent_{table}")
    if open_before:
        await run("begin")
    for query in (f"select * from v_{table}", f"select f_{table}() from generate_series(1, 600)"):
        result = await run(query)
        assert result.wrote
        assert len(result.rows) == 500 or open_before
    assert other(f"select last_value from s_{table}") == [(1200,)]
    assert not (await run(f"select * from heir_{table}")).wrote
    assert session.state is (TransactionState.OPEN if open_before else TransactionState.IDLE)


@pytest.mark.parametrize(
    "text",
    [
        "select 'abc from pg_class, unnest",
        "select 1 /* open from t",
        "select $a$ open from pg_class",
    ],
)
async def test_what_is_left_open_is_refused_as_it_stands(
    session: Session, text: str, sent: list[str]
) -> None:
    (statement,) = split(text)
    with pytest.raises(SqlError, match="nterminated"):
        await session.run(statement)
    assert state_of(session) is TransactionState.IDLE
    assert not any(message.startswith("FETCH") for message in sent)


async def test_a_view_is_looked_through_with_its_cursor_declared(
    run: RunSql, other: RunElsewhere, table: str, sent: list[str]
) -> None:
    other(f"create view {table} as select n, now() from generate_series(1, 600) n")
    assert not (await run(f"select * from {table}")).wrote
    assert sent == ["BEGIN TRANSACTION", "WITH RECURSIVE", "FETCH FORWARD", "FETCH FORWARD"]


async def test_a_query_without_names_takes_one_message(run: RunSql, sent: list[str]) -> None:
    assert (await run("select 1, 'it''s'")).rows == (("1", "it's"),)
    assert sent == ["BEGIN TRANSACTION"]


async def test_a_script_asks_once_what_is_behind_the_names_of_its_queries(
    session: Session, other: RunElsewhere, table: str, sent: list[str], tmp_path: Path
) -> None:
    other(f"create table {table} as select n from generate_series(1, 600) n")
    path = tmp_path / "script.sql"
    query = f"select n from {table} where n = "
    path.write_text("".join(f"{query}{n};\n" for n in range(3)) + f"do 'begin end'; {query}3")
    outcome = ScriptOutcome()
    with ScriptFile(str(path)) as script:
        await session.run_script(script, outcome)
    assert outcome.last is not None
    assert outcome.last.rows == (("3",),)
    asked, known = ["BEGIN TRANSACTION", "FETCH FORWARD"], ["BEGIN TRANSACTION"]
    assert sent == [*asked, *known, *known, "do 'begin", *asked]


async def test_a_function_that_a_script_makes_is_seen_before_it_is_called(
    session: Session, other: RunElsewhere, table: str, tmp_path: Path
) -> None:
    other(f"create table {table} (n int)")
    made = f"create or replace function f_{table}() returns int language sql "
    call = f"select f_{table}();\n"
    path = tmp_path / "script.sql"
    path.write_text(
        f"{made} immutable return 1; {call}"
        f"{made} volatile as 'insert into {table} values (1) returning n'; {call}"
    )
    outcome = ScriptOutcome()
    with ScriptFile(str(path)) as script:
        await session.run_script(script, outcome)
    assert outcome.last is not None
    assert outcome.last.wrote
    assert other(f"select count(*) from {table}") == [(1,)]


async def test_a_syntax_error_is_that_of_the_statement_alone(session: Session) -> None:
    for text, said in (
        ("select * from pg_class a join pg_class b", "at end of input"),
        ("select * from pg_class where", "at end of input"),
        ("select * frm pg_class, pg_proc", 'at or near "frm"'),
        ("select 1 as", "at end of input"),
        ("select 1 frm 2", 'at or near "2"'),
    ):
        (statement,) = split(text)
        with pytest.raises(SqlError, match=said):
            await session.run(statement)
        assert state_of(session) is TransactionState.IDLE
