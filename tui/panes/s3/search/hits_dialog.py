"""What a search finds, as it comes: a line that says how far it is, and a grid of hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Generic, Protocol, TypeVar

from textual.app import ComposeResult

from tui.services.s3 import S3Service
from tui.widgets.dialogs.dialog import Dialog
from tui.widgets.grid.cells import CellValue, Column, LazyRows
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

DRAWN_EVERY = 0.1
"""Seconds between two drawings while hits come."""

DRAWN_WHEN_FULL = 0.5
"""The same as soon as the rows in view are there: what comes is seen in the count only, and a frame
takes longer than a key."""

AnswerT = TypeVar("AnswerT")
HitT = TypeVar("HitT")


class Search(Protocol[HitT]):
    """What the dialog shows."""

    hits: list[HitT]
    """It only grows."""
    running: bool
    stopped: bool

    @property
    def waits(self) -> bool:
        """Whether it runs, and does nothing until it is told to go on."""

    @property
    def state(self) -> str:
        """How far it is, in words."""

    async def run(self, s3: S3Service) -> None:
        """Search to the end."""

    def stop(self) -> None:
        """End it early."""


class HitsDialog(Dialog[AnswerT], Generic[AnswerT, HitT]):
    """Searches while it is open. Esc stops the search, then leaves.

    The search is given before it runs, and calls `draw` at each step. One that ran before is shown
    as far as it came, with `again`.
    """

    BOX_CLASSES = "dialog-large"

    COLUMNS: tuple[Column, ...]

    DEFAULT_CSS = """
    HitsDialog {
        & Grid { height: 1fr; }
        & .hits-state { height: auto; max-height: 4; color: $text-muted; }
    }
    """

    def __init__(
        self, title: str, search: Search[HitT], s3: S3Service, *, again: bool = False
    ) -> None:
        super().__init__(title)
        self._again = again
        self._search = search
        self._s3 = s3
        self._grid = Grid()
        self._state = SteadyText(content("Waiting for the first answer…"), classes="hits-state")
        self._drawn_at = 0.0

    def cells(self, hit: HitT) -> Sequence[CellValue]:
        """The row of a hit."""
        raise NotImplementedError

    def compose_box(self) -> ComposeResult:
        yield self._state
        yield self._grid

    def on_mount(self) -> None:
        self._grid.show(self.COLUMNS, LazyRows((), self.cells))
        self._grid.focus()
        if self._again:
            self.draw()
        else:
            self.run_worker(self._search.run(self._s3), group="search", exclusive=True)

    def on_unmount(self) -> None:
        self._search.stop()

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"leave": "Stop" if self._search.running else "Back"}

    def draw(self) -> None:
        """Show what has come, unless that was done just now."""
        search, now = self._search, monotonic()
        if not self._state.is_attached:
            return
        is_full = len(self._grid.rows) >= self._grid.size.height
        pause = DRAWN_WHEN_FULL if is_full else DRAWN_EVERY
        if search.running and not search.waits and now - self._drawn_at < pause:
            return
        self._drawn_at = now
        drawn = len(self._grid.rows)
        if len(search.hits) > drawn:
            self._grid.append(LazyRows(search.hits[drawn:], self.cells), more=False)
        self._state.update(content(search.state, multiline=True))
        self.refresh_bindings()

    def action_leave(self) -> None:
        if self._search.running and not self._search.stopped:
            self._search.stop()
            self._drawn_at = 0.0
            self.draw()
        else:
            self.dismiss(None)
