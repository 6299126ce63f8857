"""Changes of rows on a real server: exactly what was typed is stored, or nothing is changed."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.postgres import RunElsewhere, elsewhere
from tests.services.sql.conftest import run_last, state_of
from tests.services.sql.row_edits.rows import read
from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    ConnectionLostError,
    Session,
    TransactionState,
)
from tui.services.sql.row_edits.applying import ChangeRefusedError
from tui.services.sql.row_edits.changes import DeleteRow, InsertRow, RowChange, UpdateRow


@pytest.fixture
def people(other: RunElsewhere, table: str) -> str:
    other(f"create table {table} (id int primary key, name text, age int check (age > 0))")
    other(f"insert into {table} values (1, 'Ada', 36), (2, 'Bob', null), (3, '', 5)")
    return table


async def test_rows_are_changed_added_and_deleted_together(
    session: Session, other: RunElsewhere, people: str
) -> None:
    rows = await read(session, f"select * from {people} order by id")
    applied = await rows.apply(
        [
            UpdateRow(rows[0], {2: None, 3: "37"}),
            DeleteRow(rows[1]),
            UpdateRow(rows[2], {2: " \n'\\"}),
            InsertRow({1: "9", 2: ""}),
        ]
    )
    assert applied.rows == (
        ("1", None, "37"),
        ("2", "Bob", None),
        ("3", " \n'\\", "5"),
        ("9", "", None),
    )
    assert not applied.is_open
    stored = other(f"select * from {people} order by id")
    assert stored == [(1, None, 37), (3, " \n'\\", 5), (9, "", None)]


async def test_a_change_in_between_undoes_everything_and_shows_what_is_stored(
    session: Session, other: RunElsewhere, people: str
) -> None:
    rows = await read(session, f"select * from {people} order by id")
    other(f"update {people} set name = 'Zoe' where id = 2")
    error = await rows.refused([UpdateRow(rows[0], {2: "Eve"}), UpdateRow(rows[1], {3: "4"})])
    assert (error.at, error.conflict, error.now) == (1, True, ("2", "Zoe", None))
    assert error.kind is ErrorKind.CHANGED
    assert other(f"select name from {people} where id = 1") == [("Ada",)]
    assert state_of(session) is TransactionState.IDLE
    other(f"delete from {people} where id = 2")
    gone = await rows.refused([DeleteRow(rows[1])])
    assert (gone.conflict, gone.now) == (True, None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (UpdateRow(("2", "Bob", None), {3: "-1"}), "23514"),
        (UpdateRow(("2", "Bob", None), {3: "many"}), "22P02"),
        (UpdateRow(("2", "Bob", None), {1: "3"}), "23505"),
        (UpdateRow(("2", "Bob", None), {1: None}), "23502"),
        (InsertRow({2: "nobody"}), "23502"),
    ],
)
async def test_an_error_is_told_with_the_change_that_it_is_of(
    session: Session, other: RunElsewhere, people: str, change: RowChange, code: str
) -> None:
    rows = await read(session, f"select * from {people} order by id")
    error = await rows.refused([UpdateRow(rows[0], {2: "Eve"}), change])
    assert (error.at, error.code, error.conflict) == (1, code, False)
    assert "None of the changes was made" in error.hint
    assert other(f"select count(*) from {people} where name = 'Eve'") == [(0,)]


async def test_in_the_users_transaction_only_the_changes_are_undone(
    session: Session, other: RunElsewhere, people: str
) -> None:
    rows = await read(
        session,
        f"begin; insert into {people} values (7, 'mine'); table {people} order by 1",
    )
    error = await rows.refused([UpdateRow(rows[3], {2: "x"}), UpdateRow(rows[0], {3: "-1"})])
    assert error.at == 1
    assert state_of(session) is TransactionState.OPEN
    applied = await rows.apply([UpdateRow(rows[3], {2: "y"})])
    assert applied.is_open
    assert other(f"select count(*) from {people}") == [(3,)]
    await run_last(session, "commit")
    assert other(f"select name from {people} where id = 7") == [("y",)]


async def test_by_hand_the_changes_wait_for_commit(
    session: Session, other: RunElsewhere, people: str
) -> None:
    rows = await read(session, f"select * from {people} order by id")
    session.manual_commit = True
    await rows.refused([InsertRow({1: "1"})])
    assert state_of(session) is TransactionState.IDLE
    assert (await rows.apply([DeleteRow(rows[0])])).is_open
    assert other(f"select count(*) from {people}") == [(3,)]
    await run_last(session, "commit")
    assert other(f"select count(*) from {people}") == [(2,)]


async def test_what_triggers_and_defaults_make_of_it_is_what_comes_back(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(
        f"create table {table} (id int generated always as identity primary key, name text, "
        "loud text generated always as (upper(name)) stored, at date default '2020-02-02')"
    )
    other(
        f"create function f_{table}() returns trigger language plpgsql as $$begin "
        "if new.name = 'no' then return null; end if; new.name = trim(new.name); return new; end$$"
    )
    other(
        f"create trigger t before insert or update on {table} for each row "
        f"execute function f_{table}()"
    )
    rows = await read(session, f"select loud, name, id, at from {table}")
    added = (await rows.apply([InsertRow({2: " ada "}), InsertRow({})])).rows
    assert added == (("ADA", "ada", "1", "2020-02-02"), (None, None, "2", "2020-02-02"))
    rows = await read(session, f"select loud, name, id, at from {table} order by id")
    changed = await rows.apply([UpdateRow(rows[0], {2: " Eve"})])
    assert changed.rows == (("EVE", "Eve", "1", "2020-02-02"),)
    rows = await read(session, f"select loud, name, id, at from {table} order by id")
    error = await rows.refused([UpdateRow(rows[1], {2: "no"})])
    assert "it is as it was shown" in error.message
    assert not error.conflict


async def test_a_policy_that_hides_or_refuses_a_row_is_told(
    session: Session, other: RunElsewhere, people: str
) -> None:
    other(f"create role r_{people}; grant r_{people} to current_user")
    other(f"grant select, update, insert on {people} to r_{people}")
    other(f"alter table {people} enable row level security")
    other(f"create policy look on {people} for select using (true)")
    other(f"create policy change on {people} for update using (id = 1) with check (age < 50)")
    try:
        await run_last(session, f"set role r_{people}")
        rows = await read(session, f"select * from {people} order by id")
        await rows.apply([UpdateRow(rows[0], {3: "40"})])
        hidden = await rows.refused([UpdateRow(rows[1], {3: "40"})])
        assert "row security policy keeps it" in hidden.cause
        rows = await read(session, f"select * from {people} order by id")
        old = await rows.refused([UpdateRow(rows[0], {3: "60"})])
        assert (old.code, old.kind) == ("42501", ErrorKind.DENIED)
        denied = await rows.refused([DeleteRow(rows[0])])
        assert (denied.code, denied.kind) == ("42501", ErrorKind.DENIED)
    finally:
        await run_last(session, "reset role")
        other(f"drop owned by r_{people}; drop role r_{people}")


async def test_a_constraint_that_waits_for_commit_fails_there(
    session: Session, other: RunElsewhere, people: str
) -> None:
    other(
        f"create table c_{people} (id int primary key, "
        f"parent int references {people} deferrable initially deferred)"
    )
    rows = await read(session, f"select * from c_{people}")
    with pytest.raises(ServiceError, match="COMMIT failed") as caught:
        await rows.apply([InsertRow({1: "1", 2: "99"})])
    assert caught.value.code == "23503"
    assert other(f"select count(*) from c_{people}") == [(0,)]
    assert state_of(session) is TransactionState.IDLE


async def test_a_row_that_counts_twice_through_inheritance_is_not_changed(
    session: Session, other: RunElsewhere, people: str
) -> None:
    other(f"create table i_{people} () inherits ({people})")
    other(f"insert into i_{people} values (1, 'Ada', 36)")
    rows = await read(session, f"select * from {people} where name = 'Ada'")
    error = await rows.refused([DeleteRow(rows[0])])
    assert "2 rows" in error.message
    assert other(f"select count(*) from {people}") == [(4,)]


async def lock_waited_for(other: RunElsewhere) -> None:
    """Return once somebody waits for a lock in this database."""
    async with asyncio.timeout(20):
        while not other(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' "
            "and datname = current_database()"
        ):
            await asyncio.sleep(0.01)


async def test_waiting_for_somebody_elses_lock_can_be_stopped(
    session: Session, database: str, other: RunElsewhere, people: str
) -> None:
    rows = await read(session, f"begin; table {people} order by id")
    with elsewhere(database) as holder:
        holder(f"begin; update {people} set age = 1 where id = 1")
        applying = asyncio.ensure_future(rows.apply([DeleteRow(rows[1]), DeleteRow(rows[0])]))
        await lock_waited_for(other)
        await session.cancel()
        with pytest.raises(ChangeRefusedError) as caught:
            await applying
        assert (caught.value.at, caught.value.kind) == (1, ErrorKind.CANCELLED)
        # The user's transaction goes on, without the first deletion.
        assert state_of(session) is TransactionState.OPEN
        holder("rollback")
    assert (await run_last(session, f"select count(*) from {people}")).rows == (("3",),)
    assert not (await rows.apply([DeleteRow(rows[1])])).rows[0][2]


async def test_a_server_that_goes_meanwhile_has_changed_nothing(
    session: Session, database: str, other: RunElsewhere, people: str
) -> None:
    rows = await read(session, f"table {people} order by id")
    with elsewhere(database) as holder:
        holder(f"begin; update {people} set age = 1 where id = 1")
        applying = asyncio.ensure_future(rows.apply([DeleteRow(rows[1]), DeleteRow(rows[0])]))
        await lock_waited_for(other)
        other(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'tristore' and datname = current_database()"
        )
        with pytest.raises(ConnectionLostError) as caught:
            await applying
        assert not caught.value.outcome_unknown
        holder("rollback")
    assert other(f"select count(*) from {people}") == [(3,)]
    await session.reconnect()
    await rows.apply([DeleteRow(rows[1])])


async def test_read_only_mode_sends_nothing(
    read_only_session: Session, other: RunElsewhere, people: str
) -> None:
    rows = await read(read_only_session, f"select * from {people} order by id")
    with pytest.raises(ServiceError) as caught:
        await rows.apply([DeleteRow(rows[0])])
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert other(f"select count(*) from {people}") == [(3,)]
    assert state_of(read_only_session) is TransactionState.IDLE


async def test_the_audit_has_a_line_for_each_change_and_the_commit(
    session: Session, audit: AuditLog, people: str
) -> None:
    rows = await read(session, f"select * from {people} order by id")
    await rows.apply([UpdateRow(rows[0], {2: "secret"}), DeleteRow(rows[1])])
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    assert [line["operation"] for line in lines] == ["UPDATE", "DELETE", "COMMIT"]
    assert "secret" not in audit.path.read_text()
