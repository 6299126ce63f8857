"""In the whole application: from the SQL pane to a database that was not there before."""

from __future__ import annotations

import uuid
from pathlib import Path

from textual.widgets import Checkbox, Input, Select

from tests.driver import NARROW, WIDE, Driver, running, sandbox_services
from tests.services.rds.instances import delete_instance
from tui.panes.sql.pane import SqlPane
from tui.panes.sql.rds.create_form import CreateInstanceForm
from tui.panes.sql.rds.passwords import TYPED
from tui.sandbox import SandboxInfo

PASSWORD = "correct-horse-9"


def sql_pane(driver: Driver) -> SqlPane:
    pane = driver.app.workspace.frame("sql").pane
    assert isinstance(pane, SqlPane)
    return pane


async def connected(driver: Driver) -> None:
    """Wait for the sandbox's database."""
    await driver.until(lambda: sql_pane(driver).runner.session is not None, "a connection")


def connected_as(driver: Driver) -> tuple[str, str]:
    session = sql_pane(driver).runner.session
    return ("", "") if session is None else (session.info.user, session.info.database)


async def fill(driver: Driver, **texts: str) -> None:
    """Type into the named fields of the form."""
    for name, text in texts.items():
        box = driver.app.screen.query_one(f"#field-{name}", Input)
        box.focus()
        await driver.press("home", "ctrl+k")
        await driver.type(text)
        await driver.until(lambda box=box, text=text: box.value == text)  # type: ignore[misc]


async def fill_in(driver: Driver, name: str) -> None:
    """What a new instance must have, with a password that is typed."""
    await fill(driver, identifier=name, master_user="anna")
    driver.app.screen.query_one("#field-password_way", Select).value = TYPED
    await driver.pilot.pause()
    await fill(driver, password=PASSWORD, repeat=PASSWORD)


async def test_create_wait_let_in_and_connect_by_keys(sandbox: SandboxInfo, tmp_path: Path) -> None:
    name = f"ui-{uuid.uuid4().hex[:10]}"
    services = sandbox_services(sandbox, tmp_path)
    # In the small terminal, where all of it has the least room; the next test is in the large one.
    async with running(services, size=NARROW) as driver:
        await driver.press("f3")
        await driver.until(
            lambda: sql_pane(driver).runner.session is not None, "the sandbox's database"
        )
        await driver.press("escape", "n")
        await driver.sees("Create an RDS instance")
        await driver.press("n")
        await driver.until(lambda: isinstance(driver.app.screen, CreateInstanceForm))
        await fill_in(driver, name)
        driver.app.screen.query_one("#field-public", Checkbox).focus()
        await driver.press("space")
        await fill(driver, database="users")
        await driver.press("enter")
        await driver.sees("Create this instance?", name)
        await driver.press("tab", "enter")
        await driver.sees(f"{name} is available")
        await driver.press("w")
        await driver.sees("Inbound rule for", "Let in")
        await fill(driver, range="192.0.2.64/26")
        await driver.press("enter")
        await driver.until(lambda: connected_as(driver) == ("anna", "users"), "the login")
        await driver.sees("anna@127.0.0.1")
        # Again, from the list: the password of this run is still known.
        pane = sql_pane(driver)
        before = pane.runner.session
        pane.results.grid.focus()
        await driver.press("n", "i")
        await driver.sees(name)
        names = [each.identifier for each in driver.app.screen.instances]  # type: ignore[attr-defined]  # the list
        driver.app.screen.grid.move_cursor(names.index(name))  # type: ignore[attr-defined]  # the list
        await driver.press("enter")
        await driver.sees("There is a connection to this database")
        await driver.press("o")
        await driver.until(lambda: pane.runner.session is not before, "another session")
        assert connected_as(driver) == ("anna", "users")
        assert PASSWORD not in driver.text
        assert PASSWORD not in (tmp_path / "audit.jsonl").read_text()
        await delete_by_keys(driver, name)
        # Not a lost connection, which would invite to connect again.
        await driver.sees(f"{name} was deleted")


async def delete_by_keys(driver: Driver, name: str) -> None:
    """Delete an instance from the list, and close that."""
    sql_pane(driver).results.grid.focus()
    await driver.press("n", "i")
    await driver.sees(name)
    listed = driver.app.screen
    names = [each.identifier for each in listed.instances]  # type: ignore[attr-defined]  # the list
    listed.grid.move_cursor(names.index(name))  # type: ignore[attr-defined]  # the list
    await driver.press("x", "n")
    await driver.sees("No final snapshot")
    await driver.type(name)
    await driver.press("enter")
    await driver.sees(f"{name}: deleted")
    await driver.press("escape")


async def test_letting_the_new_instance_be_leaves_the_connection_as_it_was(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    name = f"ui-{uuid.uuid4().hex[:10]}"
    services = sandbox_services(sandbox, tmp_path)
    async with running(services, size=WIDE) as driver:
        await driver.press("f3")
        await driver.until(
            lambda: sql_pane(driver).runner.session is not None, "the sandbox's database"
        )
        before = sql_pane(driver).runner.session
        await driver.press("escape", "n")
        await driver.sees("Create an RDS instance")
        await driver.press("n")
        await driver.until(lambda: isinstance(driver.app.screen, CreateInstanceForm))
        await fill_in(driver, name)
        await driver.press("ctrl+s")
        await driver.sees("Create this instance?")
        await driver.press("tab", "enter")
        await driver.sees(f"{name} is available", "It has no public access")
        await driver.press("w")
        await driver.sees("Inbound rule for", "Let in")
        await driver.press("escape")
        await driver.sees(f"{name} is available", "Connect now")
        await driver.press("escape")
        await driver.until(lambda: len(driver.app.screen_stack) == 1)
        await driver.still()
        assert sql_pane(driver).runner.session is before
        delete_instance(services.account, name)


async def test_read_only_creates_nothing_and_says_so(sandbox: SandboxInfo, tmp_path: Path) -> None:
    services = sandbox_services(sandbox, tmp_path, read_only=True)
    async with running(services) as driver:
        await driver.press("f3")
        await driver.until(
            lambda: sql_pane(driver).runner.session is not None, "the sandbox's database"
        )
        await driver.press("escape", "n")
        await driver.sees("Create an RDS instance")
        await driver.press("n")
        await driver.sees("Read-only mode: no instance is created.")
        assert not isinstance(driver.app.screen, CreateInstanceForm)
