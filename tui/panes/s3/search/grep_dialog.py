"""The lines found inside objects, as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import on
from textual.binding import Binding

from tui.panes.s3.preview.dialog import PreviewDialog
from tui.panes.s3.search.grepping import Grep
from tui.panes.s3.search.hits_dialog import HitsDialog
from tui.services.s3 import S3Service
from tui.services.s3.search.grep import Hit
from tui.widgets.commands import verbs
from tui.widgets.dialogs.dialogs import Message
from tui.widgets.grid.cells import CellValue, Column
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import visible

LISTED = 200
"""Problems that are listed."""


class HitPreview(PreviewDialog):
    """A preview of the line of a hit, wherever in the object it is; n goes to the next one."""

    def __init__(self, s3: S3Service, bucket: str, hit: Hit) -> None:
        super().__init__(s3, bucket, hit.key)
        self._hit = hit

    async def load(self) -> None:
        self.search.begin(self._hit.match, await self.model.read_at(self._hit.line))

    async def _read(self) -> None:
        await super()._read()
        if self.search.wanted:
            await self._find(1)


class GrepDialog(HitsDialog[str, Hit]):
    """Looks for text inside objects; answers the key to go to."""

    COLUMNS = (
        Column("Key", max_width=48, min_width=12),
        Column("Line", align="right", min_width=5),
        Column("Text", max_width=300, min_width=20, grow=True),
    )

    BINDINGS = [
        verbs.binding(verbs.OPEN, "open", "Preview the object.", show=True),
        Binding("p", "go", "Go to it in the pane", id="grep.go"),
        verbs.binding(verbs.INFO, "problems", "List what could not be searched.", show=True),
        verbs.binding(verbs.GO_ON, "go_on", "Read as much again.", show=True),
    ]

    def __init__(
        self, s3: S3Service, make: Callable[[Callable[[], None]], Grep], where: str
    ) -> None:
        """`where` says what is searched, behind "inside"."""
        self.grep = make(self.draw)
        title = f"“{self.grep.query.text}” inside {where}"
        super().__init__(title, self.grep, s3)

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {**super().key_labels, "open": "Preview", "problems": "Failed ones"}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"open", "go"}:
            return bool(self.grep.hits)
        if action == "problems":
            return bool(self.grep.problems)
        if action == "go_on":
            return self.grep.waits
        return super().check_action(action, parameters)

    def cells(self, hit: Hit) -> Sequence[CellValue]:
        return hit.key[len(self.grep.base) :], f"{hit.line:,}", hit.text

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
