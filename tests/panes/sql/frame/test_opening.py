"""What Python is given of a result, and what is asked before."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.panes.sql.runners import Changes, run, session_of
from tests.postgres import RunElsewhere
from tui.panes.sql.frame.opening import FrameWanted, memory_problem, open_session
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ErrorKind, ServiceError

MIB = 1024 * 1024


def shown_of(runner: QueryRunner) -> LoadedResult:
    assert isinstance(runner.shown, LoadedResult)
    return runner.shown


class Terminal:
    """Runs the command without staying in it."""

    def __init__(self) -> None:
        self.output = ""

    async def run(self, command: tuple[str, ...], descriptors: tuple[int, ...]) -> int:
        code = f"{command[-1]}; print(len(df), df.columns.tolist())"
        done = subprocess.run(
            [command[0], "-c", code], pass_fds=descriptors, capture_output=True, text=True
        )
        self.output = done.stdout
        return -9


async def wanted(_: str) -> bool:
    return True


async def opened(runner: QueryRunner, terminal: Terminal, *, again: bool) -> str:
    chosen = FrameWanted(shown_of(runner), again)
    return await open_session(
        runner, session_of(runner), chosen, run=terminal.run, is_wanted=wanted
    )


async def test_all_rows_or_those_that_are_loaded_and_which_is_said(changes: Changes) -> None:
    runner, terminal = changes.runner, Terminal()
    await run(runner, "select n from generate_series(1, 1200) n")
    said = await opened(runner, terminal, again=True)
    assert "1200 ['n']" in terminal.output
    assert "ended by signal 9" in said
    assert "bringing the rows to Python" in changes.seen
    await opened(runner, terminal, again=False)
    assert "500 ['n']" in terminal.output
    assert "Only the 500 rows that were loaded" in terminal.output
    assert not runner.running


async def test_of_a_statement_that_writes_the_loaded_rows_are_taken(
    runner: QueryRunner, table: str, server: RunElsewhere
) -> None:
    server(f"create table {table} (n int)")
    await run(runner, f"insert into {table} values (1), (2) returning n")
    terminal = Terminal()
    await opened(runner, terminal, again=False)
    assert "2 ['n']" in terminal.output
    assert server(f"select count(*) from {table}") == [(2,)]


async def test_no_frame_is_made_of_more_than_the_memory_has_unless_wanted(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert memory_problem(100 * MIB, 4096 * MIB) == ""
    assert "300.0 MiB of memory; 400.0 MiB are free" in memory_problem(100 * MIB, 400 * MIB)
    monkeypatch.setattr("tui.panes.sql.frame.opening._free_memory", lambda: 1)
    await run(runner, "select 1 as n")
    asked: list[str] = []

    async def refuse(problem: str) -> bool:
        asked.append(problem)
        return False

    terminal = Terminal()
    chosen = FrameWanted(shown_of(runner), again=False)
    said = await open_session(
        runner, session_of(runner), chosen, run=terminal.run, is_wanted=refuse
    )
    assert (said, len(asked), terminal.output) == ("No frame was made.", 1, "")


async def test_a_folder_that_takes_no_file_is_said(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    await run(runner, "select 1 as n")
    with pytest.raises(ServiceError) as caught:
        await opened(runner, Terminal(), again=False)
    assert "TMPDIR" in caught.value.hint


async def test_the_look_for_a_python_is_said_and_can_be_ended(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/began\nexec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setattr("tui.services.sql.frame.interpreter.sys.executable", str(python))
    await run(runner, "select 1 as n")
    looking = asyncio.create_task(opened(runner, Terminal(), again=False))
    began = tmp_path / "began"
    while not (began.exists() and began.read_text()):
        await asyncio.sleep(0.01)
    assert runner.doing == "looking for a Python that has pandas"
    await runner.cancel()
    with pytest.raises(ServiceError) as caught:
        await looking
    assert caught.value.kind is ErrorKind.CANCELLED
    assert not psutil.pid_exists(int(began.read_text()))


async def test_without_pandas_it_is_said_what_to_install(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho - - -\n")
    python.chmod(0o755)
    monkeypatch.setitem(os.environ, "PATH", "/nowhere")
    monkeypatch.setattr("tui.services.sql.frame.interpreter.sys.executable", str(python))
    await run(runner, "select 1 as n")
    with pytest.raises(ServiceError) as caught:
        await opened(runner, Terminal(), again=False)
    assert "tristore[frame]" in caught.value.hint
