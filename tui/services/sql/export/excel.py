"""A result as an Excel workbook. What Excel would change (long numbers, old dates) is text.

Limits: "Excel specifications and limits", support.microsoft.com.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.export.copy_text import read_text_line
from tui.services.sql.models import ResultColumn

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CHARACTERS = 32_767
"""Of a sheet, of a sheet, of a cell."""

DIGITS = 15
"""Digits of a number that Excel keeps."""

_FIRST_DATE = date(1900, 3, 1)
"""Excel takes 1900 for a leap year; before this day its dates differ from everybody's."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?")
_TO_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x0d\x0e-\x1f\ufffe\uffff]")
"""What cannot stand in a workbook, and what would be read as its escape (ECMA-376, ST_Xstring)."""

_INTEGERS = frozenset({"smallint", "integer", "bigint", "oid", "numeric"})
_FLOATS = frozenset({"real", "double precision"})

Value = str | int | float | bool | date | datetime | None


class ExcelFile:
    """Takes lines of COPY's text format."""

    def __init__(self, columns: tuple[ResultColumn, ...], stream: BinaryIO) -> None:
        try:
            from openpyxl import Workbook
        except ImportError as error:
            raise ServiceError(
                "Writing Excel needs the package openpyxl.", hint="Install tristore[formats]."
            ) from error
        if len(columns) > MAX_COLUMNS:
            raise ServiceError(f"A sheet of Excel has {MAX_COLUMNS:,} columns at most.")
        self._book = Workbook(write_only=True)
        self._stream = stream
        self._columns = columns
        self._kinds = [column.type_name for column in columns]
        self._sheets = 0
        self._in_sheet = 0
        self._long = 0
        self._sheet = self._next_sheet()
        self.write: Callable[[bytes], object] = self._write

    def _next_sheet(self) -> WriteOnlyWorksheet:
        self._sheets += 1
        name = "Result" if self._sheets == 1 else f"Result {self._sheets}"
        sheet: WriteOnlyWorksheet = self._book.create_sheet(name)
        sheet.freeze_panes = "A2"
        sheet.append([self._text(sheet, column.name) for column in self._columns])
        self._in_sheet = 1
        return sheet

    def _write(self, line: bytes) -> None:
        if self._in_sheet == MAX_ROWS:
            self._sheet = self._next_sheet()
        values = read_text_line(line) if self._columns else []
        sheet = self._sheet
        cells: list[object] = []
        for raw, kind, column in zip(values, self._kinds, self._columns, strict=True):
            if raw is None:
                cells.append(None)
                continue
            value = excel_value(_decoded(raw, column.name), kind)
            if isinstance(value, str):
                if len(value) > MAX_CHARACTERS:
                    raise ServiceError(
                        f"A cell of Excel holds {MAX_CHARACTERS:,} characters; in the column "
                        f"{column.name} is one of {len(value):,}.",
                        hint="Choose another format, or shorten it in the statement.",
                        kind=ErrorKind.INVALID,
                    )
                self._long += kind in _INTEGERS
                cells.append(self._text(sheet, value))
            else:
                cells.append(value)
        sheet.append(cells)
        self._in_sheet += 1

    def _text(self, sheet: WriteOnlyWorksheet, text: str) -> object:
        """A cell that holds a text; what begins with = is no formula."""
        escaped = _TO_ESCAPE.sub(lambda one: f"_x{ord(one.group()):04X}_", text)
        if not escaped.startswith("="):
            return escaped
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(sheet, escaped)
        cell.data_type = "s"
        return cell

    def finish(self) -> tuple[str, ...]:
        self._book.save(self._stream)
        self._stream.flush()
        notes = []
        if self._sheets > 1:
            notes.append(f"A sheet has {MAX_ROWS:,} rows: there are {self._sheets} sheets.")
        if self._long:
            notes.append(f"{self._long:,} numbers of more than {DIGITS} digits are text.")
        return tuple(notes)

    def give_up(self) -> None:
        """Remove the files in the system's folder for such, in which openpyxl keeps the rows."""
        for sheet in self._book.worksheets:
            if not sheet.closed:
                sheet.close()
            with suppress(OSError, ValueError):
                sheet._writer.cleanup()  # noqa: SLF001 - it has no other way


def _decoded(raw: bytes, column: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        # Of a database of no encoding (SQL_ASCII).
        raise ServiceError(
            f"The column {column} has bytes that are not UTF-8: a workbook cannot hold them.",
            hint="Choose CSV, which gets the bytes as they are.",
            kind=ErrorKind.INVALID,
        ) from error


def excel_value(text: str, kind: str) -> Value:
    """What Excel has for a value of a type, if it holds that exactly; else the text."""
    if kind in _INTEGERS:
        return _number(text)
    if kind in _FLOATS:
        return _float(text)
    if kind == "boolean":
        return text == "t"
    if kind == "date" and _DATE.fullmatch(text):
        day = _date(text)
        return day if day is not None and day >= _FIRST_DATE else text
    if kind == "timestamp without time zone" and _TIMESTAMP.fullmatch(text):
        moment = _moment(text)
        return moment if moment is not None and moment.date() >= _FIRST_DATE else text
    return text


def _number(text: str) -> Value:
    if not _NUMBER.fullmatch(text):
        return text
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    if len(digits) > DIGITS:
        return text
    return float(text) if "." in text else int(text)


def _float(text: str) -> Value:
    """A float that Excel keeps: it shows and reads 15 digits of it."""
    try:
        number = float(text)
    except ValueError:
        return text
    if number - number != 0 or Decimal(text) != Decimal(f"{number:.{DIGITS}g}"):
        return text
    return number


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
