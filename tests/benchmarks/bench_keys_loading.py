"""A cursor move while something long is under way, beside the same while nothing is.

In a real pseudo-terminal, on a server that answers 20 ms late: seconds from the key until its row
is written, the 95th percentile of some moves. `keys.while-loading` is beside a load to the end,
`keys.while-finding` in the hits of a search that goes on, beside those of one that was stopped, and
`keys.while-sizing` in the sizes of prefixes that are being counted, beside those that were.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

from tests.benchmarks.bench_keys import DOWN, UP, p95
from tests.benchmarks.figures import Figure
from tests.benchmarks.meter import Meter
from tests.benchmarks.servers import far_away
from tui.sandbox import scrub_environment

KEYS = 500_000
"""Keys that take longer to load than the cursor moves that are measured meanwhile."""

LATE = 0.02
"""Seconds by which the server answers late."""


FOLDERS = 25
"""Prefixes whose sizes are counted."""


def figures() -> Iterator[Figure]:
    """Each figure as soon as it is measured."""
    scrub_environment()
    yield from _flat()
    yield from _in_folders()


def _flat() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as home, far_away(KEYS, LATE) as server:
        os.environ.update(server.environment, HOME=home)
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
            yield Figure("keys.while-loading.p95", p95(loading), p95(idle))
            yield Figure("keys.while-finding.p95", *_finding(meter))
            meter.press("\x11")
            meter.wait_for_exit()


def _in_folders() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as home, far_away(KEYS, LATE, FOLDERS) as server:
        os.environ.update(server.environment, HOME=home)
        options = ("--endpoint-url", server.url, "--region", "us-east-1", "s3://far/")
        with Meter(*options) as meter:
            meter.wait_for("part-00")
            meter.settle()
            meter.press("S")
            # The ranges of keys are listed at the same time.
            meter.wait_for("Sizes under", *(f"part-{number:02}" for number in range(20)))
            counting = p95(_from_the_top(meter, "part-"))
            meter.until_drawn("\x1b", "stopped")
            meter.settle()
            yield Figure("keys.while-sizing.p95", counting, p95(_from_the_top(meter, "part-")))
            meter.press("\x1b")
            meter.settle()
            meter.press("\x11")
            meter.wait_for_exit()


def _moves(meter: Meter) -> list[float]:
    """Seconds of some moves down from the first row, and up again."""
    down = [meter.until_drawn(DOWN, _row(at)) for at in range(1, 20)]
    return down + [meter.until_drawn(UP, _row(at)) for at in reversed(range(19))]


def _finding(meter: Meter) -> tuple[float, float]:
    """The figures of the hits: while they come, and when no more do."""
    meter.press("f")
    meter.settle()
    meter.press("logs-00*\r")
    meter.wait_for("hits (")
    found = [p95(_any_moves(meter, "logs-"))]
    # Read, and not drawn: a part of what came before was dropped while keys were measured.
    meter.until_drawn("\x1b", "stopped")
    meter.settle()
    found.append(p95(_any_moves(meter, "logs-")))
    meter.press("\x1b")
    meter.settle()
    return found[0], found[1]


def _any_moves(meter: Meter, text: str) -> list[float]:
    """The same where the order of the rows is not known."""
    return [meter.until_drawn(key, text) for key in [DOWN] * 19 + [UP] * 19]


def _from_the_top(meter: Meter, text: str) -> list[float]:
    """Seconds of moves from the first row to the second: a row that is counted goes to another
    place with its cursor, and from the last one there is no way down."""
    seconds = []
    for _ in range(20):
        meter.press("g")
        meter.settle(0.02, at_most=0.04)
        seconds.append(meter.until_drawn(DOWN, text))
    return seconds


def _row(number: int) -> str:
    return f"logs-{number:07}"
