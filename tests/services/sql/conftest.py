"""Sessions on the sandbox's PostgreSQL, and a database of each test's own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from tests.postgres import RunElsewhere, elsewhere, own_database
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ServiceError
from tui.services.sql import Result, Session, SqlService, TransactionState, from_url, split

RunSql = Callable[[str], Awaitable[Result]]

SLEEPING = (
    "select count(*) from pg_stat_activity where application_name = 'tristore' "
    "and datname = current_database() and wait_event = 'PgSleep'"
)


@pytest.fixture(scope="package")
def database(sandbox: SandboxInfo) -> Iterator[str]:
    """The URL of an empty database that these tests share."""
    with own_database(sandbox.postgres) as url:
        yield url


@pytest.fixture
def other(database: str) -> Iterator[RunElsewhere]:
    """Runs SQL on a connection of its own: what somebody else sees of the database."""
    with elsewhere(database) as run:
        yield run


@pytest.fixture
def service(account: Account, audit: AuditLog) -> Iterator[SqlService]:
    service = SqlService(account, audit)
    yield service
    service.close()


@pytest.fixture
async def session(service: SqlService, database: str) -> AsyncIterator[Session]:
    session = await service.connect(*from_url(database))
    yield session
    session.close()


@pytest.fixture
async def read_only_session(
    read_only_account: Account, audit: AuditLog, database: str
) -> AsyncIterator[Session]:
    service = SqlService(read_only_account, audit)
    yield await service.connect(*from_url(database))
    service.close()


async def run_last(session: Session, text: str) -> Result:
    """Run every statement of `text`; the result of the last."""
    result: Result | None = None
    for statement in split(text, backslash_escapes=session.backslash_escapes):
        result = await session.run(statement)
    assert result is not None
    return result


@pytest.fixture
def run(session: Session) -> RunSql:
    """Run SQL on `session`; gives the last result."""
    return lambda text: run_last(session, text)


@pytest.fixture
def table() -> str:
    """A name that no other test uses."""
    return f"t_{uuid.uuid4().hex[:10]}"


def state_of(session: Session) -> TransactionState:
    """The state now: mypy takes a property that was once asserted for settled."""
    return session.state


async def attempt(session: Session, text: str) -> None:
    """Run every statement, going on after refusals as a stubborn person would."""
    statements = split(text, backslash_escapes=session.backslash_escapes)
    for statement in (*statements, *split("rollback")):
        try:
            await session.run(statement)
        except ServiceError:
            continue


async def asleep_on_server(other: RunElsewhere) -> None:
    """Return once the server is inside pg_sleep for us."""
    for _ in range(1000):
        if other(SLEEPING) == [(1,)]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the statement never ran")


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
        # EXPLAIN inside a function, where no list of refusals sees it.
        f"create function make_{table}() returns int language plpgsql as $$begin "
        f"execute 'explain analyze create table x_{table} as select 1'; return 1; end$$",
        f"create view making_{table} as select make_{table}()",
        f"create procedure p_{table}() language plpgsql as $$begin commit; "
        f"set transaction read write; insert into {table} values (2); end$$",
    ):
        other(statement)
    return table
