"""Completion in the editor: it comes by itself, is taken by Tab, and is never in the way."""

from __future__ import annotations

import pytest
from textual.geometry import Offset
from textual.screen import Screen

from tests.idle_loop import every_frame_drawn
from tests.panes.sql.conftest import OpenPane, SqlDriver
from tests.postgres import RunElsewhere
from tui.panes.sql.completing import CompletionList
from tui.services.sql import Candidate


async def listed(driver: SqlDriver, *names: str) -> None:
    """Wait until the list is open and has these."""
    offered = driver.pane.editor.list
    await driver.until(
        lambda: set(names) <= {each.text for each in offered.candidates}, f"{names} in the list"
    )


async def test_a_name_is_completed_with_tab_and_the_list_goes_away(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f'create table {table} (id int, "Full Name" text)')
    async with open_pane() as driver:
        await driver.until(lambda: driver.runner.names is not None, "the names")
        editor = driver.pane.editor
        await driver.type(f"select * from {table[:5]}")
        await listed(driver, table)
        await driver.sees(f"▸{table}", "public")
        await driver.press("tab")
        assert editor.text == f"select * from {table}"
        assert editor.has_focus
        await driver.misses(f"▸{table}")
        # A dot brings the columns at once; what needs quotes gets them.
        await driver.type(" t where t.")
        await listed(driver, "id", '"Full Name"')
        await driver.press("down", "enter")
        assert editor.text.endswith(' t where t."Full Name"')
        # Closed, Tab is what it was.
        await driver.press("tab")
        assert not editor.has_focus


async def test_enter_and_esc_are_not_taken_by_a_list_that_came_by_itself(
    open_pane: OpenPane,
) -> None:
    async with open_pane() as driver:
        await driver.until(lambda: driver.runner.names is not None, "the names")
        editor = driver.pane.editor
        await driver.type("sel")
        await listed(driver, "select")
        await driver.press("enter")
        assert editor.text == "sel\n"
        assert not editor.list.is_open
        await driver.type("sel")
        await listed(driver, "select")
        await driver.press("escape")
        assert not editor.list.is_open
        assert editor.has_focus
        await driver.press("up")
        assert editor.cursor_location == (0, 3)
        await driver.press("ctrl+@")
        await listed(driver, "select")
        await driver.press("left", "left", "left", "left")
        assert not editor.list.is_open
        # It does not cover the rows of what is run.
        editor.load_text("")
        await driver.type("select 5::int")
        await listed(driver, "int2")
        await driver.press("f5")
        await driver.until(lambda: driver.rows == [("5",)], "the row")
        assert not editor.list.is_open
        # Nor a dialog: it is drawn over everything.
        await driver.type(" as x, 6::int")
        await listed(driver, "int2")
        await driver.press("alt+x")
        await driver.sees("Explain this statement")
        assert not editor.list.is_open


async def test_what_a_statement_creates_can_be_completed_after_it(
    open_pane: OpenPane, table: str
) -> None:
    async with open_pane() as driver:
        await driver.run(f"create table {table} (just_made int)")
        await driver.until(
            lambda: (
                driver.runner.names is not None and driver.runner.names.relation(table) is not None
            ),
            "the new table",
        )
        await driver.write("")
        await driver.type(f"select just from {table}")
        driver.pane.editor.move_cursor((0, len("select just")))
        await driver.press("ctrl+@")
        await listed(driver, "just_made")


async def test_a_letter_lays_out_nothing_and_a_list_once(
    open_pane: OpenPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    lays_out, times = Screen._refresh_layout, list[int]()

    def counted(screen: Screen[object], *arguments: object, **options: object) -> None:
        times.append(1)
        lays_out(screen, *arguments, **options)  # type: ignore[arg-type]  # passed on

    async with open_pane() as driver:
        await driver.until(lambda: driver.runner.names is not None, "the names")
        editor = driver.pane.editor
        await driver.type("sel")
        await listed(driver, "select")
        await driver.idle()
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        with every_frame_drawn():
            await driver.press("space", "1", "comma", "2")
            assert times == [1]  # the list has gone
            await driver.type(" as a fr")
            await listed(driver, "from")
            await driver.idle()
            assert times == [1, 1]
            # What is longer than the editor is wide can be scrolled to.
            await driver.type("x" * 200)
            assert editor.max_scroll_x > 50
            assert editor.show_horizontal_scrollbar
            await driver.press("enter", "ctrl+home")
            assert editor.virtual_size.height == 2


async def test_nothing_is_offered_while_no_names_are_known(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.until(lambda: driver.runner.names is not None, "the names")
        driver.runner.names = None
        await driver.type("select")
        await driver.press("ctrl+@")
        await driver.idle()
        assert not driver.pane.editor.list.is_open


def test_a_list_that_stays_where_it_is_lays_out_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found, laid_out = CompletionList(), list[bool]()

    def refresh(*_: object, layout: bool = False, **__: object) -> CompletionList:
        laid_out.append(layout)
        return found

    monkeypatch.setattr(found, "refresh", refresh)

    def show(names: str, at: Offset) -> bool:
        """Whether anything is laid out."""
        laid_out.clear()
        found.show(tuple(Candidate(each, "table") for each in names.split()), at)
        return any(laid_out)

    assert show("one two", Offset(3, 4))
    assert not show("six ten", Offset(3, 4))
    assert found.current.text == "six"
    assert laid_out == [False]
    # The same names are not drawn again, unless another one was chosen.
    assert not show("six ten", Offset(3, 4))
    assert laid_out == []
    found.move(1)
    assert not show("six ten", Offset(3, 4))
    assert laid_out == [False]
    assert not found.chosen
    assert show("six ten", Offset(3, 5))
    assert show("three ten", Offset(3, 5))
    assert show("three", Offset(3, 5))
    found.close()
    assert show("three", Offset(3, 5))
