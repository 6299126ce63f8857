"""Changes of rows on a real server: exactly what was typed is stored, or nothing is changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.postgres import RunElsewhere, elsewhere
from tests.services.sql.conftest import run_last, state_of
from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    ConnectionLostError,
    Result,
    Row,
    Session,
    SqlService,
    TransactionState,
    from_url,
)
from tui.services.sql.row_edits.applying import Applied, ChangeRefusedError
from tui.services.sql.row_edits.changes import DeleteRow, InsertRow, RowChange, UpdateRow


class Rows:
    """A result and its table."""

    def __init__(self, session: Session, result: Result) -> None:
        self.session = session
        self.result = result

    def __getitem__(self, at: int) -> Row:
        return self.result.rows[at]

    async def apply(self, changes: Sequence[RowChange]) -> Applied:
        return await self.session.apply(await self.session.editable_table(self.result), changes)

    async def refused(self, changes: Sequence[RowChange]) -> ChangeRefusedError:
        with pytest.raises(ChangeRefusedError) as caught:
            await self.apply(changes)
        return caught.value


async def read(session: Session, text: str) -> Rows:
    return Rows(session, await run_last(session, text))


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


VALUES = [
    ("smallint", "-32768"), ("bigint", "9223372036854775807"), ("numeric", "1.000"),
    ("numeric", "NaN"), ("real", "0.1"), ("double precision", "-0"),
    ("double precision", "2.2250738585072014e-308"), ("money", "$1,234.50"), ("boolean", "t"),
    ("text", "%s % %% \\ \\x41 'q' \"d\" \t\r\n\u2028 𝄞 :name $1"), ("varchar(5)", "  a  "),
    ("char(5)", "a    "), ('"char"', "a"), ("name", "Größe"), ("bytea", "\\x00ff"),
    ("date", "0044-03-15 BC"), ("date", "infinity"), ("timestamp", "99999-01-01 00:00:00"),
    ("timestamptz", "2024-10-27 02:30:00+00"), ("time", "24:00:00"), ("timetz", "24:00:00+14"),
    ("interval", "24:00:00"), ("interval", "1 mon -1 days"), ("json", '{"a":  1, "a": 2}'),
    ("jsonb", '{"a": 1.10}'),
    ("uuid", "00000000-0000-0000-0000-0000000000ff"),
    ("inet", "10.0.0.1"), ("cidr", "10.0.0.0/8"), ("macaddr", "08:00:2b:01:02:03"),
    ("point", "(1,2)"), ("box", "(2,2),(1,1)"), ("circle", "<(1,2),3>"), ("path", "[(1,1),(2,2)]"),
    ("polygon", "((0,0),(1,1),(1,0))"), ("line", "{1,2,3}"), ("lseg", "[(0,0),(1,1)]"),
    ("bit(3)", "101"), ("varbit", ""), ("int[]", "{1,NULL,3}"),
    ("text[]", '{"",NULL,"NULL","a,b"}'),
    ("int4range", "[1,5)"), ("tsvector", "'a':1 'b'"), ("tsquery", "'a' & 'b'"), ("xid", "7"),
    ("pg_lsn", "0/16B3748"), ("oid", "4294967295"), ("regclass", "pg_class"),
]  # fmt: skip
"""Types, and values as the server prints them."""


async def test_values_of_every_type_go_there_and_back_and_are_compared_exactly(
    session: Session, other: RunElsewhere, table: str
) -> None:
    columns = ", ".join(f"c{number} {type_}" for number, (type_, _) in enumerate(VALUES))
    other(f"create table {table} (id int primary key, {columns})")
    other(f"insert into {table} (id) values (1)")
    rows = await read(session, f"select * from {table}")
    values = {number: value for number, (_, value) in enumerate(VALUES, 2)}
    applied = await rows.apply([UpdateRow(rows[0], values)])
    assert applied.rows[0] == ("1", *(value for _, value in VALUES))
    # Each of them stands in the condition of the next change.
    again = await read(session, f"select * from {table}")
    assert again[0] == applied.rows[0]
    assert (await again.apply([DeleteRow(again[0])])).rows == (again[0],)


@pytest.mark.parametrize(
    ("type_", "shown", "becomes"),
    [
        ("double precision", "0", "-0"),
        ("interval", "1 day", "24:00:00"),
        ("json", "{}", "{ }"),
        ("jsonb", '{"a": 1.0}', '{"a": 1.00}'),
        ("box", "(1,1),(0,0)", "(3,3),(2,2)"),
        ("point", "(1,2)", "(1,3)"),
        ("text", "a", "a "),
        ("inet", "10.0.0.1", "10.0.0.1/8"),
        ("double precision[]", "{0}", "{-0}"),
        ("int", None, "0"),
        ("text", "", None),
        ("xid", "7", "8"),
    ],
)
async def test_a_row_with_another_value_is_not_taken_for_the_one_shown(
    session: Session, other: RunElsewhere, table: str, type_: str, shown: str, becomes: str
) -> None:
    def literal(value: str | None) -> str:
        return "null" if value is None else f"'{value}'"

    other(f"create table {table} (id int primary key, v {type_}, w int)")
    other(f"insert into {table} values (1, {literal(shown)}, 0)")
    rows = await read(session, f"select * from {table}")
    other(f"update {table} set v = {literal(becomes)}")
    error = await rows.refused([UpdateRow(rows[0], {3: "5"})])
    assert error.conflict
    assert error.now == ("1", becomes, "0")
    assert "v now" in error.cause


async def test_names_may_be_anything(session: Session, other: RunElsewhere, table: str) -> None:
    schema, name = f'S."{table}', "tab\nle'; drop -- %s"
    quoted = f'"S.""{table}"."{name}"'
    first, second = 'a"b', "SELECT"
    other(f'create schema "S.""{table}"')
    other(
        f'create table {quoted} ("a""b" text, "{second}" text, "%(x)s" text, '
        f'primary key ("{second}", "a""b"))'
    )
    other(f"insert into {quoted} values ('x', 'y', 'z')")
    rows = await read(session, f"select * from {quoted}")
    found = await session.editable_table(rows.result)
    assert (found.schema, found.name, found.key) == (schema, name, (2, 1))
    assert found.column(1).name == first
    await rows.apply([UpdateRow(rows[0], {1: "%s", 3: "ü"})])
    assert other(f"select * from {quoted}") == [("%s", "y", "ü")]
    other(f'drop schema "S.""{table}" cascade')


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


async def test_bytes_of_no_encoding_go_there_and_back(
    service: SqlService, other: RunElsewhere, database: str, table: str
) -> None:
    other(f"create database {table} encoding 'SQL_ASCII' locale 'C' template template0")
    url = urlunsplit(urlsplit(database)._replace(path=f"/{table}"))
    session = await service.connect(*from_url(url))
    made = "create table t (k text primary key, v text, j json); insert into t values "
    rows = await read(session, made + r"(E'\xff', E'\xc3\xfe', '{}') returning *")
    assert rows[0][:2] == ("\udcff", "\udcc3\udcfe")
    applied = await rows.apply([UpdateRow(rows[0], {1: "é\udc80", 3: "[1]"})])
    session.close()
    other(f"drop database {table} with (force)")
    assert applied.rows == (("é\udc80", "\udcc3\udcfe", "[1]"),)


@pytest.mark.parametrize("setting", ["extra_float_digits = -15", "datestyle = 'German'"])
async def test_values_are_compared_as_this_session_prints_them(
    session: Session, other: RunElsewhere, table: str, setting: str
) -> None:
    other(f"create table {table} (id int primary key, f float, d date, t timestamptz, r real[])")
    other(f"insert into {table} values (1, 1/3.0, '2024-02-03', now(), '{{0.1,0.3}}')")
    rows = await read(session, f"set {setting}; table {table}")
    await rows.apply([UpdateRow(rows[0], {2: "2"})])


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


async def test_a_backslash_means_itself_whatever_the_server_thinks(
    session: Session, other: RunElsewhere, people: str
) -> None:
    await run_last(session, "set standard_conforming_strings = off")
    rows = await read(session, f"select * from {people} order by id")
    value = "\\' or 1=1; -- "
    await rows.apply([UpdateRow(rows[0], {2: value})])
    assert other(f"select name from {people} where id = 1") == [(value,)]
