"""Statements that run in one call: their order, their errors, and when a call ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import asleep_on_server, state_of
from tui.services.errors import ErrorKind
from tui.services.sql import Page, Result, Row, Series, Session, SqlError, TransactionState, split
from tui.services.sql.session import series as series_module


def pack(rows: Sequence[Row]) -> bytes:
    return repr(rows).encode()


def series_of(text: str) -> Series:
    return Series(split(text), pack)


async def test_all_are_carried_out_in_one_call_in_their_order(session: Session, table: str) -> None:
    series = series_of(
        f"create table {table} (n int); do $$begin raise notice 'one'; end$$;"
        f"insert into {table} select generate_series(1, 3); select * from {table}; select 5"
    )
    await session.run_series(series)
    assert series.is_over
    ended = series.take()
    assert [each.result.tag for each in ended] == [
        "CREATE TABLE", "DO", "INSERT 0 3", "SELECT 3", "SELECT 1",
    ]  # fmt: skip
    assert ended[1].result.notices == ("NOTICE:  one",)
    assert series.take() == []


async def test_the_first_that_fails_is_the_last_that_is_sent(session: Session, table: str) -> None:
    series = series_of(
        f"create table {table} (n int); begin; select x; insert into {table} values (1)"
    )
    with pytest.raises(SqlError) as caught:
        await session.run_series(series)
    assert caught.value.offset == series.current.start + len("select ")
    assert series.current.text == "select x"
    assert [each.result.tag for each in series.take()] == ["CREATE TABLE", "BEGIN"]
    assert state_of(session) is TransactionState.FAILED


async def test_what_the_next_statement_ends_is_read_ahead_and_packed(session: Session) -> None:
    series = series_of(
        "select n from generate_series(1, 1200) n; select n from generate_series(1, 1200) n"
    )
    await session.run_series(series)
    first, last = series.take()
    ((page, block),) = first.pages
    assert page.complete
    assert block == pack(page.rows)
    assert (*first.result.rows, *page.rows) == tuple((str(n),) for n in range(1, 1201))
    assert not last.pages
    assert session.has_more(last.result)


async def test_how_far_it_is_can_be_seen_and_a_cancel_stops_all_of_it(
    session: Session, other: RunElsewhere, table: str
) -> None:
    series = series_of(f"create table {table} (n int); select pg_sleep(60); drop table {table}")
    running = asyncio.ensure_future(session.run_series(series))
    await asleep_on_server(other)
    assert series.current.text == "select pg_sleep(60)"
    assert [each.result.tag for each in series.take()] == ["CREATE TABLE"]
    assert await session.cancel()
    with pytest.raises(SqlError) as caught:
        await running
    assert caught.value.kind is ErrorKind.CANCELLED
    assert other(f"select count(*) from {table}") == [(0,)]


async def test_a_cancel_behind_the_last_statement_of_a_call_stops_the_next_call(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_module, "MOST_WAITING", 1)
    loop = asyncio.get_running_loop()

    def cancel_and_pack(rows: Sequence[Row]) -> bytes:
        # The server has given the last row.
        asyncio.run_coroutine_threadsafe(session.cancel(), loop).result(30)
        return pack(rows)

    series = Series(split("select n from generate_series(1, 1200) n; select 2"), cancel_and_pack)
    await session.run_series(series)
    assert [each.result.tag for each in series.take()] == ["SELECT"]
    with pytest.raises(SqlError) as caught:
        await session.run_series(series)
    assert caught.value.kind is ErrorKind.CANCELLED
    assert series.current.text == "select 2"
    assert (await session.run(series.current)).rows == (("2",),)


async def test_nothing_is_begun_once_it_is_stopped_between_two_calls(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_module, "MOST_WAITING", 1)
    series = series_of("select 1; select 2")
    await session.run_series(series)
    series.stop()
    with pytest.raises(SqlError, match="between two statements"):
        await session.run_series(series)
    assert [each.result.rows for each in series.take()] == [(("1",),)]


def result_of(statement: object) -> Result:
    return Result(statement, (), (("x" * 100,),), True, "SELECT 1", 0.0, ())  # type: ignore[arg-type]  # a Statement


def no_more(result: Result, most: int) -> Page:
    raise AssertionError


def test_nothing_is_begun_behind_a_cancel() -> None:
    series, ran = series_of("select 1; select 2; select 3"), list[str]()

    def run(statement: object) -> Result:
        ran.append(series.current.text)
        return result_of(statement)

    with pytest.raises(SqlError, match="between two statements"):
        series.run(run, no_more, lambda: len(ran) == 2)
    assert ran == ["select 1", "select 2"]
    assert series.current.text == "select 3"


@pytest.mark.parametrize(("name", "most"), [("MOST_WAITING", 2), ("MOST_WAITING_BYTES", 150)])
def test_a_call_ends_when_much_waits_to_be_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr(series_module, name, most)
    series, taken = series_of("select 1; select 2; select 3; select 4; select 5"), list[int]()
    while not series.is_over:
        series.run(result_of, no_more, lambda: False)
        taken.append(len(series.take()))
    assert taken == [2, 2, 1]
