"""The columns of subqueries and common table expressions. `|` stands for the cursor."""

from __future__ import annotations

import pytest

from tests.services.sql.completing.test_completion import offered, texts


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("with t as (select id, name as n from customers) select | from t", ["id", "n"]),
        ("with t (a, b) as (select 1, 2) select t.| from t", ["a", "b"]),
        ("with t as materialized (select c.name from customers c) select | from t", ["name"]),
        ("with a as (select 1 as x), b as (select 2 as y) select b.| from a, b", ["y"]),
        ("with t as (select * from customers) select t.| from t", ["id", "name"]),
        (
            "with t as (select c.*, 1 as x from customers c, orders) select t.| from t",
            ["id", "name", "x"],
        ),
        ("with a as (select 2 * 3 as x), b as (select distinct * from a) select b.| from b", ["x"]),
        (
            "with recursive t as (select *, 1 as n from customers union select t.*, o.id from t "
            "join orders o on true) select t.| from t",
            ["id", "name", "n"],
        ),
        ("select s.| from (select distinct on (id) * from customers) s", ["id", "name"]),
        ("select s.| from (select * from (select id from customers) i) s", ["id"]),
        ("select * from (select c.| from customers c) s", ["id", "name"]),
        (
            "with a as (select * from customers), b as (select * from a x, a y), "
            + ", ".join(
                f"b{n + 1} as (select * from b{n or ''} x, b{n or ''} y)" for n in range(60)
            )
            + " select b60.| from b60",
            ["id", "name"],
        ),
        ("select s.| from (select count(*) as c, o.id from orders o) s", ["c", "id"]),
        ("select | from (values (1, 2)) v (p, q)", ["p", "q"]),
    ],
)
def test_columns_of_subqueries_and_common_table_expressions_are_offered(
    text: str, columns: list[str]
) -> None:
    assert texts(text, "column") == columns


def test_a_query_of_all_columns_of_itself_has_none() -> None:
    assert not offered("with recursive t as (select * from t) select t.| from t")
