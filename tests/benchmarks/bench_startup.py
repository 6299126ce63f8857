"""How long until the first frame, and until there is data in the panes.

Both are told as ratios to an empty Textual application measured in the same run, turn by turn,
because absolute times say more about the machine than about the program.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.benchmarks.figures import Figure
from tests.terminal.terminal import Terminal
from tui.sandbox import Sandbox, SandboxInfo, scrub_environment

ROUNDS = 7
"""Starts of each program; the median counts."""

FIRST_FRAME = ("S3 F2", "SQL F3", "DynamoDB F4")
DATA = ("tristore-walkthrough", "ACTIVE", "id bigint")
"""A bucket, a table of DynamoDB, the columns of a table of PostgreSQL."""


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process."""

    first_frame: float
    data: float


def start(command: tuple[str, ...], frame: tuple[str, ...], data: tuple[str, ...] = ()) -> Start:
    """Start a program in a terminal and time what becomes visible in it."""
    began = time.perf_counter()
    with Terminal(command=command) as terminal:
        terminal.wait_for(*frame)
        first = time.perf_counter() - began
        terminal.wait_for(*data)
        seen = time.perf_counter() - began
        terminal.press("\x11")
        terminal.wait_for_exit()
    return Start(first, seen)


def empty_application() -> Start:
    return start((sys.executable, "-m", "tests.benchmarks.empty_app"), ("nothing here",))


def on_endpoint(info: SandboxInfo) -> Callable[[], Start]:
    """Ours, as a user starts it, against an endpoint and a database that already run."""
    os.environ["AWS_ACCESS_KEY_ID"] = info.credentials.access_key
    os.environ["AWS_SECRET_ACCESS_KEY"] = info.credentials.secret_key
    database = urlsplit(info.postgres)
    os.environ["PGPASSWORD"] = database.password or ""
    location = info.postgres.replace(f":{database.password}@", "@")
    options = ("--endpoint-url", info.endpoint_url, "--region", info.region, location)
    return lambda: start((sys.executable, "-m", "tui", *options), FIRST_FRAME, DATA)


def figures() -> Iterator[Figure]:
    """Seconds to the first frame, and from there to data in the panes, beside the first frame of an
    empty application."""
    scrub_environment()
    # An installed program has its bytecode, as Textual has it in both programs. Where nothing may
    # be written, Python compiles our modules at each start, and that would be measured.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        sandbox = Sandbox()
        try:
            ours = on_endpoint(sandbox.start_sync())
            for program in (empty_application, ours):  # fill the caches of the file system
                program()
            rounds = [(empty_application(), ours()) for _ in range(ROUNDS)]
        finally:
            sandbox.close()
    empty = statistics.median(one.first_frame for one, _ in rounds)
    frame = statistics.median(one.first_frame for _, one in rounds)
    wait = statistics.median(one.data - one.first_frame for _, one in rounds)
    yield Figure("startup.first_frame", frame, empty)
    yield Figure("startup.data", wait, empty)
