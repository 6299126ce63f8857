"""From a value to the row that it leads to."""

from __future__ import annotations

from tests.services.sql.conftest import RunSql, run_last
from tui.services.sql import Session

SCHEMA = """
create table {t}_a (id int primary key, "x""[/]" text, unique (id, "x""[/]"));
create table {t}_b (a int references {t}_a, x text, n int,
    foreign key (a, x) references {t}_a (id, "x""[/]"));
insert into {t}_a values (1, 'it''s'), (2, null);
insert into {t}_b values (1, 'it''s', 5), (null, 'x', 6), (2, null, 7);
"""


async def test_a_value_leads_to_its_row_by_each_of_its_keys(
    session: Session, run: RunSql, table: str
) -> None:
    await run(SCHEMA.format(t=table))
    result = await run(f"select n, b.x, a, n + 1 from {table}_b b order by n")
    keys = await session.foreign_keys(result, 2)
    assert [len(each.parts) for each in keys] == [1, 2]
    for key in keys:
        found = await run_last(session, key.query(result.rows[0]))
        assert found.rows == (("1", "it's"),)
    assert keys[0].query(result.rows[1]) == ""
    assert (await run_last(session, keys[0].query(result.rows[2]))).rows == (("2", None),)
    assert keys[1].query(result.rows[2]) == ""
    assert [each.parts for each in await session.foreign_keys(result, 1)] == [keys[1].parts]
    assert await session.foreign_keys(result, 0) == ()
    assert await session.foreign_keys(result, 3) == ()


async def test_a_key_of_which_a_part_is_not_in_the_result_leads_nowhere(
    session: Session, run: RunSql, table: str
) -> None:
    await run(SCHEMA.format(t=table))
    result = await run(f"select x from {table}_b")
    assert await session.foreign_keys(result, 0) == ()
