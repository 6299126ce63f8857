"""The first page of a query: what is sent for it, and what is found out before a row is made."""

from __future__ import annotations

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, state_of
from tui.services.sql import Session, TransactionState, split
from tui.services.sql.models import SqlError
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


async def test_a_syntax_error_is_that_of_the_statement_alone(session: Session) -> None:
    for text, said in (
        ("select * from pg_class a join pg_class b", "at end of input"),
        ("select * from pg_class where", "at end of input"),
        ("select * frm pg_class, pg_proc", 'at or near "frm"'),
    ):
        (statement,) = split(text)
        with pytest.raises(SqlError, match=said):
            await session.run(statement)
        assert state_of(session) is TransactionState.IDLE
