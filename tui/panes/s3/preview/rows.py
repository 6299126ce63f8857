"""The rows of a previewed table as a grid takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tui.services.quantities import counted
from tui.services.s3.formats.table_source import Formula, TableSource
from tui.services.s3.preview.preview import Preview
from tui.services.s3.preview.table import DelimitedRows, read_rows
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

_NUMBER = re.compile(r"[-+]?(\d[\d_,']*\.?\d*|\.\d+)([eE][-+]?\d+)?%?")
_DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_QUOTE_NAMES = {None: "", "'": ", quoted by '", "": ", without quotes"}
_SAMPLE = 200
WIDEST = 40
FORMULA = "ƒ "
"""Stands before a formula that is shown because its value is not stored."""


def cells(
    rows: Sequence[Sequence[str | None]], absent: Absent = Absent.MISSING
) -> list[Sequence[CellValue]]:
    """The rows, with `absent` for None, and a mark on formulas without a value."""
    return [
        tuple(
            absent
            if value is None
            else Cell(f"{FORMULA}{value}", Tone.DIM)
            if isinstance(value, Formula)
            else value
            for value in row
        )
        for row in rows
    ]


def numeric(rows: Sequence[Sequence[str | None]], width: int) -> frozenset[int]:
    """The columns whose first values all look like numbers."""
    found = []
    for at in range(width):
        values = [value for row in rows[:_SAMPLE] if at < len(row) and (value := row[at])]
        if values and all(_NUMBER.fullmatch(value[:60].strip()) for value in values):
            found.append(at)
    return frozenset(found)


def columns(names: Sequence[str], numbers: frozenset[int]) -> list[Column]:
    """Columns with those of numbers at the right."""
    return [
        Column(name, align="right" if at in numbers else "left", max_width=WIDEST)
        for at, name in enumerate(names)
    ]


def absent_of(source: TableSource) -> Absent:
    """A workbook has empty cells, a Parquet file has NULL."""
    return Absent.BLANK if source.sheets else Absent.NULL


def read_table(
    shown: Preview,
    header: bool,
    delimiter: str | None,
    quote: str | None = None,
    names: Sequence[str] | None = None,
) -> DelimitedRows:
    """The rows of a delimited text; None finds the delimiter and the quote.

    `names` are those of the columns where the text is not the beginning: no line of it is the
    header.
    """
    table = read_rows(
        shown.text,
        truncated=shown.truncated,
        header=header and names is None,
        delimiter=delimiter,
        quote=quote,
    )
    if not names:
        return table
    titles = [*names, *table.columns[len(names) :]]
    short = len(titles) - len(table.columns)
    rows = [row + [None] * short for row in table.rows] if short else table.rows
    return replace(table, columns=titles, rows=rows)


def table_facts(table: DelimitedRows, *, truncated: bool, quote: str | None = None) -> str:
    """How large a delimited table is and what separates its values."""
    separated = _DELIMITER_NAMES.get(table.delimiter, table.delimiter)
    count = len(table.rows)
    rows = f"{count:,}+ rows" if truncated else counted(count, "row")
    width = counted(len(table.columns), "column")
    return f"{rows} × {width}, separated by {separated}{_QUOTE_NAMES[quote]}"
