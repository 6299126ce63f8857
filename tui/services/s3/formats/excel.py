"""Excel workbooks (.xlsx): the values of one sheet at a time."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from tui.services.errors import ErrorKind, ServiceError
from tui.services.formats.damaged import damaged
from tui.services.quantities import size_text
from tui.services.s3.formats.parquet_schema import Schema
from tui.services.s3.formats.table_source import Formula, missing
from tui.services.s3.formats.workbook_parts import WorkbookArchive

LARGEST = 16 * 1024 * 1024
"""Bytes of a workbook that is read whole: its directory stands at its end."""

LARGEST_UNPACKED = 256 * 1024 * 1024
"""Bytes that the parts of a workbook may say they have unpacked."""

WIDEST = 1_000
"""Columns that are shown."""


class ExcelTable:
    """The rows of one sheet; formulas give the value that was stored last, or themselves where none
    was (`Formula`)."""

    def __init__(self, data: bytes, sheet: str | None = None) -> None:
        """`sheet` None means the first one. Raises ServiceError."""
        try:
            import openpyxl
            from openpyxl.utils.exceptions import InvalidFileException

            from tui.services.s3.formats.workbook_cells import SheetCells
        except ImportError as error:
            raise missing("openpyxl", "An Excel workbook") from error
        # What openpyxl lets through of zipfile, of the XML parser and of its own converters.
        self._errors: tuple[type[Exception], ...] = (
            InvalidFileException, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError,
            AttributeError, IndexError, OSError, EOFError, SyntaxError, NotImplementedError,
            # zipfile's answer to a part with a password.
            RuntimeError,
        )  # fmt: skip
        try:
            parts = WorkbookArchive(io.BytesIO(data))
            unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > LARGEST_UNPACKED:
                raise ServiceError(
                    f"The workbook has {size_text(unpacked)} unpacked; at most "
                    f"{size_text(LARGEST_UNPACKED)} are read.",
                    hint="Download it to open it elsewhere.",
                    kind=ErrorKind.INVALID,
                )
            parts.check()
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            # Sheets are opened when their rows are read.
            book._archive = parts  # noqa: SLF001  # there is no public way to bound a row
            self.sheets = tuple(each.title for each in book.worksheets)
            if not self.sheets:
                raise ValueError("It has no sheet.")
            self.sheet = sheet or self.sheets[0]
            self._cut = self._has_formulas = False
            self._rows = self._bounded(SheetCells(book, book[self.sheet]).rows())
            self._first = list(islice(self._rows, 200))
        except self._errors as error:
            raise damaged("Excel", error) from error
        width = max((len(row) for row in self._first), default=0)
        self.columns = [_letters(number) for number in range(width)]
        self.numeric = frozenset(
            at for at in range(width) if _mostly_numbers([row[at : at + 1] for row in self._first])
        )
        self.more = True

    @property
    def facts(self) -> str:
        """Which sheet it is, and what of it is not shown as a value."""
        found = [f"Excel · sheet {self.sheet} ({len(self.sheets)} in all)"]
        if self._cut:
            found.append(f"columns after {_letters(WIDEST - 1)} are not shown")
        if self._has_formulas:
            found.append("ƒ: a formula whose value is not stored")
        return " · ".join(found)

    def _bounded(self, rows: Iterator[list[object]]) -> Iterator[list[object]]:
        """The rows without what is too far to the right; notes what is special in them."""
        for row in rows:
            if len(row) > WIDEST:
                self._cut = self._cut or any(each is not None for each in row[WIDEST:])
                del row[WIDEST:]
            if not self._has_formulas:
                self._has_formulas = any(isinstance(each, Formula) for each in row)
            yield row

    def describe(self) -> Schema | None:
        """A sheet has no schema."""
        return None

    def read(self, count: int) -> list[list[str | None]]:
        """The next rows. Raises ServiceError."""
        try:
            rows = self._first[:count]
            self._first = self._first[count:]
            rows += islice(self._rows, count - len(rows))
        except self._errors as error:
            self.more = False
            raise damaged("Excel", error) from error
        self.more = len(rows) == count
        width = max((len(row) for row in rows), default=0)
        self.columns += [_letters(number) for number in range(len(self.columns), width)]
        # A cell behind the last one that is stored is as empty as one before it.
        wide = len(self.columns)
        return [[*map(_text, row), *[None] * (wide - len(row))] for row in rows]


def _text(value: object) -> str | None:
    match value:
        case None | Formula():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return _duration(value)
        case _:
            return str(value)


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds, as `[h]:mm:ss` shows them: 26:30:00."""
    sign, size = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(size.days * 86_400 + size.seconds, 60)
    part = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}{part}"


def _mostly_numbers(cells: list[list[object]]) -> bool:
    values = [cell[0] for cell in cells if cell and cell[0] is not None]
    numbers = sum(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
    return bool(values) and numbers * 2 > len(values)


def _letters(number: int) -> str:
    """The name of a column, counted from 0: A, B, … Z, AA."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
