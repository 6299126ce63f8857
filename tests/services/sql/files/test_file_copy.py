"""COPY with a file of this machine, on the real server."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, state_of
from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import ExistingFile, look_at
from tui.services.sql import (
    ConnectionLostError,
    CopyDirection,
    FileStatement,
    Result,
    Session,
    SqlError,
    SqlService,
    TransactionState,
    file_problem,
    from_url,
    split,
    with_file,
)
from tui.services.sql.files import file_copy


def copy_of(text: str, path: Path, *, replacing: ExistingFile | None = None) -> FileStatement:
    (statement,) = split(text)
    return with_file(statement, path, replacing=replacing)


async def copy(session: Session, text: str, path: Path, *, replaces: bool = False) -> Result:
    replacing = look_at(path) if replaces else None
    return await session.run(copy_of(text, path, replacing=replacing))


async def fail(session: Session, text: str, path: Path) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await copy(session, text, path)
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty one."""
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.fixture
def numbers(other: RunElsewhere, table: str) -> str:
    other(f"create table {table} (n int, t text)")
    return table


HOSTILE = ["", "a,b", 'say "x"', "line\nbreak", "\\.", "ü 🙂", "[/red]", "\x1b[31m", "NULL"]


async def test_what_is_written_is_read_back_as_it_was(
    session: Session, other: RunElsewhere, numbers: str, folder: Path
) -> None:
    for at, text in enumerate(HOSTILE):
        quoted = text.replace("'", "''")
        other(f"insert into {numbers} values ({at}, '{quoted}')")
    other(f"insert into {numbers} values (null, null)")
    before = other(f"select * from {numbers} order by n")
    path = folder / "x.csv"
    result = await copy(session, f"copy {numbers} to stdout (format csv)", path)
    assert result.tag == f"COPY {len(HOSTILE) + 1}"
    assert result.notices == (f"{path.stat().st_size} B written to {path}",)
    assert os.listdir(folder) == ["x.csv"]
    other(f"truncate {numbers}")
    statement = copy_of(f"copy {numbers} from stdin (format csv)", path)
    assert (await session.run(statement)).tag == f"COPY {len(HOSTILE) + 1}"
    assert statement.progress.done == statement.progress.total == path.stat().st_size
    assert other(f"select * from {numbers} order by n") == before


async def test_a_malformed_row_names_its_line_and_keeps_nothing(
    session: Session, run: RunSql, other: RunElsewhere, numbers: str, folder: Path
) -> None:
    path = folder / "bad.csv"
    path.write_text("1,a\n2,b\nthree,c\n4,d\n")
    error = await fail(session, f"copy {numbers} from stdin csv", path)
    assert error.message.startswith("Line 3 of bad.csv: Invalid input syntax")
    assert error.cause.startswith("The server has kept no row of the file.")
    assert other(f"select count(*) from {numbers}") == [(0,)]
    assert (await run("select 1")).rows == (("1",),)


async def test_in_an_open_transaction_a_failed_copy_aborts_it_and_says_so(
    session: Session, run: RunSql, numbers: str, folder: Path
) -> None:
    path = folder / "bad.csv"
    path.write_text("1\n")
    await run("begin")
    error = await fail(session, f"copy {numbers} from stdin csv", path)
    assert "The transaction is aborted: Ctrl+B rolls it back." in error.cause
    assert state_of(session) is TransactionState.FAILED
    await run("rollback")


async def test_bytes_that_are_not_the_encoding_are_refused_and_the_option_reads_them(
    session: Session, other: RunElsewhere, numbers: str, folder: Path
) -> None:
    path = folder / "latin.csv"
    path.write_bytes("1,Zürich\n".encode("latin-1"))
    error = await fail(session, f"copy {numbers} from stdin csv", path)
    assert "Line 1 of latin.csv" in error.message
    await copy(session, f"copy {numbers} from stdin (format csv, encoding 'LATIN1')", path)
    assert other(f"select t from {numbers}") == [("Zürich",)]


async def test_a_copy_stands_in_a_transaction_that_is_committed_by_hand(
    session: Session, run: RunSql, other: RunElsewhere, numbers: str, folder: Path
) -> None:
    path = folder / "x.csv"
    path.write_text("1,a\n")
    session.manual_commit = True
    await copy(session, f"copy {numbers} from stdin csv", path)
    assert other(f"select count(*) from {numbers}") == [(0,)]
    await run("commit")
    assert other(f"select count(*) from {numbers}") == [(1,)]


async def test_a_file_that_is_there_is_replaced_only_if_that_was_agreed(
    session: Session, numbers: str, folder: Path
) -> None:
    path = folder / "x.csv"
    path.write_text("mine")
    error = await fail(session, "copy (select 1) to stdout", path)
    assert error.kind is ErrorKind.EXISTS
    assert path.read_text() == "mine"
    await copy(session, "copy (select 1) to stdout", path, replaces=True)
    assert path.read_text() == "1\n"
    assert os.listdir(folder) == ["x.csv"]


async def test_a_file_that_changed_since_the_question_is_left_as_it_is(
    session: Session, folder: Path
) -> None:
    path = folder / "x.csv"
    path.write_text("mine")
    statement = copy_of("copy (select 1) to stdout", path, replacing=look_at(path))
    path.write_text("somebody else's")
    with pytest.raises(ServiceError) as caught:
        await session.run(statement)
    assert caught.value.kind is ErrorKind.CHANGED
    assert path.read_text() == "somebody else's"
    assert os.listdir(folder) == ["x.csv"]


async def test_a_second_copy_to_the_same_file_does_not_touch_the_first(
    service: SqlService, database: str, session: Session, folder: Path
) -> None:
    path = folder / "x.csv"
    endless = copy_of("copy (select generate_series(1, 1000000000000)) to stdout", path)
    first = asyncio.ensure_future(session.run(endless))
    async with asyncio.timeout(20):
        while not endless.progress.done:
            await asyncio.sleep(0.01)
    # Without a name, nothing of it is there for others, nor after a kill.
    assert os.listdir(folder) == []
    second = await service.connect(*from_url(database))
    await copy(second, "copy (select 2) to stdout", path)
    await session.cancel()
    with pytest.raises(SqlError):
        await first
    assert path.read_text() == "2\n"
    assert os.listdir(folder) == ["x.csv"]


async def test_a_query_that_fails_midway_leaves_no_file_and_the_old_one_as_it_was(
    session: Session, run: RunSql, folder: Path
) -> None:
    path = folder / "x.csv"
    path.write_text("mine")
    failing = "copy (select 100 / (50000 - n) from generate_series(1, 60000) n) to stdout"
    with pytest.raises(SqlError, match="Division by zero") as caught:
        await copy(session, failing, path, replaces=True)
    assert "No file was written" in caught.value.cause
    assert path.read_text() == "mine"
    assert os.listdir(folder) == ["x.csv"]
    assert (await run("select 1")).rows == (("1",),)


class Full:
    """A file on a full disk."""

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_full_disk_stops_the_server_and_leaves_the_session_usable(
    session: Session, run: RunSql, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = file_copy._Sink

    def full(file: object, *rest: object) -> object:
        return real(Full(file), *rest)  # type: ignore[arg-type]  # as a file is used

    monkeypatch.setattr(file_copy, "_Sink", full)
    error = await fail(
        session, "copy (select generate_series(1, 100000000)) to stdout", folder / "x"
    )
    assert error.message == f"Could not write {folder / 'x'}."
    assert "The disk is full" in error.hint
    assert os.listdir(folder) == []
    assert (await run("select 1")).rows == (("1",),)


async def under_way(
    session: Session, other: RunElsewhere, numbers: str, path: Path, way: str
) -> asyncio.Future[Result]:
    """A copy that comes to no end soon, of which something has gone already."""
    if way == "from":
        other(
            f"create function slow_{numbers}() returns trigger language plpgsql as "
            "$$begin perform pg_sleep(0.05); return new; end$$"
        )
        other(
            f"create trigger slow before insert on {numbers} for each row "
            f"execute function slow_{numbers}()"
        )
        path.write_text("1,a\n" * 100_000)
        statement = copy_of(f"copy {numbers} from stdin csv", path)
    else:
        endless = "copy (select generate_series(1, 1000000000000)) to stdout"
        statement = copy_of(endless, path)
    task = asyncio.ensure_future(session.run(statement))
    async with asyncio.timeout(20):
        while not statement.progress.done:
            await asyncio.sleep(0.01)
    return task


@pytest.mark.parametrize("way", ["from", "to"])
async def test_cancel_reaches_the_server_and_leaves_nothing_behind(
    session: Session,
    run: RunSql,
    other: RunElsewhere,
    numbers: str,
    folder: Path,
    way: str,
) -> None:
    task = await under_way(session, other, numbers, folder / "x.csv", way)
    assert await session.cancel()
    with pytest.raises(SqlError) as caught:
        await task
    assert caught.value.kind is ErrorKind.CANCELLED
    assert os.listdir(folder) == (["x.csv"] if way == "from" else [])
    assert other(f"select count(*) from {numbers}") == [(0,)]
    assert (await run("select 1")).rows == (("1",),)


async def test_without_a_file_nothing_is_sent(session: Session, run: RunSql) -> None:
    with pytest.raises(SqlError, match="needs a file behind it"):
        await run("copy (select 1) to stdout")
    assert (await run("select 1")).rows == (("1",),)


async def test_read_only_mode_refuses_a_copy_with_a_file(
    read_only_session: Session, numbers: str, folder: Path
) -> None:
    path = folder / "x.csv"
    path.write_text("1,a\n")
    error = await fail(read_only_session, f"copy {numbers} from stdin csv", path)
    assert error.kind is ErrorKind.READ_ONLY


async def test_a_file_that_is_gone_or_denied_is_said(
    session: Session, run: RunSql, numbers: str, folder: Path
) -> None:
    error = await fail(session, f"copy {numbers} from stdin", folder / "none.csv")
    assert (error.kind, error.message.split(";")[0]) == (
        ErrorKind.NOT_FOUND,
        "none.csv could not be read",
    )
    error = await fail(session, f"copy {numbers} to stdout", folder / "no" / "x.csv")
    assert error.message == f"Could not write {folder}/no/x.csv."
    assert error.cause == "No such file or directory"
    assert (await run("select 1")).rows == (("1",),)


@pytest.mark.parametrize(
    ("way", "name", "said"),
    [
        (CopyDirection.FROM, "none", "There is no such file."),
        (CopyDirection.FROM, "", "This is a folder"),
        (CopyDirection.TO, "none", ""),
        (CopyDirection.TO, "no/x", "There is no such folder."),
        (CopyDirection.FROM, "pipe", "This is not a regular file."),
        (CopyDirection.FROM, "a\0b", "It cannot be looked at"),
    ],
)
def test_what_is_wrong_with_a_path_is_said_before_anything_is_sent(
    folder: Path, way: CopyDirection, name: str, said: str
) -> None:
    os.mkfifo(folder / "pipe")
    problem = file_problem(way, Path(f"{folder}/{name}"))
    assert problem.startswith(said)
    assert bool(problem) is bool(said)


@pytest.mark.parametrize("way", ["from", "to"])
async def test_a_server_that_goes_away_midway_leaves_nothing_behind(
    session: Session, run: RunSql, other: RunElsewhere, numbers: str, folder: Path, way: str
) -> None:
    backend = (await run("select pg_backend_pid()")).rows[0][0]
    task = await under_way(session, other, numbers, folder / "x.csv", way)
    other(f"select pg_terminate_backend({backend}, 5000)")
    with pytest.raises(ConnectionLostError):
        await task
    assert os.listdir(folder) == (["x.csv"] if way == "from" else [])
    assert other(f"select count(*) from {numbers}") == [(0,)]
    await session.reconnect()
    assert (await run("select 1")).rows == (("1",),)


@pytest.mark.parametrize(
    "text", ["copy {t} to stdout csv", "copy (select n, t from {t}) to stdout csv"]
)
async def test_read_only_mode_lets_rows_be_written_to_a_file(
    read_only_session: Session, other: RunElsewhere, numbers: str, folder: Path, text: str
) -> None:
    other(f"insert into {numbers} values (1, 'a')")
    await copy(read_only_session, text.format(t=numbers), folder / "x.csv")
    assert (folder / "x.csv").read_text() == "1,a\n"
    assert state_of(read_only_session) is TransactionState.IDLE


@pytest.mark.parametrize(
    "query",
    [
        "insert into {t} values (2, 'b') returning n",
        "with x as (delete from {t} returning n) select * from x",
        "select setval('s_{t}', 5)",
        "select * from v_{t}",
    ],
)
async def test_read_only_mode_refuses_a_copy_of_what_writes(
    read_only_session: Session, other: RunElsewhere, numbers: str, folder: Path, query: str
) -> None:
    other(f"create sequence s_{numbers}")
    other(f"create view v_{numbers} as select pg_reload_conf()")
    error = await fail(
        read_only_session, f"copy ({query.format(t=numbers)}) to stdout", folder / "x.csv"
    )
    assert error.kind is ErrorKind.READ_ONLY
    assert os.listdir(folder) == []
    assert other(f"select count(*) from {numbers}") == [(0,)]
    assert state_of(read_only_session) is TransactionState.IDLE
