"""A text that would change something on another connection than the one that it is for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.panes.sql.conftest import OpenPane
from tests.panes.sql.runners import session_of
from tests.postgres import RunElsewhere, own_database
from tui.panes.sql.connecting.open_connections import name_of
from tui.panes.sql.editing.tabs import EditorTabs, Tab
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.places import WhereToRun, changing, is_elsewhere, moves_to, question
from tui.sandbox import SandboxInfo
from tui.services.sql import Session, split
from tui.services.sql.files.kept_tabs import KeptTab, KeptTabs

OTHER = "ada@db.example:5432/shop"


@pytest.fixture(scope="module")
def other_database(sandbox: SandboxInfo) -> Iterator[str]:
    with own_database(sandbox.postgres) as url:
        yield url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1; show all; begin; commit; explain delete from t", 0),
        ("with w as (delete from t returning *) select * from w", 1),
        ("insert into t values (1); drop table t; copy t from stdin; truncate t", 4),
        ("select 1 into t; do $$ begin end $$; call p(); grant select on t to u", 4),
    ],
)
def test_what_changes_something_is_told_from_what_reads(text: str, expected: int) -> None:
    assert len(changing(split(text))) == expected


async def test_only_a_change_moves_a_text_to_another_connection(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = name_of(runner)
    fresh, at_home, elsewhere = Tab(1), Tab(2, place=here), Tab(3, place=OTHER)
    assert [is_elsewhere(each, runner) for each in (fresh, at_home, elsewhere)] == [
        False,
        False,
        True,
    ]
    assert await moves_to(fresh, runner, split("select 1"))
    assert not await moves_to(elsewhere, runner, split("select 1"))
    assert await moves_to(elsewhere, runner, split("select 1; delete from t"))
    monkeypatch.setattr(Session, "read_only", True)
    assert not is_elsewhere(elsewhere, runner)


async def test_the_question_begins_at_not_running_and_names_both_connections(
    runner: QueryRunner,
) -> None:
    asked = question(OTHER, runner, split("delete from t;" * 7), is_open=True)
    assert [each.value for each in asked.choices] == [
        WhereToRun.NOWHERE,
        WhereToRun.SHOW,
        WhereToRun.HERE,
    ]
    assert str(asked.dialog_title) == f"Run this on {session_of(runner).info.label}?"
    assert f"This tab is for {OTHER}" in asked.body
    assert "… and 2 more" in asked.body
    closed = question(OTHER, runner, split("delete from t"), is_open=False)
    assert [each.value for each in closed.choices] == [WhereToRun.NOWHERE, WhereToRun.HERE]


def test_the_connection_of_a_text_survives_a_restart() -> None:
    tabs = EditorTabs()
    tabs.take(KeptTabs((KeptTab(1, "select 1", place=OTHER),)), ())
    assert tabs.current.place == OTHER
    assert tabs.kept().tabs[0].place == OTHER


async def test_a_change_is_asked_about_where_another_connection_is_shown(
    open_pane: OpenPane, server: RunElsewhere, other_database: str, table: str
) -> None:
    async with open_pane() as driver:
        first = driver.runner
        await driver.write(f"create table {table} (n int)")
        driver.pane.open(other_database)
        await driver.sees("2 of 2 · ")
        second = driver.runner
        await driver.press("f5")
        await driver.sees(f"Run this on {name_of(second)}?", f"This tab is for {name_of(first)}")
        await driver.press("enter")
        await driver.misses("Run this on")
        await driver.press("f5")
        await driver.sees("Run this on")
        await driver.press("s")
        await driver.until(lambda: driver.runner is first, "the connection of the tab")
        assert server(f"select to_regclass('{table}')") == [(None,)]
        await driver.press("f5")
        await driver.idle()
        assert server(f"select count(*) from {table}") == [(0,)]
        await driver.press("alt+l", "f5")
        await driver.sees("Run this on")
        await driver.press("r")
        await driver.idle()
        assert driver.runner is second
        assert driver.pane.tabs.current.place == name_of(second)
