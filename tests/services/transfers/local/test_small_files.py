"""Small files are put in place whole or not at all: on threads, or by a process.

Whoever is killed, nothing is lost and nothing half-written is left.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.bounded import bounded
from tui.services.blocking import BlockingPool, SmallCalls
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import StoppedError
from tui.services.transfers.local import placing_process, small_files
from tui.services.transfers.local.placing_process import PlacingProcess
from tui.services.transfers.local.small_files import MANY, SmallFile, SmallFiles

MODIFIED = 1_700_000_000.25


@pytest.fixture
def to(tmp_path: Path) -> Path:
    folder = tmp_path / "to"
    folder.mkdir()
    return folder


@pytest.fixture
async def on_threads() -> AsyncIterator[SmallFiles]:
    pool = BlockingPool("test")
    files = SmallFiles(SmallCalls(pool))
    yield files
    files.close()
    pool.close()


@pytest.fixture
async def by_process(on_threads: SmallFiles, tmp_path: Path) -> SmallFiles:
    """Whose process is at work."""
    await begin(on_threads, tmp_path / "begin")
    return on_threads


@pytest.fixture(params=["on_threads", "by_process"])
def files(request: pytest.FixtureRequest) -> SmallFiles:
    found: SmallFiles = request.getfixturevalue(request.param)
    return found


async def begin(files: SmallFiles, folder: Path) -> None:
    """Put files in place until the process takes them."""
    number = 0
    while files._process is None or not files._process.is_quick:
        several = [small(folder, f"{number}-{each}") for each in range(MANY)]
        await asyncio.gather(*(files.put(each) for each in several))
        number += 1


def small(root: Path, name: str, data: bytes = b"new", *, beside: bool = False) -> SmallFile:
    return SmallFile(root, root / name, data, MODIFIED, beside)


def process_of(files: SmallFiles) -> PlacingProcess:
    assert files._process is not None
    return files._process


def number_of(files: SmallFiles) -> int:
    program = process_of(files)._program
    assert program is not None
    return program.pid


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@bounded
async def test_a_file_is_there_with_its_time_and_the_folders_above_it(
    files: SmallFiles, to: Path
) -> None:
    name = "a/b/\udcff [x]\n"
    data = os.urandom(3000)
    assert await files.put(small(to, name, data)) == to / name
    assert (to / name).read_bytes() == data
    assert (to / name).stat().st_mtime == MODIFIED
    assert len(names(to / "a" / "b")) == 1


@bounded
async def test_what_has_the_name_is_left_as_it_is(files: SmallFiles, to: Path) -> None:
    (to / "x.txt").write_bytes(b"old")
    with pytest.raises(ServiceError, match="exists now") as refused:
        await files.put(small(to, "x.txt"))
    assert refused.value.kind is ErrorKind.EXISTS
    assert (to / "x.txt").read_bytes() == b"old"
    assert await files.put(small(to, "x.txt", beside=True)) == to / "x (2).txt"
    assert await files.put(small(to, "x.txt", beside=True)) == to / "x (3).txt"
    assert names(to) == ["x (2).txt", "x (3).txt", "x.txt"]


@bounded
async def test_a_link_that_leads_out_is_not_followed(files: SmallFiles, to: Path) -> None:
    (to.parent / "out").mkdir()
    (to / "in").mkdir()
    (to / "link").symlink_to(to.parent / "out")
    (to / "inside").symlink_to(to / "in")
    with pytest.raises(ServiceError, match="leads out of") as refused:
        await files.put(small(to, "link/x"))
    assert refused.value.kind is ErrorKind.DENIED
    assert names(to.parent / "out") == []
    await files.put(small(to, "inside/x"))
    assert names(to / "in") == ["x"]


@bounded
@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("file/x", "EEXIST", "create the folder"),
        ("y" * 300, "ENAMETOOLONG", "write"),
    ],
)
async def test_what_cannot_be_written_says_why(
    files: SmallFiles, to: Path, name: str, code: str, message: str
) -> None:
    (to / "file").touch()
    with pytest.raises(ServiceError, match=message) as refused:
        await files.put(small(to, name))
    assert refused.value.code == code
    assert names(to) == ["file"]


@bounded
async def test_a_disk_that_takes_no_more_is_said_and_nothing_is_left(
    by_process: SmallFiles, to: Path
) -> None:
    resource.prlimit(number_of(by_process), resource.RLIMIT_FSIZE, (100, 100))
    with pytest.raises(ServiceError) as refused:
        await by_process.put(small(to, "x", bytes(200)))
    assert refused.value.code == "EFBIG"
    await by_process.put(small(to, "y", bytes(50)))
    assert names(to) == ["y"]


@bounded
async def test_few_files_start_no_process(on_threads: SmallFiles, to: Path) -> None:
    few = [small(to, str(number)) for number in range(MANY - 1)]
    await asyncio.gather(*(on_threads.put(each) for each in few))
    assert on_threads._process is None


@bounded
async def test_a_killed_process_loses_nothing(by_process: SmallFiles, to: Path) -> None:
    number = number_of(by_process)
    os.kill(number, signal.SIGSTOP)
    orders = [small(to, f"{each:02}", os.urandom(99)) for each in range(20)]
    putting = asyncio.gather(*(by_process.put(each) for each in orders))
    while process_of(by_process)._collected or not process_of(by_process)._under_way:
        await asyncio.sleep(0)
    os.kill(number, signal.SIGKILL)
    await putting
    assert names(to) == [each.target.name for each in orders]
    assert all(each.target.read_bytes() == each.data for each in orders)
    # Another one is begun.
    await begin(by_process, to.parent / "again")
    assert number_of(by_process) != number


@bounded
@pytest.mark.parametrize("beside", [False, True])
async def test_what_a_killed_process_has_put_in_place_is_not_put_there_again(
    to: Path, beside: bool
) -> None:
    file = small(to, "x", beside=beside)
    order = (str(to), str(file.target), "part", file.data, file.modified, beside)
    file.target.write_bytes(b"old" if beside else file.data)
    placed = to / ("x (2)" if beside else "x")
    placed.write_bytes(file.data)
    os.utime(placed, (MODIFIED, MODIFIED))
    (to / "part").hardlink_to(placed)
    assert small_files._put_again(file, "part", order)[:2] == ("placed", str(placed))
    assert names(to) == (["x", "x (2)"] if beside else ["x"])
    placed.write_bytes(b"of another")
    what, said, *_ = small_files._put_again(file, "part", order)
    assert (what, Path(said).name) == (("placed", "x (3)") if beside else ("taken", "x"))
    assert placed.read_bytes() == b"of another"


@bounded
async def test_a_process_that_waits_for_its_disk_holds_up_no_other_file(
    by_process: SmallFiles, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing_process, "SLOW", 0.0)
    os.kill(number_of(by_process), signal.SIGSTOP)
    held_up = asyncio.ensure_future(by_process.put(small(to, "first")))
    await asyncio.sleep(0)
    await by_process.put(small(to, "second"))
    assert not held_up.done()
    assert names(to) == ["second"]
    os.kill(number_of(by_process), signal.SIGCONT)
    assert await held_up == to / "first"


@bounded
async def test_the_process_ends_when_it_is_closed(by_process: SmallFiles) -> None:
    number = number_of(by_process)
    by_process.close()
    assert not psutil.pid_exists(number)


@bounded
async def test_what_is_under_way_when_it_is_closed_is_no_defect(
    by_process: SmallFiles, to: Path
) -> None:
    os.kill(number_of(by_process), signal.SIGSTOP)
    under_way = asyncio.ensure_future(by_process.put(small(to, "x")))
    while process_of(by_process)._collected or not process_of(by_process)._under_way:
        await asyncio.sleep(0)
    by_process.close()
    by_process._calls._pool.close()
    with pytest.raises(StoppedError):
        await under_way


@bounded
async def test_the_process_ends_with_an_application_that_is_killed(to: Path) -> None:
    """And does no more of what it was told."""
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(to)], stdout=subprocess.PIPE, text=True
    ) as application:
        assert application.stdout is not None
        helper = psutil.Process(int(await asyncio.to_thread(application.stdout.readline)))
        application.kill()
    helper.resume()
    await asyncio.to_thread(helper.wait, 60)
    assert not list(to.rglob("late*"))
    assert not list(to.rglob("*.part"))


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.services.transfers.local.test_small_files import begin, number_of, process_of, small
from tui.services.blocking import BlockingPool, SmallCalls
from tui.services.transfers.local.small_files import SmallFiles

async def main(folder):
    files = SmallFiles(SmallCalls(BlockingPool("test")))
    await begin(files, folder / "begin")
    os.kill(number_of(files), signal.SIGSTOP)
    orders = [asyncio.ensure_future(files.put(small(folder, f"late{n}"))) for n in range(5)]
    while process_of(files)._collected or not process_of(files)._under_way:
        await asyncio.sleep(0)
    print(number_of(files), flush=True)
    await asyncio.gather(*orders)

asyncio.run(main(Path(sys.argv[1])))
"""
