"""A query that has effects has them once, and whole."""

from __future__ import annotations

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql
from tui.services.sql import Session, SqlError


@pytest.fixture
def counted(other: RunElsewhere, table: str) -> str:
    """A sequence, a table, a function that takes of one and writes to the other, and a view."""
    other(f"create sequence s_{table}")
    other(f"create table {table} (n bigint)")
    # What a sequence gave is not taken back: it counts every time that the function runs.
    other(
        f"create function f_{table}(n bigint) returns bigint language plpgsql volatile as $$begin "
        f"perform nextval('s_{table}'); insert into {table} values (n); return n; end$$"
    )
    other(f"create view v_{table} as select f_{table}(n) as n from generate_series(1, 1200) n")
    other(f"create view w_{table} as select * from v_{table}")
    other(f"create view seq_{table} as select nextval('s_{table}') n from generate_series(1, 1200)")
    return table


@pytest.mark.parametrize(
    "text",
    [
        "select nextval('s_{t}') from generate_series(1, 1200)",
        "select nextval('s_{t}') from generate_series(1, 1200) for update",
        "with a as (select nextval('s_{t}') from generate_series(1, 1200)) select * from a",
        "select f_{t}(n) from generate_series(1, 1200) n",
        "table v_{t}",
        'select * from "w_{t}"',
        "select * from seq_{t}",
        "begin; select f_{t}(n) from generate_series(1, 1200) n; commit",
        "begin; table w_{t}; commit",
        "explain analyze table v_{t}",
    ],
)
async def test_a_query_with_effects_has_each_of_them_once(
    run: RunSql, session: Session, other: RunElsewhere, counted: str, text: str
) -> None:
    for part in text.format(t=counted).split("; "):
        result = await run(part)
        while session.has_more(result):
            page = await session.fetch_more(result)
            if page.complete:
                break
    assert other(f"select last_value from s_{counted}") == [(1200,)]


async def test_a_query_whose_first_page_only_reads_goes_on_to_its_end(
    run: RunSql, session: Session, other: RunElsewhere, counted: str
) -> None:
    result = await run(
        f"select case when n > 700 then nextval('s_{counted}') end from generate_series(1, 1200) n"
    )
    assert result.wrote
    assert other(f"select last_value from s_{counted}") == [(500,)]
    await session.fetch_more(result)


async def test_what_a_view_does_outside_of_the_transaction_is_done_once(
    run: RunSql, other: RunElsewhere, counted: str
) -> None:
    """A lock of the session is counted, and no ROLLBACK gives it back."""
    other(
        f"create view l_{counted} as select pg_try_advisory_lock(hashtext('{counted}')), "
        f"nextval('s_{counted}')"
    )
    await run(f"table l_{counted}")
    for held in ("t", "f"):
        unlocked = await run(f"select pg_advisory_unlock(hashtext('{counted}'))")
        assert unlocked.rows == ((held,),)


async def test_a_query_that_fails_as_a_whole_is_not_tried_in_another_way(
    run: RunSql, other: RunElsewhere, counted: str
) -> None:
    """The code says "not supported", as for a query that no cursor can be declared for."""
    other(
        f"create function no_{counted}() returns int language plpgsql volatile as $$begin "
        f"perform nextval('s_{counted}'); raise 'no' using errcode = '0A000'; end$$"
    )
    with pytest.raises(SqlError):
        await run(f"select no_{counted}()")
    assert other(f"select last_value, is_called from s_{counted}") == [(1, True)]


async def test_a_function_that_only_reads_is_still_paged(
    run: RunSql, session: Session, other: RunElsewhere, table: str
) -> None:
    result = await run("select n, random(), clock_timestamp() from generate_series(1, 1200) n")
    assert not result.wrote
    assert session._execution.pins_snapshot
