"""Attempts to change something in read-only mode, on the real server, as its superuser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import attempt, run_last
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, SqlService, TransactionState, from_url
from tui.services.sql.text import refusals

WRITE = "insert into {t} values (2)"


ATTEMPTS = [
    "insert into {t} values (2)",
    "update {t} set n = 2",
    "delete from {t}",
    "truncate {t}",
    "drop table {t}",
    "select * into x_{t} from {t}",
    "with a as (insert into {t} values (2) returning n) select * from a",
    "explain analyze insert into {t} values (2)",
    "set transaction_read_only = off; insert into {t} values (2)",
    "set local transaction_read_only = off; insert into {t} values (2)",
    'set "transaction_read_only" to off; insert into {t} values (2)',
    'set "Default_Transaction_Read_Only" to off; insert into {t} values (2)',
    'set U&"transaction_read\\005fonly" to off; insert into {t} values (2)',
    "set default_transaction_read_only = off; insert into {t} values (2)",
    "reset default_transaction_read_only; insert into {t} values (2)",
    "reset all; insert into {t} values (2)",
    "discard all; insert into {t} values (2)",
    "set session characteristics as transaction read write; insert into {t} values (2)",
    "set transaction read write; insert into {t} values (2)",
    "begin read write; insert into {t} values (2); commit",
    "start transaction isolation level serializable, read write; insert into {t} values (2)",
    "begin; set transaction read write; insert into {t} values (2); commit",
    "begin; insert into {t} values (2); commit",
    "begin; commit and chain; insert into {t} values (2); commit",
    "begin; savepoint s; rollback to s; insert into {t} values (2); commit",
    "begin; select 1; rollback and chain; delete from {t}; commit",
    "select set_config('transaction_read_only', 'off', false), f_{t}()",
    "select pg_catalog.\"set_config\"('default_transaction_read_only', 'off', false);"
    "insert into {t} values (2)",
    "select f_{t}()",
    "select lift_{t}(); insert into {t} values (2)",
    "select lift_{t}(), f_{t}()",
    "begin; select lift_{t}(); insert into {t} values (2); commit",
    "prepare p_{t} as insert into {t} values (2); execute p_{t}",
    "prepare q_{t} as select lift_{t}(); execute q_{t}; insert into {t} values (2)",
    "declare c cursor with hold for select f_{t}(); fetch all from c",
    "begin; declare c cursor for select f_{t}(); fetch all from c; commit",
    "do $$begin insert into {t} values (2); end$$",
    "do $$begin commit; set transaction read write; insert into {t} values (2); end$$",
    "call p_{t}()",
    "copy {t} from program 'echo 2'",
    "copy (select 1) to program 'cat > {tmp}/escaped'",
    "copy (select 1) to '{tmp}/escaped'",
    "select lo_export(lo_from_bytea(0, 'x'), '{tmp}/escaped')",
    "select nextval('s_{t}')",
    "select setval('s_{t}', 9)",
    "select * from {t} for update",
    "lock table {t}",
    "analyze {t}",
    "reindex table {t}",
    "vacuum {t}",
    "notify {t}",
    "select pg_notify('c', 'x')",
    "select pg_terminate_backend(pg_backend_pid())",
    "comment on table {t} is 'x'",
    "alter table {t} owner to current_user",
    "create temp table x_{t} (n int)",
    "security label on table {t} is 'x'",
    "prepare transaction 'x'",
    "alter system set work_mem = '5MB'",
    "load 'plpgsql'",
    "checkpoint",
    # The server lets these make a table in a transaction that is READ ONLY.
    "explain analyze create table x_{t} as select 1",
    "explain (analyze) create unlogged table x_{t} as select 1",
    "explain (buffers off, analyze on) create table x_{t} as table {t}",
    'explain ("analyze") create table x_{t} as select 1',
    "explain analyse verbose create materialized view x_{t} as select 1",
    "explain analyze select 1 as a into x_{t}",
    "explain analyze select 1 as a into unlogged x_{t}",
    "explain (analyze, costs off) (select 1 as a into x_{t})",
    "explain analyze with a as (select 1) select * into x_{t} from a",
    "prepare p as select 1; explain analyze create table x_{t} as execute p",
    "begin; explain analyze create table x_{t} as select 1; commit",
    "begin; explain analyze create table x_{t} as select 1; end",
    "begin; explain analyze create table x_{t} as select 1; commit and chain; commit",
    "select make_{t}()",
    "begin; select make_{t}(); commit",
    "begin; select make_{t}(); commit work and no chain",
    "begin; select make_{t}(); end and chain; end",
    "begin; savepoint chain; select make_{t}(); release chain; commit transaction",
    "select * from making_{t}",
    "show all; select make_{t}()",
    "explain analyze select make_{t}()",
    "prepare m as select make_{t}(); execute m; explain analyze execute m",
    "begin; declare c cursor with hold for select make_{t}(); commit; fetch all from c",
    "begin; declare c cursor for select make_{t}(); fetch all from c; commit",
    "declare c cursor with hold for select make_{t}()",
    "explain analyze declare c cursor for select make_{t}()",
    "prepare w as delete from {t}; execute w; explain analyze execute w",
    "prepare w as with a as (delete from {t} returning n) select * from a; execute w",
    "explain analyze insert into {t} values (2); commit",
    "begin; select lo_create(0), lo_from_bytea(0, 'x'); commit",
    "select lo_put(1, 0, 'x')",
    "begin; prepare transaction 'x_{t}'",
    "begin; insert into {t} values (2); prepare transaction 'x_{t}'",
    "commit prepared 'x_{t}'",
    # One statement to a splitter that does not know of the setting, two to the server.
    "set standard_conforming_strings = off; select '\\'' ; insert into {t} values (2); -- '",
    "set standard_conforming_strings = off; "
    "select '\\'' ; commit; insert into {t} values (2); -- '",
    "select 1; commit; insert into {t} values (2)",
    "select $$; commit; insert into {t} values (2)",
    "select 'x",
]


def picture(other: RunElsewhere, table: str, tmp_path: Path) -> object:
    """Everything that an attempt could change."""
    return (
        other(f"select count(*), sum(n) from {table}"),
        other(f"select last_value, is_called from s_{table}"),
        other(f"select count(*) from pg_class where relname = 'x_{table}'"),
        other(f"select obj_description('{table}'::regclass)"),
        other("select count(*) from pg_prepared_xacts"),
        other("select count(*) from pg_largeobject_metadata"),
        (tmp_path / "escaped").exists(),
    )


@pytest.mark.parametrize("text", ATTEMPTS)
async def test_nothing_is_changed(
    read_only_session: Session,
    other: RunElsewhere,
    audit: AuditLog,
    prepared: str,
    tmp_path: Path,
    text: str,
) -> None:
    tmp_path.chmod(0o777)
    before = picture(other, prepared, tmp_path)
    await attempt(read_only_session, text.format(t=prepared, tmp=tmp_path))
    assert picture(other, prepared, tmp_path) == before
    with pytest.raises(ServiceError):
        await run_last(read_only_session, WRITE.format(t=prepared))
    assert picture(other, prepared, tmp_path) == before
    assert not audit.path.exists()


@pytest.mark.parametrize("text", ATTEMPTS)
async def test_the_server_alone_holds_what_changes_the_database(
    read_only_session: Session,
    other: RunElsewhere,
    prepared: str,
    tmp_path: Path,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list of refusals is a second lock: without it the first one still holds."""
    if "to program" in text or "to '" in text or "lo_export" in text:
        pytest.skip("files of the server are not under its read-only transaction")
    monkeypatch.setattr(refusals, "refuse_if_unsafe", lambda statement, in_transaction: None)
    before = picture(other, prepared, tmp_path)
    await attempt(read_only_session, text.format(t=prepared, tmp=tmp_path))
    assert picture(other, prepared, tmp_path) == before


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        'select U&"n" from {t} where n in (1)',
        "table {t}",
        "with a as (select 1) select * from a",
        "show all",
        "explain analyze select * from {t}",
        "begin; select * from {t}; savepoint s; rollback to s; commit",
        "begin isolation level repeatable read; select 1; end",
        "set search_path = public; set timezone = 'UTC'; reset timezone; select 1",
        "prepare p as select $1::int; execute p(1)",
        "select count(*), now(), lower('X') from {t}",
        "explain (analyze off) insert into {t} values (2)",
        "explain (analyze 'false', verbose) create table x_{t} as select 1",
        "explain delete from {t}",
        "begin; declare c cursor for select n from {t}; fetch all from c; rollback",
        "prepare z as select n from {t}; explain analyze execute z; deallocate z",
        "with lo_put(n) as (select 1), dblink(a) as not materialized (select 2) "
        "select lo_put.n from lo_put, dblink",
        "explain analyze with pg_reload_conf(n) as (select 1) select * from pg_reload_conf",
        "with lo_x as (select 1) select * from lo_x",
        "select n as pg_notify, lo_export.n from {t} as lo_export(n) where n in (1)",
        "select pg_switch_wal.nextval from (values (1)) as pg_switch_wal(nextval)",
        "select lo_get(oid) from pg_largeobject_metadata where oid = 0",
        "select count(*) from pg_prepared_statements, pg_stat_activity",
        "select pg_stat_get_numscans(0)",
        "select lastval() where false",
    ],
)
async def test_reading_is_let_through(
    read_only_session: Session, prepared: str, text: str, audit: AuditLog
) -> None:
    await run_last(read_only_session, text.format(t=prepared))
    assert read_only_session.state is TransactionState.IDLE
    assert not audit.path.exists()


async def test_a_transaction_begun_before_read_only_mode_is_neither_committed_nor_lost(
    sandbox: SandboxInfo, audit: AuditLog, database: str, other: RunElsewhere, prepared: str
) -> None:
    session, account, service = await switched(sandbox, audit, database, "plain")
    await run_last(session, f"begin; savepoint chain; {WRITE.format(t=prepared)}")
    account.switch(profile="careful")
    await run_last(session, "savepoint chain")
    for text in ("commit", "end", "commit and chain"):
        with pytest.raises(ServiceError) as caught:
            await run_last(session, text)
        assert caught.value.kind is ErrorKind.READ_ONLY
        assert session.state is TransactionState.OPEN
    account.switch(profile="plain")
    await run_last(session, "commit")
    assert other(f"select count(*) from {prepared}") == [(2,)]
    service.close()
    account.close()


async def test_a_transaction_begun_in_read_only_mode_is_undone_by_whatever_ends_it(
    sandbox: SandboxInfo, audit: AuditLog, database: str, other: RunElsewhere, prepared: str
) -> None:
    session, account, service = await switched(sandbox, audit, database, "plain", "careful")
    await run_last(session, f"begin; select make_{prepared}()")
    account.switch(profile="plain")
    ended = await run_last(session, "commit")
    assert ended.tag == "ROLLBACK"
    assert other(f"select count(*) from pg_class where relname = 'x_{prepared}'") == [(0,)]
    await run_last(session, f"begin; {WRITE.format(t=prepared)}; commit")
    assert other(f"select count(*) from {prepared}") == [(2,)]
    service.close()
    account.close()


async def test_a_commit_in_read_only_mode_says_what_it_is(read_only_session: Session) -> None:
    ended = await run_last(read_only_session, "begin; set timezone = 'Asia/Tokyo'; commit")
    assert ended.tag == "ROLLBACK"
    assert any("ends a transaction by ROLLBACK" in notice for notice in ended.notices)
    chained = await run_last(read_only_session, "begin; select 1; commit and chain")
    assert chained.tag == "ROLLBACK"
    assert read_only_session.state is TransactionState.OPEN


async def test_settings_stay_for_the_session(read_only_session: Session) -> None:
    result = await run_last(read_only_session, "set timezone = 'Asia/Tokyo'; show timezone")
    assert result.rows == (("Asia/Tokyo",),)


async def test_paging_works_in_read_only_mode(read_only_session: Session) -> None:
    result = await run_last(read_only_session, "select generate_series(1, 1200)")
    page = await read_only_session.fetch_more(result)
    assert page.rows[0] == ("501",)


async def switched(
    sandbox: SandboxInfo, audit: AuditLog, database: str, *profiles: str
) -> tuple[Session, Account, SqlService]:
    """A session that was made under the first profile, its account now under the last.

    The profile `careful` is read-only.
    """
    account = Account(
        Target(profile=profiles[0], region=sandbox.region, endpoint_url=sandbox.endpoint_url),
        read_only_profiles=frozenset({"careful"}),
        credentials=sandbox.credentials,
    )
    service = SqlService(account, audit)
    session = await service.connect(*from_url(database))
    for profile in profiles[1:]:
        account.switch(profile=profile)
    return session, account, service


@pytest.mark.parametrize(
    ("profiles", "read_only"),
    [
        (("careful", "plain"), True),
        (("plain", "careful"), True),
        (("plain", "careful", "plain"), False),
        (("careful", "plain", "careful"), True),
    ],
)
async def test_another_profile_never_lifts_read_only_from_an_open_session(
    sandbox: SandboxInfo,
    audit: AuditLog,
    database: str,
    other: RunElsewhere,
    prepared: str,
    profiles: tuple[str, ...],
    read_only: bool,
) -> None:
    session, account, service = await switched(sandbox, audit, database, *profiles)
    assert session.read_only is read_only
    for again in (False, True):
        if again:
            await session.reconnect()
        assert session.read_only is read_only
        await attempt(session, WRITE.format(t=prepared))
    assert other(f"select count(*) from {prepared}") == [(1 if read_only else 3,)]
    service.close()
    account.close()


async def test_what_was_prepared_before_read_only_mode_is_looked_at_again(
    sandbox: SandboxInfo, audit: AuditLog, database: str, other: RunElsewhere
) -> None:
    (pid,) = other("select pg_backend_pid()")[0]
    session, account, service = await switched(sandbox, audit, database, "plain")
    await run_last(session, f'prepare "K" as select pg_terminate_backend({pid})')
    account.switch(profile="careful")
    for text in ('execute "K"', 'explain analyze execute "K"', 'execute U&"K"'):
        with pytest.raises(ServiceError) as caught:
            await run_last(session, text)
        assert caught.value.kind is ErrorKind.READ_ONLY
    assert other("select 1") == [(1,)]
    service.close()
    account.close()
