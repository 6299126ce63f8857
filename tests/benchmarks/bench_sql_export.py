"""1,000,000 rows x 10 columns as a CSV file: by the SQL service, and by psql's `\\copy`.

Medians in seconds, on one server, turn by turn. psql's start and connection are taken off.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.bench_sql import psql, timed
from tests.benchmarks.figures import Figure
from tests.conftest import sandbox_account
from tests.postgres import elsewhere, own_database
from tui.sandbox import Sandbox
from tui.services.audit import AuditLog
from tui.services.sql import SqlService, from_url, split
from tui.services.sql.export import ExportOptions
from tui.services.transfers import NewFile

TURNS = 5
ROWS = 1_000_000
TABLE = (
    f"create table wide as select n, n * 2 as n2, n::numeric / 7 as q, md5(n::text) as h, "
    f"now() + n * interval '1 second' as t, n % 2 = 0 as b, 'some text, with a comma' as s, "
    f"nullif(n % 10, 0) as z, date '2024-01-01' + n % 1000 as d, random() as r "
    f"from generate_series(1, {ROWS}) n; vacuum analyze wide"
)
QUERY = "select * from wide"


def copied(program: str, url: str, file: Path) -> None:
    command = f"\\copy ({QUERY}) to '{file}' with (format csv, header)"
    subprocess.run([program, "-Xq", "-c", command, url], check=True)


async def compare(url: str, folder: Path, program: str, service: SqlService) -> Figure:
    session = await service.connect(*from_url(url))
    (statement,) = split(QUERY)
    result = await session.run(statement)
    nothing = folder / "nothing.sql"
    nothing.write_text("select 1;")
    ours: list[float] = []
    peer: list[float] = []
    for turn in range(TURNS):
        begun = time.perf_counter()
        own = folder / f"own{turn}.csv"
        with NewFile(own) as file:
            await session.export(result, ExportOptions(), file.stream)
            file.put_in_place()
        ours.append(time.perf_counter() - begun)
        start = timed(lambda: psql(program, url, nothing))
        its = folder / f"psql{turn}.csv"
        peer.append(timed(lambda its=its: copied(program, url, its)) - start)  # type: ignore[misc]  # binds now
        assert own.stat().st_size == its.stat().st_size
        own.unlink()
        its.unlink()
    session.close()
    return Figure("sql.export", median(ours), median(peer))


def figures() -> Iterator[Figure]:
    """Seconds for the whole file."""
    program = shutil.which("psql")
    if program is None:
        print("psql is not on PATH")
        return
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
            yield asyncio.run(compare(url, Path(name), program, service))
            service.close()
            account.close()
    finally:
        sandbox.close()
