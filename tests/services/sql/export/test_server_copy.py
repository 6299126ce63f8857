"""What an export leaves of the session: transactions, pages, and files that cannot be written."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import SLEEPING, run_last
from tests.services.sql.export.conftest import Exporting
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, SqlError, SqlService, TransactionState, from_url
from tui.services.sql.export import ExportOptions, Format, can_run_again, write_rows

CSV = ExportOptions()
MANY = "select n, repeat('x', 100) from generate_series(1, 200000) n"


class Full(BytesIO):
    """A disk that is full after some lines."""

    lines = 0

    def write(self, data: object, /) -> int:
        self.lines += 1
        if self.lines > 100:
            raise OSError(28, "No space left on device")
        return 1


async def test_the_whole_result_is_written_and_its_pages_can_still_be_had(
    export: Exporting,
) -> None:
    session = export.session
    result = await run_last(session, "select generate_series(1, 5000) as n")
    stream = BytesIO()
    assert not result.complete
    assert (await session.export(result, CSV, stream)).rows == 5000
    assert stream.getvalue().count(b"\n") == 5001
    page = await session.fetch_more(result)
    assert page.rows[0] == (str(len(result.rows) + 1),)
    assert session.state is TransactionState.IDLE


async def test_a_full_disk_ends_it_and_the_session_goes_on(export: Exporting) -> None:
    session = export.session
    result = await run_last(session, MANY)
    with pytest.raises(OSError, match="No space"):
        await session.export(result, CSV, Full())
    assert (await session.fetch_more(result)).rows
    assert (await run_last(session, "select 1")).rows == (("1",),)


async def test_in_the_users_transaction_it_sees_its_changes_and_leaves_it_open_to_writing(
    export: Exporting, table: str
) -> None:
    session = export.session
    await run_last(session, f"create table {table} (n int); begin; insert into {table} values (7)")
    assert await export(f"table {table}") == b"n\n7\n"
    result = await run_last(session, MANY)
    with pytest.raises(OSError, match="No space"):
        await session.export(result, CSV, Full())
    assert session.state is TransactionState.OPEN
    await run_last(session, f"insert into {table} values (8); commit")
    assert (await run_last(session, f"select count(*) from {table}")).rows == (("2",),)


async def test_it_is_cancelled_on_the_server_and_the_transaction_stays(
    export: Exporting, other: RunElsewhere
) -> None:
    session = export.session
    await run_last(session, "begin; set local own.pause = '0'")
    result = await run_last(session, "select pg_sleep(current_setting('own.pause')::float)")
    await run_last(session, "set local own.pause = '60'")
    task = asyncio.ensure_future(session.export(result, CSV, BytesIO()))
    async with asyncio.timeout(20):
        while other(SLEEPING) == [(0,)]:
            await asyncio.sleep(0.01)
    await session.cancel()
    with pytest.raises(SqlError) as caught:
        await task
    assert caught.value.kind is ErrorKind.CANCELLED
    assert session.state is TransactionState.OPEN
    await run_last(session, "rollback")


async def test_what_may_write_is_never_run_again(
    export: Exporting, other: RunElsewhere, table: str
) -> None:
    session = export.session
    await run_last(
        session,
        f"create table {table} (n int); create function f_{table}() returns int language sql "
        f"volatile as 'insert into {table} values (1) returning n'",
    )
    result = await run_last(session, f"select f_{table}()")
    assert not can_run_again(result)
    with pytest.raises(ServiceError) as caught:
        await session.export(result, CSV, BytesIO())
    assert caught.value.kind is ErrorKind.CONFLICT
    assert other(f"select count(*) from {table}") == [(1,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1", True),
        ("values (1)", True),
        ("with a as (select 1) select * from a", True),
        ("explain select 1", False),
        ("show search_path", False),
        ("select nextval('pg_catalog.s')", False),
    ],
)
async def test_only_what_reads_can_be_run_again(
    export: Exporting, text: str, expected: bool
) -> None:
    await run_last(export.session, "create temp sequence if not exists s")
    result = await run_last(export.session, text.replace("pg_catalog.", ""))
    assert can_run_again(result) is expected


async def test_an_error_has_its_place_in_the_statement(export: Exporting, table: str) -> None:
    session = export.session
    result = await run_last(session, f"create table {table} (n int); select * from {table}")
    await run_last(session, f"drop table {table}")
    with pytest.raises(SqlError) as caught:
        await session.export(result, CSV, BytesIO())
    assert caught.value.offset == result.statement.text.index(table) + result.statement.start


async def test_an_aborted_transaction_says_so(export: Exporting) -> None:
    result = await run_last(export.session, "select 1; begin")
    with pytest.raises(SqlError):
        await run_last(export.session, "select 1/0")
    with pytest.raises(ServiceError, match="aborted"):
        await export.session.export(result, CSV, BytesIO())
    await run_last(export.session, "rollback")


async def test_in_read_only_mode_it_reads(read_only_session: Session) -> None:
    result = await run_last(read_only_session, "select 1 as a")
    stream = BytesIO()
    await read_only_session.export(result, CSV, stream)
    assert stream.getvalue() == b"a\n1\n"


async def test_bytes_of_no_encoding_go_as_they_are_or_are_refused(
    service: SqlService, other: RunElsewhere, database: str, table: str
) -> None:
    other(f"create database {table} encoding 'SQL_ASCII' locale 'C' template template0")
    session = await service.connect(*from_url(database.rpartition("/")[0] + f"/{table}"))
    result = await run_last(session, "select E'\\xff\\xc3\\xa4,' as \"ä\", null as n")
    for held in (False, True):
        stream = BytesIO()
        if held:
            write_rows(result.rows, result.columns or (), CSV, stream)
        else:
            await session.export(result, CSV, stream)
        assert stream.getvalue() == b'\xc3\xa4,n\n"\xff\xc3\xa4,",\n'
    for kind in (Format.EXCEL, Format.PARQUET):
        with pytest.raises(ServiceError, match="ä"):
            await session.export(result, ExportOptions(kind), BytesIO())
    session.close()
    other(f"drop database {table} with (force)")
