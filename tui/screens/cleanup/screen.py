"""The cleanup screen: `x` makes the plan for what is marked, `x` on the plan asks for the
confirmation, then each row shows its progress, and at the end the report stands beside the list."""

from __future__ import annotations

from tui.screens.cleanup.commands import (
    back,
    copy_report,
    delete,
    info,
    open_row,
    options,
    read_again,
    save_report,
)
from tui.screens.cleanup.view import CleanupView
from tui.widgets.commands import verbs
from tui.widgets.commands.shared_commands import mark, mark_all


class CleanupScreen(CleanupView):
    """Inventory, plan, run and report of what the account holds in this region."""

    TITLE_HERE = "Cleanup"
    COMMANDS_HERE = (
        mark.here(
            "Mark or unmark the resource under the cursor. The plan is about what is marked.",
            footer=True,
        ),
        mark_all.here("Mark everything in this region, or nothing if all is marked.", footer=True),
        delete.here(
            "The same as x: make the plan, or ask for the confirmation.",
            verb=verbs.GO_ON,
            label="Plan…",
        ),
        delete,
        open_row,
        options,
        info,
        read_again,
        save_report,
        copy_report,
        back,
    )
