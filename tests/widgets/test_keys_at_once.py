"""What a command reads is what it was when its key was pressed, also of keys that came at once."""

from __future__ import annotations

import os
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost


class Editor(Vertical, CommandHost, can_focus=True):
    """Runs the tab that is shown, and shows another one."""

    TITLE_HERE = "Editor"

    def __init__(self) -> None:
        super().__init__()
        self.tab = 1
        self.ran: list[int] = []

    @property
    def is_read_only(self) -> bool:
        return False

    @command(verbs.RUN, priority=True)
    async def run_tab(self) -> None:
        """Run what is shown."""
        self.ran.append(self.tab)

    @command(verbs.NEW_TAB, priority=True)
    def new_tab(self) -> None:
        """Show another one."""
        self.tab += 1

    COMMANDS_HERE = (run_tab, new_tab)


class EditorApp(OrderlyApp):
    def __init__(self) -> None:
        super().__init__(Path(os.devnull))
        self.editor = Editor()

    def compose(self) -> ComposeResult:
        yield self.editor

    def on_mount(self) -> None:
        self.editor.focus()


async def test_the_tab_that_was_shown_is_run_and_not_the_next_one() -> None:
    app = EditorApp()
    async with app.run_test() as pilot:
        for key in ("f5", "alt+t", "f5", "alt+t"):
            app.post_message(events.Key(key, None))
        await pilot.pause()
        await app.workers.wait_for_complete()
        assert (app.editor.tab, app.editor.ran) == (3, [1, 2])
