"""The verbs of a run and its report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui.services.cleanup import report_text
from tui.widgets import verbs
from tui.widgets.clipboard import copy_text
from tui.widgets.dialogs import AskText
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.screens.cleanup.run_screen import RunScreen


class Stop(OldCommand["RunScreen"]):
    """Stop after the calls under way; or, when it is over, go back to the inventory."""

    verb = verbs.CANCEL
    footer = True
    label = "Stop or back"

    async def run(self, host: RunScreen) -> None:
        if host.over:
            host.dismiss(host.summary)
        else:
            host.ask_to_stop()


class Back(OldCommand["RunScreen"]):
    """Go back to the inventory, which is read anew."""

    verb = verbs.OPEN
    label = "Back"

    def available(self, host: RunScreen) -> bool:
        return host.over

    async def run(self, host: RunScreen) -> None:
        host.dismiss(host.summary)


class SaveReport(OldCommand["RunScreen"]):
    """Save the report to a file of your choice. A file that exists is not overwritten."""

    verb = verbs.DOWNLOAD
    asks = True
    footer = True
    label = "Save report"

    def available(self, host: RunScreen) -> bool:
        return host.report is not None

    async def run(self, host: RunScreen) -> None:
        report = host.report
        if report is None:
            return
        folder = host.services.state_dir / "reports"
        offered = folder / f"cleanup-{report.ended:%Y%m%d-%H%M%S}.txt"
        answer = await host.ask(AskText("Save the report", "File", value=str(offered)))
        if answer:
            path = await host.cleanup.save(report, Path(answer))
            host.say(f"Saved to {path}.")


class CopyReport(OldCommand["RunScreen"]):
    """Copy the whole report."""

    verb = verbs.COPY_AS
    footer = True
    label = "Copy report"

    def available(self, host: RunScreen) -> bool:
        return host.report is not None

    async def run(self, host: RunScreen) -> None:
        if host.report is not None:
            await copy_text(host.app, report_text(host.report))


COMMANDS = (Stop, Back, SaveReport, CopyReport)
