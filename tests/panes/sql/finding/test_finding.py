"""Find and replace in the editor."""

from __future__ import annotations

import pytest

from tests.panes.sql.conftest import OpenPane, SqlDriver
from tests.watchdog import watchdog
from tui.panes.sql.finding.finder import place_line
from tui.services.sql.text.text_search import Hits


@pytest.mark.parametrize(
    ("hits", "current", "said"),
    [
        (Hits(), None, "none found"),
        (Hits([(0, 1), (2, 3)]), 1, "2 of 2"),
        (Hits([(0, 1)] * 1_234), None, "1,234 found"),
        (Hits([(0, 1)], is_all=False), 0, "1 of 20,000+"),
    ],
)
def test_where_one_stands(hits: Hits, current: int | None, said: str) -> None:
    assert place_line(hits, current) == said


def marked(driver: SqlDriver) -> str:
    """What is drawn as the hit that one stands on."""
    editor = driver.pane.editor
    lines = [editor.render_line(y) for y in range(editor.size.height)]
    return "".join(
        segment.text
        for line in lines
        for segment in line
        if segment.style is not None and segment.style.bold and segment.style.reverse
    )


async def test_find_and_replace_by_key(open_pane: OpenPane) -> None:
    async with open_pane(size=(80, 24)) as driver:
        editor = driver.pane.editor
        await driver.write("select Name\nfrom t\nwhere name = 'name'")
        await driver.press("ctrl+home", "ctrl+f")
        await driver.type("name")
        await driver.sees("1 of 3")
        assert marked(driver) == "Name"
        await driver.press("enter", "down")
        await driver.sees("3 of 3")
        assert editor.cursor_location == (2, 14)
        # Nothing is selected: F5 runs the statement, not what was found.
        assert editor.selection.is_empty
        await driver.press("up", "alt+c")
        await driver.sees("of 2")
        await driver.press("alt+c", "tab")
        await driver.type("id")
        await driver.press("enter")
        await driver.until(lambda: editor.text.count("id") == 1, "one replacement")
        await driver.sees("of 2")
        await driver.press("alt+a")
        await driver.sees("2 hits replaced")
        assert editor.text == "select id\nfrom t\nwhere id = 'id'"
        await driver.press("shift+tab", "ctrl+u")
        await driver.type("id")
        await driver.sees("of 3")
        # Nothing changes, so nothing is looked for anew.
        await driver.press("tab", "alt+a")
        await driver.sees("3 hits replaced by the same text")
        await driver.press("shift+tab", "alt+r", "ctrl+u")
        await driver.type("(")
        await driver.sees("This is no pattern")
        await driver.press("escape")
        assert editor.has_focus
        assert not driver.pane.finder.bar.display
        await driver.press("ctrl+z")
        assert editor.text.count("id") == 1


async def test_a_long_text_is_searched_while_keys_are_answered(open_pane: OpenPane) -> None:
    line = "select name, value from readings where name = 'x';\n"
    async with open_pane() as driver:
        await driver.write(line * 25_000)
        with watchdog():
            await driver.press("ctrl+f")
            await driver.type("readings")
            await driver.sees("of 20,000+")
