"""Plans of the real server: read exactly, reckoned, and what ANALYZE leaves behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, state_of
from tests.services.sql.explain.conftest import plan_of
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, SqlError, TransactionState, split
from tui.services.sql.explain.figures import figures
from tui.services.sql.explain.plan import ExplainPlan, PlanNode, read_plans
from tui.services.sql.explain.request import explain_statement, explainable
from tui.services.sql.text.statements import GivenValue


def titles(plan: ExplainPlan) -> list[str]:
    return [f"{each.role}: {each.title}" if each.role else each.title for each in plan.root.walk()]


def node(plan: ExplainPlan, title: str) -> PlanNode:
    return next(each for each in plan.root.walk() if each.title.startswith(title))


async def test_a_plan_without_a_run_has_costs_and_no_times(session: Session, seed: str) -> None:
    plan = await plan_of(session, "select * from e.a where n = 3", analyze=False)
    assert not plan.analyzed
    assert plan.execution_time is None
    assert plan.root.title == "Seq Scan on e.a"
    assert plan.root.conditions == (("Filter", "(a.n = 3)"),)
    assert (plan.root.rows, plan.root.loops, plan.root.total_time) == (None, None, None)
    assert plan.root.total_cost > 0
    assert plan.root.plan_rows == 200
    reckoned = figures(plan)[id(plan.root)]
    assert (reckoned.own, reckoned.share) == (plan.root.total_cost, 1.0)


async def test_joins_carry_their_condition_index_and_rows(
    session: Session, run: RunSql, seed: str
) -> None:
    await run("set enable_seqscan = off; set enable_bitmapscan = off")
    plan = await plan_of(session, "select * from e.b left join e.a on a.id = b.a_id where b.id < 9")
    names = titles(plan)
    assert names[0].split()[-2:] in (["Left", "Join"], ["Right", "Join"])
    assert any("using b_pkey on e.b" in each for each in names)
    assert plan.root.rows == 8
    await run("reset all")
    assert plan.execution_time is not None
    assert plan.planning_time is not None


async def test_the_loops_of_an_inner_side_are_multiplied(
    session: Session, run: RunSql, seed: str
) -> None:
    await run("set enable_hashjoin = off; set enable_mergejoin = off; set enable_memoize = off")
    plan = await plan_of(session, "select * from e.b join e.a on a.id = b.a_id")
    inner = node(plan, "Index Scan using a_pkey on e.a")
    assert (inner.loops, inner.rows) == (500, 1)
    assert inner.total_time is not None
    assert figures(plan)[id(inner)].total == pytest.approx(inner.total_time * 500)
    await run("reset all")


async def test_what_a_cte_costs_is_taken_from_the_node_that_reads_it(
    session: Session, seed: str
) -> None:
    plan = await plan_of(
        session,
        "with c as materialized (select pg_sleep(0.05), id from e.a limit 1) "
        "select * from c where c.id > 0",
    )
    assert "CTE c: Limit" in titles(plan)
    scan = node(plan, "CTE Scan on c")
    cte = next(each for each in plan.root.walk() if each.role == "CTE c")
    reckoned = figures(plan)
    assert reckoned[id(scan)].total is not None
    assert reckoned[id(scan)].total >= 50  # type: ignore[operator]  # asserted above
    assert reckoned[id(scan)].share < 0.5
    slowest = next(each for each in cte.walk() if reckoned[id(each)].rank == 1)
    assert reckoned[id(slowest)].share > 0.5


async def test_an_init_plan_and_a_sub_plan_are_named(session: Session, seed: str) -> None:
    plan = await plan_of(
        session,
        "select (select max(n) from e.a), (select count(*) from e.b where b.a_id = a.id) "
        "from e.a where id < 4",
    )
    roles = {each.role.split(" (")[0] for each in plan.root.walk() if each.role}
    assert "InitPlan 1" in roles
    assert any(each.startswith("SubPlan") for each in roles)
    assert sum(each.share for each in figures(plan).values()) <= 1.05


async def test_partitions_are_appended_and_those_never_executed_say_so(
    session: Session, run: RunSql, seed: str
) -> None:
    plan = await plan_of(session, "select * from e.p")
    assert plan.root.kind == "Append"
    assert {"Seq Scan on e.p1 p_1", "Seq Scan on e.p2 p_2"} <= set(titles(plan))
    await run("prepare q(int) as select * from e.p where id = $1")
    await run("set plan_cache_mode = force_generic_plan")
    plan = await plan_of(session, "execute q(3)")
    assert plan.root.kind in {"Append", "Seq Scan"}
    joined = await plan_of(
        session, "select * from e.p join lateral (select * from e.a where a.id = p.id) x on true"
    )
    unused = [each for each in joined.root.walk() if each.never]
    assert unused
    assert figures(joined)[id(unused[0])].total is None
    await run("deallocate q; reset all")


async def test_parallel_workers_do_not_add_up_to_more_than_the_whole(
    session: Session, run: RunSql, seed: str
) -> None:
    await run(
        "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; "
        "set min_parallel_table_scan_size = 0; set max_parallel_workers_per_gather = 2"
    )
    plan = await plan_of(session, "select count(*) from e.a where n > 2")
    assert any(each.kind == "Gather" for each in plan.root.walk())
    scan = node(plan, "Parallel Seq Scan on e.a")
    reckoned = figures(plan)
    total = reckoned[id(scan)].total
    assert total is not None
    assert plan.execution_time is not None
    assert total <= plan.execution_time * 1.05
    await run("reset all")


async def test_a_wrong_estimate_is_told_from_one_that_a_limit_cut_short(
    session: Session, seed: str
) -> None:
    plan = await plan_of(session, "select * from e.a where (n || '') <> '' and (t || 'x') = 'xx'")
    assert figures(plan)[id(plan.root)].is_wrong
    plan = await plan_of(session, "select * from e.a limit 1")
    assert not any(each.is_wrong for each in figures(plan).values())


async def test_analyze_of_a_change_leaves_nothing_but_the_sequence(
    session: Session, other: RunElsewhere, seed: str
) -> None:
    plan = await plan_of(
        session, "insert into e.b select nextval('e.s') + 10000, 1 from generate_series(1, 3)"
    )
    assert plan.root.title == "Insert on e.b"
    assert any("b_a_id_fkey" in each and "3 calls" in each for each in plan.triggers)
    assert other("select count(*) from e.b") == [(500,)]
    assert other("select last_value from e.s") == [(3,)]
    assert state_of(session) is TransactionState.IDLE
    for text in ("update e.a set n = 0", "delete from e.b"):
        await plan_of(session, text)
    assert other("select count(*) from e.b") == [(500,)]
    assert other("select count(*) from e.a where n = 0") == [(200,)]


async def test_analyze_in_the_users_transaction_keeps_what_they_did_before_it(
    session: Session, run: RunSql, other: RunElsewhere, seed: str
) -> None:
    await run("begin; insert into e.b values (9001, 1)")
    await plan_of(session, "delete from e.b")
    assert state_of(session) is TransactionState.OPEN
    assert (await run("select count(*) from e.b")).rows == (("501",),)
    with pytest.raises(SqlError, match="Division by zero"):
        await plan_of(session, "delete from e.b where id = 1 / (id - id)")
    assert state_of(session) is TransactionState.OPEN
    assert (await run("select count(*) from e.b")).rows == (("501",),)
    await run("rollback")


async def test_manual_commit_begins_no_transaction_for_a_plan(session: Session, seed: str) -> None:
    session.manual_commit = True
    await plan_of(session, "select 1")
    await plan_of(session, "select 1", analyze=False)
    assert state_of(session) is TransactionState.IDLE


async def test_read_only_mode_explains_what_reads_and_refuses_to_run_what_writes(
    read_only_session: Session, other: RunElsewhere, seed: str
) -> None:
    assert (await plan_of(read_only_session, "select * from e.a")).analyzed
    assert not (await plan_of(read_only_session, "delete from e.b", analyze=False)).analyzed
    with pytest.raises(ServiceError) as caught:
        await plan_of(read_only_session, "delete from e.b")
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert other("select count(*) from e.b") == [(500,)]


async def test_a_statement_with_numbered_parameters_has_the_plan_for_any_value(
    session: Session, seed: str
) -> None:
    plan = await plan_of(session, "select * from e.a where n = $1 and t <> '$2'", analyze=False)
    assert "$1" in dict(plan.root.conditions)["Filter"]


async def test_hostile_names_come_as_they_are(
    session: Session, other: RunElsewhere, seed: str
) -> None:
    name = 'e] [/red]\x1b[31m "q" \n🙂'
    quoted = '"' + name.replace('"', '""') + '"'
    other(f"create table e.{quoted} ({quoted} int primary key)")
    plan = await plan_of(session, f"select * from e.{quoted} where {quoted} = 1")
    scan = next(each for each in plan.root.walk() if "Relation Name" in each.raw)
    assert scan.raw["Relation Name"] == name
    assert f"e.{name}" in scan.title
    other(f"drop table e.{quoted}")


async def test_the_place_of_an_error_is_that_in_the_users_text(session: Session) -> None:
    text = "select 1;\n\nexplain (costs off) select nothing from no_such_table"
    statement = split(text)[1]
    request = explain_statement(explainable(statement), analyze=True, version=session.info.version)
    with pytest.raises(SqlError) as caught:
        await session.run(request)
    assert caught.value.offset == text.index("no_such_table")


def test_values_of_parameters_go_with_the_statement_and_are_shown_nowhere() -> None:
    (written,) = split("select * from t where a = :a and b")
    value = GivenValue("a", "secret", 26, 34, 26, 28)
    statement = replace(
        written,
        text="select * from t where a = 'secret' and b",
        written=written.text,
        values=(value,),
    )
    request = explain_statement(explainable(statement), analyze=False, version="16.14")
    assert request.text.endswith("a = 'secret' and b")
    assert "secret" not in request.shown
    assert request.place(request.text.index("and b")) == written.text.index("and b")
    assert request.place(request.text.index("secret")) == written.text.index(":a")


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("select 1", "select 1"),
        ("explain select 1", "select 1"),
        ("EXPLAIN (ANALYZE, FORMAT JSON) /* x */ delete from t", "delete from t"),
        ("explain analyze verbose insert into t values (1)", "insert into t values (1)"),
        ("create table t as select 1", "create table t as select 1"),
        ("create materialized view v as select 1", "create materialized view v as select 1"),
    ],
)
def test_what_is_explained(text: str, inner: str) -> None:
    (statement,) = split(text)
    found = explainable(statement)
    assert found.text == inner
    assert text[found.start : found.end] == inner


@pytest.mark.parametrize("text", ["vacuum", "create index on t (a)", "begin", "explain", "do '1'"])
def test_what_has_no_plan_is_refused(text: str) -> None:
    (statement,) = split(text)
    with pytest.raises(ServiceError, match="has no plan"):
        explainable(statement)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("nonsense", "cannot be read"),
        ("[]", "gave no plan"),
        ('["Utility statements have no plan structure"]', "gave no plan"),
    ],
)
def test_an_answer_without_a_plan_is_said(answer: str, said: str) -> None:
    with pytest.raises(ServiceError, match=said):
        read_plans(answer)
