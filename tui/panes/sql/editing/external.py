"""A text in $VISUAL or $EDITOR, while all that runs goes on."""

from __future__ import annotations

import asyncio
import os
import time

from tui.panes.sql.view import SqlView
from tui.services.errors import ServiceError
from tui.services.sql.files.external_editor import EditedFile, editor_command
from tui.widgets.application.lent_terminal import run_in_terminal
from tui.widgets.application.orderly_app import OrderlyApp

AT_ONCE = 1.0
"""Seconds within which nobody edits anything: the editor has a window of its own and did not
wait."""


async def edited_elsewhere(app: OrderlyApp, text: str) -> str | None:
    """`text` as the user's own editor leaves it; None if it is unchanged.

    The application gives the terminal away meanwhile; its connections and its work go on. The file
    is private and goes when the editor ends. ServiceError if there is no editor, or it fails.
    """
    command = editor_command(os.environ)
    file = await asyncio.to_thread(EditedFile.made, text)
    try:
        status = await run_in_terminal(app, (*command, str(file.path)))
    except ServiceError:
        file.remove()
        raise
    except asyncio.CancelledError:
        file.given_up()  # the application ends
        raise
    return await asyncio.to_thread(file.taken, command, status)


async def edit_tab_elsewhere(view: SqlView) -> None:
    """Edit the text of the tab in the user's editor and take what comes back as one step."""
    begun = time.monotonic()
    assert isinstance(view.app, OrderlyApp)
    text = await edited_elsewhere(view.app, view.editor.text)
    if text is not None:
        view.editor.replace_whole(text)
        view.say("This is the text that was saved there; Ctrl+Z brings back the one before.")
    elif time.monotonic() - begun < AT_ONCE:
        view.say(
            "The editor ended at once and changed nothing. One with a window of its own must be "
            "told to wait, such as: export EDITOR='code --wait'"
        )
    else:
        view.say("The text was not changed.")
    view.editor.focus()
