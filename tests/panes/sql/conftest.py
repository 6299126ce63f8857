"""The SQL pane alone in the application, on a database of the test's own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot
from textual.worker import Worker

from tests.driver import WIDE, Driver, sandbox_services
from tests.panes.pane_app import PaneApp
from tests.panes.sql.runners import Changes, connect, services_of
from tests.postgres import RunElsewhere, elsewhere, own_database
from tui.app import TristoreApp
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.pane import SqlPane
from tui.panes.sql.runner import QueryRunner
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.sql import Relations, Row

OpenPane = Callable[..., AbstractAsyncContextManager["SqlDriver"]]


def _is_at_work(worker: Worker[Any]) -> bool:
    """Whether a command is under way that does not wait for the answer to its question."""
    host = worker.node
    asking = host.__dict__.get("_asking", ())
    is_command = (worker.group or "").startswith("command-")
    return is_command and not worker.is_finished and worker not in asking


class SqlDriver(Driver):
    """A driver that knows the SQL pane."""

    def __init__(self, app: PaneApp[SqlPane], pilot: Pilot[Any]) -> None:
        # The keys and the screen are all that the driver wants of the application.
        super().__init__(cast("TristoreApp", app), pilot)
        self.pane = app.pane

    @property
    def runner(self) -> QueryRunner:
        """The connection that is shown."""
        return self.pane.runner

    @property
    def rows(self) -> list[Row]:
        """The rows of the result that is shown."""
        shown = self.runner.shown
        return list(shown.rows) if isinstance(shown, LoadedResult) else []

    @property
    def relations(self) -> Relations | None:
        """The tables, while they are listed."""
        shown = self.runner.shown
        return shown if isinstance(shown, Relations) else None

    @property
    def status(self) -> str:
        """The line above the rows."""
        return str(self.pane.results.query_one("#sql-status").render())

    async def write(self, text: str) -> None:
        """Make `text` the whole of the editor, the cursor at its end, as a paste would."""
        editor = self.pane.editor
        editor.focus()
        editor.text = text
        editor.move_cursor(editor.document.end)
        await self.pilot.pause()

    async def run(self, text: str, key: str = "f5") -> None:
        """Write `text`, press the key, and wait until the server has answered."""
        await self.write(text)
        await self.press(key)
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing runs and the status line says what came of it."""
        await self.until(
            lambda: (
                not self.runner.running
                and not self.status.startswith("running")
                and not any(_is_at_work(each) for each in self.pane.workers)
            ),
            "an answer",
        )
        await self.pilot.pause()


async def sleeping(driver: SqlDriver, server: RunElsewhere) -> None:
    """Wait until the server is inside pg_sleep for this pane."""
    while server(
        "select count(*) from pg_stat_activity where wait_event = 'PgSleep' "
        "and datname = current_database()"
    ) == [(0,)]:
        await driver.pilot.pause(0.02)


@pytest.fixture(scope="package")
def pane_database(sandbox: SandboxInfo) -> Iterator[str]:
    """The URL of an empty database."""
    with own_database(sandbox.postgres) as url:
        yield url


@pytest.fixture
def server(pane_database: str) -> Iterator[RunElsewhere]:
    """Runs SQL on a connection of its own."""
    with elsewhere(pane_database) as run:
        yield run


@pytest.fixture
def open_pane(sandbox: SandboxInfo, pane_database: str, tmp_path: Path) -> OpenPane:
    """Starts the application with the SQL pane connected to the test's database."""

    @asynccontextmanager
    async def start(
        *, read_only: bool = False, size: tuple[int, int] = WIDE, location: str = pane_database
    ) -> AsyncIterator[SqlDriver]:
        services = sandbox_services(sandbox, tmp_path / "state", read_only=read_only)
        app = PaneApp(SqlPane(services), location)
        async with app.run_test(size=size, notifications=True) as pilot:
            driver = SqlDriver(app, pilot)
            await driver.until(lambda: driver.runner.session is not None, "a connection")
            await driver.until(lambda: driver.relations is not None, "the tables")
            yield driver
        services.close()

    return start


@pytest.fixture
def table() -> str:
    """A name that no other test uses."""
    return f"u_{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def changes(
    account: Account, audit: AuditLog, pane_database: str, tmp_path: Path
) -> AsyncIterator[Changes]:
    services = services_of(account, audit, tmp_path)
    changes = Changes(services)
    await connect(changes.runner, pane_database)
    yield changes
    changes.runner.close()
    services.close()


@pytest.fixture
def runner(changes: Changes) -> QueryRunner:
    """One that is connected to the test's database."""
    return changes.runner
