"""A defect of our own: said, logged without what it held, and the terminal is given back."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.terminal.faulty import SECRET
from tests.terminal.terminal import Terminal
from tui import paths


def faulty(where: str) -> Terminal:
    return Terminal(
        "--region",
        "us-east-1",
        "--endpoint-url",
        "http://127.0.0.1:9",
        command=(sys.executable, "-m", "tests.terminal.faulty", where),
    )


def log_text() -> str:
    return Path(paths.log_file()).read_text()


def test_failed_background_work_is_told_and_the_application_goes_on() -> None:
    with faulty("worker") as terminal:
        terminal.wait_for("S3 F2", "no valid credentials")
        terminal.press("z")
        terminal.wait_for("This is a defect", "ValueError")
        assert SECRET not in terminal.text
        terminal.press("\x1bOP")
        terminal.wait_for("─ Keys ─", "▌search")
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []
    assert "builtins.ValueError" in log_text()
    assert SECRET not in log_text()


def test_a_failed_handler_ends_in_order_and_prints_no_variables() -> None:
    with faulty("handler") as terminal:
        terminal.wait_for("S3 F2", "no valid credentials")
        terminal.press("z")
        assert terminal.wait_for_exit() == 70
        assert "tristore: Unexpected ValueError" in terminal.text
        assert SECRET not in terminal.text
        assert terminal.left_behind() == []
    assert "fail_in_handler" in log_text()
    assert SECRET not in log_text()


def test_a_defect_in_the_sandbox_leaves_no_trace_beside_it() -> None:
    with Terminal(
        "--sandbox", command=(sys.executable, "-m", "tests.terminal.faulty", "both")
    ) as terminal:
        terminal.wait_for("tristore-walkthrough", "ACTIVE", "id bigint")
        terminal.press("z")
        terminal.wait_for("This is a defect")
        terminal.press("\t")
        terminal.wait_for_exit()
        # The log is gone with the sandbox; what it said is not.
        assert "fail_in_handler" in terminal.text
        assert SECRET not in terminal.text
    assert not paths.log_file().exists()
