"""A row as a record: every column below the other, the next and the row before by a key."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding

from tui.panes.row_detail import Subject
from tui.widgets.text.reading_dialog import ReadingDialog
from tui.widgets.text.safe_text import content


class RecordView(ReadingDialog):
    """The row under the cursor of a grid, which goes along."""

    BINDINGS = [
        Binding("n,right_square_bracket", "step(1)", "Next row", id="record.next"),
        Binding("p,left_square_bracket", "step(-1)", "Row before", id="record.before"),
        Binding("y", "copy", "Copy all", id="viewer.copy"),
        Binding("w", "wrap", "Wrap", id="viewer.wrap"),
        Binding("q,V", "leave", show=False),
    ]

    def __init__(self, current: Callable[[], Subject | None], step: Callable[[int], bool]) -> None:
        """`current` gives the row that the cursor is on, `step` moves it and says whether it could
        be moved."""
        super().__init__("Record")
        self._current = current
        self._step = step

    def on_mount(self) -> None:
        self._read()

    def _read(self) -> None:
        subject = self._current()
        if subject is not None:
            self.run_worker(self._show(subject), group="record", exclusive=True)

    async def _show(self, subject: Subject) -> None:
        text = await subject.read()
        self.query_one(".dialog").border_title = content(subject.title)
        self.view.show(text.text, wrap=self.view.soft_wrap, begin=text.begin)
        self.say(text.note)

    def action_step(self, step: int) -> None:
        if self._step(step):
            self._read()
        else:
            last = "This is the last row that is loaded." if step > 0 else "This is the first row."
            self.say(last)

    def action_wrap(self) -> None:
        self.view.soft_wrap = not self.view.soft_wrap
