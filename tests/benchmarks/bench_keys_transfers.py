"""A cursor move in the S3 pane while files are moved, beside the same while nothing is.

In a real pseudo-terminal, against a server in a process of its own: seconds from the key until its
row is written, the 95th percentile of some moves while many small files and a large one are
uploaded or downloaded, and before. With s5cmd on PATH a second line of each compares it to the same
moves while nothing is moved here, but s5cmd moves the same files: the server takes processors, too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks.bench_keys import DOWN, UP, p95
from tests.benchmarks.figures import Figure
from tests.benchmarks.meter import Meter
from tests.benchmarks.servers import Server, local_servers
from tests.terminal.terminal import ROOT
from tui.sandbox import scrub_environment

SMALL = 12_000
"""Files of 4 KiB."""

LARGE = 1 << 30
"""Bytes of the large file."""

LISTED = 25
"""Objects among which the cursor is moved."""

ROUNDS = 20
"""How often it is moved while files are."""

STEPS = 6
"""Rows that it is moved down each time, and up again."""

PATIENCE = 5.0
"""Seconds for a move: a transfer that ends may change the rows."""

BUCKET = "bench-keys"
LOCAL = "a-sent"
"""The folder that is uploaded, which stands before the objects that are listed."""

ROWS = [f"row-{number:03}" for number in range(LISTED)]


def figures() -> Iterator[Figure]:
    """Each figure as soon as it is measured."""
    scrub_environment()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # MinIO if it is there: it is the quickest one.
        *_, running = local_servers(folder).values()
        with running as server:
            _list_something(server, folder)
            _fill(folder / "up" / LOCAL)
            os.environ.update(server.environment, HOME=name)
            local, theirs = f"{folder}/up/{LOCAL}/", f"s3://{BUCKET}/theirs/"
            yield from _moving("uploading", server, folder / "up", _upload, ROWS, [local, theirs])
            # What s5cmd downloads is what was uploaded.
            there = f"s3://{BUCKET}/listed/{LOCAL}/"
            down = [f"{there}*", f"{folder}/theirs/"]
            (folder / "down").mkdir()
            rows = [f"{LOCAL}/", *ROWS]
            yield from _moving("downloading", server, folder / "down", _download, rows, down)


def _moving(
    name: str,
    server: Server,
    folder: Path,
    begin: Callable[[Meter], None],
    rows: Sequence[str],
    theirs: list[str],
) -> Iterator[Figure]:
    """The figures while `begin` moves files, and while s5cmd copies `theirs`."""
    where = ("--endpoint-url", server.url, "--region", "us-east-1", f"s3://{BUCKET}/listed/")
    with Meter(*where, folder=folder, environment={"PYTHONPATH": str(ROOT)}) as meter:
        meter.wait_for(rows[5], "not connected")
        meter.settle(1.0)
        _moves(meter, rows)  # caches are filled
        before = [seconds for _ in range(ROUNDS) for seconds in _moves(meter, rows)]
        beside = _beside_s5cmd(meter, rows, theirs)
        begin(meter)
        meter.wait_for("1 in flight")
        meanwhile: list[float] = []
        for _ in range(ROUNDS):
            try:
                moves = _moves(meter, rows)
            except TimeoutError:
                break
            meter.settle(0.05, at_most=0.1)
            if "1 in flight" not in meter.text:
                break
            meanwhile += moves
        yield Figure(f"keys.while-{name}.p95", p95(meanwhile), p95(before))
        if beside:
            yield Figure(f"keys.while-{name}.beside-s5cmd.p95", p95(meanwhile), p95(beside))
        while "1 in flight" in meter.text:
            meter.settle(1.0)


def _upload(meter: Meter) -> None:
    meter.press("u")
    meter.wait_for(LOCAL)
    meter.press("Gu")
    meter.wait_for(f"{SMALL + 1:,} files", "Ctrl+S Upload")
    meter.press("\x13")


def _download(meter: Meter) -> None:
    meter.press("d")
    meter.wait_for("Modified")
    meter.settle()
    meter.press("d")
    meter.wait_for(f"{SMALL + 1:,} files")
    meter.settle()
    meter.press("\x13")


def _beside_s5cmd(meter: Meter, rows: Sequence[str], words: list[str]) -> list[float]:
    """Seconds of as many moves while s5cmd copies; none if it is not on PATH."""
    program = shutil.which("s5cmd")
    seconds: list[float] = []
    while program is not None and len(seconds) < ROUNDS * STEPS * 2:
        with subprocess.Popen([program, "--log", "error", "cp", *words]) as copying:
            while copying.poll() is None and len(seconds) < ROUNDS * STEPS * 2:
                moves = _moves(meter, rows)
                if copying.poll() is None:
                    seconds += moves
            copying.terminate()
    return seconds


def _list_something(server: Server, folder: Path) -> None:
    account = server.account(folder)
    client = account.connection.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for row in ROWS:
        client.put_object(Bucket=BUCKET, Key=f"listed/{row}", Body=b"x")
    account.close()


def _fill(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(SMALL):
        (folder / f"small-{number:05}").write_bytes(os.urandom(4096))
    with (folder / "large").open("wb") as stream:
        stream.truncate(LARGE)


def _moves(meter: Meter, rows: Sequence[str]) -> list[float]:
    """Seconds of some moves down from the first row, and up again."""
    down = [meter.until_drawn(DOWN, row, PATIENCE) for row in rows[1 : STEPS + 1]]
    return down + [meter.until_drawn(UP, row, PATIENCE) for row in reversed(rows[:STEPS])]
