"""Keys that are typed ahead in the whole application."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key

from tests.driver import running, sandbox_services
from tui.sandbox import SandboxInfo
from tui.screens.workspace import PaneFrame, Workspace
from tui.services.bundle import Services


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path)


async def test_keys_after_the_one_that_quits_are_nobodys(services: Services) -> None:
    async with running(services) as driver:
        app = driver.app
        app.exit(0)
        app._screen_stack.clear()  # as it is for a moment while the application closes
        app.post_message(Key("j", "j"))
        await asyncio.sleep(0.1)
    assert app.return_value == 0


async def test_keys_that_follow_at_once_reach_the_pane_that_was_chosen(services: Services) -> None:
    async with running(services) as driver:
        await driver.sees("tristore-walkthrough", "id bigint", "ACTIVE")
        for key in ("f3", "s", "space", "x"):
            driver.app.post_message(Key(key, {"space": " "}.get(key, key)))
        await driver.until(lambda: driver.app.workspace.frame("sql").pane.editor.text == "s x")
        await driver.misses("marked")


async def test_keys_that_come_before_their_pane_wait_for_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = PaneFrame.fill

    async def pressed_before(self: PaneFrame, given: Services) -> None:
        if self.id == "sql":
            for key in ("f3", "x"):
                self.app.post_message(Key(key, key))
            workspace = self.screen
            assert isinstance(workspace, Workspace)
            while workspace.active != "sql":
                await asyncio.sleep(0)
        await fill(self, given)

    monkeypatch.setattr(PaneFrame, "fill", pressed_before)
    async with running(services) as driver:
        await driver.until(lambda: driver.app.workspace.frame("sql").pane.editor.text == "x")
