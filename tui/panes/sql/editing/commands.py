"""The commands that work on the editor's texts: tabs, files, and what is done with a text."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.editing import external, files, formatting
from tui.panes.sql.editing.tabs import Tab
from tui.panes.sql.view import SqlView
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.dialogs.dialogs import Confirm

ONE_TAB = "There is one tab; Alt+T opens another."


def has_several(view: SqlView) -> bool:
    """Whether there is another tab to go to."""
    return len(view.tabs.model.tabs) > 1


@command(verbs.NEW_TAB, priority=True)
def new_tab(view: SqlView) -> None:
    """Open an empty tab in the editor. Texts, cursors and which tab is shown survive a restart; the
    rows below belong to the pane and stay."""
    view.tabs.new()
    view.editor.focus()


@command(
    verbs.CLOSE_TAB,
    priority=True,
    asks=lambda view: not view.tabs.current.is_kept_elsewhere,
    when=lambda view: has_several(view) or not view.tabs.current.is_empty,
    instead="This is the only tab, and it is empty.",
)
async def close_tab(view: SqlView) -> None:
    """Close the tab; asks first if its text is in no file. Alt+Shift+T brings the last 20 back."""
    tab = view.tabs.current
    if not tab.is_kept_elsewhere and not await view.ask(_question(tab)):
        return
    if tab in view.tabs.model.tabs:
        view.tabs.close(tab)


def _question(tab: Tab) -> Confirm:
    what = (
        "Its text differs from the file and is kept nowhere else."
        if tab.file is not None
        else "Its text is in no file."
    )
    return Confirm(
        f"Close the tab “{tab.title}”?",
        f"{what}\nAlt+S would save it. Alt+Shift+T brings a closed tab back, after a restart "
        "without the passwords in it.",
        yes="Close",
    )


@command(
    verbs.REOPEN_TAB,
    priority=True,
    when=lambda view: bool(view.tabs.model.closed),
    instead="No tab was closed.",
)
def reopen_tab(view: SqlView) -> None:
    """Bring back the tab that was closed last."""
    view.tabs.reopen()
    view.editor.focus()


@command(verbs.PREVIOUS_TAB, priority=True, when=has_several, instead=ONE_TAB)
def previous_tab(view: SqlView) -> None:
    """Show the tab before this one."""
    view.tabs.step(-1)


@command(verbs.NEXT_TAB, priority=True, when=has_several, instead=ONE_TAB)
def next_tab(view: SqlView) -> None:
    """Show the next tab of the editor."""
    view.tabs.step(1)


# -- files ----------------------------------------------------------------------------------------


@command(verbs.OPEN_FILE, asks=True, priority=True)
async def open_file(view: SqlView) -> None:
    """Open an SQL file in a tab. Its encoding and its line ends stay as they are; what is special
    about them is said."""
    await files.open_chosen(view)


# It asks only of a file that was changed, which is known when it is read.
@command(verbs.SAVE_FILE, asks=True, priority=True)
async def save_file(view: SqlView) -> None:
    """Save the text of the tab in its file; asks first if something else changed the file."""
    await files.save(view, view.tabs.current)


@command(verbs.SAVE_FILE_AS, asks=True, priority=True)
async def save_file_as(view: SqlView) -> None:
    """Save the text of the tab under another name."""
    await files.save_as(view, view.tabs.current)


@command(verbs.EDIT_ELSEWHERE, priority=True)
async def edit_elsewhere(view: SqlView) -> None:
    """Edit the text in your own editor ($VISUAL or $EDITOR). What it saves comes back as one step
    of undo; statements that run go on meanwhile."""
    await external.edit_tab_elsewhere(view)


# -- the text itself ------------------------------------------------------------------------------


@command(
    verbs.COMMENT,
    when=lambda view: view.editor.has_focus,
    instead="Lines are commented in the editor.",
)
def comment(view: SqlView) -> None:
    """Make comments of the selected lines, or of the line of the cursor; comments become lines
    again."""
    view.editor.toggle_comments()


@command(verbs.FORMAT, priority=True)
async def format_statements(view: SqlView) -> None:
    """Lay out the selected statements, or the one at the cursor, in lines. Only white space
    changes; a statement that would not stay the same is left as it is."""
    await formatting.format_chosen(view)


EDITING_COMMANDS: tuple[Command[Any], ...] = (
    new_tab,
    close_tab,
    reopen_tab,
    previous_tab,
    next_tab,
    open_file,
    save_file,
    save_file_as,
    edit_elsewhere,
    comment,
    format_statements,
)
"""In the order of the help."""
