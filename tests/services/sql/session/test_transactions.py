"""Transactions that are committed by hand."""

from __future__ import annotations

import json

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, state_of
from tui.services.audit import AuditLog
from tui.services.errors import ServiceError
from tui.services.sql import OpenTransaction, Session, SqlError, TransactionState, split
from tui.services.sql.session.transactions import is_begun_for, stands_alone


def transaction_of(session: Session) -> OpenTransaction | None:
    """The transaction now: mypy takes a property that was once asserted for settled."""
    return session.transaction


def alone(text: str) -> str:
    (statement,) = split(text)
    return stands_alone(statement)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("vacuum", "VACUUM"),
        ("VACUUM (FULL, ANALYZE) t", "VACUUM"),
        ("cluster", "CLUSTER"),
        ("cluster verbose", "CLUSTER"),
        ("cluster (verbose)", "CLUSTER"),
        ("/* x */ create database d", "CREATE DATABASE"),
        ("drop database if exists d", "DROP DATABASE"),
        ("create tablespace t location '/x'", "CREATE TABLESPACE"),
        ("create index concurrently on t (a)", "CREATE INDEX CONCURRENTLY"),
        ("create unique index concurrently i on t (a)", "CREATE INDEX CONCURRENTLY"),
        ("drop index concurrently i", "DROP INDEX CONCURRENTLY"),
        ("reindex database d", "REINDEX DATABASE"),
        ("reindex (verbose) schema s", "REINDEX SCHEMA"),
        ("reindex table concurrently t", "REINDEX … CONCURRENTLY"),
        ("reindex (concurrently) index i", "REINDEX … CONCURRENTLY"),
        ("alter system set work_mem = '1GB'", "ALTER SYSTEM"),
        ("discard all", "DISCARD ALL"),
        ("commit prepared 'x'", "COMMIT PREPARED"),
        ("rollback prepared 'x'", "ROLLBACK PREPARED"),
        (
            "alter table p detach partition q concurrently",
            "ALTER TABLE … DETACH PARTITION … CONCURRENTLY",
        ),
        ("cluster t", ""),
        ("cluster t using i", ""),
        ("cluster (verbose) t", ""),
        ('cluster "verbose"', ""),
        ("create index on t (a)", ""),
        ('create index "concurrently" on t (a)', ""),
        ("reindex table t", ""),
        ("discard temp", ""),
        ("create table database (a int)", ""),
        ("drop table t", ""),
        ("select 'vacuum'", ""),
        ("analyze t", ""),
        ("refresh materialized view concurrently v", ""),
    ],
)
def test_what_cannot_run_inside_a_transaction_is_told_by_its_words(text: str, name: str) -> None:
    assert alone(text) == name


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("select 1", True),
        ("set work_mem = '1MB'", True),
        ("set transaction isolation level serializable", True),
        ("savepoint s", True),
        ("do $$begin end$$", True),
        ("begin", False),
        ("start transaction", False),
        ("commit", False),
        ("end", False),
        ("rollback", False),
        ("abort", False),
        ("prepare transaction 'x'", False),
        ("prepare p as select 1", True),
    ],
)
def test_a_transaction_is_begun_in_front_of_everything_but_its_own_commands(
    text: str, begun: bool
) -> None:
    (statement,) = split(text)
    assert is_begun_for(statement) is begun


async def test_nothing_is_committed_before_it_is_said(
    session: Session, run: RunSql, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    session.manual_commit = True
    assert transaction_of(session) is None
    await run(f"insert into {table} values (1); select * from {table}")
    assert state_of(session) is TransactionState.OPEN
    transaction = transaction_of(session)
    assert transaction is not None
    assert transaction.statements == 2
    assert other(f"select * from {table}") == []
    await run("rollback")
    assert transaction_of(session) is None
    await run(f"insert into {table} values (2); commit")
    assert state_of(session) is TransactionState.IDLE
    assert other(f"select * from {table}") == [(2,)]


async def test_set_transaction_takes_effect_as_the_first_statement(
    session: Session, run: RunSql
) -> None:
    session.manual_commit = True
    result = await run("set transaction isolation level serializable; show transaction_isolation")
    assert result.rows == (("serializable",),)
    await run("rollback")


async def test_a_first_statement_that_fails_leaves_no_transaction_and_a_later_one_aborts_it(
    session: Session, run: RunSql
) -> None:
    session.manual_commit = True
    with pytest.raises(SqlError, match="Division by zero"):
        await run("select 1/0")
    assert state_of(session) is TransactionState.IDLE
    assert session.transaction is None
    with pytest.raises(SqlError, match="Division by zero"):
        await run("select 1; select 1/0")
    assert state_of(session) is TransactionState.FAILED
    await run("rollback")


async def test_what_stands_alone_is_refused_and_harms_no_open_transaction(
    session: Session, run: RunSql, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    session.manual_commit = True
    with pytest.raises(SqlError, match="VACUUM cannot run inside a transaction") as caught:
        await run("vacuum")
    assert caught.value.hint.startswith("Press Alt+M")
    assert state_of(session) is TransactionState.IDLE
    await run(f"insert into {table} values (1)")
    with pytest.raises(SqlError, match="CONCURRENTLY cannot run") as caught:
        await run(f"create index concurrently on {table} (n)")
    assert "The open transaction is as it was." in caught.value.cause
    assert state_of(session) is TransactionState.OPEN
    await run("commit")
    session.manual_commit = False
    await run("vacuum")
    assert other(f"select * from {table}") == [(1,)]


async def test_a_chained_transaction_counts_anew(session: Session, run: RunSql) -> None:
    session.manual_commit = True
    await run("select 1; select 2; commit and chain; select 3")
    assert session.transaction is not None
    assert session.transaction.statements == 1
    await run("rollback")


async def test_manual_commit_survives_a_new_connection_but_its_transaction_does_not(
    session: Session, run: RunSql, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    session.manual_commit = True
    await run(f"insert into {table} values (1)")
    await session.reconnect()
    assert session.manual_commit
    assert session.transaction is None
    await run(f"insert into {table} values (2)")
    assert state_of(session) is TransactionState.OPEN
    await run("commit")
    assert other(f"select * from {table}") == [(2,)]


async def test_read_only_mode_begins_no_transaction(read_only_session: Session) -> None:
    read_only_session.manual_commit = True
    (statement,) = split("select 1")
    assert (await read_only_session.run(statement)).rows == (("1",),)
    assert state_of(read_only_session) is TransactionState.IDLE
    (statement,) = split("create table x (n int)")
    with pytest.raises(ServiceError, match="Read-only mode"):
        await read_only_session.run(statement)


async def test_the_audit_says_that_a_change_stands_in_an_open_transaction(
    session: Session, run: RunSql, other: RunElsewhere, audit: AuditLog, table: str
) -> None:
    other(f"create table {table} (n int)")
    session.manual_commit = True
    await run(f"insert into {table} values (1); commit")
    inserted, committed = map(json.loads, audit.path.read_text().splitlines())
    assert (inserted["operation"], inserted["target"].get("Transaction")) == ("INSERT", "open")
    assert (committed["operation"], committed["target"].get("Transaction")) == ("COMMIT", None)


async def test_a_commit_that_fails_leaves_nothing_for_the_next_to_audit(
    session: Session, run: RunSql, other: RunElsewhere, audit: AuditLog, table: str
) -> None:
    other(f"create table {table} (n int unique deferrable initially deferred)")
    with pytest.raises(SqlError):
        await run(f"begin; insert into {table} values (1), (1); commit")
    assert state_of(session) is TransactionState.IDLE
    before = len(audit.path.read_text().splitlines())
    await run("begin; select 1; commit")
    assert len(audit.path.read_text().splitlines()) == before
