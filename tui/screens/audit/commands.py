"""The verbs of the audit screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.audit.rows import whole_text
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import FilterCommand
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.screens.audit.screen import AuditScreen


class Back(OldCommand["AuditScreen"]):
    """Stop reading on, put the error or the filter away, or go back."""

    verb = verbs.CANCEL
    footer = True
    label = "Back"

    async def run(self, host: AuditScreen) -> None:
        host.step_back()


class Open(OldCommand["AuditScreen"]):
    """Show the whole entry under the cursor; it can be copied from there."""

    verb = verbs.OPEN
    asks = True
    footer = True

    def available(self, host: AuditScreen) -> bool:
        return host.current is not None

    async def run(self, host: AuditScreen) -> None:
        line = host.current
        if line is not None:
            title = f"{line.service} {line.operation}".strip() or "A line of the audit log"
            note = str(host.services.audit.path)
            await host.ask(ValueViewer(title, whole_text(line), note=note))


class Filter(FilterCommand["AuditScreen"]):
    """Show only the entries that contain a text: a name, an operation, an outcome, a date.
    Older entries are read until the screen is full."""

    footer = True

    def hint(self, host: AuditScreen) -> str:
        return "filters the log · Enter keeps it"


class Refresh(OldCommand["AuditScreen"]):
    """Read the log again from its end."""

    verb = verbs.REFRESH
    footer = True

    async def run(self, host: AuditScreen) -> None:
        host.reload()


COMMANDS = (Back, Open, Filter, Refresh)
