"""How many rows of a table may stand in one row of a result."""

from __future__ import annotations

import pytest

from tui.services.sql import split
from tui.services.sql.row_edits.mentions import read_at_once


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("select * from t", 1),
        ("select t, (t), f(t, t), t.t from only public.T as t where t in (1, t) order by t, t", 1),
        ('table "t"', 1),
        ("select * from a join t using (t), b", 1),
        ("select * from (a cross join t)", 1),
        ("select * from a, t where exists (select from b)", 1),
        ("insert into t (t, id) values (1, 2) returning *", 1),
        ("update t set t = 1, id = t returning *", 1),
        ("with x as (select * from t) select * from x", 1),
        ("execute t", 0),
        ("fetch all from c", 0),
        ("select * from t, lateral (select * from s.t) s", 2),
        ("select * from (select * from t) a join (select * from t) b using (id)", 2),
        ("select * from (t cross join a), T", 2),
        ("with x as (select * from t) select * from x, x y", 2),
        ("update t set n = 1 from t u returning *", 2),
        ("delete from t using t u returning *", 2),
        ("select * from t where id in (select id from t)", 2),
    ],
)
def test_tables_are_counted_where_tables_stand(text: str, times: int) -> None:
    assert read_at_once(split(text)[0], "t") == times
