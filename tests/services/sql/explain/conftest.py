"""Tables to make plans of, and the way to one."""

from __future__ import annotations

import pytest

from tests.postgres import elsewhere
from tui.services.sql import Session, split
from tui.services.sql.explain.plan import ExplainPlan, read_plans
from tui.services.sql.explain.request import explain_statement, explainable


async def plan_of(session: Session, text: str, *, analyze: bool = True) -> ExplainPlan:
    (statement,) = split(text)
    request = explain_statement(
        explainable(statement), analyze=analyze, version=session.info.version
    )
    (row,) = (await session.run(request)).rows
    assert row[0] is not None
    (plan,) = read_plans(row[0])
    return plan


@pytest.fixture(scope="package")
def seed(database: str) -> str:
    """Two tables and a partitioned one in a schema."""
    with elsewhere(database) as run:
        run("create schema if not exists e")
        run("create table e.a (id int primary key, n int, t text)")
        run("insert into e.a select i, i % 10, 'x' from generate_series(1, 2000) i")
        run("create table e.b (id int primary key, a_id int references e.a)")
        run("insert into e.b select i, i from generate_series(1, 500) i")
        run("create table e.p (id int, n int) partition by range (id)")
        run("create table e.p1 partition of e.p for values from (0) to (10)")
        run("create table e.p2 partition of e.p for values from (10) to (20)")
        run("analyze e.a, e.b, e.p")
        run("create sequence e.s")
    return "e"
