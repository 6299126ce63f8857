"""An instance on its way to being available: a dialog that can be hidden, a line that stays."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from tui.panes.sql.rds.known import InstanceWatch, KnownInstances
from tui.services.quantities import clock_text
from tui.services.rds import Instance
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

REDRAW = 0.5
"""Seconds between two drawings of the elapsed time; nothing is asked of AWS for it."""


class ProgressDialog(Dialog[Instance]):
    """Answers the instance when it is available; None if it was hidden or the waiting failed."""

    def __init__(self, watch: InstanceWatch) -> None:
        super().__init__(f"Waiting for {watch.identifier}")
        self.watched = watch

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"leave": "Hide"}

    def compose_box(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-body", can_focus=False):
            yield Static(id="rds-progress")
        with Horizontal(classes="dialog-buttons"):
            yield Button("Hide", id="hide")

    def on_mount(self) -> None:
        self.watched.on_screen = True
        self.query_one("#hide").focus()
        self._draw()
        self.set_interval(REDRAW, self._draw)

    def on_unmount(self) -> None:
        self.watched.on_screen = False

    def _draw(self) -> None:
        watch = self.watched
        if watch.instance is not None:
            # A later drawing may still be queued behind the one that closes.
            if self.is_current:
                self.dismiss(watch.instance)
            return
        self.query_one("#rds-progress", Static).update(progress_text(watch))
        if watch.error is not None:
            self.query_one("#hide", Button).label = "Close"

    @on(Button.Pressed)
    def _hide(self) -> None:
        self.dismiss(None)


def progress_text(watch: InstanceWatch) -> Content:
    """Every status so far, the time, and what the user may do."""
    lines = [
        content(f"{clock_text(each.elapsed):>6}  {each.status}", "$text-muted")
        for each in watch.changes
    ]
    if watch.error is not None:
        lines.append(Content("✗ ") + content(watch.error.message, "bold $text-error"))
        lines += [
            content(text, multiline=True) for text in (watch.error.cause, watch.error.hint) if text
        ]
        return Content("\n").join(lines)
    lines.append(content(f"{clock_text(watch.elapsed):>6}  {watch.word} …", "bold"))
    if watch.last and watch.last.trouble:
        lines.append(content(f"Last look failed, trying again: {watch.last.trouble}"))
    lines.append(Content(""))
    lines.append(content(f"{watch.goal.usual} Esc hides this; it goes on."))
    return Content("\n").join(lines)


class WaitingLine(SteadyText):
    """One line in the pane for what is waited for behind other work; gone when nothing is."""

    DEFAULT_CSS = """
    WaitingLine { display: none; height: auto; padding: 0 1; color: $text-accent; }
    WaitingLine.-shown { display: block; }
    """

    def __init__(self, known: KnownInstances) -> None:
        super().__init__(markup=False)
        self.known = known

    def on_mount(self) -> None:
        self.set_interval(REDRAW, self._draw)

    def _draw(self) -> None:
        waiting = self.known.waiting
        self.set_class(bool(waiting), "-shown")
        if waiting:
            self.update(Content("  ").join(_short(watch) for watch in waiting))


def _short(watch: InstanceWatch) -> Content:
    return content(f"… {watch.identifier}: {watch.word} {clock_text(watch.elapsed)}")
