"""Types and procedures are offered where they must stand. `|` stands for the cursor."""

from __future__ import annotations

import pytest

from tests.services.sql.conftest import RunSql
from tui.services.sql import Session
from tui.services.sql.completing.completion import Candidate, complete
from tui.services.sql.completing.names import KnownNames

NAMES = KnownNames(
    schemas=("pg_catalog", "public", "sales"),
    search_path=("pg_catalog", "public"),
    procedures=frozenset({("public", "close_day"), ("sales", "close_month"), ("sales", "Odd")}),
    types=("integer", "interval", "mood", 'sales."Odd Type"', "timestamp with time zone"),
)


def offered(text: str) -> tuple[Candidate, ...]:
    found = complete(text.replace("|", "", 1), text.index("|"), NAMES)
    return () if found is None else found.candidates


def texts(text: str) -> list[str]:
    return [each.text for each in offered(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select id::in| from orders", ["int", "int2", "int4", "int8", "integer", "interval"]),
        ("select '5'::timestampt|", ["timestamptz"]),
        ("select cast(now() as mo|) from orders", ["mood"]),
        ("select cast((1) as mo|", ["mood"]),
        ('select x::sales."Odd Type"::ti|', ["timestamp with time zone", "timestamptz", "timetz"]),
        ("call cl|", ["close_day", "sales.close_month"]),
        ("call sales.|", ['"Odd"', "close_month"]),
        ("call sal|", ["sales"]),
        ("ca|", ["call", "cascade", "case", "cast"]),
    ],
)
def test_types_and_procedures_are_offered_where_they_must_stand(
    text: str, found: list[str]
) -> None:
    assert texts(text) == found


@pytest.mark.parametrize("text", ["select id as mo|", "select a[1:mo|]", "select (1) as mo|"])
def test_no_type_is_offered_where_none_stands(text: str) -> None:
    assert "type" not in {each.kind for each in offered(text)}


async def test_procedures_and_types_are_read_apart_from_functions(
    session: Session, run: RunSql, table: str
) -> None:
    await run(f"create type e_{table} as enum ('a')")
    await run(f"create procedure p_{table}() language sql as ''")
    await run(f"create function f_{table}() returns int language sql as 'select 1'")
    try:
        names = await session.names()
        assert ("public", f"p_{table}") in names.procedures
        assert ("public", f"p_{table}") not in names.functions
        assert ("public", f"f_{table}") in names.functions
        assert f"e_{table}" in names.types
        assert {"integer", "timestamp with time zone", "jsonb"} <= set(names.types)
        assert table not in names.types
    finally:
        await run(f"drop type e_{table}")
        await run(f"drop procedure p_{table}")
        await run(f"drop function f_{table}")
