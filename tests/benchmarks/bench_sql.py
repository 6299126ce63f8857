"""Long SQL texts: found, split and run by the SQL service and by psql, on one server.

Medians in seconds. psql's start and connection are taken off.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure
from tests.benchmarks.psql import find_psql
from tests.conftest import sandbox_account
from tests.postgres import own_database
from tui.panes.sql.packed_rows import pack
from tui.sandbox import Sandbox
from tui.services.audit import AuditLog
from tui.services.sql import Series, Session, SqlService, from_url, split

TURNS = 5

_NUMBERS = ",".join(str(number) for number in range(100_000))
_ROWS = ",\n".join(f"({number}, 'some name', now())" for number in range(20_000))
TEXTS = {
    "in_list": f"select n from generate_series(1, 9) n where n in ({_NUMBERS});",
    "values": f"select count(*) from (values {_ROWS}) as v (a, b, c);",
    "statements": "".join(f"select {number}, 'some text';\n" for number in range(2_000)),
}


async def run_all(session: Session, text: str) -> None:
    statements = await asyncio.to_thread(split, text, backslash_escapes=session.backslash_escapes)
    # As the pane does.
    series = Series(statements, pack)
    while not series.is_over:
        await session.run_series(series)
        series.take()


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def psql(program: str, url: str, file: Path) -> None:
    subprocess.run(  # found on PATH, and the text is ours
        [program, "-XqAt", "-o", "/dev/null", "-f", str(file), url], check=True
    )


async def compare(url: str, folder: Path, program: str, service: SqlService) -> list[Figure]:
    found: list[Figure] = []
    session = await service.connect(*from_url(url))
    nothing = folder / "nothing.sql"
    nothing.write_text("select 1;")
    for name, text in TEXTS.items():
        file = folder / f"{name}.sql"
        file.write_text(text)
        ours: list[float] = []
        peer: list[float] = []
        for _ in range(TURNS):
            begun = time.perf_counter()
            await run_all(session, text)
            ours.append(time.perf_counter() - begun)
            start = timed(lambda: psql(program, url, nothing))
            peer.append(timed(lambda file=file: psql(program, url, file)) - start)  # type: ignore[misc]  # binds now
        found.append(Figure(f"sql.{name}", median(ours), max(median(peer), 0.001)))
    session.close()
    return found


def figures() -> Iterator[Figure]:
    """Seconds for each of the texts."""
    program = find_psql()
    sandbox = Sandbox()
    sandbox.start_sync()
    try:
        assert sandbox.info is not None
        with tempfile.TemporaryDirectory() as name, own_database(sandbox.info.postgres) as url:
            audit = AuditLog(Path(name) / "audit.jsonl")
            account = sandbox_account(sandbox.info, audit)
            service = SqlService(account, audit)
            yield from asyncio.run(compare(url, Path(name), program, service))
            service.close()
            account.close()
    finally:
        sandbox.close()
