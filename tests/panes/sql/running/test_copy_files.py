"""COPY with a file, by key on one pane."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane
from tests.postgres import RunElsewhere
from tui.panes.sql.running.copy_files import (
    may_ask_for_file,
    needs_file,
    path_of,
    run_copy_command,
)
from tui.services.errors import ServiceError
from tui.services.sql import split


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("copy t from stdin", True),
        ("select 1;\nCOPY (select 1)\nTO STDOUT", True),
        ("copy t from '/x'", False),
        ("select stdin from copy", False),
    ],
)
def test_a_text_with_a_copy_that_needs_a_file_is_seen(text: str, may: bool) -> None:
    assert may_ask_for_file(text) is may


@pytest.mark.parametrize(
    ("text", "read_only", "is_asked"),
    [
        ("copy t from stdin", False, True),
        ("copy t from stdin", True, False),
        ("copy t to stdout", True, True),
        ("copy t from stdin;\n1\n\\.\n", False, False),
        ("copy t from '/x'", False, False),
    ],
)
def test_a_file_is_asked_for_where_one_is_needed(
    text: str, read_only: bool, is_asked: bool
) -> None:
    (statement,) = split(text)
    assert needs_file(statement, read_only=read_only) is is_asked


def test_a_path_is_taken_as_a_shell_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert path_of("~/x.csv") == path_of("x.csv") == tmp_path / "x.csv"


async def test_f5_asks_for_the_file_and_asks_again_before_one_is_replaced(
    open_pane: OpenPane, server: RunElsewhere, table: str, tmp_path: Path
) -> None:
    server(f"create table {table} (n int, t text)")
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("1,a\n2,b\n")
    target.write_text("mine")
    async with open_pane() as driver:
        await driver.write(f"copy {table} from stdin csv")
        await driver.press("f5")
        await driver.sees("Read the rows from a file")
        await driver.press(":")
        await driver.type(str(source))
        await driver.press("enter")
        await driver.sees("in.csv", "out.csv")
        await driver.press("ctrl+s")
        await driver.sees("COPY 2 ·", "8 B read from")
        await driver.write(f"copy {table} to stdout csv")
        await driver.press("f5")
        await driver.sees("Write the rows to a file")
        await driver.press("ctrl+u")
        await driver.type(str(target))
        await driver.press("ctrl+s")
        await driver.sees("Replace out.csv?")
        assert target.read_text() == "mine"
        await driver.press("ctrl+s")
        await driver.sees("written to")
        with pytest.raises(ServiceError, match="There is no such file"):
            await run_copy_command(
                driver.pane, f"\\copy {table} from {tmp_path}/none.csv", on=driver.runner
            )
        await run_copy_command(driver.pane, f"\\copy {table} from {source} csv", on=driver.runner)
    assert target.read_text() == "1,a\n2,b\n"
    assert server(f"select count(*) from {table}") == [(4,)]


async def test_a_copy_that_runs_says_how_far_it_is_and_esc_stops_it(
    open_pane: OpenPane, tmp_path: Path
) -> None:
    target = tmp_path / "out.tsv"
    async with open_pane() as driver:
        await driver.write("copy (select generate_series(1, 1000000000000)) to stdout")
        await driver.press("f5")
        await driver.sees("Write the rows to a file")
        await driver.press("ctrl+u")
        await driver.type(str(target))
        await driver.press("ctrl+s")
        # "0 B" stands there before the COPY is sent.
        some = re.compile(r" [1-9][\d.]* \w*B · Esc cancels")
        await driver.until(lambda: some.search(driver.status), "the bytes")
        await driver.press("escape")
        await driver.sees("Cancelled: the server stopped")
        await driver.run("select 'still' || ' there'")
        await driver.sees("still there")
    assert not [each for each in tmp_path.iterdir() if "out" in each.name]


async def test_read_only_mode_writes_rows_to_a_file_and_reads_none(
    open_pane: OpenPane, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    async with open_pane(read_only=True) as driver:
        await driver.write("copy (values (1), (2)) to stdout")
        await driver.press("f5")
        await driver.sees("Write the rows to a file")
        await driver.press("ctrl+u")
        await driver.type(str(target))
        await driver.press("ctrl+s")
        await driver.sees("COPY 2 ·", "4 B written to")
        assert target.read_text() == "1\n2\n"
