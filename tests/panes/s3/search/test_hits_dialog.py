"""A search says that it waits while nothing has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from textual.app import App

from tui.panes.s3.search.hits_dialog import HitsDialog
from tui.services.s3 import S3Service
from tui.widgets.grid.cells import CellValue, Column


class Silent:
    """A search whose server does not answer."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.running = self.stopped = self.waits = False
        self.state = "0 hits so far…"

    async def run(self, s3: S3Service) -> None:
        self.running = True
        await asyncio.Event().wait()

    def stop(self) -> None:
        self.stopped = True


class Dialog(HitsDialog[None, str]):
    """Shows hits of one column."""

    COLUMNS = (Column("Key"),)

    def cells(self, hit: str) -> Sequence[CellValue]:
        return (hit,)


async def test_a_search_without_an_answer_says_that_it_waits() -> None:
    search = Silent()
    app: App[None] = App()
    async with app.run_test() as pilot:
        dialog = Dialog("Find", search, cast("S3Service", None))
        await app.push_screen(dialog)
        await pilot.pause()
        assert "Waiting for the first answer" in str(dialog.query_one(".hits-state").render())
        await pilot.press("escape")
        await pilot.pause()
        assert search.stopped
        assert "0 hits so far" in str(dialog.query_one(".hits-state").render())
