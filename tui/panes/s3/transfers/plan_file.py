"""A plan as a file and a row of it in full: what is cut on the screen, and what is too much for it.

Blocking: run on a thread.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from tui.panes.s3.transfers.rows import PlanRow
from tui.services.new_file import NewFile
from tui.services.transfers import new_name
from tui.widgets.grid.cells import Column, Row, plain_text

FILE_NAME = "transfer-plan.csv"
"""Offered as the name."""


def write_plan(
    typed: str, columns: Sequence[Column], rows: Iterable[PlanRow], not_listed: str = ""
) -> str:
    """Write a new CSV file with exact names and bytes; gives its path. Names that are not UTF-8
    keep their bytes; what is not listed is said in the last line. Raises ServiceError, EXISTS if
    there is one already."""
    target, _ = new_name(typed.strip())
    with NewFile(target) as file:
        line = io.StringIO()
        writer = csv.writer(line, lineterminator="\n")
        writer.writerow([column.title for column in columns])
        for _, cells in rows:
            writer.writerow([plain_text(cell) for cell in cells])
            file.stream.write(line.getvalue().encode("utf-8", "surrogateescape"))
            line.seek(0)
            line.truncate()
        if not_listed:
            writer.writerow([not_listed, *[""] * (len(columns) - 1)])
        file.stream.write(line.getvalue().encode("utf-8", "surrogateescape"))
        file.put_in_place()
    return str(target)


def row_text(columns: Sequence[Column], row: Row) -> str:
    """A row in full, one cell below the other."""
    told = ((column.title, plain_text(cell)) for column, cell in zip(columns, row, strict=False))
    return "\n".join(f"{title}: {text}" for title, text in told if text)
