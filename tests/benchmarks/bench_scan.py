"""A full recursive listing beside s5cmd and the AWS CLI, and very many rows held by the S3 pane.

The servers are those that are found on PATH (`rclone`, `minio`), and one of our own that answers
20 ms late and costs next to nothing. Wall time and processor time in seconds; programs take turns.
`rows.bytes_a_key` is bytes of resident memory beside the goal of 250, `rows.filter_first` seconds
until the first matches of 200,000 rows are there beside the goal of 0.1. `keys.while-loading.p95`
is the time from a cursor move to its row while the pane loads to the end, beside that while it
rests.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.bench_keys import DOWN, UP, p95
from tests.benchmarks.figures import Figure
from tests.benchmarks.meter import Meter
from tests.benchmarks.servers import Server, minio, serving
from tui.panes.s3.listing import Listing
from tui.sandbox import scrub_environment
from tui.services.aws import StaticCredentials
from tui.services.s3 import S3Location, S3Object, S3Service

KEYS = int(os.environ.get("BENCH_SCAN_KEYS", "50000"))
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
LONG_LOAD = 500_000
"""Keys that take longer to load than the cursor moves that are measured meanwhile."""

LATE = 0.02
"""Seconds by which the far server answers late."""

BUCKET = "bench-scan"

Times = tuple[float, float]
"""Wall time, processor time."""


def figures() -> Iterator[Figure]:
    """The rows first: they need no server."""
    yield from _rows()
    scrub_environment()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _far_server() as far:
            yield from _compare(f"latency-{LATE * 1000:.0f}ms", far, folder)
        with _far_server(LONG_LOAD) as far:
            yield _keys_while_loading(far, folder)
        if shutil.which("rclone"):
            with serving(folder) as server:
                _fill_folder(folder / "served" / BUCKET)
                yield from _compare("rclone", server, folder)
        if program := os.environ.get("MINIO") or shutil.which("minio"):
            with minio(program, folder) as server:
                _fill(server, folder)
                yield from _compare("minio", server, folder)


# -- rows ----------------------------------------------------------------------------------


def _rows() -> Iterator[Figure]:
    process, began = psutil.Process(), datetime(2026, 1, 1, tzinfo=UTC)
    gc.collect()
    before = process.memory_info().rss
    listing = Listing(S3Location(BUCKET, ""))
    filter_first = 0.0
    for start in range(0, ROWS, 1000):
        page = [
            S3Object(f"logs-{n:07}.json.gz", n, began, "STANDARD", md5(b"%d" % n).hexdigest())
            for n in range(start, start + 1000)
        ]
        listing.add(page, "more")
        if len(listing.entries) == 200_000:
            filter_first = _filter(listing, "99.")
    taken = process.memory_info().rss - before
    yield Figure("rows.bytes_a_key", taken / ROWS, 250)
    yield Figure("rows.filter_first", filter_first, 0.1)


def _filter(listing: Listing, needle: str) -> float:
    """Seconds until there are matches."""
    began = time.perf_counter()
    listing.needle = needle
    steps = listing.arranging()
    for _ in steps:
        if len(listing.shown):
            break
    took = time.perf_counter() - began
    listing.needle = ""
    listing.arrange()
    return took


# -- keys ----------------------------------------------------------------------------------


def _keys_while_loading(server: Server, home: Path) -> Figure:
    """p95 from a cursor move to its row, while `G` loads to the end again and again, beside the
    same while nothing is loaded."""
    os.environ.update(server.environment, HOME=str(home))
    options = ("--endpoint-url", server.url, "--region", "us-east-1", "s3://far/")
    with Meter(*options) as meter:
        meter.wait_for(_row(5))
        meter.settle()
        _moves(meter)  # caches are filled
        idle = _moves(meter)
        loading: list[float] = []
        while len(loading) < len(idle):
            meter.press("r")
            meter.wait_for("1,000+ items")
            meter.press("g")
            meter.settle()
            meter.press("G")
            loading += _moves(meter)
            meter.press("\x1b")
            meter.settle()
        meter.press("\x11")
        meter.wait_for_exit()
    return Figure("keys.while-loading.p95", p95(loading), p95(idle))


def _moves(meter: Meter) -> list[float]:
    """Seconds of some moves down from the first row, and up again."""
    down = [meter.until_drawn(DOWN, _row(at)) for at in range(1, 20)]
    return down + [meter.until_drawn(UP, _row(at)) for at in reversed(range(19))]


def _row(number: int) -> str:
    return f"logs-{number:07}"


# -- servers -------------------------------------------------------------------------------


@contextmanager
def _far_server(keys: int = KEYS) -> Iterator[Server]:
    program = Path(__file__).with_name("far_server.py")
    process = subprocess.Popen(
        [sys.executable, str(program), str(keys), str(LATE)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        yield Server("far", url, StaticCredentials("user", "password"))
    finally:
        process.terminate()
        process.wait()


def _fill_folder(folder: Path) -> None:
    folder.mkdir()
    for number in range(KEYS):
        (folder / f"logs-{number:07}.json.gz").write_bytes(b"x")


def _fill(server: Server, folder: Path) -> None:
    account = server.account(folder)
    client = account.connection.client("s3")
    client.create_bucket(Bucket=BUCKET)

    def put(number: int) -> None:
        client.put_object(Bucket=BUCKET, Key=f"logs-{number:07}.json.gz", Body=b"x")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(put, range(KEYS)))
    account.close()


# -- programs ------------------------------------------------------------------------------


def _compare(name: str, server: Server, folder: Path) -> Iterator[Figure]:
    account = server.account(folder)
    service = S3Service(account)
    first_rows: list[float] = []

    async def scan() -> int:
        began, found = time.perf_counter(), 0
        async for page in service.scan(BUCKET, ""):
            if not found:
                first_rows.append(time.perf_counter() - began)
            found += len(page)
        return found

    def ours() -> None:
        assert asyncio.run(scan()) == KEYS

    programs: dict[str, Callable[[], None]] = {"ours": ours}
    if s5cmd := shutil.which("s5cmd"):
        where = ["--endpoint-url", server.url, "ls", f"s3://{BUCKET}/*"]
        programs["s5cmd"] = lambda: _run([s5cmd, *where], server)
    if cli := shutil.which("aws"):
        where_cli = ["s3", "ls", "--recursive", f"s3://{BUCKET}/", "--endpoint-url", server.url]
        programs["aws_cli"] = lambda: _run([cli, *where_cli], server)
    ours()  # the client is made
    first_rows.clear()
    rounds = [{key: _timed(each) for key, each in programs.items()} for _ in range(ROUNDS)]
    service.close()
    account.close()
    wall = {key: median(each[key][0] for each in rounds) for key in programs}
    cpu = {key: median(each[key][1] for each in rounds) for key in programs}
    for peer in programs:
        if peer != "ours":
            yield Figure(f"list-{KEYS}.{name}.{peer}", wall["ours"], wall[peer])
            yield Figure(f"list-{KEYS}.{name}.{peer}.cpu", cpu["ours"], cpu[peer])
    if "s5cmd" in programs:
        yield Figure(f"first-rows.{name}.s5cmd-all", median(first_rows), wall["s5cmd"])


def _run(command: list[str], server: Server) -> None:
    env = server.environment
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)


def _timed(work: Callable[[], None]) -> Times:
    began, used = time.perf_counter(), _used()
    work()
    return time.perf_counter() - began, _used() - used


def _used() -> float:
    """Processor time of this process and of the programs that it ran."""
    mine = resource.getrusage(resource.RUSAGE_SELF)
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime
