"""Search in what a preview has loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui.panes.s3.preview.text_view import PreviewText
from tui.services.formats.json_tree import find_value, names_of
from tui.services.s3.preview.text_search import find_text
from tui.widgets.grid.cells import CellValue, plain_text
from tui.widgets.grid.grid import Grid
from tui.widgets.json_view import JsonView
from tui.widgets.text.value_view import CHUNK, units_before

_AROUND = 40
"""Characters on either side of a hit that are said."""


Searched = Grid | PreviewText | JsonView


class PreviewSearch:
    """The text that is looked for, small and capital letters alike, and where it was found."""

    def __init__(self) -> None:
        self.wanted = ""
        self.at_edge = False
        """Whether what is loaded has no further hit, and the object goes on: the next one is to be
        looked for behind it."""
        self._at: int | None = None
        self._line = 0

    def begin(self, wanted: str, line: int = 0) -> None:
        """Look for another text, from the beginning or from a line of the text that is shown."""
        self.wanted, self._at, self._line = wanted, None, line
        self.at_edge = False

    async def find(self, shown: Searched, *, step: int, more: bool, goes_on: bool = False) -> str:
        """Show the next hit (`step` 1) or the one before (-1); gives a sentence about it.

        `more` says that the object goes on after what is loaded, `goes_on` that it can be searched
        there: then the next hit is not looked for round the end of what is loaded.
        """
        around, had_one = not (goes_on and step > 0), self._at is not None
        if isinstance(shown, Grid):
            said = await self._in_rows(shown, step, around)
        elif isinstance(shown, JsonView):
            said = await self._in_tree(shown, step)
        else:
            said = await self._in_text(shown, step, around)
        self.at_edge = not said and not around
        if said:
            return said
        if self.at_edge:
            again = " again" if had_one else ""
            return f"“{self.wanted}” is not found{again} in the part that is loaded; n looks on."
        where = "in the part that is loaded; + reads more" if more else "here"
        return f"“{self.wanted}” is not found {where}."

    async def _in_rows(self, grid: Grid, step: int, around: bool) -> str:
        start = grid.cursor_row, grid.cursor_column
        first = self._at is None
        rows = list(grid.rows)
        hit = await asyncio.to_thread(find_cell, rows, self.wanted, start, step, first)
        if hit is None or (not around and (hit < start or (hit == start and not first))):
            return ""
        self._at = hit[0]
        grid.move_cursor(*hit)
        return f"“{self.wanted}” in row {hit[0] + 1:,}."

    async def _in_tree(self, tree: JsonView, step: int) -> str:
        # The first hit may be where the cursor is.
        at = None if self._at is None and step > 0 else tree.path
        self._at = 0
        hit = await asyncio.to_thread(find_value, tree.json, self.wanted, at, step)
        if hit is None:
            return ""
        tree.show_value(hit)
        place = " › ".join(names_of(tree.json, hit))
        return f"“{self.wanted}” at {place}." if place else f"“{self.wanted}” is the value."

    async def _in_text(self, shown: PreviewText, step: int, around: bool) -> str:
        text = shown.value
        if self._line:
            self._at = await asyncio.to_thread(begin_of, text, self._line) - 1
            self._line = 0
        at = await asyncio.to_thread(find_text, text, self.wanted, self._at, step, around=around)
        if at is None:
            return ""
        self._at = at
        line = text.count("\n", 0, at)
        column = at - (text.rfind("\n", 0, at) + 1)
        shown.show_hit(line, column, len(self.wanted))
        if shown.rows is not None:
            unit = await asyncio.to_thread(units_before, text, at)
            rows = shown.rows
            row = min(rows.first_row(unit), len(rows))
            if rows.width:
                row += column % CHUNK // rows.width if column < CHUNK else column // rows.width
            left = 0 if rows.width else max(column - _AROUND, 0)
            shown.scroll_to(left, max(row - 2, 0), animate=False)
        nearby = text[max(at - _AROUND, 0) : at + len(self.wanted) + _AROUND]
        return f"“{self.wanted}” {shown.place_of(line)}: {' '.join(nearby.split())}"


def begin_of(text: str, line: int) -> int:
    """Where a line begins, counted from 0; the end of the text if it has fewer."""
    at = 0
    for _ in range(line):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at


def find_cell(
    rows: Sequence[Sequence[CellValue]],
    wanted: str,
    start: tuple[int, int],
    step: int,
    here: bool,
) -> tuple[int, int] | None:
    """Row and column of the next cell with a text, round the end; with `here`, `start` counts."""
    lowered = wanted.lower()
    row, column = start
    order = [(row + step * away) % len(rows) for away in range(len(rows) + 1)] if rows else []
    for count, at in enumerate(order):
        columns = range(len(rows[at]))
        for place in columns if step > 0 else reversed(columns):
            if count == 0 and not (step * (place - column) > 0 or (here and place == column)):
                continue
            if lowered in plain_text(rows[at][place]).lower():
                return at, place
    return None
