"""A password that was generated: shown on request only, and copied."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from tui.widgets.application.clipboard import copy_secret
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.safe_text import content

KEEP, TYPED, GENERATED, MANAGED = "keep", "typed", "generated", "managed"
"""Where the master password of an instance comes from."""

HIDDEN = "•" * 12
"""Says nothing of the length."""


class PasswordDialog(Dialog[None]):
    """Hidden until `s` shows it; `y` copies it. It is written down nowhere."""

    BINDINGS = [
        Binding("s", "show", "Show/hide", id="password.show"),
        Binding("y", "copy", "Copy", id="password.copy"),
    ]

    def __init__(self, identifier: str, user: str, password: str) -> None:
        super().__init__(f"Master password of {identifier}")
        self.user = user
        self._password = password
        self._shown = False

    def compose_box(self) -> ComposeResult:
        yield Static(
            content(
                f"It was generated for the user {self.user}. It is kept in memory until you quit "
                "and written down nowhere: keep it now. Lost, it can only be replaced (e, Modify).",
            ),
            classes="dialog-prompt",
        )
        yield Static(id="generated")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close", id="close")
            yield Button("Copy", id="copy", variant="primary")
            yield Button("Show", id="show")

    def on_mount(self) -> None:
        self.query_one("#close").focus()
        self._draw()

    def _draw(self) -> None:
        text = Content(self._password) if self._shown else Content(HIDDEN)
        self.query_one("#generated", Static).update(text)
        self.query_one("#show", Button).label = "Hide" if self._shown else "Show"

    def action_show(self) -> None:
        """Show it, or hide it again."""
        self._shown = not self._shown
        self._draw()

    async def action_copy(self) -> None:
        """Copy it; nothing of it is repeated on the screen."""
        await copy_secret(self.app, self._password, "the password")

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "close":
            self.dismiss(None)
        elif event.button.id == "copy":
            await self.action_copy()
        else:
            self.action_show()
