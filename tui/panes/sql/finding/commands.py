"""The command that finds something in the editor."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.view import SqlView
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command


@command(verbs.QUERY, label="Find text", priority=True)
def find_text(view: SqlView) -> None:
    """Find a text in the editor while you type it: Enter goes to the next one, the arrows too,
    Alt+C lets the case count, Alt+R takes a regular expression. Tab leads to what it is replaced
    with: Enter replaces this one, Alt+A all of them, as one step of undo."""
    view.finder.open()


FINDING_COMMANDS: tuple[Command[Any], ...] = (find_text,)
"""In the order of the help."""
