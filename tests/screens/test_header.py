"""The header says where everything is done, however narrow the terminal is."""

from __future__ import annotations

from typing import Any, cast

import pytest
from textual.app import App, ComposeResult

from tests.driver import Driver
from tui.screens.header import HeaderLine, HeaderState


class HeaderApp(App[None]):
    def compose(self) -> ComposeResult:
        yield HeaderLine()


@pytest.mark.parametrize(
    ("width", "said"),
    [(80, "⇅ 1 in flight  prod"), (120, "⇅ 1 in flight, 42%, 9.5 MiB/s, 0:06 left  prod")],
)
async def test_how_far_transfers_are_takes_no_room_from_the_account(width: int, said: str) -> None:
    app = HeaderApp()
    async with app.run_test(size=(width, 24)) as pilot:
        app.query_one(HeaderLine).state = HeaderState(
            account="prod 123456789012",
            account_known=True,
            region="eu-central-1",
            transfers="1 in flight, 42%, 9.5 MiB/s, 0:06 left",
        )
        await Driver(cast("Any", app), pilot).sees(f"{said} 123456789012  eu-central-1")
