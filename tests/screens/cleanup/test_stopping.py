"""A count and a run that take long: stopped, confirmed early, and quit."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.driver import Driver, sandbox_services
from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tests.screens.cleanup.keys import alone, confirm, cursor_on, inventory, plan, report
from tests.services.cleanup.sdk import Sdk
from tui.sandbox import SandboxInfo
from tui.screens.questions import may_quit
from tui.services.audit import AuditLog
from tui.services.cleanup import Tunables


@dataclass
class Gate:
    """Lets the first delete through and holds the others until it is opened."""

    opened: threading.Event = field(default_factory=threading.Event)
    seen: int = 0

    def __call__(self, request: ServiceRequest) -> Answer | None:
        if request.is_batch_delete:
            self.seen += 1
            if self.seen > 1:
                self.opened.wait(20)
        return None


@asynccontextmanager
async def held_run(
    sandbox: SandboxInfo, name: str, tmp_path: Path
) -> AsyncIterator[tuple[Driver, Gate]]:
    """A run over a bucket that waits in its second delete."""
    gate = Gate()
    with behind(sandbox, gate, AuditLog(tmp_path / "gate.jsonl")) as account:
        url = account.target.endpoint_url
        services = sandbox_services(sandbox, tmp_path, endpoint_url=url)
        services.cleanup.tunables = Tunables(page=5, batch=5, delete_calls=1)
        async with alone(services) as driver:
            await plan(driver, name)
            await confirm(driver, name)
            await driver.until(lambda: gate.seen > 1, "the second delete")
            try:
                yield driver, gate
            finally:
                gate.opened.set()


async def test_escape_stops_a_run_after_the_call_under_way(
    sandbox: SandboxInfo, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket()
    sdk.put(name, *(f"k{number:02}" for number in range(30)))
    async with held_run(sandbox, name, tmp_path) as (driver, gate):
        await driver.press("escape")
        await driver.sees("Stopping after the calls under way")
        gate.opened.set()
        await report(driver)
        await driver.sees("1 resource: 1 stopped.", "Deleted 10 objects, 10 B.")
    assert len(sdk.versions(name)) == 20


@asynccontextmanager
async def held_count(
    sandbox: SandboxInfo, name: str, tmp_path: Path
) -> AsyncIterator[tuple[Driver, threading.Event]]:
    """A plan for a bucket whose count waits until the event is set."""
    opened = threading.Event()

    def hold(request: ServiceRequest) -> Answer | None:
        if f"{name}?versions" in request.path:
            opened.wait(20)
        return None

    with behind(sandbox, hold, AuditLog(tmp_path / "gate.jsonl")) as account:
        url = account.target.endpoint_url
        async with alone(sandbox_services(sandbox, tmp_path, endpoint_url=url)) as driver:
            screen = await inventory(driver)
            await cursor_on(driver, screen, name)
            await driver.press("ctrl+s")
            await driver.sees(f"Counting 1 of 1: bucket {name}")
            try:
                yield driver, opened
            finally:
                opened.set()


@pytest.mark.parametrize("key", ["ctrl+s", "x"])
async def test_yes_before_the_plan_is_ready_is_kept(
    sandbox: SandboxInfo, sdk: Sdk, tmp_path: Path, key: str
) -> None:
    name = sdk.bucket()
    async with held_count(sandbox, name, tmp_path) as (driver, opened):
        await driver.press(key)
        await driver.sees("The confirmation opens when everything is counted.")
        await driver.misses("To go on, type")
        opened.set()
        await driver.sees(f"To go on, type {name}")
        assert sdk.has_bucket(name)


async def test_escape_while_counting_takes_the_kept_yes_back(
    sandbox: SandboxInfo, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket()
    async with held_count(sandbox, name, tmp_path) as (driver, opened):
        await driver.press("ctrl+s")
        await driver.sees("The confirmation opens when everything is counted.")
        await driver.press("escape")
        opened.set()
        await driver.sees("1 resource will go")
        await driver.sees("Ctrl+S or x asks for confirmation")
        await driver.misses("To go on, type")


async def test_quitting_asks_while_something_is_deleted(
    sandbox: SandboxInfo, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket()
    sdk.put(name, *(f"k{number:02}" for number in range(30)))
    async with held_run(sandbox, name, tmp_path) as (driver, _):
        asked = driver.app.run_worker(may_quit(driver.app, None), group="quit")
        await driver.sees("Quit?", "Cleanup is deleting; quitting stops it between two calls.")
        await driver.press("escape")
        await driver.until(lambda: asked.is_finished, "the answer")
        assert asked.result is False
