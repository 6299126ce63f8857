"""One pane alone in an application: quicker than all three, and nothing else answers the keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Generic, TypeVar

from textual.app import ComposeResult

from tui.panes.pane import Pane
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands.footer import FooterLine
from tui.widgets.commands.verbs import key_names

PaneT = TypeVar("PaneT", bound=Pane)


class PaneApp(OrderlyApp, Generic[PaneT]):
    """Nothing but the pane and a footer."""

    CSS_PATH = ["../../tui/styles/workspace.tcss", "../../tui/styles/dialogs.tcss"]

    def __init__(self, pane: PaneT, location: str = "") -> None:
        super().__init__(Path(os.devnull))
        self.pane = pane
        self.location = location
        self.copied: list[str] = []
        self.animation_level = "none"

    def compose(self) -> ComposeResult:
        yield self.pane
        yield FooterLine()

    def on_mount(self) -> None:
        self.pane.focus_target().focus()
        if self.location:
            self.pane.open(self.location)
        else:
            self.pane.account_changed()

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)
        super().copy_to_clipboard(text)

    def get_key_display(self, binding: Any) -> str:
        return key_names(binding.key)
