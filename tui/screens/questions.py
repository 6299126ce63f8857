"""What the application itself asks: another region or profile, and whether to quit."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.screen import ModalScreen

from tui.services.aws import Account
from tui.services.bundle import Services
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm

PATIENCE = 5.0
"""Seconds that quitting waits for requests under way."""

NO_PROFILES = (
    "There are no profiles in ~/.aws/config or ~/.aws/credentials. `aws configure` makes one."
)
NO_SANDBOX_PROFILES = "The sandbox has no profiles; it never reads your AWS files."


async def choose_region(app: App[Any], account: Account) -> bool:
    """Let the user choose; whether the account's target changed. Raises ServiceError."""
    chosen = await _choose(app, "Region", await account.regions(), account.target.region)
    if chosen is not None:
        account.switch(region=chosen)
    return chosen is not None


async def choose_profile(app: App[Any], account: Account) -> bool:
    """Let the user choose; whether the account's target changed. Raises ServiceError."""
    profiles = await account.profiles()
    if not profiles:
        app.notify(NO_SANDBOX_PROFILES if account.is_sandbox else NO_PROFILES, markup=False)
        return False
    chosen = await _choose(app, "Profile", profiles, account.connection.profile)
    if chosen is not None:
        account.switch(profile=chosen)
    return chosen is not None


async def _choose(
    app: App[Any], title: str, names: tuple[str, ...], here: str | None
) -> str | None:
    """The chosen name; None if it is the present one or the dialog was left."""
    if isinstance(app.screen, ModalScreen):
        return None  # a dialog about the present target came up while the names were read
    choices = [Choice(each, each, "now" if each == here else "") for each in names]
    current = names.index(here) if here is not None and here in names else 0
    chosen: str | None = await app.push_screen_wait(Choose(title, choices, current=current))
    return None if chosen == here else chosen


async def may_quit(app: App[Any], services: Services | None) -> bool:
    """Ask if something is running; stop the transfers if the answer is to quit."""
    running = [
        text
        for screen in app.screen_stack
        if screen.is_mounted and (busy := getattr(screen, "busy", None)) is not None
        for text in busy()
    ]
    transfers = None if services is None else services.transfers_if_made
    if services is not None and transfers is not None and transfers.queue.active:
        active = [job for job in transfers.queue.jobs if job.state.is_active]
        kept = sum(job.in_journal for job in active) if services.transfers_outlive else 0
        running.append(in_flight_text(len(active), kept))
    question = Confirm("Quit?", "\n".join(running), yes="Quit", danger=True)
    if running and not await app.push_screen_wait(question):
        return False
    if services is not None:
        await services.leave_transfers(PATIENCE)
    return True


def in_flight_text(count: int, kept: int) -> str:
    """What quitting does to transfers in flight; `kept` of them are in the journal."""
    are = "1 transfer is" if count == 1 else f"{count:,} transfers are"
    them = "it" if count == 1 else "them"
    if kept == count:
        return f"{are} in flight; the next start can go on with {them}."
    if kept:
        others = f"{count - kept:,} not in the journal"
        return (
            f"{are} in flight; the next start can go on with {kept:,}; quitting cancels {others}."
        )
    return f"{are} in flight; quitting cancels {them}."
