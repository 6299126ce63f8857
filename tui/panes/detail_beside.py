"""Rows, and to their right the detail of the row under the cursor."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tui.panes.row_detail import RowDetail
from tui.widgets.drawing import Drawing
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_view import ValueView

ROOM = 108
"""Columns of a pane from which a detail stands beside its rows: a terminal of 110."""


class LongDetail(ValueView, can_focus=False):
    """The text: it may be long, and only what is in view is drawn. The keys stay with the rows."""


class DetailBeside(Horizontal):
    """The rows with the whole width, until a detail is shown beside them."""

    DEFAULT_CSS = """
    DetailBeside { height: 1fr;
        & > .rows { width: 3fr; height: 1fr; }
        & > .detail { display: none; width: 2fr; height: 1fr; padding: 0 0 0 1;
            border-left: solid $panel; }
        &.-shown > .detail { display: block; }
        & .detail-title { height: 1; color: $text-primary; text-style: bold;
            text-wrap: nowrap; text-overflow: ellipsis; }
        & .detail-drawing { height: auto; padding: 1 0 0 0; }
        & .detail-note { height: auto; max-height: 3; color: $text-muted; }
        & .detail-note.-error { max-height: 100%; color: $text-error; }
        & LongDetail { background: transparent; }
    }
    """

    def __init__(self, *rows: Widget) -> None:
        super().__init__()
        self._rows = rows
        self._title = SteadyText("", classes="detail-title", markup=False)
        self._note = SteadyText("", classes="detail-note", markup=False)
        self._text = LongDetail("")
        self._drawing = Drawing(classes="detail-drawing")

    def compose(self) -> ComposeResult:
        yield Vertical(*self._rows, classes="rows")
        yield Vertical(self._title, self._note, self._drawing, self._text, classes="detail")

    @property
    def detail(self) -> str:
        """The text that is shown, raw."""
        return self._text.value

    def show(self, detail: RowDetail) -> None:
        """Draw a detail, or nothing beside the rows while it is off."""
        self.set_class(detail.is_on, "-shown")
        subject, error, text = detail.subject, detail.error, detail.text
        self._title.update(content(subject.title if subject is not None else "", edges=True))
        note = text.note if text is not None else ""
        if detail.is_reading:
            note = "Reading…"
        if error is not None:
            note = str(error)
        self._note.display = bool(note)
        self._note.set_class(error is not None, "-error")
        self._note.update(content(note, multiline=True))
        drawing = text.drawing if text is not None else ()
        self._drawing.display = bool(drawing)
        self._drawing.show(drawing)
        self._text.show(text.text if text is not None else "", wrap=text is None or text.wrap)
