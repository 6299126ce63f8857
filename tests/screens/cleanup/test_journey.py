"""The cleanup screens by key: mark, plan, confirm, watch, read the report, nothing left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.driver import NARROW, WIDE, running, sandbox_services
from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tests.screens.cleanup.keys import alone, confirm, cursor_on, inventory, plan, report
from tests.services.cleanup.sdk import Sdk, unique
from tui.sandbox import SandboxInfo
from tui.screens.cleanup.model import Stage
from tui.services.audit import AuditLog
from tui.services.bundle import Services
from tui.services.cleanup import Tunables


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_everything_goes_and_nothing_is_left(
    fresh_sandbox: SandboxInfo, services: Services, sdk: Sdk, size: tuple[int, int]
) -> None:
    async with running(services, size=size) as driver:
        await driver.press("f8")
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
        assert driver.app.screen is screen
    assert sdk.s3.list_buckets()["Buckets"] == []
    assert not sdk.has_table("members")
    assert sdk.client("rds").describe_db_instances()["DBInstances"] == []


async def test_a_wrong_confirmation_does_nothing(services: Services, sdk: Sdk) -> None:
    first, second = sdk.bucket(), sdk.table()
    async with alone(services) as driver:
        screen = await plan(driver, first, second)
        for typed in ("", "delete", "DELETE 2", "delete 2 ", "2"):
            await confirm(driver, typed)
            await driver.sees("To go on, type delete 2")
            await driver.press("escape")
            await driver.misses("To go on, type")
        assert screen.model.stage is Stage.PLAN
    assert sdk.has_bucket(first)
    assert sdk.has_table(second)


async def test_enter_on_the_confirmation_as_it_opens_cancels(services: Services, sdk: Sdk) -> None:
    name = sdk.bucket()
    async with alone(services) as driver:
        screen = await plan(driver, name)
        await driver.press("x")
        await driver.sees("To go on, type")
        await driver.press("enter")
        await driver.misses("To go on, type")
        assert screen.model.stage is Stage.PLAN
    assert sdk.has_bucket(name)


async def test_one_resource_is_confirmed_by_its_name_and_the_report_is_saved(
    services: Services, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket(versioned=True)
    sdk.put(name, "a", "a", "b")
    async with alone(services) as driver:
        await plan(driver, name)
        await driver.sees("2 objects, 1 old version")
        await confirm(driver, name)
        await report(driver)
        await driver.sees("Deleted 3 versions, 3 B.", "Deleted the bucket.")
        await driver.press("d")
        await driver.sees("Save the report")
        await driver.press("enter")
        await driver.sees("Saved to")
        # What failed says "press r to try again": the key works on a report, too.
        await driver.press("r")
        screen = await inventory(driver)
        assert screen.model.report is None
        await driver.misses("Cleanup report")
    (saved,) = (tmp_path / "reports").iterdir()
    assert f"bucket {name}: deleted" in saved.read_text()
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    operations = [json.loads(line)["operation"] for line in lines]
    assert operations == ["DeleteObjects", "DeleteBucket"]


async def test_a_bucket_is_only_emptied(services: Services, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")
    async with alone(services) as driver:
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
    async with alone(services) as driver:
        found = await plan(driver, name)
        await driver.sees("left out", "Left out. Deletion protection is on.")
        await driver.press("x")
        assert driver.app.screen is found
        await driver.misses("To go on, type")
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
    async with alone(services) as driver:
        await plan(driver, name)
        await confirm(driver, name)
        await driver.sees("That is a lot", "To go on, type all 7")
        assert sdk.has_bucket(name)
        await driver.press("shift+tab")
        await driver.type("all 7")
        await driver.press("enter")
        await report(driver)
    assert not sdk.has_bucket(name)


async def test_read_only_shows_the_plan_and_refuses(
    sandbox: SandboxInfo, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket()
    services = sandbox_services(sandbox, tmp_path, read_only=True)
    async with alone(services) as driver:
        await plan(driver, name)
        await driver.sees("Read-only mode: nothing can be deleted.")
        await driver.press("x")
        await driver.sees("Read-only mode: Delete is refused.")
        await driver.misses("To go on, type")
    assert sdk.has_bucket(name)


async def test_the_account_switched_between_plan_and_confirmation(
    services: Services, sdk: Sdk
) -> None:
    name = sdk.table()
    async with alone(services) as driver:
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
    async with alone(services) as driver:
        screen = await inventory(driver)
        await cursor_on(driver, screen, name)
        await driver.press("space")
        services.account.switch(region="eu-west-1")
        screen.account_changed()
        await driver.sees("region eu-west-1")
        await driver.misses(name)
        assert screen.model.marked == set()


async def test_a_bucket_elsewhere_is_named_and_not_marked(services: Services, sdk: Sdk) -> None:
    name = unique("far")
    sdk.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    async with alone(services) as driver:
        screen = await inventory(driver)
        await driver.press("G")
        await cursor_on(driver, screen, name)
        # Beside the list: in it, long names of others in the shared sandbox may cut the state.
        await driver.sees(f"The bucket {name} is in eu-west-1", "press R to switch")
        grid = screen.grid
        cells = [grid.cell_at(grid.cursor_row, column) for column in range(len(grid.columns))]
        assert any("elsewhere, in eu-west-1" in str(cell) for cell in cells)
        await driver.press("space", "x")
        assert screen.model.marked == set()
        assert screen.model.stage is Stage.INVENTORY


async def test_info_says_everything_about_a_line(services: Services, sdk: Sdk) -> None:
    name = sdk.table(DeletionProtectionEnabled=True)
    async with alone(services) as driver:
        screen = await inventory(driver)
        await cursor_on(driver, screen, name)
        await driver.press("i")
        await driver.sees("Protected: Deletion protection is on.", "up to 6 hours old")


async def test_no_press_of_mark_is_lost_however_quickly_they_come(services: Services) -> None:
    async with alone(services) as driver:
        screen = await inventory(driver)
        for _ in range(3):
            await screen.action_command("mark")
        await driver.until(lambda: len(screen.model.marked) == 3, "three marks")


async def test_without_valid_credentials_it_says_what_to_do_and_claims_nothing(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    def reject(request: ServiceRequest) -> Answer | None:
        error = "<Error><Code>ExpiredToken</Code><Message>old</Message></Error>"
        return Answer(403, f"<ErrorResponse>{error}</ErrorResponse>")

    with behind(sandbox, reject, AuditLog(tmp_path / "gate.jsonl")) as account:
        url = account.target.endpoint_url
        async with alone(sandbox_services(sandbox, tmp_path, endpoint_url=url)) as driver:
            await driver.sees("What is in this region is unknown. r tries again.", "ExpiredToken")
            assert "Nothing left" not in driver.text
