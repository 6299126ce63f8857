"""The chooser of connections by its keys."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from textual import events
from textual.widgets import Input

from tests.driver import NARROW, WIDE
from tests.keyrings import MemoryKeyring, chosen
from tests.panes.sql.conftest import OpenPane, SqlDriver
from tui.panes.sql.connecting.dialog import ConnectionsDialog
from tui.panes.sql.connecting.field import shown_text
from tui.services.sql import DatabaseTarget, Rules, SecretSource, SecretStore, from_url
from tui.services.sql.connecting.pasted import from_pasted
from tui.services.sql.connecting.stores import keyring_entry


async def open_chooser(driver: SqlDriver) -> ConnectionsDialog:
    await driver.press("ctrl+o")
    await driver.sees("Connect to", "open now", "tutorial-db")
    dialog = driver.app.screen
    assert isinstance(dialog, ConnectionsDialog)
    return dialog


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_connection_is_saved_marked_renamed_duplicated_and_deleted(
    open_pane: OpenPane, pane_database: str, size: tuple[int, int]
) -> None:
    async with open_pane(size=size) as driver:
        await open_chooser(driver)
        await driver.press("tab", "s")
        await driver.sees("Save a connection", "Name")
        form = driver.app.screen
        form.query_one("#field-name", Input).value = ""
        await driver.type("mine")
        form.query_one("#field-read_only").focus()
        await driver.press("space", "ctrl+s")
        await driver.sees("saved", "mine", "READ ONLY")
        await driver.press("m")
        await driver.sees("Another name")
        await driver.type("mine two\n")
        await driver.sees("mine two")
        await driver.press("c")
        await driver.sees("mine two copy")
        await driver.press("x")
        await driver.sees("Delete the connection mine two copy?")
        await driver.press("tab", "enter")
        await driver.misses("mine two copy")
        text = driver.pane.services.connections_file.read_text()
        assert "mine two" in text
        assert (urlsplit(pane_database).password or "?") not in text


async def test_a_password_is_kept_in_the_keyring_opens_the_connection_and_is_forgotten(
    open_pane: OpenPane, pane_database: str
) -> None:
    target, _ = from_url(pane_database)
    entry = keyring_entry(target)
    target = replace(target, secret=SecretSource(SecretStore.KEYRING, entry))
    backend = MemoryKeyring()
    with chosen(backend):
        async with open_pane() as driver:
            driver.pane.services.saved_connections.add("mine", target)
            await open_chooser(driver)
            await driver.sees("mine")
            await driver.type("mine\n")
            await driver.sees("Open another one")
            await driver.press("o")
            await driver.sees("The keyring has no password for mine yet", "put into the keyring")
            await driver.type(f"{urlsplit(pane_database).password}\n")
            await driver.until(lambda: list(backend.entries) == [("tristore", entry)], "the entry")
            await open_chooser(driver)
            await driver.type("mine")
            await driver.press("tab")
            await driver.sees("f Forget password")
            await driver.press("f")
            await driver.sees("Forget this password?", entry)
            await driver.press("tab", "enter")
            await driver.misses("f Forget password")
    assert backend.entries == {}


async def test_a_saved_name_is_found_by_typing_and_its_mark_holds(
    open_pane: OpenPane, pane_database: str, table: str
) -> None:
    async with open_pane() as driver:
        target, _ = from_url(pane_database)
        target = replace(target, rules=Rules(production=True, read_only=True))
        driver.pane.services.saved_connections.add("mine", target)
        await open_chooser(driver)
        await driver.sees("mine")
        await driver.type("mine\n")
        # The one that is open has taken the marks over: it is treated in the same way.
        await driver.sees("There is a connection to this database")
        await driver.press("o")
        await driver.sees("Password for mine")
        await driver.type(f"{urlsplit(pane_database).password}\n")
        await driver.sees("PRODUCTION · READ ONLY")
        await driver.idle()  # who connects may still ask for something
        await driver.run(f"create table {table} ()")
        await driver.sees("Read-only mode")
        driver.pane.open("saved:other")
        await driver.sees("No connection is saved under 'other'.")


async def test_a_password_that_is_pasted_is_never_on_the_screen(
    open_pane: OpenPane, pane_database: str
) -> None:
    password = urlsplit(pane_database).password or "?"
    async with open_pane() as driver:
        before = driver.runner.session
        dialog = await open_chooser(driver)
        dialog.query_one(Input).post_message(events.Paste(f"psql {pane_database}\n"))
        await driver.sees("typed", "password in memory")
        assert password not in driver.text
        assert password not in dialog.query_one(Input).value
        await driver.press("enter")
        await driver.sees("There is a connection to this database")
        await driver.press("o")
        await driver.until(lambda: driver.runner.session is not before, "another session")
        await driver.idle()
        # One that is open is gone to, and nothing is asked.
        await open_chooser(driver)
        await driver.press("enter")
        await driver.misses("Connect to")
        await driver.idle()
        assert len(driver.pane.connections.open) == 2
        assert len(driver.app.screen_stack) == 1


async def test_what_cannot_be_read_stays_in_the_chooser(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await open_chooser(driver)
        await driver.type("postgresql://u:pass/word@h/d\n")
        await driver.sees("This is not a PostgreSQL connection URL.", "Write postgresql://")
        await driver.press("escape")
        await driver.misses("Connect to")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me@h:1/app",
        "psql",
        "host=h options='-c a=b'",
        "application_name='a \\' \\\\ b'",
    ],
)
def test_the_text_in_the_place_of_a_pasted_one_is_the_same_connection(text: str) -> None:
    target = from_url(text)[0] if text != "psql" else DatabaseTarget("")
    shown = shown_text(target)
    if not shown.startswith("psql a"):
        assert dict(from_pasted(shown)[0].parameters) == dict(target.parameters)


def test_what_stands_for_a_pasted_connection_leads_through_its_ssh_host() -> None:
    target, _ = from_url("postgresql://ada:hunter2@localhost/shop?sslmode=require&tunnel=me%40hop")
    shown = shown_text(target)
    assert "hunter2" not in shown
    again, _ = from_pasted(shown)
    assert (again.parameters, again.tunnel) == (target.parameters, "me@hop")
