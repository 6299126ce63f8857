"""A row as a record: every column below the other, the next and the row before by a key."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding

from tui.panes.row_detail import Subject
from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_view import ValueView


class RecordView(Dialog[None]):
    """The row under the cursor of a grid, which goes along."""

    BOX_CLASSES = "dialog-large"

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
        self._view = ValueView("", id="value")
        self._note = SteadyText("", classes="dialog-prompt", markup=False)

    def compose_box(self) -> ComposeResult:
        yield self._view
        yield self._note

    def on_mount(self) -> None:
        self._view.focus()
        self._read()

    def _read(self) -> None:
        subject = self._current()
        if subject is not None:
            self.run_worker(self._show(subject), group="record", exclusive=True)

    async def _show(self, subject: Subject) -> None:
        text = await subject.read()
        self.query_one(".dialog").border_title = content(subject.title)
        self._view.show(text.text, wrap=self._view.soft_wrap, begin=text.begin)
        self._note.update(content(text.note))

    def action_step(self, step: int) -> None:
        if self._step(step):
            self._read()
        else:
            last = "This is the last row that is loaded." if step > 0 else "This is the first row."
            self._note.update(content(last))

    async def action_copy(self) -> None:
        await copy_text(self.app, self._view.value)

    def action_wrap(self) -> None:
        self._view.soft_wrap = not self._view.soft_wrap
