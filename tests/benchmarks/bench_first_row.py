"""From running a SELECT of 1,000,000 rows and ten columns to its first row on the screen, beside
harlequin in a terminal of the same size on the same server. Nothing without harlequin and its
adapter for PostgreSQL on PATH.

`first-row.seconds` is the median; harlequin runs as it comes, with its box "Limit 500" marked.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from statistics import median
from urllib.parse import urlsplit

from tests.benchmarks.bench_rows import FILL, SELECT
from tests.benchmarks.figures import Figure
from tests.benchmarks.meter import Meter
from tests.postgres import elsewhere, own_database
from tui.sandbox import Sandbox, SandboxInfo, scrub_environment

TURNS = 3
FIRST = "name 1"
"""A value of the first row, which is nowhere else."""
PATIENCE = 300.0
"""Seconds that a first row may take: harlequin reads all rows before."""
RUN_KEYS = {"ours": "\x1b[15~", "harlequin": "\n"}
"""F5, Ctrl+J."""


def ours(info: SandboxInfo, url: str, home: str) -> float:
    parts = urlsplit(url)
    place = url.replace(f":{parts.password}@", "@")
    environment = {
        "HOME": home,
        "PGPASSWORD": parts.password or "",
        "AWS_ACCESS_KEY_ID": info.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": info.credentials.secret_key,
    }
    options = ("--endpoint-url", info.endpoint_url, "--region", info.region, place)
    with Meter(*options, environment=environment) as meter:
        meter.wait_for("public  measured")
        meter.press("\x1bOR")  # F3
        return first_row(meter, RUN_KEYS["ours"])


def harlequin(program: str, url: str, home: str) -> float:
    command = (program, "-a", "postgres", url)
    with Meter(command=command, environment={"HOME": home}) as meter:
        meter.wait_for("Query Editor", "Limit 500")
        return first_row(meter, RUN_KEYS["harlequin"])


def first_row(meter: Meter, run: str) -> float:
    """Seconds from the key that runs the statement until a value of the first row is drawn."""
    meter.settle(1.0)
    meter.press(SELECT)
    meter.wait_for(SELECT)
    meter.settle()
    seconds = meter.until_drawn(run, FIRST, PATIENCE)
    meter.press("\x11")  # Ctrl+Q
    meter.wait_for_exit()
    return seconds


def figures() -> Iterator[Figure]:
    """The one figure."""
    program = shutil.which("harlequin")
    if program is None:
        return
    scrub_environment()
    sandbox = Sandbox()
    info = sandbox.start_sync()
    try:
        with own_database(info.postgres) as url:
            with elsewhere(url) as run:
                run(FILL)
                run("vacuum analyze measured")
            mine, theirs = [], []
            for _ in range(TURNS):
                # Both bring back the text of the run before.
                with tempfile.TemporaryDirectory() as home:
                    mine.append(ours(info, url, home))
                with tempfile.TemporaryDirectory() as home:
                    theirs.append(harlequin(program, url, home))
            yield Figure("first-row.seconds", median(mine), median(theirs))
    finally:
        sandbox.close()
