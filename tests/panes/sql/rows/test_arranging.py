"""Sorting and filtering what is loaded, and the statement that lets the server do it."""

from __future__ import annotations

import asyncio

from tests.panes.sql.conftest import OpenPane
from tests.panes.sql.runners import Changes, rows_of, run
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows.arranged import Arrangement
from tui.panes.sql.rows.arranging import RowsArranging
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.wording import arrangement_line
from tui.services.sql import split
from tui.services.sql.text.wrapping import wrapped


def shown_of(runner: QueryRunner) -> LoadedResult:
    assert isinstance(runner.shown, LoadedResult)
    return runner.shown


async def test_only_the_loaded_rows_are_arranged_and_that_is_said(changes: Changes) -> None:
    runner = changes.runner
    await run(runner, "select n, 'x' || n as s from generate_series(1, 2000) n")
    shown = shown_of(runner)
    arranging = RowsArranging(lambda: None)
    await arranging.arrange(shown, Arrangement("x49", 0, descending=True))
    assert [row[0] for row in shown.visible[:2]] == ["499", "498"]
    assert shown.number(0) == 498
    assert shown.status.startswith("11 of 500 loaded rows by n ↓ · O asks the server")
    assert "500+ rows" in shown.status
    await arranging.arrange(shown, Arrangement())
    assert len(shown.visible) == 500
    assert "loaded" not in shown.status


async def test_a_newer_wish_takes_the_place_of_one_under_way(runner: QueryRunner) -> None:
    await run(runner, "select generate_series(1, 400) as n")
    shown = shown_of(runner)
    arranging = RowsArranging(lambda: None)
    await asyncio.gather(
        arranging.arrange(shown, Arrangement("1")), arranging.arrange(shown, Arrangement("399"))
    )
    assert [row[0] for row in shown.visible] == ["399"]
    assert not shown.is_arranging


async def test_rows_in_the_place_of_others_are_in_order_whatever_is_wished_meanwhile(
    runner: QueryRunner,
) -> None:
    await run(runner, "select generate_series(1, 500) as n")
    before, session = shown_of(runner), runner.session
    assert session is not None
    again = LoadedResult(before.result, session)
    arranging = RowsArranging(lambda: None)
    before.wanted = Arrangement("1", 0, descending=True)
    # The second one stops the first, which is for other rows.
    await asyncio.gather(
        arranging.arrange_as(again, before), arranging.arrange(before, before.wanted)
    )
    assert [again.visible[0], before.visible[0]] == [("491",), ("491",)]


def test_one_row_is_no_rows() -> None:
    line = arrangement_line(1, 1, "n", descending=False, more=False)
    assert line == "the 1 loaded row by n ↑ · Esc shows all"


async def test_the_server_arranges_all_rows_of_a_hostile_result(runner: QueryRunner) -> None:
    await run(
        runner,
        "select * from (values (1, E'10%_\\\\'), (2, null), (3, '9'), (4, '10%_'))"
        ' as v (a, b) order by a -- "the" end',
    )
    query = "select a, b as a, 3 from (values (1, E'10%_\\\\'), (2, null), (3, '9')) v (a, b) -- x"
    await run(runner, query)
    result = shown_of(runner).result
    text = wrapped(result.statement, result.columns or (), column=1, descending=True)
    await runner.run(split(text))
    assert [row[1] for row in rows_of(runner)] == ["9", "10%_\\", None]
    text = wrapped(result.statement, result.columns or (), text="10%_\\")
    await runner.run(split(text))
    assert [row[0] for row in rows_of(runner)] == ["1"]
    assert [column.name for column in shown_of(runner).result.columns or ()][:2] == ["a", "a_2"]


async def test_rows_are_sorted_and_filtered_by_keys(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select n, 'row [/] ' || n as s from generate_series(1, 1500) n")
        await driver.press("escape", "o")
        # Faster than they are drawn: each key counts.
        shown = shown_of(driver.runner)
        driver.pane.rows.sort(0)
        driver.pane.rows.sort(0)
        driver.runner.shown = again = LoadedResult(shown.result, shown._session)
        again.series, again.wanted = shown.series, shown.wanted
        driver.pane.rows.sort(0)
        assert (shown.wanted.column, again.wanted) == (None, Arrangement("", 0))
        driver.pane.rows.sort(0)
        await driver.sees("the 500 loaded rows by n ↓", "row [/] 500")
        await driver.press("slash", *"49")
        await driver.sees("15 of 500 loaded rows", "row [/] 499")
        await driver.press("enter", "O")
        await driver.sees("35 rows", "row [/] 1499")
        assert "ORDER BY n DESC NULLS LAST" in driver.pane.editor.text
        await driver.press("escape", "o", "escape")
        await driver.misses("loaded rows")


async def test_a_page_that_comes_after_the_sorting_is_put_in_order_too(runner: QueryRunner) -> None:
    await run(runner, "select n from generate_series(1000, 1, -1) n")
    shown = shown_of(runner)
    arranging = RowsArranging(lambda: None)
    await arranging.arrange(shown, Arrangement("", 0))
    behind = [shown.is_behind]
    await runner.load_page()
    behind.append(shown.is_behind)
    await arranging.arrange(shown, shown.wanted)
    assert [*behind, shown.is_behind] == [False, True, False]
    assert shown.visible[0] == ("1",)
