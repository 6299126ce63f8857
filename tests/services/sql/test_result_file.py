"""A statement whose rows go into a file, on the real server; a table of text as psql makes it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import asleep_on_server, state_of
from tests.services.sql.test_psql_answers import psql
from tui.services.errors import ErrorKind, ServiceError
from tui.services.new_file import NewFile
from tui.services.placing import look_at
from tui.services.sql import Result, Session, SqlError, TransactionState, split, with_result_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty one."""
    made = tmp_path / "files"
    made.mkdir()
    return made


async def into(session: Session, text: str, path: Path) -> Result:
    (statement,) = split(text)
    return await session.run(with_result_file(statement, path))


TABLES = [
    "select 1 as n, 'x' as t, null as nothing, true as yes",
    "select n, repeat('y', n) as long_name_of_it, n * 1.5 as numeric, n::text::xid from "
    "generate_series(8, 12) n",
    "select 'a' as last where false",
    "select from generate_series(1, 2)",
    r"select E'one\ntwo\n\nfour' as \"a\nb\", 7 as n, E'x\n' as t".replace('\\"', '"'),
    "select E'tab\\there', E'cr\\rlf', E'\\x01\\x7f', U&'\\0085', 'back\\slash', '|+-'",
    "select '日本語' as \"漢\", 'e' || U&'\\0301', '🙂', 'ü' as \"ä\", U&'\\200b'",
    "select 12 as \"wide\nhead\", 'right' as r, 5::money, 1.5::real, '{1,2}'::int[]",
    "values (1, 'a'), (null, null), (300, E'\\\\N')",
]


@pytest.mark.parametrize("text", TABLES)
async def test_a_table_of_text_is_the_one_that_psql_prints(
    session: Session, database: str, folder: Path, text: str
) -> None:
    result = await into(session, text, folder / "rows.out")
    printed = psql(database, [f"{text};"])[0]
    assert (folder / "rows.out").read_text() == printed
    assert result.columns is None
    assert result.notices[-1].endswith(f"written to {folder}/rows.out")
    assert os.listdir(folder) == ["rows.out"]


async def test_the_ending_says_the_form_and_all_rows_are_written(
    session: Session, folder: Path
) -> None:
    many = "select n, nullif(n, 2) as m from generate_series(1, 9000) n"
    result = await into(session, many, folder / "rows.CSV")
    lines = (folder / "rows.CSV").read_text().splitlines()
    assert (lines[0], lines[2], len(lines)) == ("n,m", "2,", 9001)
    assert result.tag == "SELECT 9000"
    assert result.notices[-1].startswith("9,000 rows, ")
    await into(session, "select 1 as n, 'x' as t", folder / "rows.jsonl")
    assert (folder / "rows.jsonl").read_text() == '{"n":1,"t":"x"}\n'


async def test_what_changes_something_is_run_once_and_its_rows_are_written(
    session: Session, other: RunElsewhere, prepared: str, folder: Path
) -> None:
    result = await into(session, f"select f_{prepared}() as n", folder / "a.csv")
    assert (folder / "a.csv").read_text() == "n\n2\n"
    assert result.wrote
    adding = f"insert into {prepared} select generate_series(10, 20009) returning n"
    result = await into(session, adding, folder / "b.csv")
    assert (folder / "b.csv").read_text().count("\n") == 20001
    assert result.tag == "INSERT 0 20000"
    assert other(f"select count(*) from {prepared}") == [(20002,)]
    result = await into(session, f"delete from {prepared}", folder / "c.csv")
    assert result.tag == "DELETE 20002"
    assert result.notices == ("The statement gives no rows: no file was written.",)
    assert sorted(os.listdir(folder)) == ["a.csv", "b.csv"]


async def test_the_users_transaction_goes_on(session: Session, folder: Path, table: str) -> None:
    for text in ("begin", f"create table {table} (n int)", f"insert into {table} values (7)"):
        await session.run(split(text)[0])
    await into(session, f"table {table}", folder / "a.csv")
    assert (folder / "a.csv").read_text() == "n\n7\n"
    await session.run(split(f"insert into {table} values (8)")[0])
    assert state_of(session) is TransactionState.OPEN
    await session.run(split("rollback")[0])


async def test_an_error_has_its_place_and_leaves_no_file(session: Session, folder: Path) -> None:
    for text, place in (("select nosuch", 7), ("select 1/(n - 3) from generate_series(1, 9) n", 0)):
        with pytest.raises(SqlError) as caught:
            await into(session, text, folder / "a.txt")
        assert caught.value.offset in {place, None}
        assert os.listdir(folder) == []
    assert (await session.run(split("select 1")[0])).rows == (("1",),)


async def test_cancelling_leaves_no_file(
    session: Session, other: RunElsewhere, folder: Path
) -> None:
    slow = "select pg_sleep(0.01 * n), n from generate_series(1, 100000) n"
    running = asyncio.create_task(into(session, slow, folder / "a.csv"))
    await asleep_on_server(other)
    assert await session.cancel()
    with pytest.raises(ServiceError) as caught:
        await running
    assert caught.value.kind is ErrorKind.CANCELLED
    assert os.listdir(folder) == []


async def test_a_file_that_is_there_is_replaced_only_when_all_is_written(
    session: Session, folder: Path
) -> None:
    path = folder / "a.csv"
    path.write_text("before")
    with pytest.raises(ServiceError) as caught:
        await into(session, "select 1 as n", path)
    assert caught.value.kind is ErrorKind.EXISTS
    (failing,) = split("select 1/(n - 3) from generate_series(1, 9) n")
    with pytest.raises(SqlError):
        await session.run(with_result_file(failing, path, replacing=look_at(path)))
    assert path.read_text() == "before"
    (good,) = split("select 1 as n")
    await session.run(with_result_file(good, path, replacing=look_at(path)))
    assert path.read_text() == "n\n1\n"


async def test_what_is_committed_is_said_where_its_rows_cannot_be_written(
    session: Session,
    other: RunElsewhere,
    prepared: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put, path = NewFile.put_in_place, folder / "a.csv"

    def put_too_late(file: NewFile) -> None:
        path.write_text("theirs")
        put(file)

    monkeypatch.setattr(NewFile, "put_in_place", put_too_late)
    with pytest.raises(ServiceError) as caught:
        await into(session, f"insert into {prepared} values (5) returning n", path)
    assert caught.value.message.startswith("The statement was carried out and committed;")
    assert "is there already" in caught.value.cause
    assert path.read_text() == "theirs"
    assert other(f"select max(n) from {prepared}") == [(5,)]
    # In one's own transaction it is not committed, and not undone either.
    path.unlink()
    await session.run(split("begin")[0])
    with pytest.raises(ServiceError) as caught:
        await into(session, f"insert into {prepared} values (6) returning n", path)
    assert caught.value.message.startswith(
        "The statement was carried out in the transaction that is open; its rows are in no file."
    )
    assert "Ctrl+B takes it back" in caught.value.hint
    path.unlink()
    with pytest.raises(ServiceError) as caught:
        await into(session, f"select n from {prepared}", path)
    assert "is there already" in caught.value.message
    assert (await session.run(split(f"select max(n) from {prepared}")[0])).rows == (("6",),)
    await session.run(split("rollback")[0])
    assert other(f"select max(n) from {prepared}") == [(5,)]


async def test_read_only_mode_writes_no_file_of_what_would_write(
    read_only_session: Session, other: RunElsewhere, prepared: str, folder: Path
) -> None:
    with pytest.raises(ServiceError) as caught:
        await into(read_only_session, f"select f_{prepared}()", folder / "a.csv")
    assert caught.value.kind is ErrorKind.READ_ONLY
    await into(read_only_session, f"table {prepared}", folder / "b.csv")
    assert os.listdir(folder) == ["b.csv"]
    assert other(f"select count(*) from {prepared}") == [(1,)]
