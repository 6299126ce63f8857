"""COPY of 1,000,000 rows x 10 columns between a table and a CSV file of this machine: by the SQL
service, and by psql's `\\copy`.

Medians in seconds, on one server, turn by turn. psql's start and connection are taken off.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.bench_sql import psql, timed
from tests.benchmarks.bench_sql_export import TABLE
from tests.benchmarks.figures import Figure
from tests.benchmarks.psql import find_psql
from tests.conftest import sandbox_account
from tests.postgres import elsewhere, own_database
from tui.sandbox import Sandbox
from tui.services.audit import AuditLog
from tui.services.sql import Session, SqlService, from_url, split, with_file

TURNS = 3
OPTIONS = "with (format csv, header)"


async def ours(session: Session, way: str, file: Path) -> float:
    over = "stdout" if way == "to" else "stdin"
    (statement,) = split(f"copy wide {way} {over} {OPTIONS}")
    begun = time.perf_counter()
    await session.run(with_file(statement, file))
    return time.perf_counter() - begun


def theirs(program: str, url: str, way: str, file: Path, nothing: Path) -> float:
    start = timed(lambda: psql(program, url, nothing))
    command = f"\\copy wide {way} '{file}' {OPTIONS}"
    return timed(lambda: subprocess.run([program, "-Xq", "-c", command, url], check=True)) - start


async def compare(url: str, folder: Path, program: str, service: SqlService) -> list[Figure]:
    session = await service.connect(*from_url(url))
    nothing = folder / "nothing.sql"
    nothing.write_text("select 1;")
    taken: dict[str, list[tuple[float, float]]] = {"to": [], "from": []}
    with elsewhere(url) as run:
        for turn in range(TURNS):
            own, its = folder / f"own{turn}.csv", folder / f"psql{turn}.csv"
            peer = theirs(program, url, "to", its, nothing)
            taken["to"].append((await ours(session, "to", own), peer))
            assert own.stat().st_size == its.stat().st_size
            run("truncate wide")
            peer = theirs(program, url, "from", its, nothing)
            run("truncate wide")
            taken["from"].append((await ours(session, "from", own), peer))
            own.unlink()
            its.unlink()
    session.close()
    return [
        Figure(
            f"sql_copy.{way}_file",
            median(mine for mine, _ in each),
            median(peer for _, peer in each),
        )
        for way, each in taken.items()
    ]


def figures() -> Iterator[Figure]:
    """Seconds for the whole file, either way."""
    sandbox = Sandbox()
    sandbox.start_sync()
    try:
        assert sandbox.info is not None
        with tempfile.TemporaryDirectory() as name, own_database(sandbox.info.postgres) as url:
            with elsewhere(url) as run:
                for each in TABLE.split("; "):
                    run(each)
            audit = AuditLog(Path(name) / "audit.jsonl")
            account = sandbox_account(sandbox.info, audit)
            service = SqlService(account, audit)
            yield from asyncio.run(compare(url, Path(name), find_psql(), service))
            service.close()
            account.close()
    finally:
        sandbox.close()
