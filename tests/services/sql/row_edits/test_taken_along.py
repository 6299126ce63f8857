"""What the server changes by itself with rows that are changed, on a real server."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.row_edits.rows import Rows, read
from tui.services.sql import Session
from tui.services.sql.row_edits import taken_along as module
from tui.services.sql.row_edits.changes import DeleteRow, RowChange, UpdateRow
from tui.services.sql.row_edits.taken_along import TakenAlong, taken_along


@pytest.fixture
def people(other: RunElsewhere, table: str) -> str:
    """Three rows; in `a_…` two refer to the first and one to the second, and in `b_…` one to each
    of those."""
    other(f'create table {table} (id int primary key, "Mail" text unique)')
    other(f"insert into {table} values (1, 'a%'), (2, 'b'), (3, null)")
    other(
        f"create table a_{table} (id int primary key, p int references {table} on delete cascade)"
    )
    other(f"insert into a_{table} values (10, 1), (11, 1), (12, 2)")
    other(f"create table b_{table} (a int references a_{table} on delete cascade)")
    other(f"insert into b_{table} values (10), (11), (12)")
    return table


async def found(rows: Rows, changes: Sequence[RowChange]) -> list[TakenAlong]:
    table = await rows.session.editable_table(rows.result)
    return list(
        await rows.session.look_up(lambda connection: taken_along(connection, table, changes))
    )


async def test_rows_that_go_with_a_deletion_are_counted_through_others(
    session: Session, people: str
) -> None:
    rows = await read(session, f"select id from {people} order by id")
    assert await found(rows, [DeleteRow(rows[0])]) == [
        TakenAlong(f"public.a_{people}", "DELETE", "CASCADE", 2),
        TakenAlong(f"public.b_{people}", "DELETE", "CASCADE", 2),
    ]
    both = await found(rows, [DeleteRow(rows[0]), DeleteRow(rows[1])])
    assert [each.count for each in both] == [3, 3]
    assert await found(rows, [DeleteRow(rows[2])]) == []
    assert await found(rows, [UpdateRow(rows[0], {1: "9"})]) == []


async def test_a_reference_that_is_set_to_null_ends_the_way(
    session: Session, other: RunElsewhere, people: str
) -> None:
    other(f"create table n_{people} (mail text, id int primary key)")
    other(
        f'alter table n_{people} add foreign key (mail) references {people} ("Mail") '
        "on delete set null on update cascade"
    )
    other(f"create table z_{people} (n int references n_{people} on delete cascade)")
    other(f"insert into n_{people} values ('a%', 1), ('b', 2)")
    other(f"insert into z_{people} values (1)")
    # The column that is referred to need not be shown.
    rows = await read(session, f"select id from {people} order by id")
    deleted = await found(rows, [DeleteRow(rows[0])])
    assert TakenAlong(f"public.n_{people}", "DELETE", "SET NULL", 1) in deleted
    assert len(deleted) == 3
    changed = await found(rows, [UpdateRow(rows[0], {2: "c"}), UpdateRow(rows[1], {2: "d"})])
    assert changed == [TakenAlong(f"public.n_{people}", "UPDATE", "CASCADE", 2)]


async def test_a_table_that_refers_to_itself_and_a_key_of_two_columns(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(
        f"create table {table} (a int, b text, a2 int, b2 text, primary key (a, b), "
        f"foreign key (a2, b2) references {table} on delete cascade)"
    )
    other(f"insert into {table} values (1, '''%s', null, null), (2, 'x', 1, '''%s')")
    rows = await read(session, f"select a, b from {table} order by a")
    assert await found(rows, [DeleteRow(rows[0])]) == [
        TakenAlong(f"public.{table}", "DELETE", "CASCADE", 1)
    ]


async def test_what_cannot_be_counted_is_said_to_be_unknown(
    session: Session, other: RunElsewhere, people: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await read(session, f"select id from {people} order by id")
    other(f"begin; lock a_{people}")
    try:
        unknown = await found(rows, [DeleteRow(rows[2])])
    finally:
        other("rollback")
    assert [each.count for each in unknown] == [None, None]
    assert "lock timeout" in unknown[0].why_unknown
    monkeypatch.setattr(module, "MOST_COUNTED", 1)
    assert [each.count for each in await found(rows, [DeleteRow(rows[0])])] == [2, 2]
