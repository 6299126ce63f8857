"""Several rows as one text."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.panes.sql.conftest import OpenPane
from tests.panes.sql.runners import run
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rows import copying
from tui.panes.sql.rows.arranged import Arrangement
from tui.panes.sql.rows.arranging import RowsArranging
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ServiceError
from tui.services.sql.copies import Form

HOSTILE = (
    "select * from (values (1, E'a\\tb\\n\"c\" | *x* <b> [l](u) \\\\ `q`', null), "
    "(2, '', 'NULL'), (9007199254740993, ' pad ', E'\\x1b[31m')) as t (n, s, \"a|b\")"
)


async def shown_after(runner: QueryRunner, text: str) -> LoadedResult:
    await run(runner, text)
    assert isinstance(runner.shown, LoadedResult)
    return runner.shown


async def test_every_form_holds_every_value(runner: QueryRunner) -> None:
    shown = await shown_after(runner, HOSTILE)
    rows = [list(row) for row in shown.rows]
    for form, delimiter in ((Form.CSV, ","), (Form.TSV, "\t")):
        text = await copying.text_of(form, shown)
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        assert read == [["n", "s", "a|b"], *([value or "" for value in row] for row in rows)]
    made = json.loads(await copying.text_of(Form.JSON, shown))
    assert [list(each.values()) for each in made] == [[int(row[0] or 0), *row[1:]] for row in rows]
    table = (await copying.text_of(Form.MARKDOWN, shown)).splitlines()
    assert table[0] == "| n | s | a\\|b |"
    assert table[1] == "| ---: | --- | --- |"
    assert len(table) == 5
    assert "\\*x\\* \\<b\\> \\[l\\](u)" in table[2]
    assert table[2].endswith("| *NULL* |")
    assert table[3].endswith("| NULL |")
    inserts = (await copying.text_of(Form.INSERT, shown)).splitlines()
    assert len(inserts) == 3
    assert all(each.isprintable() for each in inserts)


async def test_arranged_rows_are_copied_as_they_are_shown(
    runner: QueryRunner,
) -> None:
    shown = await shown_after(runner, "select generate_series(1, 30) as n")
    await RowsArranging(lambda: None).arrange(shown, Arrangement("3", 0, descending=True))
    assert await copying.text_of(Form.CSV, shown) == "n\n30\n23\n13\n3\n"
    (first, *_) = copying.of_rows(shown, lambda name: name)
    assert first.label == "4 rows, as shown, as JSON"


async def test_marked_rows_are_copied_in_the_order_of_the_result(runner: QueryRunner) -> None:
    shown = await shown_after(runner, "select generate_series(1, 3000) as n")
    await runner.load_all()
    shown.toggle_mark(2_500)
    await RowsArranging(lambda: None).arrange(shown, Arrangement("3", 0, descending=True))
    shown.toggle_mark(0)
    assert shown.is_marked(0)
    assert not shown.is_marked(1)
    assert [shown.rows[number] for number in shown.marks] == [("2501",), ("3000",)]
    # A filter hides one of them; it is copied all the same, as the list says.
    assert await copying.text_of(Form.CSV, shown) == "n\n2501\n3000\n"
    (first, *_) = copying.of_rows(shown, lambda name: name)
    assert first.label == "2 rows, marked, as JSON"
    assert "2 marked · " in shown.status
    shown.toggle_mark(0)
    assert shown.marks == [2_500]


async def test_marks_by_keys(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select n from generate_series(1, 5) n")
        await driver.press("escape", "space", "down", "space")
        await driver.sees("●1", "●3", "2 marked")
        await driver.press("y")
        await driver.sees("2 rows, marked, as CSV")
        await driver.press("C")
        await driver.until(lambda: driver.app.clipboard == "n\n1\n3\n", "the copy")
        await driver.press("home", "ctrl+home", "space")
        await driver.sees("1 marked")
        await driver.run("select n from generate_series(1, 5) n")
        await driver.misses("marked")


async def test_too_much_for_a_clipboard_is_refused(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "MOST", 100)
    shown = await shown_after(runner, "select generate_series(1, 300) as n")
    with pytest.raises(ServiceError, match="more than 100 characters"):
        await copying.text_of(Form.CSV, shown)


async def test_of_a_huge_row_only_the_value_is_offered_at_once(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "MOST", 100)
    shown = await shown_after(runner, "select repeat('x', 200) as a, 1 as b")
    made = {each.key: each.value for each in copying.of_row(shown.result, shown.rows[0], 0)}
    assert made["v"] == "x" * 200
    refuse = made["j"]
    assert not isinstance(refuse, str)
    with pytest.raises(ServiceError, match="This row is more than"):
        await refuse()


async def test_all_rows_that_are_shown_are_copied_by_keys(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select generate_series(1, 3) as n")
        await driver.press("escape", "y")
        await driver.sees("3 rows, loaded, as CSV")
        await driver.press("C")
        await driver.until(lambda: driver.app.clipboard == "n\n1\n2\n3\n", "the copy")
