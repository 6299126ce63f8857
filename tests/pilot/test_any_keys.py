"""Keys without sense, slow and fast: nothing breaks, and nothing changes unasked.

`ANY_KEYS_SEEDS=200` runs as many orders of keys instead of eight; `ANY_KEYS_SEEDS=40-60` runs
those from 40 to 59.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key, Resize
from textual.geometry import Size

from tests.driver import NARROW, PATIENCE, WIDE, Driver, running, sandbox_services
from tests.faulty import ServiceRequest, door, refusal
from tests.idle_loop import every_frame_drawn
from tests.local_server import Answer
from tui.sandbox import SandboxInfo

PRINTABLE = {
    "colon": ":",
    "slash": "/",
    "asterisk": "*",
    "full_stop": ".",
    "tilde": "~",
    "space": " ",
    "number_sign": "#",
    "vertical_line": "|",
    "equals_sign": "=",
    "backslash": "\\",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
KEYS = (
    *"abcdefghijklmnoprstuvwxyzDGIJNORPKTUV0123",
    *PRINTABLE,
    *("enter",) * 5,
    *("escape",) * 5,
    *("backspace", "delete", "up", "down", "left", "right", "tab", "shift+tab"),
    *("pageup", "pagedown", "home", "end", "ctrl+g", "ctrl+f", "ctrl+o", "ctrl+p", "ctrl+s"),
    *("ctrl+l", "ctrl+r", "ctrl+j", "ctrl+a", "ctrl+x", "ctrl+pageup", "ctrl+pagedown"),
    *(f"alt+{key}" for key in "cdehjklmnostwxz1"),
    *("alt+shift+f", "alt+shift+t"),
    *(f"f{number}" for number in (*range(1, 11), 12)),
)
"""All but those that quit. (The palette may find Quit, too: then the run is over.)"""

DESTROYS = {"s3:DELETE", "dynamodb:DeleteTable", "dynamodb:DeleteItem", "rds:DeleteDBInstance"}

SIZES = (WIDE, NARROW, (20, 5), (60, 15), (120, 31))


HANGS = 300.0
"""Seconds after which a run is said to hang: the stacks of all threads are printed, and the process
ends. A loop that never yields comes to no timeout of its own."""


def seeds() -> range:
    """The orders of keys to try."""
    first, _, last = os.environ.get("ANY_KEYS_SEEDS", "8").rpartition("-")
    return range(int(first or 0), int(last))


@pytest.fixture(autouse=True)
def watchdog(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Tells where a run hangs."""
    with capfd.disabled():
        # What is printed when the process ends would not leave the capture of this test.
        stderr = os.dup(2)
    faulthandler.dump_traceback_later(HANGS, exit=True, file=stderr)
    yield
    faulthandler.cancel_dump_traceback_later()
    os.close(stderr)


async def taken(driver: Driver) -> None:
    """Wait until every key was taken, also by the widgets that they were passed on to, or the
    application was quit.

    The pilot's own pause would wait in vain for a screen that goes meanwhile.
    """
    async with asyncio.timeout(PATIENCE):
        while driver.app.is_running and driver.app._key_queue.is_waiting:
            await asyncio.sleep(0.01)
        for _ in range(3):
            passed = asyncio.Event()
            driver.app.call_later(passed.set)
            while driver.app.is_running and not passed.is_set():
                await asyncio.sleep(0.01)


def resize(driver: Driver, size: Size) -> None:
    """What the pilot does, without its pause."""
    assert isinstance(driver.app._driver, HeadlessDriver)
    driver.app._driver._size = size
    driver.app.post_message(Resize(size, size))


@pytest.mark.parametrize("seed", seeds())
async def test_any_keys_in_any_order_break_nothing(
    sandbox: SandboxInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # Keys may come upon a form that saves a file, and type a name.
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    chance = random.Random(seed)  # to be the same at every run

    def refuse_changes(request: ServiceRequest) -> Answer | None:
        return refusal(request, 403, "AccessDenied") if request.changes else None

    with door(sandbox, refuse_changes) as opened, every_frame_drawn():
        services = sandbox_services(sandbox, tmp_path, endpoint_url=opened.url)
        async with running(services, size=SIZES[seed % 2]) as driver:
            await driver.press(("f2", "f3", "f4", "f8")[seed % 4])
            for number in range(120):
                key = chance.choice(KEYS)
                character = PRINTABLE.get(key, key if len(key) == 1 else None)
                driver.app.post_message(Key(key, character))
                if number % 8 == 0:
                    await taken(driver)
                if driver.app.return_value is not None:
                    break
                if number % 30 == 0:
                    resize(driver, Size(*chance.choice(SIZES)))
            await taken(driver)
            # An exception of any worker or handler fails the test here.
    assert not DESTROYS & set(opened.changes)
