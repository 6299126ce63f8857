"""Keys that do nothing among rows, or while no transaction is open, say what does."""

from __future__ import annotations

from tests.panes.idle import answers
from tests.panes.sql.conftest import OpenPane


async def test_among_the_rows_of_a_result(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("SELECT 1 AS one")
        await driver.press("escape")
        said = await answers(driver.pilot)
        assert said["upload"] == "N adds a row; COPY … FROM STDIN in the editor reads a file."
        assert {"mark_all", "up"} <= set(said)
        # They work on the rows that are loaded.
        assert not {"sort", "filter", "download", "edit", "delete"} & set(said)


async def test_in_the_editor_only_keys_that_are_not_typed(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.press("x", "f7")
        assert driver.pane.editor.text == "x"
        assert driver.pane.editor.selected_text == ""
        await driver.sees("No transaction is open: the statement BEGIN opens one.")
