"""Attempts to change something in read-only mode, on the real server, as its superuser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import run_last
from tui.services.account import Account, Target
from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sandbox import SandboxInfo
from tui.services.sql import Session, SqlService, TransactionState, from_url
from tui.services.sql import read_only as lock
from tui.services.sql.statements import split

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
    # One statement to a splitter that does not know of the setting, two to the server.
    "set standard_conforming_strings = off; select '\\'' ; insert into {t} values (2); -- '",
    "set standard_conforming_strings = off; "
    "select '\\'' ; commit; insert into {t} values (2); -- '",
    "select 1; commit; insert into {t} values (2)",
    "select $$; commit; insert into {t} values (2)",
    "select 'x",
]


@pytest.fixture
def prepared(other: RunElsewhere, table: str) -> str:
    """A table with one row, and functions and a procedure that would write to it."""
    for statement in (
        f"create table {table} (n int); insert into {table} values (1)",
        f"create sequence s_{table}",
        f"create function f_{table}() returns int language sql volatile as "
        f"$$insert into {table} values (2) returning n$$",
        f"create function lift_{table}() returns text language plpgsql as $$begin "
        "perform set_config('default_transaction_read_only', 'off', false); "
        "perform set_config('transaction_read_only', 'off', false); return 'x'; "
        "exception when others then "
        "perform set_config('default_transaction_read_only', 'off', false); return 'y'; end$$",
        f"create procedure p_{table}() language plpgsql as $$begin commit; "
        f"set transaction read write; insert into {table} values (2); end$$",
    ):
        other(statement)
    return table


def picture(other: RunElsewhere, table: str, tmp_path: Path) -> object:
    """Everything that an attempt could change."""
    return (
        other(f"select count(*), sum(n) from {table}"),
        other(f"select last_value, is_called from s_{table}"),
        other(f"select count(*) from pg_class where relname = 'x_{table}'"),
        other(f"select obj_description('{table}'::regclass)"),
        other("select count(*) from pg_prepared_xacts"),
        (tmp_path / "escaped").exists(),
    )


async def attempt(session: Session, text: str) -> None:
    """Run every statement, going on after refusals as a stubborn person would."""
    statements = split(text, backslash_escapes=session.backslash_escapes)
    for statement in (*statements, *split("rollback")):
        try:
            await session.run(statement)
        except ServiceError:
            continue


@pytest.mark.parametrize("text", ATTEMPTS)
async def test_nothing_is_changed(
    read_only_session: Session, other: RunElsewhere, prepared: str, tmp_path: Path, text: str
) -> None:
    tmp_path.chmod(0o777)
    before = picture(other, prepared, tmp_path)
    await attempt(read_only_session, text.format(t=prepared, tmp=tmp_path))
    assert picture(other, prepared, tmp_path) == before
    with pytest.raises(ServiceError):
        await run_last(read_only_session, WRITE.format(t=prepared))
    assert picture(other, prepared, tmp_path) == before


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
    monkeypatch.setattr(lock, "refuse_if_unsafe", lambda statement: None)
    await attempt(read_only_session, text.format(t=prepared, tmp=tmp_path))
    assert other(f"select count(*), sum(n) from {prepared}") == [(1, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "select pg_terminate_backend({pid})",
        'select pg_catalog."pg_terminate_backend"({pid})',
        'select U&"pg_terminate_backend"({pid})',
        'select u&"pg\\005fterminate_backend" /* x */ ({pid})',
        "select U&\"pg!005fterminate_backend\" UESCAPE '!' ({pid})",
        "prepare k as select U&\"pg!005fterminate_backend\" uescape '!' ({pid}); execute k",
        "select query_to_xml('select pg_terminate_backend({pid})', true, true, '')",
        "select query_to_xml_and_xmlschema('select pg_terminate_backend({pid})', true, true, '')",
        "select * from ts_stat($$select to_tsvector(pg_terminate_backend({pid})::text)$$)",
        "select ts_rewrite('a'::tsquery, $$select 'a'::tsquery, 'b'::tsquery "
        "where pg_terminate_backend({pid})$$)",
        "declare c cursor with hold for select pg_terminate_backend({pid})",
    ],
)
async def test_another_session_cannot_be_ended(
    read_only_session: Session, other: RunElsewhere, text: str
) -> None:
    (pid,) = other("select pg_backend_pid()")[0]
    await attempt(read_only_session, text.format(pid=pid))
    assert other("select 1") == [(1,)]


@pytest.mark.parametrize(
    "name",
    [
        "query_to_xmlschema", "cursor_to_xml", "table_to_xml", "schema_to_xml_and_xmlschema",
        "database_to_xml", "ts_stat", "ts_rewrite", "crosstab", "crosstab3", "connectby",
        "xpath_table", "aws_lambda.invoke", "dblink", "dblink_exec",
    ],
)  # fmt: skip
async def test_what_runs_a_text_as_sql_or_calls_elsewhere_is_refused_by_name(
    read_only_session: Session, name: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await run_last(read_only_session, f"select * from {name}('x')")
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert "Nothing was sent" in caught.value.hint


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
    ],
)
async def test_reading_is_let_through(
    read_only_session: Session, prepared: str, text: str, audit: AuditLog
) -> None:
    await run_last(read_only_session, text.format(t=prepared))
    assert read_only_session.state is TransactionState.IDLE
    assert not audit.path.exists()


async def test_a_refusal_says_that_nothing_was_sent(
    read_only_session: Session, prepared: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await run_last(read_only_session, f"drop table {prepared}")
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert "Nothing was sent" in caught.value.hint


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
