"""A row as a record, columns by name, figures by the server: in one pane, by keys."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.panes.sql.conftest import OpenPane
from tests.panes.sql.runners import run, session_of
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows import statistics_view
from tui.panes.sql.rows.statistics import BINS, ColumnStatistics, statistics
from tui.panes.sql.rows.statistics_view import described_by_server
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ServiceError
from tui.services.sql import Session
from tui.services.sql.text.wrapping import (
    counted_on_server,
    most_frequent_on_server,
    spread_on_server,
)


async def test_the_server_counts_all_rows_and_the_pages_stay(runner: QueryRunner) -> None:
    await run(
        runner,
        "select n, case when n > 2 then 'x' || (n % 2) end as n, "
        "case when n % 2 = 0 then '{\"a\": 1}'::json end as j from generate_series(1, 3000) n -- x",
    )
    shown = runner.shown
    assert isinstance(shown, LoadedResult)
    result, columns = shown.result, shown.result.columns or ()
    told = []
    for column in range(3):
        questions: tuple[str, ...] = (
            counted_on_server(result.statement, columns, column),
            most_frequent_on_server(result.statement, columns, column, 3),
        )
        spread = spread_on_server(result.statement, columns, column, BINS)
        if spread is not None:
            questions = (*questions, spread)
        (figures,), top, *parts = await session_of(runner).ask_again(result, questions)
        told.append(described_by_server(figures, top, *parts))
    assert "rows       3,000" in told[0]
    assert "mean       1500.5\nsum        4501500" in told[0]
    assert told[0].count("█" * 30) == 10
    assert "Spread" not in told[1]
    assert "greatest   3000" in told[0]
    assert "NULL       2 (0.1%)" in told[1]
    assert "x0  1,499" in told[1]
    assert "different  1" in told[2]
    await runner.load_page()
    assert len(shown.rows) == 1000


@pytest.mark.parametrize(
    ("type_name", "values"),
    [
        ("numeric", ["1", "9007199254740993", "NaN", None, "4000000000000000", "1"]),
        ("double precision", ["1e300", "-1e-300", "Infinity", "-Infinity", "0.25"]),
        ("integer", [str(n * n) for n in range(100)]),
        ("date", ["0044-03-15 BC", "2024-01-01", "infinity", "2024-01-02", None]),
        ("timestamp with time zone", ["2024-01-01 00:00:00+00", "2024-01-01 00:00:01+00"]),
        ("integer", ["7", "7"]),
        ("integer", []),
    ],
)
async def test_the_server_spreads_values_as_they_are_spread_here(
    runner: QueryRunner, type_name: str, values: list[str | None]
) -> None:
    rows = ", ".join(f"({'null' if each is None else repr(each)})" for each in values) or "(null)"
    await run(runner, f"set timezone to utc; select v::{type_name} as v from (values {rows}) x(v)")
    shown = runner.shown
    assert isinstance(shown, LoadedResult)
    question = spread_on_server(shown.result.statement, shown.result.columns or (), 0, BINS)
    assert question is not None
    (parts,) = await session_of(runner).ask_again(shown.result, [question])
    found = {int(at or 0): (begins, int(times or 0)) for at, begins, times in parts}
    here = statistics((row[0] for row in shown.rows), type_name).bins
    assert found == {at: (each.begins, each.count) for at, each in enumerate(here) if each.count}


async def test_record_columns_freezing_and_figures_by_keys(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        columns = ", ".join(f"n * {c} as col{c}" for c in range(1600))
        await driver.run(f"select {columns} from generate_series(1, 5) n")
        grid = driver.pane.results.grid
        await driver.press("escape", "vertical_line", "number_sign", *"col1500", "enter")
        await driver.until(lambda: grid.cursor_column == 1500, "the column")
        assert grid.frozen == 1
        await driver.sees("col0 │", "col1500")
        await driver.press("V")
        await driver.sees("Row 1", "col1500  1500")
        await driver.press("n", "n")
        await driver.sees("Row 3", "col1500  4500")
        await driver.press("p", "escape", "equals_sign")
        await driver.sees("col1500  integer", "mean       4500", "Of all 5 rows")
        await driver.press("escape")
        assert grid.cursor_row == 1


async def test_what_the_server_does_not_count_is_still_counted_here(
    open_pane: OpenPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, go_on = statistics, threading.Event()

    def slow(*asked: Any) -> ColumnStatistics:
        go_on.wait(20)
        return counted(*asked)

    async def refuse(*_: object) -> None:
        raise ServiceError("The server counts nothing.")

    monkeypatch.setattr(statistics_view, "statistics", slow)
    async with open_pane() as driver:
        await driver.run("select n from generate_series(1, 5) n")
        monkeypatch.setattr(Session, "ask_again", refuse)
        await driver.press("escape", "equals_sign")
        await driver.sees("Counting…")
        await driver.press("O")
        await driver.sees("The server counts nothing.")
        go_on.set()
        await driver.sees("mean       3", "Of all 5 rows")
