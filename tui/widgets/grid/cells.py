"""What a grid's cell may hold: raw text, text with a tone, or one of the ways of being absent.

No two of them look alike in black and white. What is absent is drawn as a marker (`NULL`, `·`,
`?`), an empty string as the SQL literal that it is (`''`). Text that reads like one of these is
drawn as a SQL literal, too: the text NULL as `'NULL'`, two apostrophes as `''''''`. That is for the
eye only: what is filtered, copied and opened is the text itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Literal, TypeVar, overload

T = TypeVar("T")


class Absent(Enum):
    """The values that are no text. Each is drawn differently from the others and from text."""

    NULL = "NULL"
    """The store holds a null."""
    MISSING = "·"
    """The item has no such attribute."""
    UNKNOWN = "?"
    """There is a value, and we do not know it (denied, not counted, not asked)."""
    BLANK = ""
    """Nothing applies here: a prefix has no size."""


class Tone(Enum):
    """What a cell says by its looks, beside its text (never by its looks alone)."""

    PLAIN = "plain"
    DIM = "dim"
    ACCENT = "accent"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Cell:
    """Text with a tone."""

    text: str
    tone: Tone = Tone.PLAIN


CellValue = str | Cell | Absent

Row = Sequence[CellValue]
"""Cells from left to right; a row that is shorter than the columns has nothing in the others."""

_MARKERS = frozenset(each.value for each in Absent)

_LONGEST_READ = 1000
"""Characters; longer text fits in no cell, and the ellipsis tells it from a marker."""


def drawn_text(text: str) -> str:
    """`text` as it is drawn: in apostrophes, those within doubled, if it could be taken for a
    marker or for a text that was drawn like this; so no two texts are drawn alike."""
    if len(text) > _LONGEST_READ:
        return text
    inner = text.strip()
    while len(inner) > 1 and inner[0] == inner[-1] == "'":
        inner = inner[1:-1].replace("''", "'").strip()
    return "'" + text.replace("'", "''") + "'" if inner in _MARKERS else text


GAP = 2
"""Blank cells between two columns."""

EDGES = 2
"""The mark on the left of a row and a blank on the right."""


@dataclass(frozen=True)
class Column:
    """A column of a grid."""

    title: str
    align: Literal["left", "right"] = "left"
    max_width: int = 48
    """Cells of the terminal; longer text is cut on screen only."""
    min_width: int = 1
    grow: bool = False
    """Whether the column takes the width that is left over. At most one does."""


def plain_text(value: CellValue) -> str:
    """What a cell says, without its looks: for filtering and for copying what is shown."""
    if isinstance(value, Absent):
        return value.value
    return value.text if isinstance(value, Cell) else value


class CompactItems(Sequence[T]):
    """Items that are made when they are looked at; a part of them costs next to nothing."""

    def extend(self, items: Iterable[T]) -> None:
        """Add items of the same kind below."""
        raise NotImplementedError


class LazyRows(Sequence[Row], Generic[T]):
    """Looks like a list of rows and holds only what they are made of.

    The cells of 200,000 rows take more memory than all else about them, and a screen shows fifty.
    """

    def __init__(self, items: Iterable[T], make: Callable[[T], Row]) -> None:
        self.items: list[T] | CompactItems[T] = (
            items if isinstance(items, CompactItems) else list(items)
        )
        """What the rows are made of."""
        self._make = make

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._make(item) for item in self.items[index]]
        return self._make(self.items[index])

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows below; they are LazyRows of the same items."""
        if not isinstance(rows, LazyRows):
            raise TypeError("only LazyRows can be added to LazyRows")
        self.items.extend(rows.items)
