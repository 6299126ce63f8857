"""The form of an export, by keys."""

from __future__ import annotations

from pathlib import Path

from tests.panes.sql.conftest import OpenPane


async def test_the_kind_follows_the_end_of_the_name_and_the_end_the_kind(
    open_pane: OpenPane, tmp_path: Path
) -> None:
    async with open_pane() as driver:
        await driver.run("select 1 as n")
        await driver.press("escape", "d")
        await driver.sees("Kind of file", "A first line with the names")
        await driver.press("tab", "tab", "ctrl+u")
        await driver.type(f"{tmp_path}/a.parquet")
        await driver.sees("Every column as text", "arrays and intervals are text.")
        await driver.press("shift+tab", "enter", "home", "enter")
        await driver.sees("A first line with the names", "a.csv")
        await driver.press("tab", "ctrl+u")
        await driver.type(f"{tmp_path}/b.txt")
        await driver.press("ctrl+s")
        await driver.until((tmp_path / "b.txt").exists, "the file")
    assert (tmp_path / "b.txt").read_text() == "n\n1\n"
