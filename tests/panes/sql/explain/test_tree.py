"""A plan as rows, without an application."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tui.panes.sql.explain.commands import ExplainWay, choice_of
from tui.panes.sql.explain.tree import PlanTree, as_text, detail_of, head_of, line_of, tree_of
from tui.services.errors import ServiceError
from tui.services.sql import TransactionState, split
from tui.services.sql.session.effects import Effects


def scan(name: str, time: float, rows: int, *, expected: int, **more: Any) -> dict[str, Any]:
    return {
        "Node Type": "Seq Scan", "Relation Name": name, "Alias": name,
        "Startup Cost": 0.0, "Total Cost": 10.0, "Plan Rows": expected, "Plan Width": 4,
        "Actual Startup Time": 0.1, "Actual Total Time": time, "Actual Rows": rows,
        "Actual Loops": 1, **more,
    }  # fmt: skip


JOIN = {
    "Node Type": "Hash Join", "Join Type": "Inner", "Hash Cond": "(a.id = b.id)",
    "Startup Cost": 1.0, "Total Cost": 30.0, "Plan Rows": 100, "Plan Width": 8,
    "Actual Startup Time": 0.5, "Actual Total Time": 100.0, "Actual Rows": 90, "Actual Loops": 1,
    "Plans": [
        scan("a", 80.0, 5000, expected=10, Filter="(n > 1)"),
        scan("b", 5.0, 4, expected=4000),
        scan("c", 0.0, 0, expected=1, **{"Actual Loops": 0}),
    ],
}  # fmt: skip
ANSWER = [
    {
        "Plan": JOIN,
        "Settings": {"work_mem": "1MB"},
        "Planning Time": 0.25,
        "Execution Time": 102.0,
        "Triggers": [
            {"Trigger Name": "t1", "Relation": "a", "Time": 1.5, "Calls": 3},
        ],
        "JIT": {"Functions": 4, "Timing": {"Total": 2.5}},
    }
]


def plan_tree(answer: object) -> PlanTree:
    return tree_of(json.dumps(answer))


def test_own_times_shares_and_marks_are_reckoned_and_said() -> None:
    tree = plan_tree(ANSWER)
    join, a, b, c = (row.figures for row in tree.rows)
    assert (join.own, a.own, b.own, c.own) == (15.0, 80.0, 5.0, None)
    assert round(a.share, 2) == 0.79
    assert (a.rank, join.rank, b.rank) == (1, 2, 0)
    assert tree.slowest == 1
    assert (a.off_by, b.off_by) == (500.0, 0.001)
    wide = [str(getattr(cell, "text", cell)) for cell in tree.cells(tree.rows[1], wide=True)]
    assert wide[:6] == ["#1 ██████░░  79%", "80.00", "80.00", "5,000", "10 ×500", "1"]
    narrow = [str(getattr(cell, "text", cell)) for cell in tree.cells(tree.rows[2], wide=False)]
    assert narrow[:4] == ["5%", "5.00", "4", "4,000 ÷1,000"]
    never = tree.cells(tree.rows[3], wide=True)
    assert "never" in never
    assert len(tree.columns(wide=True)) == len(never)
    assert len(tree.columns(wide=False)) == len(narrow)


def test_nodes_are_folded_and_unfolded() -> None:
    tree = plan_tree(ANSWER)
    assert [line_of(row) for row in tree.rows] == [
        "▾ Hash Join [Hash Cond: (a.id = b.id)]",
        "│ · Seq Scan on a [Filter: (n > 1)]",
        "│ · Seq Scan on b",
        "│ · Seq Scan on c",
    ]
    assert not tree.toggle(1)
    assert tree.toggle(0)
    assert [line_of(row) for row in tree.rows] == [
        "▸ (+3 nodes) Hash Join [Hash Cond: (a.id = b.id)]"
    ]
    assert tree.toggle(0)
    assert len(tree.rows) == 4


def test_the_detail_says_what_is_wrong_with_an_estimate_and_what_never_ran() -> None:
    tree = plan_tree(ANSWER)
    detail = detail_of(tree.rows[1])
    assert "5,000, 10 expected; 500 times more than expected" in detail
    assert "own 80.000 ms, 79% of the statement" in detail
    assert "Filter" in detail
    assert "It was never executed" in detail_of(tree.rows[3])
    assert head_of(tree.plans[0]) == [
        "Execution 102.000 ms · planning 0.250 ms",
        "Trigger t1 on a: 3 calls, 1.50 ms",
        "Settings: work_mem: 1MB",
        "JIT: Functions: 4; Timing: Total: 2.5",
    ]


def test_the_text_is_as_explain_words_it_folded_or_not() -> None:
    tree = plan_tree(ANSWER)
    tree.toggle(0)
    lines = as_text(tree).splitlines()
    assert lines[0] == (
        "Hash Join  (cost=1.00..30.00 rows=100 width=8) "
        "(actual time=0.500..100.000 rows=90 loops=1)"
    )
    assert lines[1] == "  Hash Cond: (a.id = b.id)"
    assert lines[2].startswith("  ->  Seq Scan on a  (cost=0.00..10.00 rows=10 width=4)")
    assert lines[-5].endswith("(never executed)")


def test_a_plan_that_was_not_run_has_costs_in_place_of_times() -> None:
    plain = {key: value for key, value in JOIN.items() if not key.startswith(("Actual", "Plans"))}
    tree = plan_tree([{"Plan": plain}])
    assert not tree.analyzed
    assert [each.title for each in tree.columns(wide=False)] == [
        "Share", "Own cost", "Rows", "Node"
    ]  # fmt: skip
    assert len(tree.cells(tree.rows[0], wide=False)) == 4
    assert "100 expected, of 8 bytes each" in detail_of(tree.rows[0])


def test_before_a_change_is_run_it_is_said_what_does_not_come_back() -> None:
    (change,) = split("delete from t where id = nextval('s')")
    said = choice_of(change, Effects(), TransactionState.IDLE).body
    assert "in a transaction of its own, which is rolled back" in said
    assert "Sequences stay advanced" in said
    said = choice_of(change, Effects(), TransactionState.OPEN).body
    assert "behind a savepoint of your open transaction" in said
    (query,) = split("select pg_notify('c', 'x')")
    effects = Effects(outside="pg_notify()", writes=True)
    said = choice_of(query, effects, TransactionState.IDLE).body
    assert "CAREFUL: pg_notify() may act outside" in said
    (reading,) = split("select 1")
    offered = choice_of(change, Effects(), TransactionState.IDLE, read_only=True)
    assert [each.value for each in offered.choices] == [ExplainWay.PLAIN]
    (numbered,) = split("delete from t where n = $1")
    offered = choice_of(numbered, Effects(), TransactionState.IDLE)
    assert [each.value for each in offered.choices] == [ExplainWay.PLAIN]
    assert "may change" not in choice_of(reading, Effects(), TransactionState.IDLE).body


def test_time_that_no_node_took_is_said_and_is_in_no_share() -> None:
    tree = plan_tree([{**ANSWER[0], "Execution Time": 300.0}])
    assert "200.000 ms of it in no node" in head_of(tree.plans[0])[0]
    # Of 100 ms in nodes and 1.5 ms in a trigger.
    assert round(tree.rows[1].figures.share, 3) == 0.788


def test_a_plan_that_is_nested_too_deeply_is_refused() -> None:
    answer = '[{"Plan": ' + '{"Node Type": "X", "Plans": [' * 900 + "]}" * 900 + "}]"
    with pytest.raises(ServiceError, match="This plan"):
        tree_of(answer)
    answer = '[{"Plan": ' + '{"Node Type": "X", "Plans": [' * 50 + "]}" * 50 + "}]"
    assert len(tree_of(answer).rows) == 50
