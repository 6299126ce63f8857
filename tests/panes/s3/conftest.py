"""The S3 pane alone in an application, on the sandbox, driven by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from tests.buckets import Put, own_bucket, putting
from tests.driver import Driver
from tests.panes.pane_app import PaneApp
from tui.config import Settings
from tui.panes.s3.browser import S3Browser
from tui.panes.s3.entries import raw_name
from tui.panes.s3.pane import S3Pane
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services


class Person(Driver):
    """A person in front of the pane."""

    @property
    def pane(self) -> S3Pane:
        return self.window.pane

    @property
    def browser(self) -> S3Browser:
        """What the pane shows."""
        return self.pane.browser

    @property
    def window(self) -> PaneApp[S3Pane]:
        return cast("PaneApp[S3Pane]", self.app)

    async def loaded(self) -> None:
        """Wait until nothing is being loaded."""
        await self.until(lambda: not any(w.group == "load" for w in self._running()), "a load")
        await self.pilot.pause()

    async def idle(self) -> None:
        """Wait until no command and no load is under way."""
        await self.until(lambda: not self._running(), "quiet")
        await self.pilot.pause()

    def _running(self) -> list[Any]:
        return [worker for worker in self.app.workers if not worker.is_finished]

    @property
    def here(self) -> str:
        """The name under the cursor, as stored."""
        entry = self.browser.current
        return raw_name(entry) if entry is not None else ""


Browse = Callable[..., AbstractAsyncContextManager[Person]]


@asynccontextmanager
async def browsing(
    services: Services, location: str = "", size: tuple[int, int] = (100, 30)
) -> AsyncIterator[Person]:
    app = PaneApp(S3Pane(services), location)
    async with app.run_test(size=size, notifications=True) as pilot:
        person = Person(cast("Any", app), pilot)
        await person.loaded()
        yield person


def services_of(account: Account, audit: AuditLog, tmp_path: Path) -> Services:
    return Services(account, Settings(), audit, state_dir=tmp_path)


@pytest.fixture
def browse(account: Account, audit: AuditLog, tmp_path: Path) -> Iterator[Browse]:
    """`async with browse("s3://bucket/") as person:` opens the pane there."""
    services = services_of(account, audit, tmp_path)
    yield lambda location="", **more: browsing(services, location, **more)
    services.close()


@pytest.fixture
def bucket(account: Account) -> str:
    return own_bucket(account)


@pytest.fixture
def put(account: Account, bucket: str) -> Put:
    return putting(account, bucket)


@pytest.fixture(autouse=True)
def no_system_clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is copied goes to `PaneApp.copied` and nowhere else."""
    monkeypatch.setattr("tui.widgets.application.clipboard._system_copy", lambda text: None)


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 40, so that several need few objects: more than what is seen at once, and the next
    one is asked for only behind the last rows."""
    monkeypatch.setattr("tui.services.s3.listing.listing.PAGE", 40)
    monkeypatch.setattr("tui.widgets.grid.grid.NEAR_END", 5)
