"""What a key costs, in a real pseudo-terminal, beside a bare Textual application of equal rows.

`keys.PANE.cpu` is the processor time of a cursor move in seconds, `keys.PANE.p95` the time from the
key to the last byte of its frame; `dialog.NAME.cpu` and `.wait` the same for opening a dialog.
`memory.NAME` is the memory in MB after 50 openings beside that before them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import boto3

from tests.benchmarks.figures import Figure
from tests.benchmarks.meter import Cost, Meter
from tests.benchmarks.rows import COLUMNS, ROWS, row
from tui.sandbox import Sandbox, SandboxInfo, scrub_environment

DOWN, UP = "\x1b[B", "\x1b[A"
MOVES = (DOWN,) * 12 + (UP,) * 12
ROUNDS = 4
OPENINGS = 8
"""Openings of a dialog that are measured; as many turns, ours and the peer's in turn."""
LEAKING = int(os.environ.get("BENCH_OPENINGS", "50"))
SLOW = 0.25
"""Seconds without output after which a dialog is complete: it may read something first."""


@dataclass(frozen=True)
class Place:
    """Where ours is started, and how it is made to show the rows."""

    location: str
    prepare: Callable[[Meter], None]


@dataclass(frozen=True)
class Dialog:
    """What opens a screen in ours and in the bare application, and where."""

    place: str
    ours: str
    bare: str


DIALOGS = {
    "help": Dialog("s3", "\x1bOP", "\x1bOP"),
    "palette": Dialog("s3", "\x10", "\x10"),
    "picker": Dialog("s3", "u", "u"),
    "cleanup": Dialog("s3", "\x1b[19~", "\x1b[19~"),
    "viewer": Dialog("sql", "\r", "v"),
}


def figures() -> Iterator[Figure]:
    """Each figure as soon as it is measured."""
    scrub_environment()
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        sandbox = Sandbox()
        try:
            info = sandbox.start_sync()
            places = fill(info)
            for name, place in places.items():
                with ours(info, place) as our, bare() as peer:
                    yield from moves(f"keys.{name}", our, peer)
                    for dialog, how in DIALOGS.items():
                        if how.place == name:
                            yield from openings(dialog, how, our, peer)
                    quit_both(our, peer)
        finally:
            sandbox.close()


def moves(name: str, our: Meter, peer: Meter) -> Iterator[Figure]:
    """The cursor goes down and up within the rows in view."""
    for meter in (our, peer):
        meter.cost(*MOVES)  # caches are filled
    cpu: dict[Meter, list[float]] = {our: [], peer: []}
    waits: dict[Meter, list[float]] = {our: [], peer: []}
    for _ in range(ROUNDS):
        for meter in (our, peer):
            cost = meter.cost(*MOVES)
            cpu[meter] += cost.cpu
            waits[meter] += cost.last_byte
    yield Figure(f"{name}.cpu", mean(cpu[our]), mean(cpu[peer]))
    yield Figure(f"{name}.p95", p95(waits[our]), p95(waits[peer]))


def openings(name: str, how: Dialog, our: Meter, peer: Meter) -> Iterator[Figure]:
    """A screen is opened and left again."""
    costs: dict[str, list[Cost]] = {"our": [], "peer": []}
    for turn in range(OPENINGS + 1):
        for who, meter, key in (("our", our, how.ours), ("peer", peer, how.bare)):
            cost = meter.cost(key, quiet=SLOW)
            meter.send("\x1b", SLOW)
            if turn:  # the first one imports and fills caches
                costs[who].append(cost)
    cpu = {who: mean([each.cpu[0] for each in some]) for who, some in costs.items()}
    wait = {who: median(each.last_byte[0] for each in some) for who, some in costs.items()}
    yield Figure(f"dialog.{name}.cpu", cpu["our"], cpu["peer"])
    yield Figure(f"dialog.{name}.wait", wait["our"], wait["peer"])
    if LEAKING:
        before = our.memory()
        for _ in range(LEAKING):
            our.send(how.ours, SLOW)
            our.send("\x1b", SLOW)
        yield Figure(f"memory.{name}", our.memory(), before)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


# -- programs ------------------------------------------------------------------------------------


def bare() -> Meter:
    """The bare application, with its rows on the screen."""
    meter = Meter(command=(sys.executable, "-m", "tests.benchmarks.bare_app"))
    meter.wait_for("row-00005", "Cleanup")
    meter.settle()
    return meter


def ours(info: SandboxInfo, place: Place) -> Meter:
    """Ours, with its rows on the screen."""
    options = ("--endpoint-url", info.endpoint_url, "--region", info.region, place.location)
    meter = Meter(*options)
    place.prepare(meter)
    meter.settle()
    return meter


def quit_both(*meters: Meter) -> None:
    for meter in meters:
        meter.press("\x11")
        meter.wait_for_exit()


def fill(info: SandboxInfo) -> dict[str, Place]:
    """Put the rows into all three stores."""
    os.environ["AWS_ACCESS_KEY_ID"] = info.credentials.access_key
    os.environ["AWS_SECRET_ACCESS_KEY"] = info.credentials.secret_key
    database = urlsplit(info.postgres)
    os.environ["PGPASSWORD"] = database.password or ""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    made: dict[str, Any] = {"endpoint_url": info.endpoint_url, "region_name": info.region}
    s3, dynamodb = boto3.client("s3", **made), boto3.resource("dynamodb", **made)
    s3.create_bucket(Bucket=name)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: s3.put_object(Bucket=name, Key=row(n)[0], Body=b"x"), range(ROWS)))
    table = dynamodb.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "all", "KeyType": "HASH"},
            {"AttributeName": COLUMNS[0], "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in ("all", COLUMNS[0])
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    with table.batch_writer() as batch:
        for number in range(ROWS):
            batch.put_item(Item={"all": "1", **dict(zip(COLUMNS, row(number), strict=True))})
    return {
        "s3": Place(f"s3://{name}/", lambda meter: meter.wait_for("row-00005", "ACTIVE")),
        "sql": Place(info.postgres.replace(f":{database.password}@", "@"), run_query),
        "dynamodb": Place(f"dynamodb:{name}", lambda meter: meter.wait_for("row-00005")),
    }


def run_query(meter: Meter) -> None:
    """Let ours show the rows as a result of PostgreSQL, and the cursor stand on a long value."""
    meter.wait_for("id bigint")
    meter.settle()
    meter.send(
        "select repeat('some words of a longer text ' || n, 600) as long, 'row-' || n as name, "
        f"n * 17 as size, now() as changed from generate_series(1, {ROWS}) n"
    )
    # Not by `send`, which draws nothing of what comes at once.
    meter.press("\x1b[15~")
    meter.wait_for("row-5")
    meter.settle()
    meter.send("\x1b")
