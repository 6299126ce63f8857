"""The keys that change an instance, pressed on the list, on an instance of the sandbox."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.driver import screen_text
from tests.panes.sql.rds.harness import HostApp, driver_of, see, type_text, until
from tests.panes.sql.rds.test_instances import open_list, stand_on
from tests.services.rds.instances import make_cluster
from tests.services.rds.test_changes import instance
from tui.panes.sql.rds.passwords import PasswordDialog
from tui.panes.sql.rds.plan_dialog import RdsPlanDialog
from tui.screens.help import help_sections
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError

SIZE = (160, 45)


async def gone(services: Services, name: str) -> bool:
    try:
        await services.rds.describe(name)
    except ServiceError as error:
        return error.kind is ErrorKind.NOT_FOUND
    return False


async def test_an_instance_is_stopped_started_modified_snapshotted_and_deleted_by_keys(
    services: Services, account: Account
) -> None:
    name = instance(account)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        dialog = await open_list(pilot)
        await see(pilot, name)
        stand_on(dialog, name)

        await pilot.press("p")
        await see(pilot, "its storage stays billed")
        await pilot.press("s")
        await see(pilot, "starts it again by itself after 7 days")
        # The question starts on the answer that changes nothing.
        await pilot.press("enter")
        assert (await services.rds.describe(name)).status == "available"
        await pilot.press("p")
        await see(pilot, "its storage stays billed")
        await pilot.press("s")
        await see(pilot, "starts it again by itself after 7 days")
        await pilot.press("ctrl+s")
        await see(pilot, f"{name} is stopped.")

        await pilot.press("e")
        await see(pilot, "is stopped: p starts it first")
        await pilot.press("p", "s")
        await see(pilot, "bills its hours again")
        await pilot.press("ctrl+s")
        await see(pilot, f"{name} is available.")

        await modify(pilot, services, name)
        await snapshot(pilot, services, name)
        await pilot.press("x")
        await see(pilot, "the data cannot be brought back")
        await pilot.press("n")
        await see(pilot, "No final snapshot")
        await type_text(pilot, name)
        await pilot.press("enter")
        await until(pilot, lambda: name not in {each.identifier for each in dialog.instances})
    assert await gone(services, name)


async def modify(pilot: Pilot[None], services: Services, name: str) -> None:
    await pilot.press("e")
    await see(pilot, f"Modify {name}")
    pilot.app.screen.query_one("#field-storage_gib", Input).value = "40"
    await pilot.press("ctrl+s")
    shown = await see(pilot, "Storage 20 → 40 GiB")
    assert "aws rds modify-db-instance" in shown
    assert "--no-apply-immediately" in shown
    await pilot.press("ctrl+s")
    await see(pilot, f"{name} is modified.")
    assert (await services.rds.describe(name)).storage_gib == 40


async def snapshot(pilot: Pilot[None], services: Services, name: str) -> None:
    await pilot.press("v")
    await see(pilot, "None was made by hand")
    await pilot.press("n")
    await see(pilot, "Take a snapshot")
    kept = pilot.app.screen.query_one(Input).value
    await pilot.press("enter")
    await see(pilot, "1 made by hand")
    await until(pilot, lambda: "available" in screen_text(pilot.app))
    await pilot.press("x")
    await see(pilot, "cannot be brought back")
    await type_text(pilot, kept)
    await pilot.press("enter")
    await see(pilot, "None was made by hand")
    await pilot.press("escape")
    assert [page async for page in services.rds.list_snapshots(of=name)] == [()]


async def test_a_cluster_is_stopped_started_snapshotted_and_deleted_on_one_of_its_members(
    services: Services, account: Account
) -> None:
    cluster, member = make_cluster(account)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        dialog = await open_list(pilot)
        await see(pilot, f"writer of {cluster}")
        stand_on(dialog, member)
        await pilot.press("p")
        await see(pilot, "Stop the cluster")
        await pilot.press("s")
        await see(pilot, "All of its instances stop")
        await pilot.press("ctrl+s")
        await see(pilot, f"{member} is stopped.")
        await pilot.press("x")
        await see(pilot, "RDS deletes no stopped cluster")
        await until(pilot, lambda: dialog.current is not None)
        await pilot.press("p")
        await see(pilot, "Start the cluster")
        await pilot.press("s")
        await see(pilot, "bills its instances again")
        await pilot.press("ctrl+s")
        await see(pilot, f"{member} is available.")

        await pilot.press("v")
        await see(pilot, f"Snapshots of the cluster {cluster}")
        await pilot.press("n")
        await see(pilot, "Take a snapshot")
        kept = pilot.app.screen.query_one(Input).value
        await pilot.press("enter")
        await see(pilot, f"Snapshot {kept} is complete.")
        await pilot.press("escape")

        await until(pilot, lambda: dialog.current is not None)
        await pilot.press("x")
        await see(pilot, f"Delete the whole cluster {cluster}")
        await pilot.press("n")
        shown = await see(pilot, "Deletes its 1 instance")
        assert kept in shown
        await type_text(pilot, cluster)
        await pilot.press("enter")
        await until(pilot, lambda: member not in {each.identifier for each in dialog.instances})
    with pytest.raises(ServiceError) as gone:
        await services.rds.clusters.describe(cluster)
    assert gone.value.kind is ErrorKind.NOT_FOUND
    await services.rds.clusters.delete_snapshot(kept)


async def test_a_protected_instance_says_what_is_lifted(
    services: Services, account: Account
) -> None:
    name = instance(account, DeletionProtection=True)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        dialog = await open_list(pilot)
        await see(pilot, name)
        stand_on(dialog, name)
        await pilot.press("x")
        await see(pilot, "Turns deletion protection off.")
        await pilot.press("escape")
        assert (await services.rds.describe(name)).deletion_protection

    await services.rds.turn_protection_off(name)


async def test_read_only_mode_refuses_what_changes_and_shows_the_rest(
    read_only_account: Account, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(services.account), "read_only", property(lambda _: True))
    app = HostApp(services)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_list(pilot)
        await see(pilot, "tutorial-db")
        for key, label in (("p", "Stop/start"), ("e", "Modify"), ("x", "Delete")):
            await pilot.press(key)
            await see(pilot, f"Read-only mode: {label} is refused.")
        await pilot.press("v")
        await see(pilot, "made by hand")


async def test_what_changes_an_instance_is_named_on_eighty_columns_and_the_help_has_the_rest(
    services: Services,
) -> None:
    app = HostApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await open_list(pilot)
        await see(pilot, "tutorial-db")
        await see(pilot, "p Stop/start e Modify v Snapshots x Delete ? Help Esc Back")
        assert {"question_mark", "f1"} <= dialog.active_bindings.keys()
        ((_, rows),) = help_sections(dialog, [], {})[:1]
        assert {"Info", "Copy as…", "New instance", "Refresh"} <= {row[1] for row in rows}


async def test_a_plan_and_a_password_are_copied_and_the_password_is_shown_on_request_only(
    services: Services,
) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        request = {"DBInstanceIdentifier": "demo", "MasterUserPassword": "very-secret-9"}
        plan = RdsPlanDialog(
            "Modify?",
            "[/] body",
            yes="Modify",
            target=services.account.target,
            operation="ModifyDBInstance",
            request=request,
        )
        app.push_screen(plan)
        shown = await see(pilot, "aws rds modify-db-instance")
        assert "very-secret-9" not in shown
        await pilot.press("y", "b")
        await until(pilot, lambda: "getpass" in app.clipboard)
        assert "very-secret-9" not in app.clipboard
        await pilot.press("escape")

        app.push_screen(PasswordDialog("demo", "anna", "very-secret-9"))
        await see(pilot, "generated for the user anna")
        assert "very-secret-9" not in driver_of(pilot).text
        await pilot.press("y")
        await see(pilot, "Copied the password.")
        assert app.clipboard == "very-secret-9"
        assert "very-secret-9" not in driver_of(pilot).text
        await pilot.press("s")
        await see(pilot, "very-secret-9")
