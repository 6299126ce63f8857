"""A cursor move in the S3 pane while files are moved, beside the same while nothing is.

In a real pseudo-terminal, against a server in a process of its own: seconds from the key until its
row is written, the 95th percentile of some moves while many small files and a large one are
uploaded, and before.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.bench_keys import DOWN, UP, p95
from tests.benchmarks.figures import Figure
from tests.benchmarks.meter import Meter
from tests.benchmarks.servers import Server, local_servers
from tests.terminal.terminal import ROOT
from tui.sandbox import scrub_environment

SMALL = 6000
"""Files of 4 KiB."""

LARGE = 1 << 30
"""Bytes of the large file."""

LISTED = 25
"""Objects among which the cursor is moved."""

ROUNDS = 3
"""How often it is moved while files are."""

BUCKET = "bench-keys"


def figures() -> Iterator[Figure]:
    """Each figure as soon as it is measured."""
    scrub_environment()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # MinIO if it is there: it is the quickest one.
        *_, running = local_servers(folder).values()
        with running as server:
            _list_something(server, folder)
            here = folder / "here"
            _fill(here / "sent")
            environment = {"PYTHONPATH": str(ROOT)}
            os.environ.update(server.environment, HOME=name)
            where = ("--endpoint-url", server.url, "--region", "us-east-1")
            with Meter(
                *where, f"s3://{BUCKET}/listed/", folder=here, environment=environment
            ) as meter:
                yield Figure("keys.while-uploading.p95", *_uploading(meter))


def _uploading(meter: Meter) -> tuple[float, float]:
    """The figures while files are moved, and before."""
    meter.wait_for(_row(5), "not connected")
    meter.settle(1.0)
    _moves(meter)  # caches are filled
    before = _moves(meter)
    meter.press("u")
    meter.wait_for("sent")
    meter.press("Gu")
    meter.wait_for(f"{SMALL + 1:,} files", "Ctrl+S Upload")
    meter.press("\x13")
    meter.wait_for("1 in flight")
    meter.settle()
    meanwhile: list[float] = []
    for _ in range(ROUNDS):
        moves = _moves(meter)
        meter.settle()
        if "1 in flight" in meter.text:
            meanwhile += moves
    return p95(meanwhile), p95(before)


def _list_something(server: Server, folder: Path) -> None:
    account = server.account(folder)
    client = account.connection.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for number in range(LISTED):
        client.put_object(Bucket=BUCKET, Key=f"listed/{_row(number)}", Body=b"x")
    account.close()


def _fill(folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(SMALL):
        (folder / f"small-{number:05}").write_bytes(os.urandom(4096))
    with (folder / "large").open("wb") as stream:
        stream.truncate(LARGE)


def _moves(meter: Meter) -> list[float]:
    """Seconds of some moves down from the first row, and up again."""
    down = [meter.until_drawn(DOWN, _row(at)) for at in range(1, 20)]
    return down + [meter.until_drawn(UP, _row(at)) for at in reversed(range(19))]


def _row(number: int) -> str:
    return f"row-{number:03}"
