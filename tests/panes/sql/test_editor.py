"""The editor of the SQL pane: what is run of it, the place of an error, its text on disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane, SqlDriver, sleeping
from tests.postgres import RunElsewhere
from tui.panes.sql.editing import pause
from tui.panes.sql.editor import apart
from tui.services.sql import split
from tui.services.sql.files.kept_tabs import LoadedTabs, TabsOnDisk


def marked(driver: SqlDriver) -> str:
    """What is drawn as the place of an error."""
    editor = driver.pane.editor
    lines = [editor.render_line(y) for y in range(editor.size.height)]
    return "".join(
        segment.text
        for line in lines
        for segment in line
        if segment.style is not None and segment.style.underline and segment.style.reverse
    )


@pytest.mark.parametrize(
    ("before", "behind", "is_between"),
    [
        ("", "", ("", ";")),
        ("select 1;", "", ("\n", ";")),
        ("select 1;\n\n", "select 2", ("", ";\n")),
        ("insert into archive", " ", ("\n;\n\n", ";")),
        ("select 1; -- mine\n", "", ("\n;\n\n", ";")),
    ],
)
def test_a_statement_that_is_put_in_stays_apart(
    before: str, behind: str, is_between: tuple[str, str]
) -> None:
    assert apart(before, behind) == is_between


async def test_an_error_is_marked_in_the_editor(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select 1;\n\nselect 'é🙂', nonsense;\nselect 3", key="f6")
        await driver.sees('Line 3, column 14: Column "nonsense" does not exist.', "42703")
        await driver.sees("✓ 1/3", "✗ 2/3 failed, 1 after it not run")
        assert marked(driver) == "nonsense"
        # Nobody stood there: the cursor was at the end, in the statement that was not run.
        assert driver.pane.editor.cursor_location == (2, 13)
        await driver.press("escape")
        await driver.misses('Column "nonsense"')
        assert driver.pane.editor.has_focus
        await driver.press("escape")
        assert driver.pane.in_results
        await driver.write("select 1")
        assert marked(driver) == ""


async def test_an_error_in_the_statement_at_the_cursor_leaves_the_cursor(
    open_pane: OpenPane,
) -> None:
    async with open_pane() as driver:
        await driver.run("select 1;\nselect nonsense from nowhere")
        await driver.sees("Line 2", "42P01", "the statement failed")
        assert marked(driver) == "nowhere"
        await driver.press("backspace", "X")
        assert driver.pane.editor.text == "select 1;\nselect nonsense from nowherX"
        assert marked(driver) == ""


async def test_an_error_at_the_end_of_a_statement_is_marked_on_its_last_character(
    open_pane: OpenPane,
) -> None:
    async with open_pane() as driver:
        await driver.run("select (")
        await driver.sees("Line 1, column 9", "end of input")
        assert marked(driver) == "("


async def test_an_error_out_of_view_is_brought_into_it_and_typing_leads_back(
    open_pane: OpenPane,
) -> None:
    async with open_pane() as driver:
        await driver.run("select 1,\nnonsense" + "\n" * 200 + ", 2")
        await driver.sees("Line 2, column 1")
        assert driver.pane.editor.scroll_offset.y <= 1
        await driver.type("0")
        assert driver.pane.editor.text.endswith(", 20")
        assert driver.pane.editor.scroll_offset.y > 150


async def test_the_cursor_stays_and_nothing_is_marked_if_the_text_was_changed_meanwhile(
    open_pane: OpenPane, server: RunElsewhere
) -> None:
    async with open_pane() as driver:
        await driver.write("select pg_sleep(60);\nselect 2")
        await driver.press("f6")
        await asyncio.wait_for(sleeping(driver, server), 20)
        await driver.press("ctrl+home")
        await driver.type("--")
        server(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where wait_event = 'PgSleep' and datname = current_database()"
        )
        await driver.idle()
        assert driver.pane.editor.cursor_location == (0, 2)
        assert marked(driver) == ""


@pytest.mark.parametrize("key", ["ctrl+n", "ctrl+shift+a"])
async def test_the_whole_text_is_selected_by_a_key(open_pane: OpenPane, key: str) -> None:
    async with open_pane() as driver:
        await driver.write("select 1;\nselect 2")
        await driver.press(key)
        assert driver.pane.editor.selected_text == "select 1;\nselect 2"
        await driver.press("f5")
        await driver.sees("✓ 2/2")


async def test_the_statement_at_the_cursor_is_run_and_a_selection_instead(
    open_pane: OpenPane, table: str
) -> None:
    async with open_pane() as driver:
        await driver.write("select 'first';\nselect 'second', 'half'")
        await driver.press("f5")
        # The screen shows these words in the editor, too.
        await driver.until(lambda: driver.rows == [("second", "half")], "the statement's row")
        await driver.press("ctrl+home", "shift+end", "f5")
        await driver.idle()
        await driver.until(lambda: driver.rows == [("first",)], "the selection's row")


async def test_the_text_survives_the_application(open_pane: OpenPane, tmp_path: Path) -> None:
    async with open_pane() as driver:
        await driver.write("select 'not yet run [/] 🙂'")
        file = tmp_path / "state" / "editor.sql"
        await driver.until(file.exists, "the saved text")
        await driver.until(lambda: "not yet run" in file.read_text("utf-8"), "the saved text")
        assert file.stat().st_mode & 0o777 == 0o600
        await driver.write("select 'typed at the last moment'")
    async with open_pane() as driver:
        await driver.sees("select 'typed at the last moment'")


@pytest.mark.parametrize("earlier", ["select 1;", "DELETE FROM users"])
async def test_what_is_typed_before_the_old_text_is_there_does_not_replace_it(
    open_pane: OpenPane, tmp_path: Path, earlier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state" / "editor.sql"
    file.parent.mkdir(exist_ok=True)
    file.write_text(earlier)
    load, may_load = TabsOnDisk.load, asyncio.Event()

    async def slowly(disk: TabsOnDisk) -> LoadedTabs:
        await may_load.wait()
        return await load(disk)

    monkeypatch.setattr(TabsOnDisk, "load", slowly)
    monkeypatch.setattr(pause, "SAVE_AFTER", 0.01)
    async with open_pane() as driver:
        await driver.type("where id = 1")
        await driver.pilot.pause(0.1)
        assert file.read_text() == earlier
        assert list(file.parent.glob("*.sql")) == [file]
        may_load.set()
        await driver.until(lambda: driver.pane.editor.text.startswith(earlier), "the old text")
        await driver.type(" and true")
        text = driver.pane.editor.text
        assert text.endswith("\n\nwhere id = 1 and true")
        assert [each.text for each in split(text)] == [
            earlier.rstrip(";"),
            "where id = 1 and true",
        ]
        await driver.until(lambda: file.read_text() == text, "the saved text")


async def test_what_came_before_a_failure_is_shown_and_the_failure_is_marked(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    async with open_pane() as driver:
        await driver.run(
            f"create table {table} (id int primary key);\nselect 'kept' as v;\n"
            f"insert into {table} values (1), (1);\nselect 'never'",
            key="f6",
        )
        await driver.sees("Duplicate key value", "Key (id)=(1) already exists", "✗ 3/4 failed")
        await driver.sees("the rows below are older: select 'kept' as v")
        assert driver.rows == [("kept",)]
        assert driver.pane.editor.cursor_location[0] == 2
    assert server(f"select count(*) from {table}") == [(0,)]


async def test_a_password_in_the_editor_is_not_kept_and_that_is_said(
    open_pane: OpenPane, tmp_path: Path
) -> None:
    async with open_pane() as driver:
        await driver.write("alter user u password 'hunter2'")
        await driver.sees("A password in the editor is not kept on disk.")
        assert driver.pane.editor.text.endswith("'hunter2'")
    assert "hunter2" not in driver.pane.tabs.disk.slot.path.read_text()
