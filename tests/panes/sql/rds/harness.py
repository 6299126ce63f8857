"""A pane that has only the RDS verbs, and connects for real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import psycopg2
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from tests.driver import Driver
from tui.app import TristoreApp
from tui.config import Settings
from tui.panes.sql.rds.commands import RDS_COMMANDS
from tui.panes.sql.rds.known import KnownInstances
from tui.panes.sql.rds.progress import WaitingLine
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import ConnectInfo
from tui.services.sql import NO_SECRET, SecretSource, SecretStore


class BarePane(RdsPane):
    """Keeps what every connection answered."""

    TITLE_HERE = "SQL"
    COMMANDS_HERE = RDS_COMMANDS

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.rds = KnownInstances(services, connect=self._connect, start=self.start, say=self.say)
        self.connected: list[tuple[str, str]] = []
        self.with_tokens: list[str] = []

    def compose_body(self) -> ComposeResult:
        yield WaitingLine(self.rds)
        body = Static("body", id="body")
        body.can_focus = True
        yield body

    def focus_target(self) -> Widget:
        return self.query_one("#body")

    async def _connect(
        self, info: ConnectInfo, password: str | None, *, kept: SecretSource = NO_SECRET
    ) -> bool:
        if kept.store is SecretStore.SECRETS_MANAGER:
            password = (await self.services.secrets_manager.login(kept.name)).password
        if password is None:
            self.with_tokens.append(info.identifier)
            return True
        self.connected.append(await asyncio.to_thread(_log_in, info, password))
        return True


def _log_in(info: ConnectInfo, password: str) -> tuple[str, str]:
    try:
        connection = psycopg2.connect(
            host=info.host,
            port=info.port,
            dbname=info.database,
            user=info.user,
            password=password,
            sslmode=info.sslmode,
        )
    except psycopg2.OperationalError as error:
        raise ServiceError("The login was refused.", kind=ErrorKind.CREDENTIALS) from error
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        user, database = cursor.fetchone() or ("", "")
    connection.close()
    return user, database


class HostApp(App[None]):
    """One pane and the styles of the dialogs."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services

    def compose(self) -> ComposeResult:
        yield BarePane(self.services)

    def on_mount(self) -> None:
        self.pane.focus_target().focus()

    @property
    def pane(self) -> BarePane:
        return self.screen_stack[0].query_one(BarePane)


def make_services(account: Account, tmp_path: Path) -> Services:
    """The services that a pane gets."""
    return Services(account, Settings(), AuditLog(tmp_path / "audit.jsonl"), state_dir=tmp_path)


async def until(pilot: Pilot[Any], condition: Callable[[], Any], what: str = "") -> None:
    """Let the application work until the condition holds."""
    await driver_of(pilot).until(condition, what)
    await pilot.pause()


async def see(pilot: Pilot[Any], text: str) -> str:
    """Wait until the text stands on the screen; gives the whole screen."""
    driver = driver_of(pilot)
    await driver.sees(text)
    await pilot.pause()
    return driver.text


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Type into what has the focus."""
    await driver_of(pilot).type(text)


def driver_of(pilot: Pilot[Any]) -> Driver:
    """The driver of an application that is not the whole one."""
    return Driver(cast("TristoreApp", pilot.app), pilot)
