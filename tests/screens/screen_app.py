"""One screen alone in an application: quicker than the whole application with its panes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from textual.screen import Screen

from tests.driver import WIDE, Driver
from tui.app import TristoreApp
from tui.services.bundle import Services
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands.verbs import key_names


class ScreenApp(OrderlyApp):
    """Nothing but the screen."""

    CSS_PATH = ["../../tui/styles/workspace.tcss", "../../tui/styles/dialogs.tcss"]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__(Path(os.devnull))
        self.shown = screen
        self.copied: list[str] = []
        self.animation_level = "none"

    def on_mount(self) -> None:
        self.push_screen(self.shown)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)
        super().copy_to_clipboard(text)

    def get_key_display(self, binding: Any) -> str:
        return key_names(binding.key)


@asynccontextmanager
async def showing(
    screen: Screen[Any], services: Services, *, size: tuple[int, int] = WIDE
) -> AsyncIterator[Driver]:
    """The screen, headless; every toast is really drawn. The services are closed at the end."""
    app = ScreenApp(screen)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(cast("TristoreApp", app), pilot)
        await driver.until(lambda: app.screen is screen and screen.is_mounted, "the screen")
        yield driver
    services.close()
