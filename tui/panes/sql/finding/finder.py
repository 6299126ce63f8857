"""What was found in the editor, and where one stands among it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from tui.panes.sql.editor import SqlEditor
from tui.panes.sql.finding.bar import FindBar
from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.services.sql.text.text_search import (
    MOST,
    Hits,
    TextWanted,
    find,
    replaced,
    replacement_at,
)

GROUP = "sql-find"

AT_ONCE = 200_000
"""Characters up to which a text is replaced without a thread."""


def place_line(hits: Hits, current: int | None) -> str:
    """Which hit of how many: "3 of 17"."""
    total = f"{len(hits.spans):,}" if hits.is_all else f"{MOST:,}+"
    if not hits.spans:
        return "none found"
    return f"{total} found" if current is None else f"{current + 1:,} of {total}"


class Finder:
    """Looks for what the bar says, in the text that the editor has, off the event loop."""

    def __init__(
        self, editor: SqlEditor, start: Callable[[Coroutine[Any, Any, None], str], object]
    ) -> None:
        """`start` runs a coroutine as the worker of a group, in the place of the one before."""
        self.editor = editor
        self.bar = FindBar()
        self.hits = Hits()
        self.current: int | None = None
        """The number of the hit that is marked; None if there is none."""
        self._start = start
        # A pattern that does not end in time holds up no other work.
        self._pool = BlockingPool("sql-find", 1)
        self._text = ""
        """The text that the hits are those of."""
        self._origin = 0
        """From where on the first hit is looked for."""
        self._told = ""
        """What was done, said with the next hits."""

    @property
    def is_open(self) -> bool:
        """Whether something is looked for."""
        return bool(self.bar.display)

    def open(self) -> None:
        """Show the bar; what is selected, within a line, is looked for."""
        self._origin = self.editor.selected_offsets[0]
        self.bar.open(self.editor.selected_text)

    def close(self) -> None:
        """Take the marks away. The cursor stays on the hit, with nothing selected: a selection is
        what F5 would run."""
        self.editor.show_hits({}, None)
        self.hits, self.current, self._text = Hits(), None, ""

    def close_down(self) -> None:
        """No more searches."""
        self._pool.close()

    def look(self, wanted: TextWanted) -> None:
        """Look for something, from where one stood when the bar was opened."""
        self._start(self._look(wanted), GROUP)

    def text_changed(self) -> None:
        """The editor has another text: what is known of the old one is not shown on it."""
        if self.is_open and self.editor.text != self._text:
            self.editor.show_hits({}, None)
            self._origin = self.editor.cursor_offset
            self.look(self.bar.wanted)

    def step(self, step: int) -> None:
        """Go to the next hit or to the one before, as seen from the cursor."""
        if not self.hits.spans or self.editor.text != self._text:
            return
        if self.current is not None:
            number = (self.current + step) % len(self.hits.spans)
        else:
            offset = self.editor.cursor_offset
            number = self.hits.first_from(offset) if step > 0 else self.hits.last_before(offset)
        self._go(number)
        self._origin = self.hits.spans[number][0]

    def replace(self, text: str, *, every: bool) -> None:
        """Put a text in the place of the hit that is marked, or of every one."""
        if self.hits.spans and self.editor.text == self._text:
            self._start(self._replace_all(text) if every else self._replace(text), GROUP)

    # -- off the event loop -----------------------------------------------------------------------

    async def _look(self, wanted: TextWanted) -> None:
        text = self.editor.text
        if not wanted.text:
            self._take(text, Hits(), "")
            return
        self.bar.say("looking…" if len(text) > 1_000_000 else "")
        try:
            hits = await self._pool.run(find, text, wanted)
        except ServiceError as error:
            self._take(text, Hits(), error.message, problem=True)
            return
        if text != self.editor.text or not self.is_open:
            return  # another look is on its way
        told, self._told = self._told, ""
        self._take(text, hits, told or place_line(hits, None), problem=not hits.spans and not told)
        # While one types in the editor, the cursor is where one types.
        if hits.spans and self.bar.is_typed_in and not told:
            self._go(hits.first_from(self._origin))

    def _take(self, text: str, hits: Hits, said: str, *, problem: bool = False) -> None:
        self._text, self.hits, self.current = text, hits, None
        self.editor.show_hits(hits.marks, None)
        self.bar.say(said, problem=problem)

    def _go(self, number: int) -> None:
        self.current = number
        self.editor.show_hits(self.hits.marks, number)
        self.editor.move_cursor(self.editor.place(self.hits.spans[number][0]))
        self.bar.say(place_line(self.hits, number))

    async def _replace(self, replacement: str) -> None:
        number = self.current if self.current is not None else self.hits.first_from(self._origin)
        span, text = self.hits.spans[number], self._text
        try:
            new = await self._pool.run(replacement_at, text, self.bar.wanted, span, replacement)
        except ServiceError as error:
            self.bar.say(error.message, problem=True)
            return
        if new == text[span[0] : span[1]]:
            # Nothing changes that would be looked at again.
            self._go((number + 1) % len(self.hits.spans))
        elif self.editor.text == text:
            self.editor.replace_step(new, self.editor.place(span[0]), self.editor.place(span[1]))
            self.editor.move_cursor(self.editor.place(span[0] + len(new)))

    async def _replace_all(self, replacement: str) -> None:
        text = self._text
        self.bar.say("replacing…")
        try:
            new, count = await self._pool.run(replaced, text, self.bar.wanted, replacement)
        except ServiceError as error:
            self.bar.say(error.message, problem=True)
            return
        if new == text:
            self.bar.say(f"{counted(count, 'hit')} replaced by the same text; nothing changed")
        elif self.editor.text == text:
            self._told = f"{counted(count, 'hit')} replaced; Ctrl+Z in the editor undoes it"
            if self.editor.is_coloured or len(new) <= AT_ONCE:
                self.editor.replace_whole(new)
            elif not await self.editor.replace_lines(new):
                self._told = ""
