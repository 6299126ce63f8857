"""The editor for SQL."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding
from textual.document._document import Document
from textual.geometry import Region, Size, Spacing
from textual.scroll_view import ScrollView
from textual.widgets.text_area import LanguageDoesNotExist, Selection

from tui.services.sql import Statement, split, statement_at
from tui.services.sql.text.commenting import toggled
from tui.services.sql.text.text_search import HitPart
from tui.widgets.text.long_text import LongTextArea
from tui.widgets.text.safe_text import visible_character

INDENT = "    "

_NO_PICTURE = "�"
"""Stands for a character whose picture is longer than one: offsets must stay what they are."""


def pictured(line: str) -> str:
    """`line` with nothing in it that a terminal would interpret, and of the same length."""
    return "".join(map(_picture, line))


def _picture(character: str) -> str:
    if character == "\t":
        return character  # the text area itself spreads it
    picture = visible_character(character)
    return picture if len(picture) == 1 else _NO_PICTURE


def apart(before: str, behind: str) -> tuple[str, str]:
    """What stands in front of a statement and behind it, so that it is one of its own between two
    texts."""
    head = ""
    if before.strip() and not before.rstrip().endswith(";"):
        head = "\n;\n\n"
    elif before.rpartition("\n")[2].strip():
        head = "\n"
    return head, ";\n" if behind.strip() else ";"


def _word(line: str, column: int) -> tuple[int, int]:
    """Start and end of what is marked at a column: a word, or else one character. At the end of
    the line it is the last one, since nothing stands behind it."""
    start = max(0, min(column, len(line) - 1))
    end = start
    while end < len(line) and (line[end].isalnum() or line[end] == "_"):
        end += 1
    return start, max(end, start + 1)


def _chosen(text: str, start: int, end: int, *, backslash_escapes: bool) -> tuple[Statement, ...]:
    if start == end:
        found = statement_at(text, end, backslash_escapes=backslash_escapes)
        return () if found is None else (found,)
    selected = split(text[start:end], backslash_escapes=backslash_escapes)
    return tuple(replace(each, start=each.start + start, end=each.end + start) for each in selected)


class SqlEditor(LongTextArea):
    """A text area that knows statements. Tab leaves it; Ctrl+T indents."""

    DEFAULT_CSS = """
    SqlEditor {
        height: 2fr; min-height: 4; border: none; padding: 0; scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & > .sql-editor--hit { text-style: underline; }
        & > .sql-editor--hit-now { text-style: bold reverse; }
        & > .sql-editor--error { color: $text-error; text-style: bold reverse underline; }
    }
    """

    COMPONENT_CLASSES = {"sql-editor--error", "sql-editor--hit", "sql-editor--hit-now"}

    BINDINGS = [
        Binding(
            "ctrl+t",
            "indent",
            "Indent",
            show=False,
            id="editor.indent",
            tooltip="In the editor: insert four spaces; Tab leaves it.",
        ),
        Binding("ctrl+home", "edge(-1)", "Start of text", show=False, id="editor.start"),
        Binding("ctrl+end", "edge(1)", "End of text", show=False, id="editor.end"),
        # Textual's own key for it, F7, commits here. Many terminals cannot tell Ctrl+Shift+A and
        # Alt+A from Ctrl+A and A.
        Binding(
            "ctrl+n,ctrl+shift+a",
            "select_everything",
            "Select all",
            show=False,
            id="editor.select_all",
            tooltip="In the editor: select all of the text.",
        ),
    ]

    def __init__(self) -> None:
        super().__init__(
            show_line_numbers=True,
            soft_wrap=False,
            tab_behavior="focus",
            placeholder="SELECT …    F5 runs the statement at the cursor",
        )
        self.error_place: tuple[int, int] | None = None
        """Line and column that are marked as the place of an error."""
        self._marks: Mapping[int, Sequence[HitPart]] = {}
        """For each line what was found in it."""
        self._hit: int | None = None
        """The hit that one stands on."""

    def _refresh_size(self) -> None:
        """Tell the scroll bars how much there is. The size of the editor does not depend on it:
        Textual would lay out the whole screen for each key that makes the longest line longer."""
        width, height = self.document.get_size(self.indent_width)
        size = Size(width + self.gutter_width + 1, height)
        if size != self.virtual_size:
            self.set_reactive(ScrollView.virtual_size, size)
            if self.is_mounted:
                self._scroll_update(size)
            self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # Textual's own F6 and F7: pressed while there is nothing to run or commit, they would
        # select text, which the next key replaces.
        if action in {"select_line", "select_all"}:
            return False
        return super().check_action(action, parameters)

    def action_select_everything(self) -> None:
        self.select_all()

    async def highlight_sql(self) -> None:
        """Colour the text once the grammar is loaded; without one it stays plain."""
        try:
            await asyncio.to_thread(importlib.import_module, "tree_sitter_sql")
            selection = self.selection
            self.language = "sql"
            self.selection = selection
        except (ImportError, LanguageDoesNotExist):
            return

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn: what is not printable as a picture, one for one."""
        line = str(self.document.get_line(line_index))
        text = Text(line if line.isprintable() else pictured(line), end="", no_wrap=True)
        if self.error_place is not None and self.error_place[0] == line_index:
            start, end = _word(line, self.error_place[1])
            text.stylize(
                self.get_component_rich_style("sql-editor--error", partial=True), start, end
            )
        for mark in self._marks.get(line_index, ()):
            name = "sql-editor--hit-now" if mark.hit == self._hit else "sql-editor--hit"
            style = self.get_component_rich_style(name, partial=True)
            text.stylize(style, mark.start, mark.end)
        return text

    def show_hits(self, marks: Mapping[int, Sequence[HitPart]], hit: int | None) -> None:
        """Mark what was found, and which of it one stands on."""
        if (marks, hit) != (self._marks, self._hit):
            self._marks, self._hit = marks, hit
            self._draw_anew()

    def action_indent(self) -> None:
        """Insert four spaces."""
        self.insert(INDENT)

    def action_edge(self, direction: int) -> None:
        """To the start or the end of the text."""
        self.move_cursor((0, 0) if direction < 0 else self.document.end)

    def toggle_comments(self) -> None:
        """Make comments of the selected lines, or of the cursor's, or lines of them again. What is
        selected stays so."""
        selection = self.selection
        (top, _), (bottom, right) = sorted((selection.start, selection.end))
        if bottom > top and right == 0:
            bottom -= 1  # nothing of the last line is selected
        lines = [str(self.document.get_line(row)) for row in range(top, bottom + 1)]
        new = toggled(lines)
        self.replace_step("\n".join(new), (top, 0), (bottom, len(lines[-1])))

        def moved(row: int, column: int) -> tuple[int, int]:
            if not top <= row <= bottom:
                return row, column
            return row, max(0, column + len(new[row - top]) - len(lines[row - top]))

        self.selection = Selection(moved(*selection.start), moved(*selection.end))

    # -- statements -----------------------------------------------------------------------------

    async def chosen(self, *, backslash_escapes: bool) -> tuple[Statement, ...]:
        """The statements of the selection, or else the one at the cursor."""
        # On a thread: a text of a megabyte takes a second.
        return await asyncio.to_thread(
            _chosen, self.text, *self.selected_offsets, backslash_escapes=backslash_escapes
        )

    async def all_statements(self, *, backslash_escapes: bool) -> tuple[Statement, ...]:
        """Every statement of the text."""
        return await asyncio.to_thread(split, self.text, backslash_escapes=backslash_escapes)

    def chosen_now(self, *, backslash_escapes: bool) -> tuple[Statement, ...]:
        """As `chosen`, at once: for a short text."""
        return _chosen(self.text, *self.selected_offsets, backslash_escapes=backslash_escapes)

    @property
    def selected_offsets(self) -> tuple[int, int]:
        """The start and the end of the selection; the same where nothing is selected."""
        start, end = sorted((self._offset(self.selection.start), self._offset(self.selection.end)))
        return start, end

    @property
    def cursor_offset(self) -> int:
        """Where the cursor stands, as an offset."""
        return self._offset(self.cursor_location)

    def _offset(self, location: tuple[int, int]) -> int:
        document = self.document
        assert isinstance(document, Document)
        return document.get_index_from_location(location)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 0, within the text."""
        document = self.document
        assert isinstance(document, Document)
        return document.get_location_from_index(max(0, min(offset, len(self.text))))

    def holds(self, statement: Statement) -> bool:
        """Whether a statement still stands where it was cut from: only then have its errors a
        place here."""
        return self.text[statement.start : statement.end] == statement.shown

    def mark_error(self, offset: int) -> None:
        """Mark the place of an error until something is typed, and bring it into view.

        The cursor stays: who goes on typing means the place where they typed.
        """
        self.error_place = line, column = self.place(offset)
        self._draw_anew()
        left = cell_len(str(self.document.get_line(line))[:column])
        self.scroll_to_region(
            Region(left, line, 3, 1), spacing=Spacing(right=self.gutter_width), animate=False
        )

    def go_to_error(self) -> None:
        """Put the cursor on the place that is marked."""
        if self.error_place is not None:
            self.selection = Selection.cursor(self.error_place)

    def clear_error(self) -> None:
        """Take the mark away."""
        if self.error_place is not None:
            self.error_place = None
            self._draw_anew()

    def _draw_anew(self) -> None:
        # The text area keeps the lines that it has drawn; a new style is what makes it drop them.
        self.notify_style_update()
        self.refresh()

    def put_in_front(self, text: str) -> None:
        """Write a statement above what is there and put the cursor into it.

        Above, because what stands below may be unfinished (`INSERT INTO archive`): a statement
        behind it would become a part of it, and be run with it the next time.
        """
        self.insert(f"{text};\n" + ("\n" if self.text else ""), (0, 0))
        self.selection = Selection.cursor((0, 0))

    def put_at_cursor(self, text: str) -> None:
        """Write a statement where the cursor stands, in one step that can be undone, and leave the
        cursor behind it. What stands before and behind stays a statement of its own."""
        at = self.cursor_offset
        head, tail = apart(self.text[:at], self.text[at:])
        location = self.cursor_location
        self.insert(f"{head}{text}{tail}", location)
        self.selection = Selection.cursor(self.place(at + len(head) + len(text)))

    def put_earlier(self, text: str) -> None:
        """Put the text of an earlier run in front of what was typed since the start."""
        if not text:
            return
        if not self.text:
            self.text = text
            self.move_cursor(self.document.end)
            return
        # The two must not be read as one statement.
        gap = "\n\n" if text.rstrip().endswith(";") else "\n;\n\n"
        self.insert(text + gap, (0, 0))
