"""How long a statement may take and wait on one connection."""

from __future__ import annotations

import psycopg2
import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind
from tui.services.sql import Session, SqlError, SqlService, TimeLimits, from_url


async def shown(run: RunSql, name: str) -> str | None:
    return (await run(f"show {name}")).rows[0][0]


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (TimeLimits(), ""),
        (TimeLimits(30), "statements 30 s"),
        (TimeLimits(0.5, 5), "statements 0.5 s, locks 5 s"),
        (TimeLimits(0, None), "statements no limit"),
    ],
)
def test_limits_are_said_in_a_few_words(limits: TimeLimits, text: str) -> None:
    assert limits.text == text


async def test_a_statement_that_takes_too_long_is_stopped_and_says_by_which_limit(
    session: Session, run: RunSql
) -> None:
    session.limits = TimeLimits(statement=0.05)
    with pytest.raises(SqlError) as caught:
        await run("select pg_sleep(60)")
    assert "longer than the limit of 0.05 s" in caught.value.message
    assert "T in the rows changes the limits" in caught.value.hint
    assert caught.value.kind is not ErrorKind.CANCELLED
    session.limits = TimeLimits()
    assert await shown(run, "statement_timeout") == "0"


async def test_waiting_for_a_lock_is_limited_apart(
    session: Session, run: RunSql, database: str, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    holder = psycopg2.connect(database)
    holder.cursor().execute(f"lock table {table}")
    session.limits = TimeLimits(lock=0.05)
    with pytest.raises(SqlError, match=r"waited for a lock longer than the limit of 0.05 s") as got:
        await run(f"insert into {table} values (1)")
    assert got.value.kind is ErrorKind.CONFLICT
    holder.close()


async def test_a_rollback_does_not_take_the_limits_back(session: Session, run: RunSql) -> None:
    await run("begin; select 1")
    session.limits = TimeLimits(statement=7)
    assert await shown(run, "statement_timeout") == "7s"
    await run("rollback")
    assert await shown(run, "statement_timeout") == "7s"


async def test_limits_that_are_set_back_in_a_transaction_hold_in_it(
    session: Session, run: RunSql
) -> None:
    session.limits = TimeLimits(statement=5)
    await run("begin; select 1")
    session.limits = TimeLimits(statement=7)
    assert await shown(run, "statement_timeout") == "7s"
    session.limits = TimeLimits(statement=5)
    assert await shown(run, "statement_timeout") == "5s"


async def test_a_setting_of_the_users_own_stands_until_the_limits_are_changed(
    session: Session, run: RunSql
) -> None:
    session.limits = TimeLimits(statement=7)
    await run("select 1; set statement_timeout = '9s'")
    assert await shown(run, "statement_timeout") == "9s"


async def test_a_session_begins_with_what_the_settings_say_and_keeps_it_when_connected_anew(
    account: Account, audit: AuditLog, database: str
) -> None:
    service = SqlService(
        account, audit, limits=TimeLimits(statement=7, lock=3), manual_commit=lambda: True
    )
    session = await service.connect(*from_url(database))
    assert session.manual_commit
    session.manual_commit = False
    from tests.services.sql.conftest import run_last

    assert (await run_last(session, "show statement_timeout")).rows == (("7s",),)
    await session.reconnect()
    assert (await run_last(session, "show lock_timeout")).rows == (("3s",),)
    service.close()
