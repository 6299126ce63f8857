"""What is noted of statements that really run, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import asleep_on_server
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ServiceError
from tui.services.sql import Session, SqlService, Statement, from_url, split
from tui.services.sql.history import Entry, HistoryWanted, StatementHistory, StatementOutcome

END = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
    "where application_name = 'tristore' and datname = current_database()"
)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[StatementHistory]:
    history = StatementHistory(tmp_path / "statements.sqlite")
    yield history
    history.close()


@pytest.fixture
async def noted(
    account: Account, audit: AuditLog, history: StatementHistory, database: str
) -> AsyncIterator[Session]:
    service = SqlService(account, audit, history)
    yield await service.connect(*from_url(database))
    service.close()


async def attempt(session: Session, text: str) -> None:
    for statement in split(text):
        try:
            await session.run(statement)
        except ServiceError:
            continue


async def entries(history: StatementHistory) -> list[Entry]:
    page, _ = await history.page(HistoryWanted())
    return list(page.entries)


async def test_what_ran_is_noted_with_its_outcome(
    noted: Session, history: StatementHistory, table: str
) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)  # which they are kept by
    await attempt(
        noted,
        f"create table {table} (n int); insert into {table} select generate_series(1, 700);"
        f"select * from {table}; select 1 from {table} limit 5; selec 1; "
        f"delete from {table} where n > 690; update {table} set n = 1 / 0",
    )
    found = await entries(history)
    said = [(each.last.outcome, each.last.rows, each.last.complete) for each in found[::-1]]
    assert said == [
        (StatementOutcome.OK, None, True),
        (StatementOutcome.OK, 700, True),
        (StatementOutcome.OK, 500, False),
        (StatementOutcome.OK, 5, True),
        (StatementOutcome.ERROR, None, True),
        (StatementOutcome.OK, 10, True),
        (StatementOutcome.ERROR, None, True),
    ]
    assert (found[0].last.code, found[0].last.message) == ("22012", "Division by zero.")
    assert (found[2].last.code, found[2].text) == ("42601", "selec 1")
    assert {each.connection for each in found} == {noted.info.label}
    assert all(before <= each.last.begun <= datetime.now(UTC) for each in found)
    assert all(each.last.begun.utcoffset() == timedelta(0) for each in found)
    assert all(0 < each.last.seconds < 60 for each in found)


async def test_of_a_statement_that_is_run_again_by_itself_the_first_run_is_noted(
    noted: Session, history: StatementHistory
) -> None:
    (statement,) = split("select 1")
    await noted.run(statement)
    await noted.run(replace(statement, is_repeated=True))
    (entry,) = await entries(history)
    assert entry.runs == 1


async def test_how_a_statement_ends_is_noted_though_nobody_awaits_it(
    noted: Session, history: StatementHistory, other: RunElsewhere
) -> None:
    task = asyncio.ensure_future(noted.run(split("select pg_sleep(60)")[0]))
    await asleep_on_server(other)
    task.cancel()
    await asyncio.wait({task})
    await noted.run(split("select 1")[0])
    assert [(each.last.outcome, each.last.message) for each in await entries(history)] == [
        (StatementOutcome.OK, ""),
        (StatementOutcome.CANCELLED, ""),
    ]


async def test_what_runs_is_noted_before_it_ends_and_settled_then(
    noted: Session, history: StatementHistory, tmp_path: Path
) -> None:
    def statement(text: str) -> Statement:
        return split(text)[0]

    under_way = history.begin(statement("delete from t"), "here")
    (entry,) = await entries(history)
    assert (entry.last.outcome, entry.last.rows, entry.runs) == (StatementOutcome.UNKNOWN, None, 1)
    # As another window finds it, and one that is started after this process was killed.
    another = StatementHistory(history.path)
    assert [each.text for each in await entries(another)] == ["delete from t"]
    another.close()
    result = await noted.run(statement("select 1 as settled"))
    history.end(under_way, replace(result, tag="DELETE 7", columns=None))
    settled, entry = sorted(await entries(history), key=lambda each: -len(each.text))
    assert (settled.last.outcome, settled.last.rows) == (StatementOutcome.OK, 1)
    assert (entry.last.outcome, entry.last.rows, entry.runs) == (StatementOutcome.OK, 7, 1)
    failing = history.begin(statement("delete from u"), "here")
    (entry, *_) = await entries(history)
    await history.delete(entry.id)
    history.end(failing, ServiceError("No."))
    assert "delete from u" not in [each.text for each in await entries(history)]


async def test_what_quitting_cuts_off_is_kept_as_unknown(
    noted: Session, history: StatementHistory, other: RunElsewhere
) -> None:
    task = asyncio.ensure_future(noted.run(split("select pg_sleep(60)")[0]))
    await asleep_on_server(other)
    noted.close()
    history.close()
    (cut_off,) = await entries(again := StatementHistory(history.path))
    assert (cut_off.text, cut_off.last.outcome) == ("select pg_sleep(60)", StatementOutcome.UNKNOWN)
    assert cut_off.last.seconds > 0
    again.close()
    with pytest.raises(ServiceError):
        await task


async def test_a_lost_connection_is_no_error_of_the_statement(
    noted: Session, history: StatementHistory, other: RunElsewhere
) -> None:
    await noted.run(split("begin")[0])
    other(END)
    await attempt(noted, "select 1")
    assert (await entries(history))[0].last.outcome is StatementOutcome.LOST


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("alter role nobody_here password 'hunter2'", 1),
        ("alter role nobody_here pasword 'hunter2'", 1),
        ("select crypt('hunter2', 1, 2)", 1),
    ],
)
async def test_a_secret_is_written_nowhere(
    noted: Session, history: StatementHistory, tmp_path: Path, text: str, left_out: int
) -> None:
    await attempt(noted, text)
    (entry,) = await entries(history)
    assert entry.secrets == left_out
    assert entry.in_the_way
    assert entry.last.outcome is StatementOutcome.ERROR
    for path in tmp_path.glob("statements*"):
        assert b"hunter2" not in path.read_bytes()


async def test_nothing_is_noted_where_it_is_turned_off(
    account: Account, audit: AuditLog, tmp_path: Path, database: str
) -> None:
    history = StatementHistory(tmp_path / "s", keeps=False)
    service = SqlService(account, audit, history)
    await attempt(await service.connect(*from_url(database)), "select 1")
    assert await entries(history) == []
    service.close()
    history.close()
    assert not (tmp_path / "s").exists()


def damaged(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def newer(path: Path) -> None:
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")


def no_database(path: Path) -> None:
    path.write_text("not a database, but a text that is long enough to be looked at\n" * 20)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (damaged, "damaged: move it away"),
        (no_database, "damaged: move it away"),
        (newer, "newer version"),
        (Path.mkdir, "Is a directory"),
    ],
)
async def test_a_file_that_cannot_be_used_is_told_of_once_and_statements_run(
    account: Account,
    audit: AuditLog,
    tmp_path: Path,
    database: str,
    make: Callable[[Path], None],
    said: str,
) -> None:
    path = tmp_path / "s"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    history = StatementHistory(path)
    told: list[ServiceError] = []
    history.listen(told.append)
    service = SqlService(account, audit, history)
    session = await service.connect(*from_url(database))
    for text in ("select 1", "select 2"):
        assert (await session.run(split(text)[0])).rows == ((text[-1],),)
    with pytest.raises(ServiceError, match="statements run, but are not kept") as raised:
        await history.page(HistoryWanted())
    assert said in str(raised.value)
    assert str(path) in raised.value.cause
    await asyncio.sleep(0)
    assert [said in str(each) for each in told] == [True]
    service.close()
    history.close()
    assert before == (path.read_bytes() if path.is_file() else b"")


async def test_a_file_that_another_window_holds_keeps_nobody_waiting(
    history: StatementHistory, noted: Session
) -> None:
    import sqlite3

    await attempt(noted, "select 0")
    await entries(history)
    with sqlite3.connect(history.path, isolation_level=None) as elsewhere:
        elsewhere.execute("BEGIN IMMEDIATE")
        for n in range(1, 4):
            await attempt(noted, f"select {n}")
        elsewhere.execute("COMMIT")
    assert [each.text for each in await entries(history)] == [f"select {n}" for n in (3, 2, 1, 0)]


async def test_what_a_full_disk_kept_out_is_written_when_there_is_room_again(
    history: StatementHistory, noted: Session
) -> None:
    await attempt(noted, "select 0")
    await entries(history)
    connection = history._store._database.open()  # SQLite's own limit
    connection.execute("PRAGMA max_page_count = 1")
    long = f"select '{'x' * 50_000}'"
    await attempt(noted, long)
    assert [each.text for each in await entries(history)] == ["select 0"]
    assert history.problem is not None
    assert "Free some space" in str(history.problem)
    connection.execute("PRAGMA max_page_count = 10000")
    await attempt(noted, "select 1")
    assert [each.length for each in await entries(history)] == [8, len(long), 8]
    assert history.problem is None


async def test_favourites_and_deleting_go_through_the_thread(
    history: StatementHistory, noted: Session
) -> None:
    await attempt(noted, "select 1; select 2; select 2")
    two, one = await entries(history)
    await history.keep(one.id, favourite=True, name="One")
    await history.delete(two.id)
    (kept,) = await entries(history)
    assert (kept.is_favourite, kept.name, (await history.entry(kept.id)).text) == (
        True,
        "One",
        "select 1",
    )
    assert len(await history.runs(kept.id)) == 1
    with pytest.raises(ServiceError, match="no longer"):
        await history.entry(two.id)
