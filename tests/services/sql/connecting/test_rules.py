"""Servers that are marked as production, as read-only, or for manual commit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import attempt, run_last
from tui.panes.sql import wording
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Rules, Session, SqlService, TransactionState, from_url

READ_ONLY = Rules(read_only=True)


async def marked(service: SqlService, url: str, rules: Rules) -> Session:
    target, secrets = from_url(url)
    return await service.connect(replace(target, rules=rules), secrets)


@pytest.mark.parametrize(
    "lifting",
    [
        "set default_transaction_read_only = off",
        "reset all",
        "discard all",
        "begin read write",
        "set session characteristics as transaction read write",
        "select lift_{t}()",
    ],
)
async def test_sql_cannot_lift_the_mark(
    service: SqlService, database: str, other: RunElsewhere, prepared: str, lifting: str
) -> None:
    session = await marked(service, database, READ_ONLY)
    await attempt(session, f"{lifting.format(t=prepared)}; insert into {prepared} values (2)")
    with pytest.raises(ServiceError) as caught:
        await run_last(session, f"insert into {prepared} values (2)")
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert other(f"select n from {prepared}") == [(1,)]


async def test_the_mark_holds_on_the_connection_after_a_lost_one(
    service: SqlService, database: str, other: RunElsewhere, prepared: str
) -> None:
    session = await marked(service, database, READ_ONLY)
    await session.reconnect()
    assert session.read_only
    with pytest.raises(ServiceError):
        await run_last(session, f"delete from {prepared}")
    assert (await run_last(session, "show default_transaction_read_only")).rows == (("on",),)
    assert other(f"select n from {prepared}") == [(1,)]


async def test_the_mark_is_of_one_session_only(
    service: SqlService, database: str, other: RunElsewhere, prepared: str
) -> None:
    await marked(service, database, READ_ONLY)
    session = await marked(service, database, Rules())
    await run_last(session, f"insert into {prepared} values (2)")
    assert other(f"select count(*) from {prepared}") == [(2,)]


async def test_production_begins_with_manual_commit(
    service: SqlService, database: str, other: RunElsewhere, prepared: str
) -> None:
    session = await marked(service, database, Rules(production=True))
    await run_last(session, f"insert into {prepared} values (2)")
    assert session.state is TransactionState.OPEN
    assert other(f"select count(*) from {prepared}") == [(1,)]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules(), "each statement commits"),
        (READ_ONLY, "READ ONLY"),
        (Rules(production=True, read_only=True), "PRODUCTION · READ ONLY"),
        (Rules(production=True), "PRODUCTION · manual commit: F5 begins a transaction"),
        (Rules(production=True, manual_commit=False), "PRODUCTION · each statement commits"),
    ],
)
async def test_the_marks_are_said_in_words(
    service: SqlService, database: str, rules: Rules, said: str
) -> None:
    assert wording.connection_state(await marked(service, database, rules)) == (
        f"{said} · no TLS (local)"
    )


@pytest.mark.parametrize(
    ("rules", "by_default", "wanted"),
    [
        (Rules(), False, False),
        (Rules(), True, True),
        (Rules(manual_commit=False), True, False),
        (Rules(manual_commit=True), False, True),
        (Rules(production=True), False, True),
        (Rules(production=True, manual_commit=False), True, False),
        (Rules(production=True, read_only=True), False, False),
    ],
)
def test_manual_commit_is_the_choice_of_the_server_before_that_of_the_settings(
    rules: Rules, by_default: bool, wanted: bool
) -> None:
    assert rules.commits_by_hand(by_default) is wanted


async def test_a_read_only_profile_is_not_lifted_by_a_server_without_the_mark(
    read_only_account: Account, audit: AuditLog, database: str
) -> None:
    service = SqlService(read_only_account, audit)
    session = await marked(service, database, Rules(production=True, manual_commit=True))
    assert session.read_only
    service.close()
