"""The frame that a pane is put into."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

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


@pytest.mark.parametrize("steps", range(20))
async def test_filling_a_frame_may_be_cancelled_at_any_step(steps: int) -> None:
    app = FrameApp()
    async with app.run_test() as pilot:
        frame = app.query_one(PaneFrame)
        waiting = Vertical(Static(), classes="pane-wait")
        await frame.mount(waiting)
        pump = waiting._task
        assert pump is not None
        services: Any = None
        filling = asyncio.create_task(frame.fill(services))
        while not (waiting._pruning or filling.done()):
            await asyncio.sleep(0)
        for _ in range(steps):
            await asyncio.sleep(0)
        filling.cancel()
        await asyncio.wait([filling, pump])
        assert not pump.cancelled()
        await pilot.pause()
