"""The cleanup screens by key: mark, plan, confirm, watch, read the report, nothing left."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.driver import NARROW, WIDE, Driver, running, sandbox_services
from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tests.services.cleanup.sdk import Sdk, unique
from tui.sandbox import SandboxInfo
from tui.screens.cleanup.inventory_screen import CleanupScreen
from tui.screens.cleanup.plan_screen import PlanScreen
from tui.screens.cleanup.run_screen import RunScreen
from tui.services.audit import AuditLog
from tui.services.bundle import Services
from tui.services.cleanup import Tunables


async def inventory(driver: Driver) -> CleanupScreen:
    """Open the screen and wait until it is read."""
    await driver.press("f8")
    await driver.until(
        lambda: isinstance(driver.app.screen, CleanupScreen) and driver.app.screen.shelf.complete,
        "the inventory",
    )
    screen = driver.app.screen
    assert isinstance(screen, CleanupScreen)
    await driver.until(lambda: screen.grid.rows or screen.shelf.empty, "its rows")
    return screen


async def cursor_on(driver: Driver, screen: CleanupScreen, name: str) -> None:
    await driver.until(lambda: name in [line.name for line in screen.lines], name)  # type: ignore[union-attr]
    # The sandbox is shared and may hold a lot by now: pressing j that often takes too long.
    names = [getattr(line, "name", "") for line in screen.lines]
    screen.grid.move_cursor(names.index(name))


async def plan(driver: Driver, *names: str) -> PlanScreen:
    """Mark the named resources and open their plan."""
    screen = await inventory(driver)
    for name in names:
        await cursor_on(driver, screen, name)
        await driver.press("space")
    await driver.until(lambda: len(screen.marked) == len(names), "the marks")
    await driver.press("x")
    await driver.until(
        lambda: isinstance(driver.app.screen, PlanScreen) and driver.app.screen.plan, "the plan"
    )
    found = driver.app.screen
    assert isinstance(found, PlanScreen)
    return found


async def confirm(driver: Driver, *words: str) -> None:
    """Ask for the confirmation and type what is wanted."""
    await driver.press("x")
    for word in words:
        await driver.sees("To go on, type")
        await driver.press("shift+tab")
        await driver.type(word)
        await driver.press("enter")


async def report(driver: Driver) -> RunScreen:
    await driver.sees("Cleanup report")
    screen = driver.app.screen
    assert isinstance(screen, RunScreen)
    return screen


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_everything_goes_and_nothing_is_left(
    fresh_sandbox: SandboxInfo, services: Services, sdk: Sdk, size: tuple[int, int]
) -> None:
    async with running(services, size=size) as driver:
        screen = await inventory(driver)
        await driver.sees("tristore-walkthrough", "tutorial-db", "members", "123456789012")
        await driver.press("asterisk")
        await driver.sees("6 marked of 3 buckets, 1 RDS instance, 2 tables")
        await driver.press("x")
        await driver.sees("6 resources will go", "4 objects, 646 B", "delete, keep snapshot")
        await driver.press("j", "j", "j", "e")
        await driver.sees("Delete without a final snapshot")
        await driver.press("n")
        await driver.sees("delete, no snapshot", "the data cannot be brought back")

        await confirm(driver, "delete 6")

        await report(driver)
        await driver.sees("6 resources: 6 deleted.")
        await driver.press("escape")
        await driver.sees("Nothing left in this region that Tristore looks after.")
        await driver.until(lambda: driver.app.screen is screen, "the inventory")
    assert sdk.s3.list_buckets()["Buckets"] == []
    assert not sdk.has_table("members")
    assert sdk.client("rds").describe_db_instances()["DBInstances"] == []


async def test_a_wrong_confirmation_does_nothing(services: Services, sdk: Sdk) -> None:
    first, second = sdk.bucket(), sdk.table()
    async with running(services) as driver:
        await plan(driver, first, second)
        for typed in ("", "delete", "DELETE 2", "delete 2 ", "2"):
            await confirm(driver, typed)
            await driver.sees("To go on, type delete 2")
            await driver.press("escape")
            await driver.misses("To go on, type")
        assert isinstance(driver.app.screen, PlanScreen)
    assert sdk.has_bucket(first)
    assert sdk.has_table(second)


async def test_enter_on_the_confirmation_as_it_opens_cancels(services: Services, sdk: Sdk) -> None:
    name = sdk.bucket()
    async with running(services) as driver:
        await plan(driver, name)
        await driver.press("x")
        await driver.sees("To go on, type")
        await driver.press("enter")
        await driver.misses("To go on, type")
        assert isinstance(driver.app.screen, PlanScreen)
    assert sdk.has_bucket(name)


async def test_one_resource_is_confirmed_by_its_name_and_the_report_is_saved(
    services: Services, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket(versioned=True)
    sdk.put(name, "a", "a", "b")
    async with running(services) as driver:
        await plan(driver, name)
        await driver.sees("2 objects, 1 old version")
        await confirm(driver, name)
        await report(driver)
        await driver.sees("Deleted 3 versions, 3 B.", "Deleted the bucket.")
        await driver.press("d")
        await driver.sees("Save the report")
        await driver.press("enter")
        await driver.sees("Saved to")
    (saved,) = (tmp_path / "reports").iterdir()
    assert f"bucket {name}: deleted" in saved.read_text()
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    operations = [json.loads(line)["operation"] for line in lines]
    assert operations == ["DeleteObjects", "DeleteBucket"]


async def test_a_bucket_is_only_emptied(services: Services, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")
    async with running(services) as driver:
        await plan(driver, name)
        await driver.sees("e Options")
        assert "Enter Options" not in driver.text  # the same a second time
        await driver.press("e")
        await driver.sees("Only empty it")
        await driver.press("m")
        await driver.sees("The bucket stays, empty, with its settings.")
        await confirm(driver, name)
        await report(driver)
    assert sdk.has_bucket(name)
    assert sdk.versions(name) == []


async def test_a_protected_table_is_left_out_until_it_is_lifted(
    services: Services, sdk: Sdk
) -> None:
    name = sdk.table(DeletionProtectionEnabled=True)
    async with running(services) as driver:
        found = await plan(driver, name)
        await driver.sees("left out", "Left out. Deletion protection is on.")
        await driver.press("x")
        assert driver.app.screen is found
        await driver.press("e")
        await driver.sees("Turn deletion protection off, then delete it")
        await driver.press("1")
        await driver.sees("Turns deletion protection off.")
        await confirm(driver, name)
        await report(driver)
    assert not sdk.has_table(name)


async def test_a_lot_needs_a_second_word(services: Services, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, *(f"k{number}" for number in range(7)))
    services.cleanup.tunables = Tunables(cap_count=5)
    async with running(services) as driver:
        await plan(driver, name)
        await confirm(driver, name)
        await driver.sees("That is a lot", "To go on, type all 7")
        assert sdk.has_bucket(name)
        await driver.press("shift+tab")
        await driver.type("all 7")
        await driver.press("enter")
        await report(driver)
    assert not sdk.has_bucket(name)


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
        async with running(services) as driver:
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
        async with running(sandbox_services(sandbox, tmp_path, endpoint_url=url)) as driver:
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
        await driver.press("ctrl+q")
        await driver.sees("Cleanup is deleting; quitting stops it between two calls.")
        await driver.press("escape")


async def test_read_only_shows_the_plan_and_refuses(
    sandbox: SandboxInfo, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket()
    services = sandbox_services(sandbox, tmp_path, read_only=True)
    async with running(services) as driver:
        await plan(driver, name)
        await driver.sees("READ-ONLY", "Read-only mode: nothing can be deleted.")
        await driver.press("x")
        await driver.sees("Read-only mode: Delete is refused.")
        await driver.misses("To go on, type")
    assert sdk.has_bucket(name)


async def test_the_account_switched_between_plan_and_confirmation(
    services: Services, sdk: Sdk
) -> None:
    name = sdk.table()
    async with running(services) as driver:
        await plan(driver, name)
        services.account.switch(region="eu-west-1")
        await confirm(driver, name)
        await driver.sees("The account, region or endpoint is another one now; nothing was done.")
        services.account.switch(region="us-east-1")
    assert sdk.has_table(name)


async def test_another_region_is_read_anew_and_forgets_the_marks(
    services: Services, sdk: Sdk
) -> None:
    name = sdk.table()
    async with running(services) as driver:
        screen = await inventory(driver)
        await cursor_on(driver, screen, name)
        await driver.press("space")
        services.account.switch(region="eu-west-1")
        driver.app.target_changed()
        await driver.sees("region eu-west-1")
        await driver.misses(name)
        assert screen.marked == set()


async def test_a_bucket_elsewhere_is_named_and_not_marked(services: Services, sdk: Sdk) -> None:
    name = unique("far")
    sdk.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    async with running(services) as driver:
        screen = await inventory(driver)
        await driver.press("G")
        await cursor_on(driver, screen, name)
        await driver.sees("elsewhere, in eu-west-1: press R to switch")
        await driver.press("space", "x")
        assert screen.marked == set()
        assert driver.app.screen is screen


async def test_info_says_everything_about_a_line(services: Services, sdk: Sdk) -> None:
    name = sdk.table(DeletionProtectionEnabled=True)
    async with running(services) as driver:
        screen = await inventory(driver)
        await cursor_on(driver, screen, name)
        await driver.press("i")
        await driver.sees("Protected: Deletion protection is on.", "up to 6 hours old")


async def test_no_press_of_mark_is_lost_however_quickly_they_come(
    fresh_sandbox: SandboxInfo, services: Services
) -> None:
    async with running(services) as driver:
        screen = await inventory(driver)
        for _ in range(3):
            await screen.action_command("mark")
        await driver.until(lambda: len(screen.marked) == 3, "three marks")


async def test_without_valid_credentials_it_says_what_to_do_and_claims_nothing(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    def reject(request: ServiceRequest) -> Answer | None:
        error = "<Error><Code>ExpiredToken</Code><Message>old</Message></Error>"
        return Answer(403, f"<ErrorResponse>{error}</ErrorResponse>")

    with behind(sandbox, reject, AuditLog(tmp_path / "gate.jsonl")) as account:
        url = account.target.endpoint_url
        async with running(sandbox_services(sandbox, tmp_path, endpoint_url=url)) as driver:
            await driver.press("f8")
            await driver.sees("What is in this region is unknown. r tries again.", "ExpiredToken")
            assert "Nothing left" not in driver.text
