"""The verbs of the transfers screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.panes.s3.transfers.leftovers import leftovers_text, remove_leftovers
from tui.screens.transfers.rows import results_text, title
from tui.services.transfers import JobState
from tui.widgets import verbs
from tui.widgets.dialogs import Confirm
from tui.widgets.old_command import OldCommand
from tui.widgets.safe_text import visible
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.screens.transfers.screen import TransfersScreen

SHOWN = 10
"""Unfinished files that the question names."""

_AGAIN = {JobState.FAILED, JobState.PARTLY_FAILED, JobState.UNKNOWN, JobState.CANCELLED}


class Back(OldCommand["TransfersScreen"]):
    """Go back; transfers run on."""

    verb = verbs.CANCEL
    footer = True
    label = "Back"

    async def run(self, host: TransfersScreen) -> None:
        host.dismiss(None)


class Cancel(OldCommand["TransfersScreen"]):
    """Cancel the transfer under the cursor: it stops between parts, what is done stays, what is
    not leaves nothing behind."""

    verb = verbs.DELETE
    footer = True
    label = "Cancel transfer"

    def available(self, host: TransfersScreen) -> bool:
        job = host.current
        return job is not None and job.state.is_active and not job.cancelling

    async def run(self, host: TransfersScreen) -> None:
        if host.current is not None:
            host.transfers.queue.cancel(host.current.id)


class Retry(OldCommand["TransfersScreen"]):
    """Do the failed and cancelled files of the transfer under the cursor again."""

    verb = verbs.REFRESH
    footer = True
    label = "Retry failed"

    def available(self, host: TransfersScreen) -> bool:
        return host.current is not None and host.current.state in _AGAIN

    async def run(self, host: TransfersScreen) -> None:
        if host.current is not None:
            host.transfers.queue.retry(host.current.id)


class Results(OldCommand["TransfersScreen"]):
    """Read how every file of the transfer ended, and copy it."""

    verb = verbs.OPEN
    asks = True
    footer = True
    label = "Every file"

    def available(self, host: TransfersScreen) -> bool:
        return host.current is not None

    async def run(self, host: TransfersScreen) -> None:
        job = host.current
        if job is not None:
            results = await host.transfers.queue.results(job.id)
            # There may be a million lines.
            text = await asyncio.to_thread(results_text, results)
            await host.ask(ValueViewer(title(job), text or "No file has ended yet."))


class Forget(OldCommand["TransfersScreen"]):
    """Take the transfers that have ended off the list."""

    verb = verbs.FORGET
    footer = True

    def available(self, host: TransfersScreen) -> bool:
        return any(not job.state.is_active for job in host.jobs)

    async def run(self, host: TransfersScreen) -> None:
        host.transfers.queue.forget_ended()


class RemoveLeftovers(OldCommand["TransfersScreen"]):
    """Remove the unfinished files that downloads left in your folders when the application was
    killed. Only files that nobody writes to are removed."""

    verb = verbs.LEFTOVERS
    footer = True
    asks = True

    def available(self, host: TransfersScreen) -> bool:
        return bool(host.leftovers)

    async def run(self, host: TransfersScreen) -> None:
        found = host.leftovers
        names = [visible(str(each.path), edges=True) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            names.append(f"… and {len(found) - SHOWN:,} more")
        body = "\n".join([f"{leftovers_text(found)}:", *names])
        if await host.ask(Confirm("Remove unfinished files?", body, yes="Remove", danger=True)):
            await remove_leftovers(host, host.transfers, found)
            await host.look_for_leftovers()


COMMANDS = (Back, Cancel, Retry, Results, Forget, RemoveLeftovers)
