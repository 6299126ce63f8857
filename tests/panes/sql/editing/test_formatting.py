"""Comments and layout by key."""

from __future__ import annotations

from tests.panes.sql.conftest import OpenPane
from tui.panes.sql.editing.formatting import with_formatted
from tui.services.sql import split


def test_what_cannot_be_laid_out_stays_and_is_said() -> None:
    text = "select 1 ,2;\n\n-- grant\ngrant  x to y;\nselect\n3"
    made, problems = with_formatted(text, split(text))
    assert made == "select 1, 2;\n\n-- grant\ngrant  x to y;\nselect 3"
    assert [error.message[:5] for error in problems] == ["GRANT"]


async def test_lines_are_commented_and_a_statement_is_formatted_by_key(
    open_pane: OpenPane,
) -> None:
    async with open_pane() as driver:
        editor = driver.pane.editor
        text = "select   a , b from t;\nselect 2"
        await driver.write(text)
        await driver.press("ctrl+home", "shift+down", "shift+right", "alt+c")
        assert editor.text == "-- select   a , b from t;\n-- select 2"
        # What was selected stays so: the same key undoes it.
        await driver.press("ctrl+underscore")
        assert editor.text == text
        await driver.press("ctrl+home", "alt+shift+f")
        await driver.until(lambda: editor.text == "select a, b from t;\nselect 2", "the layout")
        await driver.press("ctrl+z")
        assert editor.text == text
        await driver.write("grant x to y")
        await driver.press("alt+shift+f")
        await driver.sees("GRANT is not formatted")
        assert editor.text == "grant x to y"
