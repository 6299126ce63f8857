"""An application that shows one dialog and keeps its answer."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen


class DialogApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Any] = []

    async def show(self, pilot: Pilot[None], dialog: ModalScreen[Any]) -> None:
        self.push_screen(dialog, self.answers.append)
        await pilot.pause()
