"""The explanation of a refusal on the screen, and its keys."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.listeners import HOST, closed_port
from tests.panes.sql.conftest import OpenPane, SqlDriver
from tests.postgres import elsewhere, own_database
from tui.sandbox import SandboxInfo
from tui.services.sql import (
    ConnectError,
    DatabaseTarget,
    Refusal,
    Secrets,
    Session,
    TransactionState,
    from_url,
)
from tui.services.sql.connecting.bundle import Bundle


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
        # (The message about the copy stays for a while, and begins like the explanation.)
        await driver.misses("r  Try again")
        await driver.sees(f"→ Nothing listens at {HOST}:{port}", "Connection refused")
        assert driver.runner.session is before
        assert driver.pane.editor.text == "select 1 -- not lost"


def is_lost(session: Session) -> bool:
    session.look()
    return session.state is TransactionState.LOST


async def test_a_lost_connection_that_is_not_made_anew_is_explained(
    open_pane: OpenPane, sandbox: SandboxInfo
) -> None:
    with own_database(sandbox.postgres) as url:
        async with open_pane(location=url) as driver:
            session = driver.runner.session
            assert session is not None
            with elsewhere(sandbox.postgres) as run:
                name = urlsplit(url).path.strip("/")
                run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                run(
                    f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    f"WHERE datname = '{name}'"
                )
                await driver.until(lambda: is_lost(session), "a lost connection")
                await driver.write("select 'anew' as v")
                await driver.press("f5")
                await driver.sees("Not connected to", "not currently accepting connections")
                run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await driver.press("r")
            await driver.sees("Connected again. Nothing was run")
            assert driver.runner.session is session
            await driver.run("select 'anew' as v")
            await driver.sees("anew")


async def test_root_certificates_and_a_passphrase_are_given_by_key(
    open_pane: OpenPane, pane_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[DatabaseTarget, Secrets]] = []
    refusals = [Refusal.NO_ROOT_CERTIFICATE, Refusal.CLIENT_KEY_LOCKED]
    async with open_pane() as driver:
        sql = driver.pane.services.sql
        connect_really, before = sql.connect, driver.runner.session

        async def connect(target: DatabaseTarget, secrets: Secrets, **_: object) -> Session:
            tried.append((target, secrets))
            if refusals:
                raise ConnectError("No.", refusals.pop(0))
            return await connect_really(*from_url(pane_database))

        async def fetched() -> Bundle:
            return Bundle(Path("/kept/bundle.pem"), 9, "0")

        monkeypatch.setattr(sql, "connect", connect)
        # The real ones are on the internet, where no test goes.
        monkeypatch.setattr(sql, "fetch_bundle", fetched)
        host = "shop.abc.eu-west-1.rds.amazonaws.com"
        ways = "hostaddr=127.0.0.1&sslmode=verify-full&sslkey=/keys/mine.key"
        await connect_to(driver, f"postgresql://anna@{host}/shop?{ways}")
        await driver.sees("f  Fetch the root certificates of RDS")
        await driver.press("f")
        await driver.sees("k  The passphrase of the client's key")
        await driver.press("k")
        await driver.sees("Of /keys/mine.key")
        await driver.type("hunter2")
        assert "hunter2" not in driver.text
        await driver.press("enter")
        await driver.until(lambda: driver.runner.session is not before, "another session")
    assert "sslrootcert" not in tried[0][0].parameters
    assert tried[1][0].parameters["sslrootcert"] == "/kept/bundle.pem"
    assert tried[2][0].parameters["sslrootcert"] == "/kept/bundle.pem"
    assert tried[2][1].reveal() == {"sslpassword": "hunter2"}
