"""The choices of a result in Python, by their keys."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane
from tui.panes.sql.frame.commands import write_program
from tui.services.errors import ErrorKind, ServiceError


async def test_a_program_is_copied_and_what_writes_has_none(
    open_pane: OpenPane, table: str
) -> None:
    async with open_pane() as driver:
        await driver.press("alt+p")
        await driver.sees("There is no result to open")
        await driver.run("select 1 as n")
        await driver.press("alt+p")
        await driver.sees("This result in Python", "the 1 loaded row: all", "Save a program")
        await driver.press("c")
        await driver.until(lambda: "frame_of" in driver.app.clipboard, "the program")
        program = driver.app.clipboard
        ast.parse(program)
        assert "select 1 as n" in program
        await driver.run(
            f"create table {table} (n int); insert into {table} values (1) returning n", "f6"
        )
        await driver.press("alt+p")
        await driver.sees("This result in Python")
        assert "a program" not in driver.text


def test_a_program_is_saved_to_a_new_file_only(tmp_path: Path) -> None:
    place = tmp_path / "frame.py"
    assert write_program(f" {place} ", "x = 'ü'\n") == str(place)
    with pytest.raises(ServiceError) as caught:
        write_program(str(place), "other")
    assert caught.value.kind is ErrorKind.EXISTS
    assert place.read_text(encoding="utf-8") == "x = 'ü'\n"
