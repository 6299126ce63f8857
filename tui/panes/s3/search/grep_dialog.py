"""The lines found inside objects, as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tui.panes.s3.preview.dialog import PreviewDialog
from tui.panes.s3.search.grepping import Grep
from tui.services.s3 import S3Service
from tui.services.s3.grep import Hit
from tui.widgets import verbs
from tui.widgets.cells import CellValue, Column, LazyRows
from tui.widgets.dialog import Dialog
from tui.widgets.dialogs import Message
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content, visible

COLUMNS = (
    Column("Key", max_width=48, min_width=12),
    Column("Line", align="right", min_width=5),
    Column("Text", max_width=300, min_width=20, grow=True),
)

DRAWN_EVERY = 0.1
"""Seconds between two drawings while parts come."""

LISTED = 200
"""Problems that are listed."""


class HitPreview(PreviewDialog):
    """A preview that looks for what matched as soon as it is read; n goes to the next one."""

    def __init__(self, s3: S3Service, bucket: str, hit: Hit) -> None:
        super().__init__(s3, bucket, hit.key)
        self.search.begin(hit.match)

    async def _read(self) -> None:
        await super()._read()
        if self.search.wanted:
            await self._find(1)


class GrepDialog(Dialog[str]):
    """Searches while it is open; answers the key to go to. Esc stops, then leaves."""

    DEFAULT_CSS = """
    GrepDialog {
        & Grid { height: 1fr; }
        & .grep-state { height: auto; max-height: 4; color: $text-muted; }
    }
    """

    BINDINGS = [
        verbs.binding(verbs.OPEN, "open", "Preview the object.", show=True),
        Binding("p", "go", "Go to it in the pane", id="grep.go"),
        verbs.binding(verbs.INFO, "problems", "List what could not be searched.", show=True),
        verbs.binding(verbs.GO_ON, "go_on", "Read as much again.", show=True),
    ]

    def __init__(self, s3: S3Service, make: Callable[[Callable[[], None]], Grep]) -> None:
        self.grep = make(self._draw)
        super().__init__(f"“{self.grep.query.text}” inside objects of {self.grep.bucket}")
        self._s3 = s3
        self._grid = Grid()
        self._state = Static("", classes="grep-state")
        self._drawn_at = 0.0

    def compose_box(self) -> ComposeResult:
        yield self._state
        yield self._grid

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self._grid.show(COLUMNS, LazyRows((), self._cells))
        self._grid.focus()
        self.run_worker(self.grep.run(self._s3), group="grep", exclusive=True)

    def on_unmount(self) -> None:
        self.grep.stop()

    @property
    def key_labels(self) -> Mapping[str, str]:
        leave = "Stop" if self.grep.running else "Back"
        return {"open": "Preview", "problems": "Failed ones", "leave": leave}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"open", "go"}:
            return bool(self.grep.hits)
        if action == "problems":
            return bool(self.grep.problems)
        if action == "go_on":
            return self.grep.waits
        return super().check_action(action, parameters)

    def _cells(self, hit: Hit) -> Sequence[CellValue]:
        return hit.key[len(self.grep.base) :], f"{hit.line:,}", hit.text

    def _draw(self) -> None:
        grep, now = self.grep, monotonic()
        if not self._state.is_attached:
            return
        if grep.running and not grep.waits and now - self._drawn_at < DRAWN_EVERY:
            return
        self._drawn_at = now
        drawn = len(self._grid.rows)
        if len(grep.hits) > drawn:
            self._grid.append(LazyRows(grep.hits[drawn:], self._cells), more=False)
        self._state.update(content(grep.state, multiline=True))
        self.refresh_bindings()

    @on(Grid.Opened)
    def action_open(self) -> None:
        if self._grid.current is not None:
            hit = self.grep.hits[self._grid.current]
            self.app.push_screen(HitPreview(self._s3, self.grep.bucket, hit))

    def action_go(self) -> None:
        if self._grid.current is not None:
            self.dismiss(self.grep.hits[self._grid.current].key)

    def action_problems(self) -> None:
        problems = self.grep.problems
        lines = [f"{visible(key, edges=True)}: {error}" for key, error in problems[:LISTED]]
        if len(problems) > LISTED:
            lines.append(f"… and {len(problems) - LISTED:,} more")
        self.app.push_screen(Message("Not searched to the end", "\n".join(lines)))

    def action_go_on(self) -> None:
        self.grep.go_on()

    def action_leave(self) -> None:
        if self.grep.running and not self.grep.stopped:
            self.grep.stop()
            self._drawn_at = 0.0
            self._draw()
        else:
            self.dismiss(None)
