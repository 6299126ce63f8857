"""Quitting asks only if something would be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App

from tui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    from tui.services.bundle import Services


async def may_quit(app: App[Any], services: Services | None) -> bool:
    """Ask if something is running; stop the transfers if the answer is to quit."""
    running = [
        text
        for screen in app.screen_stack
        if screen.is_mounted and (busy := getattr(screen, "busy", None)) is not None
        for text in busy()
    ]
    transfers = None if services is None else services.transfers_if_made
    if transfers is not None and transfers.queue.active:
        count = transfers.queue.active
        are = "1 transfer is" if count == 1 else f"{count:,} transfers are"
        running.append(f"{are} in flight; quitting cancels {'it' if count == 1 else 'them'}.")
    question = Confirm("Quit?", "\n".join(running), yes="Quit", danger=True)
    if running and not await app.push_screen_wait(question):
        return False
    if transfers is not None:
        # So that no parts stay behind in the bucket.
        await transfers.stop()
    return True
