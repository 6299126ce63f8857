"""The frame that a pane is put into."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from tests.driver import screen_text
from tui.panes.pane_entries import PaneEntry
from tui.screens.workspace import PaneFrame


class Empty(Widget):
    """A pane of nothing."""

    def __init__(self, services: Any) -> None:
        super().__init__()


ENTRY = PaneEntry("empty", "Empty", "F2", __name__, "Empty", ("empty:",))


class FrameApp(App[None]):
    """One frame."""

    def compose(self) -> ComposeResult:
        yield PaneFrame(ENTRY)


@pytest.mark.parametrize("steps", range(8))
async def test_filling_a_frame_may_be_cancelled_at_any_step(steps: int) -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        frame = app.query_one(PaneFrame)
        services: Any = None
        filling = asyncio.create_task(frame.fill(services))
        while not (frame.query(Empty) or filling.done()):
            await asyncio.sleep(0)
        for _ in range(steps):
            await asyncio.sleep(0)
        filling.cancel()
        await asyncio.wait([filling])
        await pilot.pause()
        pump = frame.query_one(Empty)._task
        assert pump is not None
        assert not pump.cancelled()


async def test_a_frame_says_what_it_waits_for_until_the_pane_is_there() -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        frame = app.query_one(PaneFrame)
        assert "Starting…" in str(frame.render())
        frame.wait("The database starts: 10 % of [it]")
        await pilot.pause()
        assert "10 % of [it]" in screen_text(app)
        assert not frame.children
        services: Any = None
        await frame.fill(services)
        await pilot.pause()
        assert "10 % of [it]" not in screen_text(app)
