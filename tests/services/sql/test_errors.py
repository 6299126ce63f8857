"""Errors: where, why, what next; cancel; a server that goes away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, state_of
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    Auth,
    ConnectionLostError,
    DatabaseTarget,
    PasswordNeededError,
    Secrets,
    Session,
    SqlError,
    SqlService,
    TransactionState,
    from_endpoint,
    from_environment,
    from_url,
)
from tui.services.sql import service as service_module
from tui.services.sql.targets import BUNDLE_URL, bundle_file


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("select nonsense", "nonsense"),
        ("select '🙂é', nonsense", "nonsense"),
        ("select 1;\n\nselect '🙂';\n  select nonsense", "nonsense"),
        ("selec 1", "selec"),
        ("insert into nowhere values (1)", "nowhere"),
        ("/* é */ select 1 from nowhere", "nowhere"),
    ],
)
async def test_an_error_is_placed_in_the_whole_text(run: RunSql, text: str, marked: str) -> None:
    with pytest.raises(SqlError) as caught:
        await run(text)
    assert caught.value.offset == text.index(marked)


async def test_an_error_at_the_end_is_placed_there(run: RunSql) -> None:
    with pytest.raises(SqlError) as caught:
        await run("select 1;select * from")
    assert caught.value.offset == len("select 1;select * from")
    assert "end of input" in caught.value.message


async def test_an_error_tells_code_detail_and_hint(run: RunSql, table: str) -> None:
    await run(f"create table {table} (id int primary key, age int); insert into {table} values (1)")
    with pytest.raises(SqlError) as caught:
        await run(f"insert into {table} values (1)")
    assert caught.value.code == "23505"
    assert caught.value.kind is ErrorKind.EXISTS
    assert "Key (id)=(1) already exists" in caught.value.cause
    with pytest.raises(SqlError) as caught:
        await run(f"select agee from {table}")
    assert f'"{table}.age"' in caught.value.hint


async def test_an_error_after_the_first_page_leaves_the_session_usable(
    run: RunSql, session: Session
) -> None:
    result = await run("select 1 / (700 - n) from generate_series(1, 2000) n")
    with pytest.raises(SqlError) as caught:
        await session.fetch_more(result)
    assert caught.value.code == "22012"
    assert state_of(session) is TransactionState.IDLE
    assert (await run("select 1")).rows == (("1",),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\\dt", "psql"),
        ("select 1 \\gx", "psql"),
        ("copy t from stdin", "STDIN"),
        ("copy (select 1) to stdout", "STDOUT"),
        ("select 1\0; drop table t", "NUL"),
        ("select '\ud800'", "encoding"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_a_reason(
    run: RunSql, text: str, says: str
) -> None:
    with pytest.raises(SqlError) as caught:
        await run(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert says in caught.value.message
    assert (await run("select 1")).rows == (("1",),)


SLEEPING = (
    "select count(*) from pg_stat_activity where application_name = 'tristore' "
    "and datname = current_database() and wait_event = 'PgSleep'"
)


async def asleep_on_server(other: RunElsewhere) -> None:
    """Return once the server is inside pg_sleep for us."""
    for _ in range(1000):
        if other(SLEEPING) == [(1,)]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the statement never ran")


@pytest.mark.parametrize("text", ["select pg_sleep(60)", "do $$begin perform pg_sleep(60); end$$"])
async def test_cancel_stops_the_server_and_keeps_the_connection(
    session: Session, run: RunSql, other: RunElsewhere, text: str
) -> None:
    task = asyncio.ensure_future(run(text))
    await asleep_on_server(other)
    assert await session.cancel()
    with pytest.raises(SqlError) as caught:
        await task
    assert caught.value.kind is ErrorKind.CANCELLED
    assert not await session.cancel()
    assert (await run("select 1")).rows == (("1",),)


async def test_cancelling_the_task_cancels_on_the_server(
    session: Session, run: RunSql, other: RunElsewhere
) -> None:
    task = asyncio.ensure_future(run("select pg_sleep(61)"))
    await asleep_on_server(other)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await asyncio.wait_for(run("select 1"), 20)).rows == (("1",),)


async def test_a_statement_timeout_is_not_reported_as_cancelled_by_the_user(run: RunSql) -> None:
    with pytest.raises(SqlError) as caught:
        await run("set statement_timeout = 20; select pg_sleep(60)")
    assert caught.value.kind is not ErrorKind.CANCELLED
    assert "statement timeout" in caught.value.message


async def test_closing_while_a_query_runs_does_not_wait_and_ends_it_on_the_server(
    session: Session, run: RunSql, other: RunElsewhere
) -> None:
    task = asyncio.ensure_future(run("select pg_sleep(62)"))
    await asleep_on_server(other)
    begun = time.monotonic()
    session.close()
    assert time.monotonic() - begun < 1
    with pytest.raises(ServiceError):
        await asyncio.wait_for(task, 20)
    assert other(SLEEPING) == [(0,)]


async def backend(run: RunSql) -> str:
    value = (await run("select pg_backend_pid()")).rows[0][0]
    assert value is not None
    return value


async def test_a_killed_backend_is_noticed_and_nothing_is_run_again_by_itself(
    session: Session, run: RunSql, other: RunElsewhere, table: str
) -> None:
    await run(f"create table {table} (n int)")
    other(f"select pg_terminate_backend({await backend(run)}, 5000)")
    with pytest.raises(ConnectionLostError) as caught:
        await run(f"insert into {table} values (1)")
    assert not caught.value.outcome_unknown
    assert "administrator command" in caught.value.cause
    # libpq's guess about an end on purpose is not ours to repeat.
    assert "abnormally" not in str(caught.value)
    assert state_of(session) is TransactionState.LOST
    with pytest.raises(ConnectionLostError):
        await run("select 1")
    await session.reconnect()
    assert state_of(session) is TransactionState.IDLE
    assert (await run(f"select count(*) from {table}")).rows == (("0",),)


async def test_a_connection_that_breaks_during_a_write_says_that_the_outcome_is_unknown(
    session: Session, run: RunSql, other: RunElsewhere
) -> None:

    task = asyncio.ensure_future(run("do $$begin perform pg_sleep(63); end$$"))
    await asleep_on_server(other)
    session._connection.sever()
    with pytest.raises(ConnectionLostError) as caught:
        await task
    assert caught.value.outcome_unknown
    other(
        "select pg_cancel_backend(pid) from pg_stat_activity where query like 'do %pg_sleep(63)%'"
    )


def with_login(url: str, login: str, **changes: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port}", **changes))


async def test_a_missing_and_a_wrong_password_ask_for_one(
    service: SqlService, database: str
) -> None:
    user = urlsplit(database).username or ""
    target, secrets = from_url(with_login(database, user))
    with pytest.raises(PasswordNeededError):
        await service.connect(target, secrets)
    with pytest.raises(PasswordNeededError) as caught:
        await service.connect(target, Secrets().with_password("no[/]pe"))
    assert "no[/]pe" not in str(caught.value)
    right = Secrets().with_password(urlsplit(database).password or "")
    session = await service.connect(target, right)
    assert session.info.user == user
    session.close()


async def test_connecting_to_nothing_says_why(service: SqlService, database: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await service.connect(*from_url("postgresql://u:p@127.0.0.1:1/db"))
    assert caught.value.kind is ErrorKind.NETWORK
    assert "Nothing listens" in caught.value.message
    with pytest.raises(ServiceError) as caught:
        await service.connect(*from_url(urlunsplit(urlsplit(database)._replace(path="/absent"))))
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@pass@host:x/db",
        "postgresql://u:hunter2/x@h/db?nonsense=1",
        "postgresql://u:hunter2/x@h/db",
        "postgresql://u:12/hunter2@h/db",
        "hunter2",
        "",
    ],
)
def test_a_mistyped_url_never_shows_its_password(url: str) -> None:
    with pytest.raises(ServiceError) as caught:
        from_url(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_target_has_no_password_anywhere() -> None:
    target, secrets = from_url(f"postgresql://me:{quote('hun/ter2', safe='')}@db.example:6543/shop")
    assert target.label == "postgres://db.example:6543/shop"
    assert "ter2" not in repr(target) + repr(secrets) + str(target.parameters)
    assert secrets.reveal() == {"password": "hun/ter2"}


def test_the_environment_gives_a_target_only_if_it_names_one() -> None:
    assert from_environment({"PGUSER": "me"}) is None
    target = from_environment({"PGHOST": "h", "PGDATABASE": "d", "PGPASSWORD": "s3cret"})
    assert target is not None
    assert target.label == "postgres://h/d"
    assert "s3cret" not in repr(target)


async def test_an_iam_login_sends_a_signed_token_over_tls_only(
    service: SqlService, database: str
) -> None:
    parts = urlsplit(database)
    target = from_endpoint(parts.hostname or "", parts.port or 0, "postgres", "me", auth=Auth.IAM)
    assert target.parameters["sslmode"] == "require"
    token = service._fresh(target, Secrets()).reveal()["password"]
    assert "Action=connect" in token
    assert "DBUser=me" in token
    # The sandbox speaks no TLS: the token must not go out in clear.
    with pytest.raises(ServiceError) as caught:
        await service.connect(target)
    assert "secure connection" in caught.value.message


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The parameters of every connection that would be opened; none is."""
    seen: list[dict[str, str]] = []

    def refuse(target: DatabaseTarget, *args: object, **kwargs: object) -> None:
        seen.append(dict(target.parameters))
        raise ServiceError("not in a test")

    monkeypatch.setattr(service_module, "open_connection", refuse)
    return seen


@pytest.fixture
def at_aws(sandbox: SandboxInfo) -> Iterator[SqlService]:
    """A service on an account without an endpoint of its own; it signs, and asks AWS nothing."""
    account = Account(Target(region="us-east-1"), credentials=sandbox.credentials)
    service = SqlService(account)
    yield service
    service.close()
    account.close()


RDS_HOST = "db.abc.us-east-1.rds.amazonaws.com"


async def test_at_aws_a_token_goes_to_no_server_that_cannot_be_verified(
    at_aws: SqlService, asked: list[dict[str, str]]
) -> None:
    for sslmode in ("prefer", "require"):
        target = from_endpoint(RDS_HOST, 5432, "d", "me", auth=Auth.IAM, sslmode=sslmode)
        with pytest.raises(ServiceError) as caught:
            await at_aws.connect(target)
        assert "verified" in caught.value.message
        assert BUNDLE_URL in caught.value.hint
        assert str(bundle_file()) in caught.value.hint
    assert asked == []


@pytest.mark.parametrize("place", ["beside the settings", "PGSSLROOTCERT", "root.crt"])
async def test_at_aws_a_token_goes_to_a_verified_server(
    at_aws: SqlService,
    asked: list[dict[str, str]],
    private_home: Path,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = private_home / ".postgresql" / "root.crt"
    if place == "beside the settings":
        file = bundle_file()
    elif place == "PGSSLROOTCERT":
        file = private_home / "certificates.pem"
        monkeypatch.setenv("PGSSLROOTCERT", str(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    target = from_endpoint(RDS_HOST, 5432, "d", "me", auth=Auth.IAM, sslmode="require")
    with pytest.raises(ServiceError, match="not in a test"):
        await at_aws.connect(target)
    assert asked[0]["sslmode"] == "verify-full"
    # libpq itself looks into the other two.
    expected = str(file) if place == "beside the settings" else None
    assert asked[0].get("sslrootcert") == expected


async def test_a_password_goes_to_a_verified_instance_once_the_bundle_is_there(
    at_aws: SqlService, asked: list[dict[str, str]]
) -> None:
    target = from_endpoint(RDS_HOST, 5432, "d", "me", sslmode="require")
    elsewhere = from_endpoint("db.example.com", 5432, "d", "me", sslmode="require")
    for _ in range(2):
        for each in (target, elsewhere):
            with pytest.raises(ServiceError, match="not in a test"):
                await at_aws.connect(each, Secrets().with_password("x"))
        bundle_file().parent.mkdir(parents=True, exist_ok=True)
        bundle_file().touch()
    modes = [each["sslmode"] for each in asked]
    assert modes == ["require", "require", "verify-full", "require"]


async def test_relations_and_columns_are_listed_from_a_connection_of_their_own(
    session: Session, run: RunSql, table: str
) -> None:
    await run(f'create table {table} (id int not null, "Na me" varchar(20))')
    await run("begin")
    found = {each.name: each for each in (await session.relations()).found}
    columns = found[table].columns or ()
    assert [(c.name, c.type_name, c.not_null) for c in columns] == [
        ("id", "integer", True),
        ("Na me", "character varying(20)", False),
    ]
    assert state_of(session) is TransactionState.OPEN


@pytest.mark.parametrize("step", ["FETCH", "COMMIT"])
async def test_a_cancel_between_two_steps_leaves_no_transaction_of_ours(
    session: Session, run: RunSql, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    connection = session._connection
    execute = connection.execute

    def execute_after_the_cancel(text: str, *args: Any, **kwargs: Any) -> Any:
        if text.startswith(step):
            connection.stop.set()
        return execute(text, *args, **kwargs)

    monkeypatch.setattr(connection, "execute", execute_after_the_cancel)
    with pytest.raises(SqlError) as caught:
        await run("select 1")
    assert caught.value.kind is ErrorKind.CANCELLED
    monkeypatch.undo()
    assert session.state is TransactionState.IDLE
    assert connection.driver.get_transaction_status() == 0
    assert (await run("select 1")).rows == (("1",),)


async def writing_select(run: RunSql, table: str) -> str:
    """A SELECT that writes a row."""
    await run(
        f"create table {table} (n int);"
        f"create function f_{table}() returns int language sql volatile as "
        f"$$insert into {table} values (1) returning n$$"
    )
    return f"select f_{table}()"


async def test_a_cancel_that_comes_as_the_commit_ends_does_not_deny_what_is_committed(
    session: Session,
    run: RunSql,
    other: RunElsewhere,
    table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = await writing_select(run, table)
    connection = session._connection
    commit = connection.end_ours

    def commit_and_cancel() -> None:
        commit()
        connection.stop.set()

    monkeypatch.setattr(connection, "end_ours", commit_and_cancel)
    assert (await run(text)).rows == (("1",),)
    assert other(f"select count(*) from {table}") == [(1,)]


async def test_a_cancel_that_stops_reading_what_is_committed_says_that_it_is(
    session: Session,
    run: RunSql,
    other: RunElsewhere,
    table: str,
    audit: AuditLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = await writing_select(run, table)
    connection = session._connection
    execute = connection.execute

    def stopped_by_the_server(text: str, *args: Any, **kwargs: Any) -> Any:
        if text.startswith("FETCH"):
            # What the server makes of a cancel request that reaches it while it fetches.
            text = "do $$begin raise exception using errcode = '57014'; end$$"
            kwargs["stoppable"] = False
        return execute(text, *args, **kwargs)

    monkeypatch.setattr(connection, "execute", stopped_by_the_server)
    with pytest.raises(SqlError) as caught:
        await run(text)
    monkeypatch.undo()
    assert "committed; its rows were not read" in caught.value.message
    assert caught.value.kind is ErrorKind.CANCELLED
    assert other(f"select count(*) from {table}") == [(1,)]
    assert '"outcome": "ok"' in audit.path.read_text().splitlines()[-1]
    assert (await run("select 1")).rows == (("1",),)


def test_a_server_that_never_answers_a_cancel_freezes_nothing(database: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.services.sql.deaf_server", database],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stdout.split() == ["awake", "False", "closed"], answer.stderr
