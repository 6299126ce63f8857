"""The real command in a real terminal: it is seen, and it leaves nothing behind."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.terminal.conftest import Opened
from tests.terminal.terminal import Terminal, all_end

PANES = ("S3 F2", "SQL F3", "DynamoDB F4")
STARTING = ("Preparing PostgreSQL", "Loading the AWS emulator", "filling the stores")
LOADED = ("tristore-walkthrough", "id bigint", "ACTIVE")
"""A bucket, the columns of a table of PostgreSQL, a table of DynamoDB."""


@pytest.fixture
def sandboxed() -> Iterator[Terminal]:
    with Terminal("--sandbox") as terminal:
        yield terminal


def directories(processes: list[psutil.Process]) -> set[Path]:
    """The sandbox's directories, as the command lines of its servers name them."""
    found = set()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            line = process.cmdline()
            if "-D" in line:
                found.add(Path(line[line.index("-D") + 1]).parents[1])
    return found


def press_q(terminal: Terminal) -> None:
    terminal.press("q")


def press_ctrl_q(terminal: Terminal) -> None:
    terminal.press("\x11")


def terminate(terminal: Terminal) -> None:
    terminal.signal(signal.SIGTERM)


def interrupt(terminal: Terminal) -> None:
    terminal.signal(signal.SIGINT)


def kill(terminal: Terminal) -> None:
    terminal.signal(signal.SIGKILL)


WAYS = [(press_ctrl_q, 0), (terminate, 143), (interrupt, 130)]
"""And `q`, by which the test below ends."""


def test_three_panes_are_seen_and_worked_in(sandboxed: Terminal) -> None:
    sandboxed.wait_for(*PANES)
    sandboxed.wait_for("SANDBOX", *LOADED)
    family = sandboxed.family()
    places = directories(family)
    sandboxed.press("\r")
    sandboxed.wait_for("test.txt")
    # Ctrl+C is a key like others: it may copy, it must not end what is running.
    sandboxed.press("\x03")
    sandboxed.press("\x7f")
    sandboxed.wait_until(lambda: "test.txt" not in sandboxed.text, "the list of buckets")
    sandboxed.press("q")
    assert sandboxed.wait_for_exit() == 0
    assert sandboxed.left_behind() == []
    assert all_end(family)
    assert places
    assert not [path for path in places if path.exists()]


@pytest.mark.parametrize(("end", "code"), WAYS)
def test_every_way_out_restores_the_terminal(
    on_sandbox: Opened, end: Callable[[Terminal], None], code: int
) -> None:
    with on_sandbox() as terminal:
        terminal.wait_for("tristore-walkthrough", "ACTIVE")
        end(terminal)
        assert terminal.wait_for_exit() == code
        assert terminal.left_behind() == []


def test_a_signal_ends_the_sandbox_too(sandboxed: Terminal) -> None:
    sandboxed.wait_for(*LOADED)
    family = sandboxed.family()
    places = directories(family)
    terminate(sandboxed)
    assert sandboxed.wait_for_exit() == 143
    assert sandboxed.left_behind() == []
    assert all_end(family)
    assert places
    assert not [path for path in places if path.exists()]


KEEPS_THE_SIGNAL = ("sh", "-c", "trap : HUP; python=$1; shift; $python -m tui $@; exit 0", "sh")
"""As make does, which alone is told that the terminal is gone."""


@pytest.mark.parametrize("by", [(), (*KEEPS_THE_SIGNAL, sys.executable)], ids=["alone", "below"])
def test_a_closed_window_leaves_no_process_and_no_file(by: tuple[str, ...]) -> None:
    """That of a process that is killed ends too: tests/sandbox/test_lifecycle.py."""
    command = by or (sys.executable, "-m", "tui")
    with Terminal("--sandbox", command=command) as terminal:
        terminal.wait_for(*LOADED)
        family = terminal.family()
        places = directories(family)
        terminal.hang_up()
        terminal.process.wait(30)
        assert all_end(family)
    assert places
    assert not [path for path in places if path.exists()]


@pytest.mark.parametrize("end", [press_q, kill])
def test_ending_during_the_start_leaves_no_process(
    sandboxed: Terminal, end: Callable[[Terminal], None]
) -> None:
    sandboxed.wait_until(
        lambda: any(text in sandboxed.text for text in STARTING), "the start of the sandbox"
    )
    family = sandboxed.family()
    assert len(family) > 1
    end(sandboxed)
    sandboxed.wait_for_exit()
    assert all_end(family)


def test_without_the_extra_it_says_which_command_installs_it() -> None:
    program = (
        "import sys; sys.modules['moto'] = None; from tui.__main__ import main; "
        "sys.exit(main(['--sandbox']))"
    )
    with Terminal(command=(sys.executable, "-c", program)) as terminal:
        terminal.wait_for("pip install 'tristore[sandbox]'")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def test_without_credentials_it_starts_says_so_and_quits() -> None:
    with Terminal("--region", "us-east-1") as terminal:
        terminal.wait_for(*PANES, "AWS_PROFILE")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def test_without_a_terminal_it_says_that_it_needs_one() -> None:

    answer = subprocess.run(
        [sys.executable, "-m", "tui", "--sandbox"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert "needs a terminal" in answer.stderr
