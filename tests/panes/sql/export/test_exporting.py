"""The export of what the pane shows: which rows, to which place, and what stays when it fails."""

from __future__ import annotations

import asyncio
import os
import threading
import uuid
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from tests.panes.sql.runners import (
    END_ALL,
    Changes,
    connect,
    run,
    services_of,
    session_of,
    state_of,
)
from tests.postgres import RunElsewhere
from tui.panes.sql.export.exporting import Chosen, about_again, export, why_not_again
from tui.panes.sql.export.form import export_form, file_name
from tui.panes.sql.export.places import ObjectPlace, find_place, remove_when_sent
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows.arranged import Arrangement
from tui.panes.sql.rows.arranging import RowsArranging
from tui.panes.sql.runner import QueryRunner
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import ConnectionLostError, TransactionState
from tui.services.sql.export import ExportOptions, Format

SLEEPS = (
    "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
)
"""Gives a row while a statement of the test's database sleeps."""


@pytest.fixture
def services(account: Account, audit: AuditLog, tmp_path: Path) -> Iterator[Services]:
    services = services_of(account, audit, tmp_path / "state")
    yield services
    services.close()


def shown_of(runner: QueryRunner) -> LoadedResult:
    assert isinstance(runner.shown, LoadedResult)
    return runner.shown


async def to(
    runner: QueryRunner,
    services: Services,
    place: str,
    *,
    again: bool = True,
    replace: bool = False,
) -> str:
    found = await find_place(services, place, replace=replace)
    options = ExportOptions(Format(Path(place).suffix))
    return (await export(runner, services, Chosen(shown_of(runner), options, found, again))).said


async def test_all_rows_go_into_the_file_and_progress_is_told(
    changes: Changes, services: Services, tmp_path: Path
) -> None:
    runner = changes.runner
    await run(runner, "select n from generate_series(1, 3000) n")
    said = await to(runner, services, str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_text().splitlines() == ["n", *map(str, range(1, 3001))]
    assert said.startswith("3,000 rows, ")
    assert "exporting a.csv" in changes.seen
    assert not runner.running
    await runner.load_page()
    assert len(shown_of(runner).rows) > 500
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o666 & ~umask


async def test_only_the_loaded_rows_of_what_is_not_run_again(
    changes: Changes, services: Services, tmp_path: Path, table: str, server: RunElsewhere
) -> None:
    runner = changes.runner
    server(f"create table {table} (n int)")
    await run(runner, f"insert into {table} values (1), (2) returning n")
    assert "not run again" in why_not_again(shown_of(runner), session_of(runner))
    await to(runner, services, str(tmp_path / "a.jsonl"), again=False)
    assert (tmp_path / "a.jsonl").read_text() == '{"n": 1}\n{"n": 2}\n'
    assert server(f"select count(*) from {table}") == [(2,)]


async def test_nothing_is_overwritten_unless_that_is_wanted(
    runner: QueryRunner, services: Services, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("mine")
    await run(runner, "select 1 as n")
    with pytest.raises(ServiceError) as caught:
        await to(runner, services, str(tmp_path / "a.csv"))
    assert caught.value.kind is ErrorKind.EXISTS
    assert (tmp_path / "a.csv").read_text() == "mine"
    await to(runner, services, str(tmp_path / "a.csv"), replace=True)
    assert (tmp_path / "a.csv").read_text() == "n\n1\n"


@pytest.mark.parametrize("again", [True, False])
async def test_esc_leaves_no_file_and_the_session_good(
    runner: QueryRunner,
    services: Services,
    tmp_path: Path,
    again: bool,
    server: RunElsewhere,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await run(runner, "begin; set local own.pause = '0'")
    await run(runner, "select pg_sleep(current_setting('own.pause')::float)")
    shown = shown_of(runner)
    await run(runner, "set local own.pause = '60'")
    runner.shown = shown
    begun = threading.Event()

    def endless(_: object) -> Iterator[tuple[str]]:
        begun.set()
        return repeat(("",))

    if not again:
        monkeypatch.setattr(type(shown.rows), "__iter__", endless)
    task = asyncio.ensure_future(to(runner, services, str(tmp_path / "a.csv"), again=again))
    async with asyncio.timeout(20):
        while not (server(SLEEPS) if again else begun.is_set()):
            await asyncio.sleep(0.01)
    await runner.cancel()
    with pytest.raises(ServiceError) as caught:
        await task
    assert caught.value.kind is ErrorKind.CANCELLED
    assert [*tmp_path.glob("*.csv"), *tmp_path.glob(".tristore*")] == []
    assert not runner.running
    assert state_of(runner) is TransactionState.OPEN
    assert "open transaction" in about_again(session_of(runner))
    await run(runner, "rollback; select 1")


async def test_a_server_that_goes_away_leaves_no_file(
    runner: QueryRunner, services: Services, tmp_path: Path, server: RunElsewhere
) -> None:
    await run(runner, "set own.pause = '0'")
    await run(runner, "select pg_sleep(current_setting('own.pause')::float)")
    shown = shown_of(runner)
    await run(runner, "set own.pause = '60'")
    runner.shown = shown
    task = asyncio.ensure_future(to(runner, services, str(tmp_path / "a.csv")))
    async with asyncio.timeout(20):
        while not server(SLEEPS):
            await asyncio.sleep(0.01)
    server(END_ALL)
    with pytest.raises(ConnectionLostError):
        await task
    assert [*tmp_path.glob("*.csv"), *tmp_path.glob(".tristore*")] == []
    assert why_not_again(shown, session_of(runner)).endswith("the connection is lost.")
    await to(runner, services, str(tmp_path / "a.csv"), again=False)
    assert (tmp_path / "a.csv").read_text() == 'pg_sleep\n""\n'


async def test_of_arranged_rows_those_that_are_shown_can_be_written(
    runner: QueryRunner, services: Services, tmp_path: Path
) -> None:
    await run(runner, "select generate_series(1, 30) as n")
    shown = shown_of(runner)
    await RowsArranging(lambda: None).arrange(shown, Arrangement("2", 0, descending=True))
    place = await find_place(services, str(tmp_path / "a.csv"), replace=False)
    await export(runner, services, Chosen(shown, ExportOptions(), place, False, as_shown=True))
    assert (tmp_path / "a.csv").read_text().split()[:3] == ["n", "29", "28"]
    options = getattr(export_form(services, shown, session_of(runner)).fields[0], "options", ())
    assert "the 12 rows that are shown, in their order" in dict(options)


async def test_it_goes_to_s3_under_a_new_key_only(
    runner: QueryRunner, services: Services, account: Account
) -> None:
    bucket = f"export-{uuid.uuid4().hex[:8]}"
    s3 = account.connection.client("s3")
    s3.create_bucket(Bucket=bucket)
    place = await find_place(services, f"s3://{bucket}/a b/ü.csv", replace=False)
    assert isinstance(place, ObjectPlace)
    await run(runner, "select 1 as n")
    chosen = Chosen(shown_of(runner), ExportOptions(), place, again=True)
    done = await export(runner, services, chosen)
    assert done.job is not None
    assert (
        place.private.stat().st_mode & 0o077 == 0
        or place.private.parent.stat().st_mode & 0o077 == 0
    )
    assert await remove_when_sent(services, place, done.job)
    assert not place.private.exists()
    assert s3.get_object(Bucket=bucket, Key="a b/ü.csv")["Body"].read() == b"n\n1\n"
    with pytest.raises(ServiceError) as caught:
        await find_place(services, f"s3://{bucket}/a b/ü.csv", replace=False)
    assert caught.value.kind is ErrorKind.EXISTS


@pytest.mark.parametrize("text", ["s3://", "s3://some-bucket", "s3://some-bucket/folder/"])
async def test_what_is_no_object_is_refused(services: Services, text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await find_place(services, text, replace=False)
    assert caught.value.kind is ErrorKind.INVALID


async def test_a_name_is_made_of_the_first_table(runner: QueryRunner, table: str) -> None:
    for text, name in [
        ("select 1", "result"),
        ("select * from pg_catalog.pg_class limit 1", "pg_class"),
        (f'create table "{table} /../x" (n int); select * from "{table} /../x"', f"{table}_x"),
    ]:
        await run(runner, text)
        assert file_name(shown_of(runner)) == name


async def test_the_form_says_which_rows_there_are(runner: QueryRunner, services: Services) -> None:
    await run(runner, "explain select 1")
    fields = export_form(services, shown_of(runner), session_of(runner)).fields
    assert "not run again" in getattr(fields[0], "text", "")
    await run(runner, "select generate_series(1, 2000)")
    fields = export_form(services, shown_of(runner), session_of(runner)).fields
    assert getattr(fields[0], "value", "") == "again"


async def test_read_only_mode_writes_files_but_nothing_to_s3(
    read_only_account: Account, audit: AuditLog, pane_database: str, tmp_path: Path
) -> None:
    services = services_of(read_only_account, audit, tmp_path / "state")
    runner = QueryRunner(services, lambda: None)
    await connect(runner, pane_database)
    await run(runner, "select 1 as n")
    await to(runner, services, str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_text() == "n\n1\n"
    with pytest.raises(ServiceError) as caught:
        await find_place(services, "s3://some-bucket/a", replace=False)
    assert caught.value.kind is ErrorKind.READ_ONLY
    runner.close()
    services.close()
