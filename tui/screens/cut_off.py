"""What is said at the start of transfers that were cut off when the application was killed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.services.errors import ServiceError

if TYPE_CHECKING:
    from textual.app import App

    from tui.services.bundle import Services

SHOWN_FOR = 15.0
"""Seconds: it is said once, while the user looks at other things."""


async def tell_cut_off(app: App[int], services: Services) -> None:
    """Say how many there are; nothing is loaded where there was never one."""
    if not await asyncio.to_thread(services.transfer_journal.exists):
        return
    from tui.panes.s3.transfers.messages import cut_off_text

    try:
        found = await services.transfers.cut_off.find()
    except ServiceError as error:
        app.notify(str(error), severity="warning", timeout=SHOWN_FOR, markup=False)
        return
    if found:
        app.notify(
            f"{cut_off_text(found)}. On the Transfers screen (F9) C goes on, K drops what is left.",
            timeout=SHOWN_FOR,
            markup=False,
        )
