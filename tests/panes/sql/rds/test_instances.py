"""The list of instances: what it shows, what its keys do."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.driver import screen_text
from tests.keyrings import MemoryKeyring, chosen
from tests.panes.sql.rds.harness import HostApp, see, type_text, until
from tests.services.rds.instances import delete_instance, instance
from tui.panes.sql.rds.create_form import CreateInstanceForm
from tui.panes.sql.rds.instances_dialog import InstancesDialog
from tui.sandbox import SandboxInfo
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import Instance, InstancesPage, NewInstance

SIZE = (160, 45)
PASSWORD = "correct-horse-9"


def is_idle(pilot: Pilot[Any]) -> bool:
    """Whether the command of the key `n` has ended, so that the key starts it again."""
    app = pilot.app
    assert isinstance(app, HostApp)
    return all(each.is_finished for each in app.pane.workers if each.group == "command-new@")


async def open_list(pilot: Pilot[Any]) -> InstancesDialog:
    await until(pilot, lambda: is_idle(pilot), "the end of what was begun before")
    await pilot.press("n")
    await see(pilot, "RDS instances of this region")
    await pilot.press("i")
    await until(pilot, lambda: isinstance(pilot.app.screen, InstancesDialog))
    dialog = pilot.app.screen
    assert isinstance(dialog, InstancesDialog)
    return dialog


def stand_on(dialog: InstancesDialog, identifier: str) -> None:
    names = [each.identifier for each in dialog.instances]
    dialog.grid.move_cursor(names.index(identifier))


def listing(monkeypatch: pytest.MonkeyPatch, services: Services, *pages: InstancesPage) -> None:
    async def pages_of() -> AsyncIterator[InstancesPage]:
        for page in pages:
            yield page

    monkeypatch.setattr(services.rds, "list_instances", pages_of)


async def test_every_page_is_listed_and_unknowns_look_unknown(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = instance("one", "storage-full", PubliclyAccessible=None, EngineVersion="[/]\x1b[31m")
    listing(
        monkeypatch,
        services,
        InstancesPage((hostile,), "more"),
        InstancesPage((instance("two", "creating", Endpoint=None, Engine="mysql"),), None),
    )
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await open_list(pilot)
        shown = await see(pilot, "2 in us-east-1")
        assert "storage-full" in shown
        assert "[/]␛[31m" in shown
        assert "?" in next(line for line in shown.splitlines() if "storage-full" in line)
        assert "creating" in shown


async def test_no_instances_says_how_to_make_one(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(monkeypatch, services, InstancesPage((), None))
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await open_list(pilot)
        await see(pilot, "There are no instances in us-east-1. n creates one.")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, CreateInstanceForm))


async def test_a_listing_that_is_denied_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def denied() -> AsyncIterator[InstancesPage]:
        for problem in (ServiceError("Could not list.", cause="AccessDenied [/]"),):
            raise problem
        yield InstancesPage((), None)

    monkeypatch.setattr(services.rds, "list_instances", denied)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await open_list(pilot)
        await see(pilot, "AccessDenied [/]")


async def test_another_engine_is_not_connected_to(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(monkeypatch, services, InstancesPage((instance("other", Engine="mysql"),), None))
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await open_list(pilot)
        await see(pilot, "other")
        await pilot.press("enter")
        await see(pilot, "only PostgreSQL can be opened here")


async def test_status_and_endpoint_are_listed_and_info_tells_everything_that_is_known(
    services: Services,
) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        dialog = await open_list(pilot)
        shown = await see(pilot, "tutorial-db")
        assert "available" in shown
        assert "127.0.0.1:" in shown
        stand_on(dialog, "tutorial-db")
        await pilot.press("i")
        shown = await see(pilot, "Deletion protection")
        for said in ("Endpoint", "Master user", "Security groups", "Encrypted", "Created"):
            assert said in shown


async def test_a_wrong_password_is_asked_for_again_and_the_right_one_connects(
    services: Services,
) -> None:
    name = f"ui-{uuid.uuid4().hex[:10]}"
    await services.rds.create_instance(NewInstance(name, "anna", PASSWORD))
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        dialog = await open_list(pilot)
        await see(pilot, name)
        stand_on(dialog, name)
        # It may still be creating: then the way leads through the progress.
        await pilot.press("enter")
        await see(pilot, "Password of anna at 127.0.0.1:")
        await type_text(pilot, "wrong-password")
        await pilot.press("enter")
        await see(pilot, "The login was refused.")
        assert app.screen.query_one(Input).value == ""
        await type_text(pilot, PASSWORD)
        assert PASSWORD not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.pane.connected)
        assert app.pane.connected == [("anna", "postgres")]
        delete_instance(services.account, name)


async def test_a_remembered_password_that_was_changed_is_forgotten(
    services: Services,
) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.pane.rds.remember("tutorial-db", "no longer right", services.account.target)
        dialog = await open_list(pilot)
        await see(pilot, "tutorial-db")
        stand_on(dialog, "tutorial-db")
        await pilot.press("enter")
        await see(pilot, "Password of")
        assert app.pane.rds.password_of("tutorial-db") is None


async def test_iam_is_offered_where_the_instance_takes_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_iam = instance("tokens", IAMDatabaseAuthenticationEnabled=True)
    listing(monkeypatch, services, InstancesPage((with_iam,), None))
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await open_list(pilot)
        await see(pilot, "tokens")
        await pilot.press("enter")
        await see(pilot, "With an IAM token")
        await pilot.press("i")
        await until(pilot, lambda: app.pane.with_tokens)
        assert app.pane.with_tokens == ["tokens"]


async def test_a_managed_secret_connects_by_one_choice(
    services: Services, sandbox: SandboxInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: Any = services.account.connection.client("secretsmanager")
    place = urlsplit(sandbox.postgres)
    kept = json.dumps({"username": place.username, "password": place.password})
    arn = client.create_secret(Name="rds!db-managed", SecretString=kept)["ARN"]
    managed = instance(
        "managed",
        MasterUsername=place.username,
        DBName=place.path[1:],
        Endpoint={"Address": place.hostname, "Port": place.port},
        MasterUserSecret={"SecretArn": arn, "SecretStatus": "active"},
    )
    listing(monkeypatch, services, InstancesPage((managed,), None))
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await open_list(pilot)
        await see(pilot, "managed")
        await pilot.press("enter")
        await see(pilot, "With its secret of Secrets Manager")
        await pilot.press("enter")
        await until(pilot, lambda: app.pane.connected)
        assert app.pane.connected == [(place.username, place.path[1:])]
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


async def test_a_typed_password_is_kept_when_that_is_wanted_and_then_offered(
    services: Services, sandbox: SandboxInfo
) -> None:
    backend = MemoryKeyring()
    app = HostApp(services)
    with chosen(backend):
        async with app.run_test(size=SIZE) as pilot:
            dialog = await open_list(pilot)
            await see(pilot, "tutorial-db")
            stand_on(dialog, "tutorial-db")
            await pilot.press("enter")
            await see(pilot, "Password of")
            await type_text(pilot, urlsplit(sandbox.postgres).password or "")
            await pilot.press("enter")
            await see(pilot, "Keep it in the keyring?")
            assert backend.entries == {}
            await pilot.press("tab", "enter")
            await until(pilot, lambda: backend.entries)
            dialog = await open_list(pilot)
            await see(pilot, "tutorial-db")
            stand_on(dialog, "tutorial-db")
            await pilot.press("enter")
            await see(pilot, "With the password in the keyring")


async def test_a_stopped_instance_is_started_only_when_that_is_confirmed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    async def start(identifier: str) -> Instance:
        started.append(identifier)
        raise ServiceError("Could not start [/] it.")

    monkeypatch.setattr(services.rds.lifecycle, "start", start)
    listing(monkeypatch, services, InstancesPage((instance("asleep", "stopped"),), None))
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        for answer in (("enter",), ("tab", "enter")):
            await open_list(pilot)
            await see(pilot, "asleep")
            await pilot.press("enter")
            await see(pilot, "AWS bills its hours again")
            assert started == []
            await pilot.press(*answer)
            await until(pilot, lambda: len(app.screen_stack) == 1)
        await see(pilot, "Could not start [/] it.")
        assert started == ["asleep"]
