"""Every screen at both sizes, as text, compared with what it looked like last time.

To accept a change: `pytest tests/snapshots --snapshot-update`, then read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.driver import NARROW, WIDE, Driver, running, sandbox_services
from tui.sandbox import SandboxInfo


class TextFile(SingleFileSnapshotExtension):
    """A readable file for each screen."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


_CHANGING = (
    re.compile(r"(?<=127\.0\.0\.1:)\d+"),
    re.compile(r"(?<=postgres )\d+(?:\.\d+)?"),
    # The end of a scroll bar within a line: it moves with every key that the help lists.
    re.compile(r"[▁▂▃▄▅▆▇]{2}(?= │)"),
)


def steady(text: str) -> str:
    """The text with what changes from run to run (ports, the server's version) marked out."""
    for pattern in _CHANGING:
        text = pattern.sub(lambda found: "#" * len(found.group()), text)
    return text


async def workspace(driver: Driver) -> None:
    await driver.sees("tristore-walkthrough", "123456789012")
    public = " no    us-east-1"
    await driver.until(lambda: driver.text.count(public) == 3, "what is known of three buckets")
    if driver.app.size == WIDE:
        await driver.sees("id bigint", "ACTIVE")


async def objects(driver: Driver) -> None:
    await workspace(driver)
    await driver.press("enter")
    await driver.sees("test.txt")


async def csv_preview(driver: Driver) -> None:
    await objects(driver)
    await driver.press("enter")
    await driver.sees("file1.csv")
    await driver.press("j", "enter")
    await driver.sees("5 rows × 4 columns")


async def new_bucket(driver: Driver) -> None:
    await workspace(driver)
    await driver.press("n")
    await driver.sees("Cancel")


async def items(driver: Driver) -> None:
    await workspace(driver)
    await driver.press("f4")
    await driver.sees("ACTIVE")
    await driver.press("enter")
    await driver.sees("Grace Hopper")


async def sql(driver: Driver) -> None:
    await workspace(driver)
    await driver.press("f3")
    await driver.sees("id bigint")


async def cleanup(driver: Driver) -> None:
    await workspace(driver)
    await driver.press("f8")
    await driver.sees("tutorial-db", "tristore-walkthrough")


async def transfers(driver: Driver) -> None:
    await workspace(driver)
    await driver.press("f9")
    await driver.until(lambda: len(driver.app.screen_stack) == 2, "the transfers screen")


async def help_page(driver: Driver) -> None:
    await workspace(driver)
    await driver.press("f1")
    await driver.sees("Keys")


SCREENS: dict[str, Callable[[Driver], Awaitable[None]]] = {
    "workspace": workspace,
    "objects": objects,
    "csv": csv_preview,
    "new-bucket": new_bucket,
    "items": items,
    "sql": sql,
    "cleanup": cleanup,
    "transfers": transfers,
    "help": help_page,
}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_screen(
    screen: str,
    size: tuple[int, int],
    untouched_sandbox: SandboxInfo,
    tmp_path: Path,
    snapshot: SnapshotAssertion,
) -> None:
    services = sandbox_services(untouched_sandbox, tmp_path)
    async with running(services, size=size) as driver:
        await SCREENS[screen](driver)
        await driver.still()
        assert steady(driver.text) == snapshot(extension_class=TextFile)
