"""A result of 1,000,000 rows and ten columns in the SQL pane, and completion with 10,000 tables.

`rows.first-page` and `rows.to-the-end` are seconds, beside psql with FETCH_COUNT=1000 on the same
server, from an answer before on; `rows.new-query` is the first page of queries of which the
connection knows nothing yet, `rows.query-again` of one just run, without all of its rows in
between. The rest stands beside its goal: the megabytes
that the first page and all of the rows add to the process, and the seconds from a key to the last
byte of the frame with the list of names (95 of 100 are faster).
"""

from __future__ import annotations

import asyncio
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.meter import Meter
from tests.benchmarks.psql import find_psql
from tests.conftest import sandbox_account
from tests.postgres import elsewhere, own_database
from tui.config import Settings
from tui.panes.sql.runner import QueryRunner
from tui.sandbox import Sandbox, SandboxInfo, scrub_environment
from tui.services.audit import AuditLog
from tui.services.bundle import Services
from tui.services.sql import from_url, split

TURNS = 3
FIRST_PAGES = 21
"""Turns of what takes milliseconds."""
ROWS = 1_000_000
FILL = (
    "create table measured as select n, 'name ' || n as name, now() as at, random() as share, "
    "null::text as none, true as yes, n * 7 as seven, 'some text here'::text as words, "
    "repeat('x', 8) as letters, (random() * 1000000)::int as number "
    f"from generate_series(1, {ROWS}) n"
)
SELECT = "select * from measured"
FIRST_MB, ALL_MB = 20, 100
"""The goals for memory."""
POPUP = 0.1
"""The goal for the list of names, in seconds."""
TABLES = 10_000
TYPED = "select * from measured_table_12"


def resident() -> float:
    """Megabytes of this process."""
    return psutil.Process().memory_info().rss / 1e6


def psql(
    program: str, url: str, query: str = SELECT, *, all_of_it: bool = True
) -> tuple[float, float]:
    """Seconds in which psql prints the first row, and all of them, from another answer on."""
    command = [program, "-XqAt", "-v", "FETCH_COUNT=1000", "-c", "select 1", "-c", query, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        out = process.stdout.fileno()
        assert os.read(out, 2) == b"1\n"
        begun = time.perf_counter()
        select.select([out], [], [])
        first = time.perf_counter() - begun
        if not all_of_it:
            process.kill()
        while os.read(out, 1 << 20):
            pass
        return first, time.perf_counter() - begun


async def first_pages(
    name: str, queries: Iterable[str], runner: QueryRunner, program: str, url: str
) -> Figure:
    """Seconds until the first page of each query."""
    ours, theirs = [], []
    for query in queries:
        begun = time.perf_counter()
        await runner.run(split(query))
        ours.append(time.perf_counter() - begun)
        theirs.append(psql(program, url, query, all_of_it=False)[0])
    return Figure(name, median(ours), median(theirs))


async def compare(url: str, program: str, services: Services) -> list[Figure]:
    runner = QueryRunner(services, lambda: None)
    with elsewhere(url) as run:
        run(FILL)
        run("vacuum analyze measured")
    await runner.connect(*from_url(url))
    (statement,) = split(SELECT)
    await runner.run(split("select 1"))
    firsts: list[float] = []
    alls: list[float] = []
    their_firsts: list[float] = []
    their_alls: list[float] = []
    before, added_first, added_all = resident(), 0.0, 0.0
    for turn in range(TURNS):
        begun = time.perf_counter()
        await runner.run((statement,))
        firsts.append(time.perf_counter() - begun)
        if not turn:
            added_first = resident() - before
        begun = time.perf_counter()
        assert await runner.load_all()
        alls.append(firsts[-1] + time.perf_counter() - begun)
        if not turn:
            added_all = resident() - before
        # Meanwhile the event loop clears away, for which the next page is not to pay.
        first, end = await asyncio.to_thread(psql, program, url)
        their_firsts.append(first)
        their_alls.append(end)
    new = await first_pages(
        "rows.new-query",
        (f"{SELECT} as m{turn}" for turn in range(FIRST_PAGES)),
        runner,
        program,
        url,
    )
    again = await first_pages("rows.query-again", [SELECT] * FIRST_PAGES, runner, program, url)
    runner.close()
    services.sql.close()
    return [
        new,
        again,
        Figure("rows.first-page", median(firsts), median(their_firsts)),
        Figure("rows.to-the-end", median(alls), median(their_alls)),
        Figure("rows.memory-of-first-page", max(added_first, 0.1), FIRST_MB),
        Figure("rows.memory-of-all", max(added_all, 0.1), ALL_MB),
    ]


def completion(info: SandboxInfo, url: str) -> Figure:
    """Seconds from a key to the list of names that it leaves, with 10,000 tables."""
    with elsewhere(url) as run:
        for start in range(0, TABLES, 500):
            run(
                ";".join(
                    f"create table measured_table_{number} (id int, name text)"
                    for number in range(start, start + 500)
                )
            )
    parts = urlsplit(url)
    os.environ["PGPASSWORD"] = parts.password or ""
    place = url.replace(f":{parts.password}@", "@")
    options = ("--endpoint-url", info.endpoint_url, "--region", info.region, place)
    waits: list[float] = []
    with Meter(*options) as meter:
        meter.wait_for("measured_table_")
        meter.settle()
        for _ in range(TURNS + 1):
            typed = [meter.send(key) for key in TYPED]
            meter.send("\x1b")
            meter.send("\x0e")  # Ctrl+N: all of the text
            meter.send("\x7f")
            waits += typed
        meter.press("\x11")
        meter.wait_for_exit()
    # The first round reads the names and fills the caches.
    return Figure("rows.completion-p95", quantiles(waits[len(TYPED) :], n=20)[-1], POPUP)


def figures() -> Iterator[Figure]:
    """Each figure as soon as it is measured."""
    program = find_psql()
    scrub_environment()
    sandbox = Sandbox()
    info = sandbox.start_sync()
    try:
        with tempfile.TemporaryDirectory() as name, own_database(info.postgres) as url:
            os.environ["HOME"] = name
            audit = AuditLog(Path(name) / "audit.jsonl")
            account = sandbox_account(info, audit)
            services = Services(account, Settings(), audit, state_dir=Path(name))
            yield from asyncio.run(compare(url, program, services))
            account.close()
            os.environ["AWS_ACCESS_KEY_ID"] = info.credentials.access_key
            os.environ["AWS_SECRET_ACCESS_KEY"] = info.credentials.secret_key
            yield completion(info, url)
    finally:
        sandbox.close()
