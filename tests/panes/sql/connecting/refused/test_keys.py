"""The explanation of a refusal on the screen, and its keys."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from tests.listeners import HOST, closed_port
from tests.panes.sql.conftest import OpenPane, SqlDriver


async def connect_to(driver: SqlDriver, url: str) -> None:
    driver.pane.open(url)
    await driver.sees("Not connected to")


async def test_a_database_that_is_not_there_is_chosen_from_those_that_are(
    open_pane: OpenPane, pane_database: str
) -> None:
    parts = urlsplit(pane_database)
    database = parts.path.strip("/")
    async with open_pane() as driver:
        before = driver.runner.session
        await connect_to(driver, urlunsplit(parts._replace(path="/no[/]where")))
        await driver.sees("There is no database no[/]where", "l  Choose among the databases")
        assert (parts.password or "?") not in driver.text
        await driver.press("l")
        await driver.sees(f"Databases of {HOST}", database)
        await driver.press("escape")
        await driver.sees("There is no database no[/]where")
        await driver.press("l")
        await driver.sees(f"Databases of {HOST}")
        await driver.type(database)
        await driver.press("enter")
        await driver.until(lambda: driver.runner.session is not before, "another session")
        assert driver.runner.session is not None
        assert driver.runner.session.info.database == database


async def test_esc_leaves_the_connection_the_text_and_the_error_as_they_were(
    open_pane: OpenPane,
) -> None:
    port = closed_port()
    async with open_pane() as driver:
        before = driver.runner.session
        await driver.write("select 1 -- not lost")
        await connect_to(driver, f"postgresql://anna@{HOST}:{port}/shop")
        await driver.sees(
            f"Nothing listens at {HOST}:{port}", f"✗ Port           {HOST} port {port}"
        )
        await driver.press("y")
        await driver.until(lambda: "Connection refused" in driver.app.clipboard, "a copy")
        assert "✗ Port" in driver.app.clipboard
        await driver.press("u")
        await driver.sees("Change the URL", f"postgresql://anna@{HOST}:{port}/shop")
        await driver.press("escape")
        await driver.sees("r  Try again")
        await driver.press("escape")
        await driver.misses("Not connected to")
        await driver.sees(f"→ Nothing listens at {HOST}:{port}", "Connection refused")
        assert driver.runner.session is before
        assert driver.pane.editor.text == "select 1 -- not lost"
