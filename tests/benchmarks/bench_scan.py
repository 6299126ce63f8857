"""A full recursive listing beside s5cmd and the AWS CLI, and very many rows held by the S3 pane.

The servers are those that are found on PATH (`rclone`, `minio`), and one of our own that answers
20 ms late and costs next to nothing. Wall time and processor time in seconds; programs take turns.
`rows.bytes_a_key` is bytes of resident memory beside the goal of 250, `rows.filter_first` seconds
until the first matches of 200,000 rows are there beside the goal of 0.1.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import Server, far_away, minio, serving
from tui.panes.s3.listing import Listing
from tui.sandbox import scrub_environment
from tui.services.s3 import S3Location, S3Object, S3Service

KEYS = int(os.environ.get("BENCH_SCAN_KEYS", "50000"))
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
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
        with far_away(KEYS, LATE) as far:
            yield from _compare(f"latency-{LATE * 1000:.0f}ms", far, folder)
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


# -- servers -------------------------------------------------------------------------------


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
