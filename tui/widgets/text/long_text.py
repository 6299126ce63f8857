"""A text area that answers a key at once however long its text is.

Textual's own goes through the whole text for every key, or even for every line that it draws: it
asks the grammar for all highlights, measures, counts and joins all lines. Here what is known of
unchanged lines is kept, and highlights are asked for when a line is drawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from rich.cells import cell_len
from rich.text import Text
from textual._tree_sitter import get_language
from textual.document._document import Document, DocumentBase, EditResult, Location, Selection
from textual.document._document_navigator import DocumentNavigator
from textual.document._edit import Edit
from textual.document._history import EditHistory
from textual.document._wrapped_document import WrappedDocument
from textual.expand_tabs import expand_tabs_inline
from textual.geometry import Offset
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import LanguageDoesNotExist
from tree_sitter import Language, Query

from tui.services.common_beginning import common_beginning
from tui.widgets.text.kept_document import (
    Kept,
    KeptDocument,
    KeptSyntaxDocument,
    LinesEdit,
    prepared,
)
from tui.widgets.text.safe_text import printable

HIGHLIGHTED = 1_000_000
"""Characters; a longer text is drawn without colours, because each key would have to wait for the
grammar."""

LONG_LINE = 20_000
"""Characters; a text with a longer line is drawn without colours and not wrapped: the line is gone
through as a whole for each of its parts that is drawn."""

MARGIN = 50
"""Lines above and below the view whose highlights are asked for with it."""

BRACKET_SEARCH = 5_000
"""Characters within which the other bracket of a pair is looked for."""


def has_long_line(text: str) -> bool:
    """Whether a line of the text is too long to be wrapped and coloured."""
    return len(text) > LONG_LINE and max(map(len, text.splitlines())) > LONG_LINE


def suits_grammar(text: str) -> bool:
    """Whether the text can be coloured without holding up the keys."""
    return len(text) <= HIGHLIGHTED and not has_long_line(text)


_queries: dict[tuple[str, str], Query] = {}


def highlight_query(grammar: Language, language: str, text: str) -> Query:
    """What asks a grammar for the highlights. Each is made once: that of SQL takes 60 ms."""
    if (language, text) not in _queries:
        _queries[language, text] = Query(grammar, text)
    return _queries[language, text]


class KeptWrapping(WrappedDocument):
    """Counts its lines without going through them, and without wrapping shifts none."""

    @property
    def height(self) -> int:
        return len(self._offset_to_line_info)

    def row_at(self, y: int) -> int:
        """The line of the text that is drawn at a height; below the last one, that one."""
        return self._offset_to_line_info[min(y, len(self._offset_to_line_info) - 1)][0]

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        if width:
            super().wrap(width, tab_width)
            return
        count = self.document.line_count
        known = not self._width and len(self._offset_to_line_info) == count
        if known and tab_width in (None, self._tab_width):
            return
        self._width = 0
        self._tab_width = tab_width or self._tab_width
        # Lists that are never changed, only replaced: one will do for all lines.
        self._tab_width_cache = [[]] * count
        self._wrap_offsets = [[]] * count
        self._offset_to_line_info = [(row, 0) for row in range(count)]
        self._line_index_to_offsets = [[row] for row in range(count)]

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        if self._width:
            super().wrap_range(start, old_end, new_end)
            return
        top, old_bottom = start[0], old_end[0]
        added = new_end[0] + 1 - top
        # Tabs are asked for of lines that are wrapped only.
        self._tab_width_cache[top : old_bottom + 1] = [[]] * added
        self._wrap_offsets[top : old_bottom + 1] = [[]] * added
        # Without wrapping a line stands where its number says.
        count, before = self.document.line_count, len(self._offset_to_line_info)
        del self._offset_to_line_info[count:], self._line_index_to_offsets[count:]
        self._offset_to_line_info += [(row, 0) for row in range(before, count)]
        self._line_index_to_offsets += [[row] for row in range(before, count)]

    def location_to_offset(self, location: Location) -> Offset:
        row, column = location
        if not self._width and row < len(self._wrap_offsets):
            head = self.document.get_line(row)[:column]
            if head.isascii() and "\t" not in head:
                return Offset(len(head), row)
            return Offset(cell_len(expand_tabs_inline(head, self._tab_width)), row)
        return super().location_to_offset(location)

    def offset_to_location(self, offset: Offset) -> Location:
        if not self._width:
            row = min(max(offset.y, 0), len(self._wrap_offsets) - 1)
            line = self.document.get_line(row)
            if line.isascii() and "\t" not in line:
                return row, min(max(offset.x, 0), len(line))
        return super().offset_to_location(offset)


@dataclass(frozen=True)
class TextState:
    """A text that was shown: as it was, with its cursor and its undo steps."""

    document: DocumentBase
    wrapped: KeptWrapping
    navigator: DocumentNavigator
    query: Query | None
    history: EditHistory
    selection: Selection
    top: int
    """The line that it was scrolled to."""
    language: str | None


class LongTextArea(TextArea):
    """A text area for texts of any length."""

    wrapped_document: KeptWrapping
    _highlighted = range(0)
    """The lines whose colours are known."""

    def _set_document(self, text: str, language: str | None) -> None:
        if self.soft_wrap and has_long_line(text):
            self._stop_wrapping()
        self._use_document(text, language if suits_grammar(text) else None)
        self.wrapped_document = KeptWrapping(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    def _use_document(self, text: str, language: str | None) -> None:
        self._highlight_query = None
        if language is None:
            self.document = KeptDocument(text)
            return
        grammar = get_language(language)
        if grammar is None:
            raise LanguageDoesNotExist(f"There is no grammar for {language!r}.")
        self._highlight_query = highlight_query(
            grammar, language, self._get_builtin_highlight_query(language)
        )
        self.document = KeptSyntaxDocument(text, grammar)

    # -- several texts, one of them shown -------------------------------------------------------

    def state(self) -> TextState:
        """All that is known of the text that is shown, to be shown again."""
        return TextState(
            self.document,
            self.wrapped_document,
            self.navigator,
            self._highlight_query,
            self.history,
            self.selection,
            int(self.scroll_offset.y),
            self.language,
        )

    def resume(self, state: TextState) -> None:
        """Show a text again, as it was."""
        self.history = state.history
        self.document, self._highlight_query = state.document, state.query
        if state.language != self.language:
            # The grammar came while it was not shown.
            text = state.document.text
            self._use_document(text, self.language if suits_grammar(text) else None)
        self.wrapped_document, self.navigator = state.wrapped, state.navigator
        self.wrapped_document.document = self.document
        self._build_highlight_map()
        self._rewrap_and_refresh_virtual_size()
        self.selection = state.selection
        self.scroll_to(y=state.top, animate=False)
        self.refresh()
        self.post_message(self.Changed(self))

    def show_new(self, text: str, cursor: Location) -> None:
        """Show another text, of which no edit is known. The text before keeps its own steps."""
        before = self.history
        self.history = EditHistory(
            before.max_checkpoints, before.checkpoint_timer, before.checkpoint_max_characters
        )
        self.load_text(text)
        row = min(cursor[0], self.document.line_count - 1)
        self.move_cursor((row, min(cursor[1], len(self.document.get_line(row)))))

    def replace_whole(self, text: str) -> None:
        """Put another text in the place of this one, as one step that can be undone. Only what
        differs is edited, so that the cursor stays where it can."""
        before = self.text
        head = common_beginning(before, text)
        tail = common_beginning(before[head:][::-1], text[head:][::-1])
        document = self.document
        assert isinstance(document, Document)
        start = document.get_location_from_index(head)
        end = document.get_location_from_index(len(before) - tail)
        self.replace_step(text[head : len(text) - tail], start, end)

    async def replace_lines(self, text: str) -> bool:
        """As `replace_whole`, for a text of which nothing is coloured: it is prepared on a thread,
        and no line is gone through in the event loop. False, and nothing is done, if the text was
        changed meanwhile."""
        document, before = self.document, self.text
        assert isinstance(document, Kept)
        lines = await asyncio.to_thread(prepared, text, document.newline, self.indent_width)
        if self.document is not document or document.text != before:
            return False
        self.history.checkpoint()
        super().edit(
            LinesEdit("\n", (0, 0), document.end, maintain_selection_offset=False, other=lines)
        )
        self.history.checkpoint()
        return True

    @property
    def is_coloured(self) -> bool:
        """Whether a grammar colours the text."""
        return self._highlight_query is not None

    def replace_step(self, text: str, start: Location, end: Location) -> None:
        """Put a text in the place of a part, as one step that can be undone."""
        self.history.checkpoint()
        self.replace(text, start, end)
        self.history.checkpoint()

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn: what is pasted may hold escapes, and Textual would send them to
        the terminal."""
        line = self.document.get_line(line_index)
        if line.isprintable():
            return super().get_line(line_index)
        return Text(printable(line, keep="\t"), end="", no_wrap=True)

    def edit(self, edit: Edit) -> EditResult:
        (top, left), (bottom, right) = edit.top, edit.bottom
        before = self.document.get_line(top)[:left]
        # Textual deletes the last line (Ctrl+X) up to the line behind it, which there is not.
        is_inside = bottom < self.document.line_count
        behind = self.document.get_line(bottom)[right:] if is_inside else ""
        if has_long_line(before + edit.text + behind):
            self._drop_grammar()
            if self.soft_wrap:
                self._stop_wrapping()
        elif len(self.document.text) + len(edit.text) > HIGHLIGHTED:
            self._drop_grammar()
        return super().edit(edit)

    def _stop_wrapping(self) -> None:
        if self.is_mounted:
            self.soft_wrap = False
        else:
            self.set_reactive(TextArea.soft_wrap, False)

    def _drop_grammar(self) -> None:
        """Go on without colours, until another text is put in."""
        if self._highlight_query is not None:
            self._use_document(self.document.text, None)
            self.wrapped_document.document = self.document
            self._build_highlight_map()

    # -- colours --------------------------------------------------------------------------------

    def _build_highlight_map(self) -> None:
        """Nothing is known of the colours any more; lines are asked for when they are drawn."""
        self._line_cache.clear()
        self._highlights.clear()
        self._highlighted = range(0)

    def _render_line(self, y: int) -> Strip:
        top = self.scroll_offset.y
        row = self.wrapped_document.row_at(top + y)
        if self._highlight_query and row not in self._highlighted:
            last = self.wrapped_document.row_at(top + self.size.height)
            self._highlight(range(max(0, row - MARGIN), last + MARGIN))
        return super()._render_line(y)

    def _highlight(self, rows: range) -> None:
        """Ask the grammar for the colours of some lines; those of others are forgotten."""
        self._highlighted = rows
        self._highlights.clear()
        assert self._highlight_query is not None
        captures = self.document.query_syntax_tree(
            self._highlight_query, (rows.start, 0), (rows.stop, 0)
        )
        for name, nodes in captures.items():
            for node in nodes:
                (top, left), (bottom, right) = node.start_point, node.end_point
                for row in range(max(top, rows.start), min(bottom + 1, rows.stop)):
                    start = left if row == top else 0
                    self._highlights[row].append((start, right if row == bottom else None, name))

    # -- brackets -------------------------------------------------------------------------------

    def _yield_character_locations(self, start: Location) -> Iterable[tuple[str, Location]]:
        return islice(super()._yield_character_locations(start), BRACKET_SEARCH)

    def _yield_character_locations_reverse(self, start: Location) -> Iterable[tuple[str, Location]]:
        return islice(super()._yield_character_locations_reverse(start), BRACKET_SEARCH)
