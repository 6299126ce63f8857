"""The hits of a search for names, as they come; Enter goes to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from time import monotonic

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tui.panes.s3.entries import moment
from tui.panes.s3.search.finding import Find
from tui.services.quantities import size_text
from tui.services.s3 import S3Location, S3Object, S3Service
from tui.services.s3.name_pattern import NamePattern
from tui.widgets import verbs
from tui.widgets.cells import CellValue, Column, LazyRows
from tui.widgets.dialog import Dialog
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content

COLUMNS = (
    Column("Key", max_width=120, min_width=12, grow=True),
    Column("Size", align="right", min_width=9),
    Column("Modified (UTC)", max_width=16, min_width=16),
)

DRAWN_EVERY = 0.1
"""Seconds between two drawings while pages come."""


class Then(Enum):
    """What is to be done with what was found."""

    GO = "go"
    DOWNLOAD = "download"
    DELETE = "delete"


@dataclass(frozen=True)
class FindAnswer:
    """What the user chose among the hits."""

    then: Then
    objects: tuple[S3Object, ...]


class FindDialog(Dialog[FindAnswer]):
    """Searches while it is open. Esc stops the search, then leaves."""

    DEFAULT_CSS = """
    FindDialog {
        & Grid { height: 1fr; }
        & .find-state { height: auto; max-height: 4; color: $text-muted; }
    }
    """

    BINDINGS = [
        verbs.binding(verbs.OPEN, "choose('go')", "Go to the object in the pane.", show=True),
        verbs.binding(verbs.MARK, "mark", "Mark or unmark the object.", show=True),
        verbs.binding(verbs.MARK_ALL, "mark_all", "Mark all hits, or none."),
        verbs.binding(
            verbs.DOWNLOAD, "choose('download')", "Download what is marked or here.", show=True
        ),
        verbs.binding(
            verbs.DELETE, "choose('delete')", "Delete what is marked or here.", show=True
        ),
    ]

    def __init__(self, s3: S3Service, bucket: str, prefix: str, pattern: NamePattern) -> None:
        super().__init__(f"{pattern.text} under {S3Location(bucket, prefix)}")
        self.find = Find(bucket, prefix, pattern, self._draw)
        self._s3 = s3
        self._grid = Grid()
        self._state = Static("", classes="find-state")
        self._drawn_at = 0.0

    def compose_box(self) -> ComposeResult:
        yield self._state
        yield self._grid

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self._grid.show(COLUMNS, LazyRows((), self._cells))
        self._grid.focus()
        self.run_worker(self.find.run(self._s3), group="find", exclusive=True)

    def on_unmount(self) -> None:
        self.find.stop()

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"choose('go')": "Go to it", "leave": "Stop" if self.find.running else "Back"}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"choose", "mark", "mark_all"}:
            return bool(self.find.hits)
        return super().check_action(action, parameters)

    def _cells(self, hit: S3Object) -> Sequence[CellValue]:
        return hit.key[len(self.find.base) :], size_text(hit.size), moment(hit.modified)

    def _draw(self) -> None:
        now = monotonic()
        if not self._state.is_attached:
            return
        if self.find.running and now - self._drawn_at < DRAWN_EVERY:
            return
        self._drawn_at = now
        drawn = len(self._grid.rows)
        if len(self.find.hits) > drawn:
            self._grid.append(LazyRows(self.find.hits[drawn:], self._cells), more=False)
        self._state.update(content(self.find.state, multiline=True))
        self.refresh_bindings()

    def action_mark(self) -> None:
        self._grid.toggle_mark()

    def action_mark_all(self) -> None:
        self._grid.toggle_all_marks()

    @on(Grid.Opened)
    def _opened(self) -> None:
        self.action_choose("go")

    def action_choose(self, then: str) -> None:
        rows = self._grid.targets
        if then == Then.GO.value and self._grid.current is not None:
            rows = [self._grid.current]
        if rows:
            self.dismiss(FindAnswer(Then(then), tuple(self.find.hits[row] for row in rows)))

    def action_leave(self) -> None:
        if self.find.running and not self.find.stopped:
            self.find.stop()
            self._drawn_at = 0.0
            self._draw()
        else:
            self.dismiss(None)
