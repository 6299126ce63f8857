"""Files opened and saved in the editor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane
from tui.panes.sql.editing.files import opened_line, path_problems, saved_line
from tui.services.sql.files.sql_files import FileMark, SqlFile


@pytest.mark.parametrize(
    ("mark", "mixed", "said"),
    [
        (FileMark("/x/a.sql"), False, "Opened a.sql."),
        (FileMark("/x/a.sql", newline="\r\n"), False, "CR LF, saved like that"),
        (FileMark("/x/a.sql", "utf-16-le"), False, "UTF-16 (little-endian), saved as that"),
        (FileMark("/x/a.sql", "utf-8-sig"), True, "UTF-8 with a byte order mark, saved as that;"),
        (FileMark("/x/a.sql"), True, "end in several ways"),
    ],
)
def test_what_is_special_about_a_file_is_said(mark: FileMark, mixed: bool, said: str) -> None:
    assert said in opened_line(SqlFile(replace(mark, has_mixed_ends=mixed), ""))


def test_names_that_keep_the_old_text_are_said() -> None:
    assert saved_line(FileMark("/x/a.sql"), 0) == "Saved /x/a.sql."
    assert "another name (hard links), which keep the old text" in saved_line(FileMark("/x"), 1)


@pytest.mark.parametrize("typed", ["", " ", "/tmp/", "/tmp/.sql", "a\0b"])
def test_a_path_to_save_to_has_a_name(typed: str) -> None:
    assert path_problems(typed)


async def test_a_file_is_opened_changed_saved_and_not_written_over(
    open_pane: OpenPane, tmp_path: Path
) -> None:
    folder = tmp_path / "sql"
    folder.mkdir()
    path = folder / "report.sql"
    path.write_bytes(b"select 1\r\n")
    async with open_pane(size=(80, 24)) as driver:
        pane = driver.pane
        await driver.write("typed before")
        await driver.press("alt+o")
        await driver.sees("Open an SQL file")
        await driver.press("colon", "ctrl+u")
        await driver.type(f"{path}\n")
        await driver.sees("report.sql")
        await driver.press("enter")
        await driver.sees("[2 report.sql]")
        await driver.sees("Opened report.sql")
        await driver.type("-- changed")
        await driver.sees("[2 report.sql*]")
        await driver.press("alt+s")
        await driver.until(lambda: b"changed" in path.read_bytes(), "the saved file")
        assert path.read_bytes() == b"-- changedselect 1\r\n"
        await driver.sees("[2 report.sql]")
        path.write_text("of another program")
        await driver.type("!")
        await driver.press("alt+s")
        await driver.sees("was changed on disk by something else", "Replace it")
        # The answer that it starts on changes nothing.
        await driver.press("n")
        await driver.sees("Save as")
        await driver.press("ctrl+u")
        await driver.type(f"{folder}/mine.sql\n")
        await driver.until((folder / "mine.sql").exists, "the other file")
        await driver.sees("[2 mine.sql]")
        assert path.read_text() == "of another program"
        assert (folder / "mine.sql").read_bytes() == b"-- changed!select 1\r\n"
        assert pane.tabs.current.is_kept_elsewhere
