"""Delimited text -> rows of strings that show exactly what is stored.

No value is guessed at: `007`, `NA`, `1e5` and 9007199254740993 stay as they are written. A
ragged row is neither refused nor cut, and a blank line is a row.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
"""What is looked for, in the order of preference."""

QUOTES = (None, "'", "")
"""What the key for the quote character goes through: see `read_rows`."""

_SAMPLE_ROWS = 50
_FIELD_LIMIT = 2**31 - 1
_CUT_MARK = "x"

_MOST_CELLS = 4_000_000
"""Cells of a table that is laid out: one long row would add its columns to every other row."""


@dataclass(frozen=True)
class DelimitedRows:
    """The beginning of a delimited file."""

    columns: list[str]
    """Named by the header line (twice the same name is legal), or "1", "2", … without one."""
    rows: list[list[str | None]]
    """Each as long as `columns`; None where a short row has no field at all."""
    delimiter: str
    notes: tuple[str, ...]
    """What is unusual or had to be assumed, as sentences."""


def read_rows(
    text: str,
    *,
    truncated: bool = False,
    header: bool = True,
    delimiter: str | None = None,
    quote: str | None = None,
) -> DelimitedRows:
    """Read delimited text; the last line is left out if it is `truncated`.

    `quote` is the character around quoted values; None means the double quote unless one is never
    closed, and the empty string that no character is a quote.

    Quotes as RFC 4180 has them, doubled quotes and line breaks inside included. A row that is
    longer than the header gets columns named by number, a shorter one None in its missing places.
    """
    notes: list[str] = []
    if delimiter is None:
        delimiter = sniff_delimiter(text, '"' if quote is None else quote)
    rows = _rows(text, delimiter, truncated=truncated, quote='"' if quote is None else quote)
    if truncated and not rows and text and quote is None:
        # One quote that is never closed makes a single row of everything.
        rows = _rows(text, delimiter, truncated=truncated, quote="")
        notes.append("A quote is never closed: quotes are read as plain characters.")
    while rows and not rows[-1]:
        rows.pop()
    names = [name or "" for name in rows.pop(0)] if header and rows else []
    width = max((len(row) for row in rows), default=0)
    notes += _ragged(rows, names, width)
    columns = names + [str(number) for number in range(len(names) + 1, width + 1)]
    fit = max(_MOST_CELLS // max(len(rows), 1), 1)
    if len(columns) > fit:
        notes.append(f"Only the first {fit:,} of {len(columns):,} columns are shown.")
        columns, rows = columns[:fit], [row[:fit] for row in rows]
    cells = [row + [None] * (len(columns) - len(row)) for row in rows]
    return DelimitedRows(columns, cells, delimiter, tuple(notes))


def sniff_delimiter(text: str, quote: str = '"') -> str:
    """The delimiter that cuts the first rows into the most alike, and then the most, fields."""
    best, best_score = DELIMITERS[0], (0.0, 0)
    for delimiter in DELIMITERS:
        # The last row of the sample may be cut anywhere.
        rows = [row for row in _rows(text[:65536], delimiter, truncated=False, quote=quote) if row]
        sample = rows[:_SAMPLE_ROWS]
        if not sample:
            continue
        width, count = Counter(len(row) for row in sample).most_common(1)[0]
        score = (count / len(sample), width) if width > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows(
    text: str, delimiter: str, *, truncated: bool, quote: str = '"'
) -> list[list[str | None]]:
    """The rows; with `truncated`, without the last one unless it is certainly complete."""
    # A mark at the end becomes a row of its own behind a complete line, and part of the last row
    # behind a cut one. Either way the last row goes.
    source = io.StringIO(text + _CUT_MARK if truncated else text, newline="")
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(
        # Line by line through Python: csv alone keeps the interpreter's lock for a whole row, and
        # behind a quote that is never closed that is all of the text.
        (line for line in source),
        delimiter=delimiter,
        quotechar=quote or '"',
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=False,
    )
    rows: list[list[str | None]] = [list(row) for row in reader]
    return rows[:-1] if truncated else rows


def _ragged(rows: Sequence[list[str | None]], names: Sequence[object], width: int) -> list[str]:
    wanted = len(names) or width
    short = sum(len(row) < wanted for row in rows)
    long = sum(len(row) > wanted for row in rows)
    notes = []
    if short:
        notes.append(f"Rows with fewer fields than there are columns: {short:,}.")
    if long:
        notes.append(f"Rows with more fields than the header names: {long:,}.")
    return notes
