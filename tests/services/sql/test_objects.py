"""The branches of the catalog."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import attempt, run_last
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session
from tui.services.sql.objects import (
    Branch,
    DbObject,
    Entry,
    Group,
    GroupOf,
    ObjectKind,
    branch,
    questions,
    search,
)
from tui.services.sql.objects.branches import PAGE


async def below(session: Session, entry: Entry | None, *, hidden: bool = False) -> Branch:
    return await session.look_up(partial(branch, entry=entry, hidden=hidden))


async def names_below(session: Session, entry: Entry | None, *, hidden: bool = False) -> list[str]:
    return [each.label for each in (await below(session, entry, hidden=hidden)).entries]


def schema_of(other: RunElsewhere, name: str) -> DbObject:
    ((oid,),) = other(f"select oid::text from pg_namespace where nspname = '{name}'")
    return DbObject(ObjectKind.SCHEMA, name, str(oid))


def relation_of(other: RunElsewhere, name: str, kind: ObjectKind = ObjectKind.TABLE) -> DbObject:
    ((oid,),) = other(f"select '{name}'::regclass::oid::text")
    return DbObject(kind, name, str(oid), "public")


async def test_system_schemas_are_hidden_until_asked_for(session: Session) -> None:
    databases = (await below(session, None)).entries
    current = databases[0]
    assert isinstance(current, DbObject)
    assert current.current
    assert current.name == session.info.database
    assert current.size
    assert "pg_catalog" not in await names_below(session, current)
    assert "pg_catalog" in await names_below(session, current, hidden=True)
    assert "template1" in await names_below(session, None, hidden=True)


async def test_a_never_analysed_table_has_unknown_rows_not_none(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    other(f"insert into {table} select generate_series(1, 40)")
    group = GroupOf(Group.TABLES, schema_of(other, "public"), None)

    async def rows() -> tuple[int | None, int | None]:
        found = (await below(session, group)).entries
        (each,) = [each for each in found if isinstance(each, DbObject) and each.name == table]
        return each.rows, each.size

    assert await rows() == (None, 8192)
    other(f"analyze {table}")
    assert await rows() == (40, 8192)
    other(f"truncate {table}")
    other(f"vacuum {table}")
    assert await rows() == (0, 0)


async def test_many_tables_come_in_pages_without_a_gap(
    session: Session, other: RunElsewhere, table: str
) -> None:
    names = [f"n{number:04}" for number in range(PAGE + 30)]
    made = "; ".join(f"create table {table}.{name} ()" for name in names)
    other(f"create schema {table}; {made}")
    group = GroupOf(Group.TABLES, schema_of(other, table), None)
    first = await below(session, group)
    assert [each.label for each in first.entries] == names[:PAGE]
    assert first.after is not None
    # Dropped meanwhile: what follows is still what follows.
    other(f"drop table {table}.n0003")
    second = await session.look_up(partial(branch, entry=group, hidden=False, after=first.after))
    assert [each.label for each in second.entries] == names[PAGE:]
    assert second.after is None
    other(f"drop schema {table} cascade")


async def test_a_table_has_its_parts(session: Session, other: RunElsewhere, table: str) -> None:
    other(
        f"create table {table} (id int generated always as identity primary key, "
        "name varchar(20) collate \"C\" default 'x' not null, twice int generated always as "
        f"(id * 2) stored); comment on column {table}.name is 'who'; "
        f"alter table {table} add constraint small check (id < 9) not valid; "
        f"create index on {table} (lower(name)); "
        f"create policy mine on {table} for select using (name = current_user)"
    )
    groups = {
        each.group: each
        for each in (await below(session, relation_of(other, table))).entries
        if isinstance(each, GroupOf)
    }
    assert set(groups) == {Group.COLUMNS, Group.CONSTRAINTS, Group.INDEXES, Group.POLICIES}

    async def about(group: Group) -> list[str]:
        found = (await below(session, groups[group])).entries
        return [each.about for each in found if isinstance(each, DbObject)]

    assert await about(Group.COLUMNS) == [
        "integer NOT NULL GENERATED ALWAYS AS IDENTITY",
        "character varying(20) COLLATE \"C\" NOT NULL DEFAULT 'x'::character varying",
        "integer GENERATED ALWAYS AS ((id * 2)) STORED",
    ]
    assert "CHECK (id < 9) NOT VALID" in await about(Group.CONSTRAINTS)
    assert await about(Group.INDEXES) == [
        "PRIMARY KEY USING btree (id)",
        "USING btree (lower((name)::text))",
    ]
    assert await about(Group.POLICIES) == ["FOR SELECT USING (name::text = CURRENT_USER)"]


async def test_partitions_stand_below_their_table_only(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int) partition by range (n)")
    other(f"create table {table}_1 partition of {table} for values from (1) to (5)")
    other(f"insert into {table} values (1)")
    public = schema_of(other, "public")
    tables = await names_below(session, GroupOf(Group.TABLES, public, None))
    assert table in tables
    assert f"{table}_1" not in tables
    parent = relation_of(other, table, ObjectKind.PARTITIONED)
    (part,) = (await below(session, GroupOf(Group.PARTITIONS, parent, None))).entries
    assert isinstance(part, DbObject)
    assert (part.name, part.about) == (f"{table}_1", "FOR VALUES FROM (1) TO (5)")
    found = (await session.look_up(partial(search, text=table, hidden=False))).entries
    sizes = {each.label: each.size for each in found if isinstance(each, DbObject)}
    assert sizes == {table: 8192, f"{table}_1": 8192}


HOSTILE = ['quo"te', "new\nline", "esc\x1b[31m", "e" + "\u0301" * 31, "Ünïcode", "select", "a.b"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_kept_and_quoted(
    session: Session, other: RunElsewhere, table: str, name: str
) -> None:
    quoted = name.replace('"', '""')
    other(f'create schema {table}; create table {table}."{quoted}" (n int)')
    (found,) = (await below(session, GroupOf(Group.TABLES, schema_of(other, table), None))).entries
    assert isinstance(found, DbObject)
    assert found.name == name
    assert (await run_last(session, f"select * from {found.sql_name}")).rows == ()
    other(f"drop schema {table} cascade")


async def test_names_are_found_by_a_part_in_any_case_and_with_their_schema(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(f"create schema {table}")
    other(
        f'create table {table}."Ärger 100%_x" (); create function {table}.f_x(a int) '
        "returns int language sql as 'select 1'"
    )

    async def found(text: str) -> list[str]:
        page = await session.look_up(partial(search, text=text, hidden=False))
        return [each.label for each in page.entries]

    assert await found("ärger 100%_") == ["Ärger 100%_x"]
    assert await found(f"{table}.") == ["f_x(a integer)", "Ärger 100%_x"]
    assert await found("100x") == []
    other(f"drop schema {table} cascade")


async def test_the_catalog_is_read_in_an_aborted_transaction_and_beside_locks(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    await run_last(session, f"begin; lock table {table}")
    group = GroupOf(Group.TABLES, schema_of(other, "public"), None)
    found = (await below(session, group)).entries
    (each,) = [each for each in found if isinstance(each, DbObject) and each.name == table]
    assert each.size is None
    with pytest.raises(ServiceError):
        await run_last(session, "select 1 / 0")
    assert table in await names_below(session, group)
    await attempt(session, "rollback")


async def test_one_denied_part_hides_no_other(
    session: Session, other: RunElsewhere, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other(f"create table {table} (n int)")
    # Whose passwords these are nobody but a superuser may see.
    denied = "SELECT count(*) FROM pg_catalog.pg_authid WHERE oid <> %s::oid"
    monkeypatch.setitem(questions.OF_RELATION, Group.POLICIES, denied)
    page = await below(session, relation_of(other, table))
    assert page.problems == ("policies: permission denied for table pg_authid",)
    counts = {each.group: each.count for each in page.entries if isinstance(each, GroupOf)}
    assert counts == {Group.COLUMNS: 1, Group.POLICIES: None}


async def test_a_dropped_table_is_told(session: Session, other: RunElsewhere, table: str) -> None:
    other(f"create table {table} (n int)")
    relation = relation_of(other, table)
    other(f"drop table {table}")
    with pytest.raises(ServiceError) as caught:
        await below(session, relation)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert table in caught.value.message


async def test_one_connection_is_kept_beside_the_users_and_ends_with_it(
    session: Session, other: RunElsewhere
) -> None:
    count = (
        "select count(*) from pg_stat_activity "
        "where application_name = 'tristore' and datname = current_database()"
    )
    before = other(count)[0][0]
    for _ in range(3):
        await below(session, None)
    assert other(count) == [(before + 1,)]
    # A server that ends it is no trouble: the next question opens another one.
    other(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where "
        "application_name = 'tristore' and query like '%pg_database d%'"
    )
    assert (await below(session, None)).entries
    session.close()
    async with asyncio.timeout(20):
        while other(count) != [(before - 1,)]:
            await asyncio.sleep(0.01)
