"""The hits of a search for names, as they come; Enter goes to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from textual import on

from tui.panes.s3.entries import moment
from tui.panes.s3.search.finding import Find
from tui.panes.s3.search.hits_dialog import HitsDialog
from tui.services.quantities import size_text
from tui.services.s3 import S3Location, S3Object, S3Service
from tui.services.s3.search.name_pattern import NamePattern
from tui.widgets.commands import verbs
from tui.widgets.grid.cells import CellValue, Column
from tui.widgets.grid.grid import Grid


class FoundAction(Enum):
    """What is to be done with what was found."""

    GO = "go"
    DOWNLOAD = "download"
    DELETE = "delete"


@dataclass(frozen=True)
class FindAnswer:
    """What the user chose among the hits."""

    then: FoundAction
    objects: tuple[S3Object, ...]


class FindDialog(HitsDialog[FindAnswer, S3Object]):
    """Looks for names; answers what is to be done with which of them."""

    COLUMNS = (
        Column("Key", max_width=120, min_width=12, grow=True),
        Column("Size", align="right", min_width=9),
        Column("Modified (UTC)", max_width=16, min_width=16),
    )

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

    def __init__(
        self,
        s3: S3Service,
        place: S3Location,
        pattern: NamePattern,
        before: FindDialog | None = None,
    ) -> None:
        """The hits of a dialog `before` are shown again, with its marks."""
        found = None if before is None else before.find
        self.find: Find = found or Find(place.bucket, place.prefix, pattern, self.draw)
        self._before = before
        super().__init__(f"{pattern.text} under {place}", self.find, s3, again=before is not None)

    def on_mount(self) -> None:
        # Behind the handler of the class above, which draws the rows.
        if self._before is not None:
            self.call_next(self._mark_again, self._before)

    def _mark_again(self, before: FindDialog) -> None:
        row, marked = before.chosen
        self._grid.move_cursor(row)
        self._grid.marked = set(marked)
        self._grid.refresh()

    def forget(self, gone: Sequence[S3Object]) -> None:
        """Take out hits that are there no more."""
        self.find.remove(gone)
        self._grid.marked = set()

    @property
    def chosen(self) -> tuple[int, set[int]]:
        """The row of the cursor, and the rows that are marked."""
        return self._grid.cursor_row, self._grid.marked

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {**super().key_labels, "choose('go')": "Go to it"}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"choose", "mark", "mark_all"}:
            return bool(self.find.hits)
        return super().check_action(action, parameters)

    def cells(self, hit: S3Object) -> Sequence[CellValue]:
        return hit.key[len(self.find.base) :], size_text(hit.size), moment(hit.modified)

    def action_mark(self) -> None:
        self._grid.toggle_mark()

    def action_mark_all(self) -> None:
        self._grid.toggle_all_marks()

    @on(Grid.Opened)
    def _opened(self) -> None:
        self.action_choose("go")

    def action_choose(self, then: str) -> None:
        rows = self._grid.targets
        if then == FoundAction.GO.value and self._grid.current is not None:
            rows = [self._grid.current]
        if rows:
            self.dismiss(FindAnswer(FoundAction(then), tuple(self.find.hits[row] for row in rows)))
