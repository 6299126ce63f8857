"""Notices, the place of an error inside a function, and what to do next."""

from __future__ import annotations

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql
from tui.services.sql import Session, SqlError, catalog
from tui.services.sql.errors import QUERY_SHOWN, inner_query, next_step
from tui.services.sql.session.notices import KEPT_FIRST, KEPT_LAST, Notices

SAYING = "do $$begin for n in 1..{n} loop raise notice 'said %', n; end loop; {end} end$$"


async def test_every_notice_is_kept(run: RunSql) -> None:
    result = await run(SAYING.format(n=200, end=""))
    assert [notice.split()[-1] for notice in result.notices] == [str(n) for n in range(1, 201)]


async def test_notices_before_an_error_are_kept_and_end_with_it(run: RunSql) -> None:
    with pytest.raises(SqlError) as caught:
        await run(SAYING.format(n=60, end="raise 'enough';"))
    assert len(caught.value.notices) == 60
    assert caught.value.notices[0].endswith("said 1")
    assert (await run("select 1")).notices == ()


def test_of_a_flood_of_notices_the_first_and_the_last_are_kept() -> None:
    notices = Notices()
    for n in range(5000):
        notices.append(f"{n}\n")
    said = notices.take()
    assert len(said) == KEPT_FIRST + 1 + KEPT_LAST
    assert (said[0], said[-1]) == ("0", "4999")
    assert f"{5000 - KEPT_FIRST - KEPT_LAST:,} more" in said[KEPT_FIRST]
    assert notices.take() == ()


async def test_an_error_inside_a_function_shows_the_inner_query_and_its_place(
    run: RunSql, table: str
) -> None:
    await run(
        f"create function f_{table}() returns int language plpgsql as "
        "$$begin return (select 1 from nowhere); end$$"
    )
    with pytest.raises(SqlError) as caught:
        await run(f"select f_{table}()")
    lines = caught.value.cause.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("Query"))
    assert lines[place][lines[place + 1].index("^") :].startswith("nowhere")
    assert f"function f_{table}() line 1" in caught.value.cause
    assert caught.value.offset is None


@pytest.mark.parametrize(
    "query",
    ["nowhere", "select 1,\n  2 from nowhere\nwhere a", "x" * 500 + " nowhere " + "y" * 500],
)
def test_the_place_in_an_inner_query_is_marked(query: str) -> None:
    shown, mark = inner_query(query, str(query.index("nowhere") + 1)).split("\n")
    assert shown[mark.index("^") :].startswith("nowhere")
    assert len(shown) < QUERY_SHOWN + 30


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("select * from nowhere", "42P01", "list of tables"),
        ("selec 1", "42601", "missing"),
        ("select 1 / 0", "22012", "NULLIF"),
        ("select 'x'::int", "22P02", "cast"),
        ("select (values (1), (2))", "21000", "LIMIT 1"),
        ("select 2147483647 + 1", "22003", "bigint"),
        ("vacuum; begin; vacuum", "25001", "commit or roll back"),
        ("savepoint s", "25P01", "BEGIN"),
        ("execute nothing", "26000", "PREPARE"),
        ("fetch all from nothing", "34000", "BEGIN"),
        ("begin read only; create table x (n int)", "25006", "writer"),
        ("do $$begin raise 'x'; end$$", "P0001", "context"),
        ("create table pg_catalog.x (n int)", "42501", "GRANT"),
        ("select a, count(*) from (select 1 as a) x", "42803", "GROUP BY"),
        ("select a from (select 1 as a) x, (select 2 as a) y", "42702", "table.column"),
        ("select '2024-13-45'::date", "22008", "DateStyle"),
    ],
)
async def test_an_error_says_what_to_do_next(
    session: Session, run: RunSql, text: str, code: str, says: str
) -> None:
    with pytest.raises(SqlError) as caught:
        await run(text)
    assert caught.value.code == code
    assert says in caught.value.hint
    await run("rollback")


@pytest.mark.parametrize("code", ["22ZZZ", "23ZZZ", "42ZZZ", "53ZZZ", "54ZZZ", "XX000"])
def test_a_rare_error_has_the_hint_of_its_class(code: str) -> None:
    assert next_step(code)


async def test_the_list_of_tables_is_complete_and_says_which_columns_it_does_not_know(
    session: Session, other: RunElsewhere, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other(f"create schema {table}")
    other(
        f"do $$begin for n in 1..300 loop execute format('create table {table}.t%s "
        "(a int, b int, c int)', lpad(n::text, 3, '0')); end loop; end$$"
    )
    monkeypatch.setattr(catalog, "MAX_COLUMNS", 400)
    listed = await session.relations()
    assert not listed.cut
    ours = [each for each in listed.found if each.schema == table]
    assert len(ours) == 300
    known = [each.columns for each in listed.found]
    unknown_from = known.index(None)
    assert all(columns is None for columns in known[unknown_from:])
    assert sum(len(columns or ()) for columns in known) <= 400
    monkeypatch.setattr(catalog, "MAX_RELATIONS", 250)
    cut = await session.relations()
    assert cut.cut
    assert len(cut.found) == 250
    other(f"drop schema {table} cascade")
