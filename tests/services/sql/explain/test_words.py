"""Nodes are worded as the server words them in its text format."""

from __future__ import annotations

import json

import pytest

from tests.services.sql.conftest import RunSql
from tests.services.sql.explain.conftest import plan_of
from tui.services.sql import Session
from tui.services.sql.explain.plan import read_plans

WORDED = [
    "select * from e.a where id = 5 or id = 7",
    "select n, count(*) from e.a group by n order by n",
    "select distinct n from e.a",
    "select count(*) from e.a",
    "select * from e.a order by id desc limit 3",
    "select * from e.a order by n, id limit 3",
    "select a.*, row_number() over (partition by n order by id) from e.a",
    "select id from e.a except select id from e.b",
    "select id from e.a intersect all select id from e.b",
    "select id from e.a union select id from e.b",
    "select * from e.a where not exists (select 1 from e.b where b.a_id = a.id)",
    "select * from e.a where id in (select a_id from e.b)",
    "select * from e.a left join e.b on b.a_id = a.id and b.id > 3",
    "select * from e.a full join e.b on b.a_id = a.id",
    "select * from e.a x, lateral (select * from e.b where b.a_id = x.n offset 0) y",
    "with recursive r(i) as (select 1 union all select i + 1 from r where i < 5) select * from r",
    "with c as materialized (select * from e.a) select * from c x join c y on x.id = y.n",
    "select generate_series(1, 3), id from e.a",
    "select * from generate_series(1, 3) g(x) join e.a on a.id = x",
    "select * from (values (1, 'a'), (2, 'b')) v(i, t)",
    "select * from e.a tablesample system (10)",
    "select * from e.a for update",
    "select 1 where false",
    "select * from e.a where ctid = '(0,1)'",
    "select * from e.p order by id",
    "select (select max(id) from e.b), exists (select 1 from e.b where b.a_id = a.n) from e.a",
    "insert into e.b values (7000, 1) on conflict (id) do nothing",
    "update e.a set n = n + 1 where id < 3",
    "update e.p set n = 1",
    "delete from e.b using e.a where a.id = b.a_id and a.n = 2 returning b.*",
    "merge into e.b using e.a on a.id = b.id when matched then update set a_id = a.id "
    "when not matched then insert values (a.id, a.id)",
    "with d as (delete from e.b returning *) select count(*) from d",
    "create table e.made as select * from e.a",
]

SETTINGS = [
    "reset all",
    "set enable_hashjoin = off; set enable_hashagg = off; set enable_mergejoin = off",
    "set enable_seqscan = off; set enable_hashjoin = off; set enable_nestloop = off",
    "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; "
    "set min_parallel_table_scan_size = 0; set min_parallel_index_scan_size = 0",
]


@pytest.mark.parametrize("settings", SETTINGS)
async def test_nodes_are_worded_as_the_server_words_them(
    session: Session, run: RunSql, seed: str, settings: str
) -> None:
    await run(settings)
    for text in WORDED:
        said = (await run(f"explain (verbose) {text}")).rows
        lines = [(row[0] or "").split("  (cost=") for row in said]
        theirs = [line[0].split("->  ")[-1].strip() for line in lines if len(line) == 2]
        plan = await plan_of(session, text, analyze=False)
        ours = [each.title.replace("*VALUES*", '"*VALUES*"') for each in plan.root.walk()]
        assert ours == theirs, text
    await run("reset all")


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"Node Type": "Hash Join", "Join Type": "Left"}, "Hash Left Join"),
        ({"Node Type": "Nested Loop", "Join Type": "Anti"}, "Nested Loop Anti Join"),
        ({"Node Type": "Nested Loop", "Join Type": "Inner"}, "Nested Loop"),
        ({"Node Type": "Aggregate", "Strategy": "Hashed"}, "HashAggregate"),
        (
            {"Node Type": "Aggregate", "Strategy": "Sorted", "Partial Mode": "Finalize"},
            "Finalize GroupAggregate",
        ),
        ({"Node Type": "SetOp", "Strategy": "Hashed", "Command": "Except"}, "HashSetOp Except"),
        (
            {
                "Node Type": "Index Only Scan", "Parallel Aware": True, "Index Name": "i",
                "Scan Direction": "Backward", "Relation Name": "t", "Alias": "x",
            },
            "Parallel Index Only Scan Backward using i on t x",
        ),
        ({"Node Type": "Bitmap Index Scan", "Index Name": "i"}, "Bitmap Index Scan on i"),
        ({"Node Type": "CTE Scan", "CTE Name": "c", "Alias": "d"}, "CTE Scan on c d"),
        ({"Node Type": "Values Scan", "Alias": "*VALUES*"}, "Values Scan on *VALUES*"),
        (
            {"Node Type": "ModifyTable", "Operation": "Merge", "Relation Name": "t", "Alias": "t"},
            "Merge on t",
        ),
        (
            {"Node Type": "Foreign Scan", "Operation": "Update", "Relation Name": "t"},
            "Foreign Update on t",
        ),
    ],
)  # fmt: skip
def test_a_node_is_worded_as_the_server_does_in_text(given: dict[str, object], title: str) -> None:
    (plan,) = read_plans(json.dumps([{"Plan": given}]))
    assert plan.root.title == title
