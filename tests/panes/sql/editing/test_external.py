"""The text of a tab in the user's own editor."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane


async def test_what_an_editor_leaves_is_one_step_and_a_statement_goes_on(
    open_pane: OpenPane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, go_on = tmp_path / "editor", tmp_path / "go-on"
    editor.write_text(
        f"#!/bin/sh\nwhile ! [ -e {go_on} ]; do sleep 0.02; done\n"
        # What Ctrl+C in a terminal sends to both.
        "kill -INT $PPID\n"
        "printf '%s' 'select 2, 3' > \"$1\"\n"
    )
    editor.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("VISUAL", str(editor))
    async with open_pane() as driver:
        # A terminal of the test's is not there to be given away.
        monkeypatch.setattr(driver.app, "suspend", contextlib.nullcontext)
        await driver.write("select 1 from pg_sleep(0.2)")
        await driver.press("f5", "alt+e")
        await driver.until(lambda: driver.rows == [("1",)], "the row")
        go_on.touch()
        await driver.until(lambda: driver.pane.editor.text == "select 2, 3", "the new text")
        await driver.press("ctrl+z")
        assert driver.pane.editor.text == "select 1 from pg_sleep(0.2)"
        assert list(temporary.iterdir()) == []
        monkeypatch.setenv("VISUAL", "/nowhere/editor")
        await driver.press("alt+e")
        await driver.sees("The editor /nowhere/editor was not found ($VISUAL).")
