"""How long the rows of a result are, and so how many of them are asked for at once: a page is held
to its characters as well as to its rows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from tui.services.sql.models import Row
from tui.services.sql.session.libpq import answer_size
from tui.services.sql.text.statements import Statement

if TYPE_CHECKING:
    from psycopg2 import extensions

PAGE_CHARACTERS = 4 * 1024 * 1024
"""Characters from which on a page gets no further row: 500 documents of a megabyte would fill the
memory."""

FIRST_ROWS = 8
"""Rows that are asked for while nobody knows how long they are."""

COUNTED = 100
"""Rows up to which the characters of an answer are counted."""

_VALUE_BYTES = 17
"""What libpq holds beside the bytes of a value: where it is, how long it is, and its end."""

_REMEMBERED = 200
_LONGEST_REMEMBERED = 2000
"""Queries whose rows are remembered, and characters of one at most."""


class RowLengths:
    """Those of the result that is read, and of the queries that were read before: a query that
    comes again gets its first page in one piece."""

    def __init__(self) -> None:
        self._length = 0.0
        """Characters of a row, as far as is known; 0 before the first."""
        self._text = ""
        self._known: OrderedDict[str, float] = OrderedDict()

    def begin(self, statement: Statement) -> None:
        """The rows of this are asked for next."""
        is_kept = statement.bound is None and len(statement.text) <= _LONGEST_REMEMBERED
        self._text = statement.text if is_kept else ""
        self._length = self._known.get(self._text, 0.0)

    def note(self, rows: int, characters: int) -> None:
        """So many rows came, with so many characters."""
        if not rows:
            return
        self._length = max(characters / rows, 1.0)
        if self._text:
            # The longest: short rows at the end of a result say nothing of those it begins with.
            self._known[self._text] = max(self._length, self._known.get(self._text, 0.0))
            self._known.move_to_end(self._text)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def step(self, characters: int = 0) -> int:
        """How many rows to ask for when a page has so many characters already."""
        if not self._length:
            return FIRST_ROWS
        return max(1, int((PAGE_CHARACTERS - characters) / self._length))


def characters_of(rows: Sequence[Row], cursor: extensions.cursor | None = None) -> int:
    """Characters of these rows, the answer of a cursor; of many rows about so many."""
    if cursor is not None and len(rows) > COUNTED:
        # To go through ten million values takes half a second.
        size = answer_size(cursor)
        if size:
            return max(size - len(rows) * len(rows[0]) * _VALUE_BYTES, len(rows))
    return sum(map(len, filter(None, chain.from_iterable(rows))))
