"""The documents of a long text: what is known of lines that do not change is kept.

Another text in the place of all of one is prepared beforehand, on a thread, and put in at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.cells import cell_len
from textual.document._document import Document, EditResult, Location, Selection
from textual.document._edit import Edit
from textual.document._syntax_aware_document import SyntaxAwareDocument
from textual.geometry import Size
from textual.widgets import TextArea


def line_width(line: str, tab_width: int) -> int:
    """Terminal cells of a line."""
    if line.isascii() and "\t" not in line:
        return len(line)
    return cell_len(line.expandtabs(tab_width))


@dataclass(frozen=True)
class PreparedLines:
    """The lines of a text, and what is known of them."""

    lines: list[str] = field(repr=False)
    joined: str | None = field(repr=False)
    widths: list[int] | None = field(repr=False)
    tab_width: int


class Kept(Document):
    """Keeps the joined text and the widths of the lines while they do not change."""

    _joined: str | None = None
    _widths: list[int] | None = None
    _tab_width = 0

    @property
    def text(self) -> str:
        if self._joined is None:
            self._joined = self.newline.join(self._lines)
        return self._joined

    def get_size(self, tab_width: int) -> Size:
        if self._widths is None or tab_width != self._tab_width:
            self._tab_width = tab_width
            self._widths = [line_width(line, tab_width) for line in self._lines]
        return Size(max(self._widths, default=0), len(self._lines))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        (top, _), (bottom, _) = sorted((start, end))
        result = super().replace_range(start, end, text)
        self._joined = None
        if self._widths is not None:
            changed = self._lines[top : result.end_location[0] + 1]
            self._widths[top : bottom + 1] = [line_width(each, self._tab_width) for each in changed]
        return result

    def exchange(self, lines: PreparedLines) -> PreparedLines:
        """Hold other lines; those that were held."""
        before = PreparedLines(self._lines, self._joined, self._widths, self._tab_width)
        self._lines, self._joined = lines.lines, lines.joined
        self._widths, self._tab_width = lines.widths, lines.tab_width
        return before

    def get_index_from_location(self, location: Location) -> int:
        row, column = location
        return row * len(self.newline) + column + sum(map(len, self._lines[:row]))

    def get_location_from_index(self, index: int) -> Location:
        gap = len(self.newline)
        left = index
        for row, line in enumerate(self._lines):
            if 0 <= left < len(line) + gap:
                return row, left
            left -= len(line) + gap
        raise ValueError(f"There is no character {index} in the text.")


class KeptDocument(Kept):
    """Without a grammar."""


class KeptSyntaxDocument(Kept, SyntaxAwareDocument):
    """With a grammar."""


def prepared(text: str, newline: str, tab_width: int) -> PreparedLines:
    """The lines of a text, for a document whose lines end in `newline`. For a thread."""
    lines = KeptDocument(text).lines
    widths = [line_width(line, tab_width) for line in lines]
    return PreparedLines(lines, newline.join(lines), widths, tab_width)


@dataclass
class LinesEdit(Edit):
    """All lines of a text are exchanged for others."""

    other: PreparedLines = field(default_factory=lambda: PreparedLines([""], "", None, 0))
    """The lines that are not in the document."""

    def do(self, text_area: TextArea, record_selection: bool = True) -> EditResult:
        if record_selection:
            self._original_selection = text_area.selection
        selection = text_area.selection
        result = self._exchange(text_area)
        last = result.end_location[0]

        def within(place: Location) -> Location:
            row = min(place[0], last)
            return row, min(place[1], len(text_area.document.get_line(row)))

        self._updated_selection = Selection(within(selection.start), within(selection.end))
        self._edit_result = result
        return result

    def undo(self, text_area: TextArea) -> EditResult:
        self._updated_selection = self._original_selection
        return self._exchange(text_area)

    def _exchange(self, text_area: TextArea) -> EditResult:
        document = text_area.document
        assert isinstance(document, Kept), "it is a text area for long texts"
        self.other = document.exchange(self.other)
        # Only whether something was replaced is asked of this; the lines are kept.
        return EditResult(document.end, "\n")
