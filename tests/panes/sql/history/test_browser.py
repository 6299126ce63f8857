"""What is said of statements that were run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tui.panes.sql.history.browser import HistoryBrowser, outcome, row_of, told, when
from tui.services.sql import Result, SqlError, split
from tui.services.sql.history import (
    Entry,
    HistoryPage,
    HistoryWanted,
    StatementHistory,
    StatementOutcome,
    StatementRun,
)
from tui.widgets.grid.cells import plain_text

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=timezone(timedelta(hours=2), "CEST"))
RAN = StatementRun(
    datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), 0.25, 3, complete=True, outcome=StatementOutcome.OK
)
ENTRY = Entry(1, "select 1\n  from  t", 18, False, 0, "ann@db:5432/shop", RAN, 1)


def cells(entry: Entry) -> list[str]:
    return [plain_text(each) for each in row_of(entry, NOW)]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), "09:08:09"),
        (datetime(2024, 5, 5, 22, 30, tzinfo=UTC), "00:30:00"),
        (datetime(2024, 5, 5, 21, 30, tzinfo=UTC), "05-05 23:30"),
        (datetime(2023, 12, 31, 23, 30, tzinfo=UTC), "01-01 01:30"),
        (datetime(2023, 12, 31, 21, 30, tzinfo=UTC), "2023-12-31"),
    ],
)
def test_a_moment_is_told_in_local_time(moment: datetime, said: str) -> None:
    assert when(moment, NOW) == said


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (RAN, "ok"),
        (replace(RAN, outcome=StatementOutcome.ERROR, code="42P01"), "error 42P01"),
        (replace(RAN, outcome=StatementOutcome.ERROR), "error"),
        (replace(RAN, outcome=StatementOutcome.UNKNOWN), "unknown"),
    ],
)
def test_how_a_run_ended(run: StatementRun, said: str) -> None:
    assert outcome(run) == said


def test_an_entry_is_one_line() -> None:
    assert cells(ENTRY) == [
        *("", "09:08:09", "ok", "3", "250 ms", "", "select 1 from t", "ann@db:5432/shop")
    ]
    favourite = replace(
        ENTRY,
        is_favourite=True,
        name="Daily",
        runs=1200,
        last=replace(RAN, rows=500, complete=False),
    )
    assert cells(favourite)[0] == "★"
    assert cells(favourite)[3:7] == ["500+", "250 ms", "1,200", "Daily · select 1 from t"]


def test_all_that_is_known_is_told() -> None:
    failed = replace(
        RAN, rows=None, outcome=StatementOutcome.ERROR, code="42P01", message="No such table."
    )
    entry = replace(ENTRY, last=failed, runs=2, secrets=1)
    assert told(entry, (failed, RAN), NOW).split("\n") == [
        "2024-05-06 09:08:09 CEST · error 42P01 · 250 ms · ann@db:5432/shop · run 2 times",
        "No such table.",
        "before: 09:08:09 ok",
        "Its password is not kept.",
    ]


async def test_the_list_follows_what_is_wanted(tmp_path: Path) -> None:
    history = StatementHistory(tmp_path / "s")
    drawn: list[str] = []
    browser = HistoryBrowser(history, "ann@here", lambda: drawn.append(browser.state))
    await browser.find()
    for text, connection in (("select 1", "ann@here"), ("select 2", "bob@there")):
        (statement,) = split(text)
        result = Result(statement, None, (), True, "SELECT 1", 0.0, ())
        history.end(history.begin(statement, connection), result)
    (broken,) = split("selec")
    history.end(history.begin(broken, "ann@here"), SqlError("Syntax error.", code="42601"))
    await browser.find()
    assert [each.text for each in browser.entries] == ["selec", "select 2", "select 1"]
    await browser.keep(browser.entries[1], favourite=True, name="Two")
    await browser.toggle_favourites()
    assert [each.name for each in browser.entries] == ["Two"]
    await browser.toggle_favourites()
    await browser.toggle_connection()
    assert [each.text for each in browser.entries] == ["selec", "select 1"]
    await browser.find("syntax")
    await browser.delete(browser.entries[0])
    assert drawn == [
        "nothing was run yet",
        "3 statements",
        "3 statements",
        "1 statement · favourites only",
        "3 statements",
        "2 statements · only on ann@here",
        "1 statement · only on ann@here",
        "nothing found · only on ann@here",
    ]
    history.close()


async def test_more_come_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = StatementHistory(tmp_path / "s")
    browser = HistoryBrowser(history, "", lambda: None)
    for statement in split(";".join(f"select {n}" for n in range(450))):
        result = Result(statement, None, (), True, "SELECT 1", 0.0, ())
        history.end(history.begin(statement, "ann@here"), result)
    await browser.find()
    assert browser.state == "200 statements+"
    while browser.more:
        await browser.load_more()
    assert [each.text for each in browser.entries] == [f"select {n}" for n in range(449, -1, -1)]
    assert await browser.load_more() == []
    history.close()


class SlowHistory(StatementHistory):
    """Gives a page when it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.waiting: list[asyncio.Future[None]] = []

    async def page(
        self, wanted: HistoryWanted, before: int | None = None, most: int = 1
    ) -> tuple[HistoryPage, int]:
        waits = asyncio.get_running_loop().create_future()
        self.waiting.append(waits)
        await waits
        return HistoryPage((replace(ENTRY, text=wanted.search),), True), 1


async def test_a_page_of_another_search_comes_too_late(tmp_path: Path) -> None:
    history = SlowHistory(tmp_path / "statements.sqlite")
    browser = HistoryBrowser(history, "", lambda: None)

    async def answered(at: int, *asked: asyncio.Task[object]) -> None:
        await asyncio.sleep(0)
        history.waiting[at].set_result(None)
        await asyncio.wait(asked)

    await answered(0, asyncio.ensure_future(browser.find("old")))
    more = asyncio.ensure_future(browser.load_more())
    await asyncio.sleep(0)
    older = asyncio.ensure_future(browser.find("older"))
    await asyncio.sleep(0)
    await answered(3, asyncio.ensure_future(browser.find("new")))
    await answered(1, more)
    await answered(2, older)
    assert await more == []
    assert [each.text for each in browser.entries] == ["new"]
    history.close()
