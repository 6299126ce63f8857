"""Two sizes that come together are both answered once, and the later one stays."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App, ComposeResult
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.screens.palette import Palette
from tui.screens.workspace import Workspace
from tui.widgets.application.orderly_screen import OrderlyScreen
from tui.widgets.dialogs.dialogs import Dialog

ENDLESS = 100
"""Layouts after which a test takes them for endless. Two sizes need some five."""


class Counted(OrderlyScreen, Screen[None]):
    """Counts how often it is laid out."""

    layouts = 0

    def compose(self) -> ComposeResult:
        yield Static("body", id="body")

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        self.layouts += 1
        # Only an exception ends it: the loop would never come to a timeout.
        assert self.layouts < ENDLESS, "layouts without end"
        super()._refresh_layout(size, scroll)


class CountedModal(Counted, ModalScreen[None]):
    """The same over another screen."""


class Sized(App[None]):
    """An application whose only screen counts."""

    def get_default_screen(self) -> Counted:
        return Counted()


def resize(app: App[Any], *sizes: tuple[int, int]) -> None:
    """What the application posts to the screens for each size of the terminal, while they are too
    busy to answer before the next one comes."""
    for width, height in sizes:
        size = Size(width, height)
        app._size = size
        for screen in app.screen_stack:
            screen.post_message(Resize(size, size))
            screen.call_later(lambda: None)  # any other message, so that the two are not one


async def settled(pilot: Pilot[Any]) -> None:
    for _ in range(5):
        await pilot.pause()


async def test_two_sizes_in_the_queue_of_a_screen_do_not_chase_each_other() -> None:
    app = Sized()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        # A widget that recomposes itself holds such a batch.
        with app.batch_update():
            resize(app, (100, 30), (90, 28))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await settled(pilot)
        assert app.screen.query_one("#body").size.width == 90


async def test_nor_do_they_under_two_dialogs() -> None:
    app = Sized()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(CountedModal())
        await app.push_screen(CountedModal())
        await settled(pilot)
        for _ in range(3):
            resize(app, (100, 30), (90, 28), (100, 30), (90, 28))
            await settled(pilot)
        assert [screen.query_one("#body").size.width for screen in app.screen_stack] == [90] * 3


def test_every_kind_of_screen_takes_the_present_size_only() -> None:
    from tui.screens.cleanup import CleanupScreen
    from tui.screens.help import HelpScreen
    from tui.screens.transfers import TransfersScreen

    for kind in (Workspace, Dialog, Palette, CleanupScreen, HelpScreen, TransfersScreen):
        assert issubclass(kind, OrderlyScreen)
