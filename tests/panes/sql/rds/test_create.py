"""An instance by keyboard: form, question, progress, inbound rule, login."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input, Select

from tests.driver import screen_text
from tests.panes.sql.rds.harness import HostApp, see, type_text, until
from tests.services.rds.instances import delete_instance
from tui.panes.sql.rds.create_form import CreateInstanceForm
from tui.panes.sql.rds.passwords import MANAGED, TYPED
from tui.panes.sql.rds.progress import ProgressDialog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import NewInstance, StatusSeen, rules
from tui.services.rds.waiting import Goal

PASSWORD = "correct-horse-9"
SIZE = (160, 45)


def unique() -> str:
    return f"ui-{uuid.uuid4().hex[:10]}"


async def open_form(pilot: Pilot[Any]) -> CreateInstanceForm:
    await pilot.press("n")
    await see(pilot, "Create an RDS instance")
    await pilot.press("n")
    await until(pilot, lambda: isinstance(pilot.app.screen, CreateInstanceForm))
    form = pilot.app.screen
    assert isinstance(form, CreateInstanceForm)
    return form


async def type_the_password(pilot: Pilot[Any], form: CreateInstanceForm) -> None:
    """Choose to type it, and stand in its field."""
    form.query_one("#field-password_way", Select).value = TYPED
    await pilot.pause()
    form.query_one("#field-password", Input).focus()


async def fill(pilot: Pilot[Any], *texts: str) -> None:
    """Type into field after field; Enter goes on to the next."""
    for text in texts:
        await pilot.press("home", "ctrl+k")
        await type_text(pilot, text)
        await pilot.press("enter")


async def paste(pilot: Pilot[Any], *texts: str) -> None:
    """Put a text into field after field at once; Enter goes on to the next."""
    for text in texts:
        await pilot.press("home", "ctrl+k")
        box = pilot.app.focused
        assert isinstance(box, Input)
        box.insert_text_at_cursor(text)
        await pilot.press("enter")


async def test_the_whole_way_from_an_empty_form_to_a_real_connection(services: Services) -> None:
    app = HostApp(services)
    name = unique()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await open_form(pilot)
        await fill(pilot, name.upper())
        await see(pilot, f"AWS stores it as {name}")
        await fill(pilot, "anna")
        await type_the_password(pilot, form)
        await fill(pilot, PASSWORD, PASSWORD)
        form.query_one("#field-public", Checkbox).focus()
        await pilot.press("space")
        form.query_one("#field-database", Input).focus()
        await type_text(pilot, "users")
        await pilot.press("enter")
        plan = await see(pilot, "Create this instance?")
        for said in (name, "123456789012", "us-east-1", "db.t4g.micro", "20 GiB gp2", "anna"):
            assert said in plan
        assert "nothing is billed" in plan
        assert PASSWORD not in plan
        # The question starts on Cancel, which leads back to the form with everything in it.
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CreateInstanceForm))
        again = app.screen
        assert isinstance(again, CreateInstanceForm)
        assert again.values["identifier"] == name.upper()
        assert (again.values["password"], again.values["public"]) == (PASSWORD, "yes")
        await pilot.press("ctrl+s")
        await see(pilot, "Create this instance?")
        await pilot.press("tab", "enter")
        await see(pilot, f"{name} is available")
        await pilot.press("w")
        await see(pilot, "Inbound rule for")
        await see(pilot, "shared by everything")
        await pilot.press("escape")
        # Only back to the choice: nobody has said yet to leave what the pane is connected to.
        await see(pilot, f"{name} is available")
        assert app.pane.connected == []
        await pilot.press("c")
        await until(pilot, lambda: app.pane.connected)
        assert app.pane.connected == [("anna", "users")]
        delete_instance(services.account, name)


async def test_hiding_the_progress_lets_it_go_on_and_tells_when_it_is_ready(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = HostApp(services)
    name = unique()
    hidden = asyncio.Event()
    looks = services.rds.wait_for

    async def ready_when_hidden(identifier: str, goal: Goal) -> AsyncIterator[StatusSeen]:
        async for look in looks(identifier, goal):
            if look.status == "available":
                await hidden.wait()
            yield look

    monkeypatch.setattr(services.rds, "wait_for", ready_when_hidden)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await services.rds.create_instance(NewInstance(name, "anna", PASSWORD))
        watch = app.pane.rds.watch(name)
        app.push_screen(ProgressDialog(watch))
        await see(pilot, "Esc hides this")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ProgressDialog))
        assert name in app.pane.rds.busy()
        await see(pilot, f"… {name}")
        hidden.set()
        await until(pilot, lambda: watch.done)
        assert watch.instance is not None
        said = f"{name} is available. In the SQL pane, Ctrl+O connects."
        await until(pilot, lambda: any(said in each.message for each in app._notifications))
        await until(pilot, lambda: f"… {name}" not in screen_text(app))
        assert app.pane.rds.busy() == ""
        delete_instance(services.account, name)


async def test_a_refused_creation_comes_back_with_everything_that_was_typed(
    services: Services,
) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await open_form(pilot)
        await paste(pilot, "tutorial-db", "anna")
        await type_the_password(pilot, form)
        await paste(pilot, PASSWORD, PASSWORD)
        await pilot.press("ctrl+s")
        await see(pilot, "Create this instance?")
        await pilot.press("tab", "enter")
        shown = await see(pilot, "Choose another identifier")
        assert "DBInstanceAlreadyExists" in shown
        again = app.screen
        assert isinstance(again, CreateInstanceForm)
        assert again.values["password"] == PASSWORD


RULES = (
    ("identifier", "a--b", "two hyphens"),
    ("identifier", "[/]", "only letters"),
    ("identifier", "1a", "start with a letter"),
    ("master_user", "admin", "reserved"),
    ("master_user", "[red]x", "only letters"),
    ("password", "short", "5 characters"),
    ("password", "with/slash", "a slash"),
    ("database", "db", "reserved"),
    ("database", "my-db", "only letters"),
    ("storage_gib", "19", "20 to 65536"),
    ("storage_gib", "[/]", "whole number"),
    ("backup_days", "36", "0 (off) to 35"),
)


async def test_what_breaks_a_rule_is_said_while_it_is_typed(services: Services) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await open_form(pilot)
        await type_the_password(pilot, form)
        for field, text, said in RULES:
            box = form.query_one(f"#field-{field}", Input)
            good = box.value
            box.focus()
            await pilot.press("home", "ctrl+k")
            box.insert_text_at_cursor(text)
            await see(pilot, said)
            if field == "password":
                assert text not in screen_text(app)
            box.value = good
            await until(pilot, lambda said=said: said not in screen_text(app))  # type: ignore[misc]  # binds now


async def test_two_passwords_that_differ_are_not_sent(services: Services) -> None:
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await open_form(pilot)
        await paste(pilot, unique(), "anna")
        await type_the_password(pilot, form)
        await paste(pilot, PASSWORD, PASSWORD + "x")
        await pilot.press("ctrl+s")
        await see(pilot, "The two passwords differ.")
        assert isinstance(app.screen, CreateInstanceForm)


async def test_versions_that_cannot_be_listed_leave_the_default_and_say_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def denied() -> Any:
        raise ServiceError("Could not list the PostgreSQL [/] versions.")

    monkeypatch.setattr(services.rds, "engine_versions", denied)
    monkeypatch.setattr(Account, "is_sandbox", False)
    app = HostApp(services)
    async with app.run_test(size=SIZE) as pilot:
        form = await open_form(pilot)
        select = form.query_one("#field-engine_version", Select)
        select.focus()
        await see(pilot, "Other versions are not known. Could not list the")
        await see(pilot, "PostgreSQL [/] versions.")
        assert form.values["engine_version"] == ""
        form.query_one(".form-fields").scroll_home(animate=False)
        await see(pilot, "AWS bills an instance for every hour it runs")


async def test_the_form_works_in_a_small_terminal(services: Services) -> None:
    app = HostApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_form(pilot)
        shown = await see(pilot, "Identifier")
        assert "nothing is billed" in shown
        assert "Cancel" in shown
        await fill(pilot, "[/]")
        # The label and the problem come into view together with the field.
        await pilot.press("shift+tab")
        shown = await see(pilot, "only letters")
        assert "Identifier" in shown


async def test_a_generated_password_is_kept_copied_and_never_part_of_the_command(
    services: Services,
) -> None:
    app = HostApp(services)
    name = unique()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_form(pilot)
        await paste(pilot, name, "anna")
        await pilot.press("ctrl+s")
        await see(pilot, "aws rds create-db-instance")
        await pilot.press("pagedown")
        plan = await see(pilot, "file:///dev/stdin")
        assert "max-allocated-storage" not in plan
        await pilot.press("ctrl+s")
        await see(pilot, "It was generated for the user anna")
        password = app.pane.rds.password_of(name)
        assert password is not None
        assert rules.password_problem(password) is None
        assert password not in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == password)
        await pilot.press("escape")
        await see(pilot, f"{name} is available")
        await pilot.press("c")
        await until(pilot, lambda: app.pane.connected)
        assert app.pane.connected == [("anna", "postgres")]
    audit = services.audit.path.read_text() if services.audit.path.exists() else ""
    assert password not in audit
    delete_instance(services.account, name)


async def test_a_managed_password_is_asked_of_rds_and_offered_to_connect_with(
    services: Services,
) -> None:
    app = HostApp(services)
    name = unique()
    async with app.run_test(size=SIZE) as pilot:
        form = await open_form(pilot)
        await paste(pilot, name, "anna")
        form.query_one("#field-password_way", Select).value = MANAGED
        await pilot.press("ctrl+s")
        await see(pilot, "kept in Secrets Manager")
        await pilot.press("pagedown")
        await see(pilot, "--manage-master-user-password")
        await pilot.press("ctrl+s")
        await see(pilot, f"{name} is available")
        assert app.pane.rds.password_of(name) is None
        await pilot.press("c")
        await see(pilot, "With its secret of Secrets Manager")
        await pilot.press("escape")
    delete_instance(services.account, name)
