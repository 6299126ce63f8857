"""The cells of a sheet as they are stored. Imports openpyxl, so import it where it is used.

openpyxl gives either the values of formulas or the formulas. Here a formula whose value was never
stored (a program has written the workbook, and no spreadsheet has computed it) is told from an
empty cell.
"""

# What is needed of a workbook that is read row by row, openpyxl keeps in private attributes.
# ruff: noqa: SLF001

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE, is_datetime
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from tui.services.s3.formats.table_source import Formula


class SheetCells(WorkSheetParser):  # type: ignore[misc]  # openpyxl has no types
    """Reads the rows of one sheet of a workbook that was opened read-only, with its values."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self._file: io.BufferedIOBase = sheet._get_source()
        super().__init__(
            self._file,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
        )
        self._dates = frozenset(book._date_formats)
        self._durations = frozenset(book._timedelta_formats)
        self._days = _date_only(book)
        self._shared: dict[str, tuple[str, str]] = {}
        """The formulas that other cells share: text and cell, by their numbers."""

    def rows(self) -> Iterator[list[object]]:
        """The values from the first row to the last one that is stored."""
        behind = 1
        with self._file:
            for number, cells in self.parse():
                for _ in range(behind, number):
                    yield []
                behind = number + 1
                row: list[object] = [None] * max((cell["column"] for cell in cells), default=0)
                for cell in cells:
                    row[cell["column"] - 1] = cell["value"]
                yield row

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """A cell, with what is stored where openpyxl has no value for it."""
        cell: dict[str, Any] = super().parse_cell(element)
        formula, kind = element.find(FORMULA_TAG), element.get("t", "n")
        if formula is not None:
            if formula.get("t") == "shared" and formula.text:
                self._shared[formula.get("si")] = f"={formula.text}", element.get("r", "A1")
            if cell["value"] is None:
                # A program that computes nothing leaves an empty value, without a type.
                stored = kind == "str" and element.find(VALUE_TAG) is not None
                cell["value"] = "" if stored else self._formula(formula, element.get("r", "A1"))
        if kind == "n" and cell["style_id"] in self._dates:
            cell["value"] = self._date(cell["value"], cell["style_id"])
        return cell

    def _date(self, value: object, style: int) -> object:
        """What a number is as a date, a time or a duration; the number where it can be none."""
        if not isinstance(value, int | float):
            return value
        try:
            moment = from_excel(value, self.epoch, timedelta=style in self._durations)
        except (OverflowError, ValueError):
            return value
        whole = isinstance(moment, datetime) and moment.time() == time()
        return moment.date() if whole and style in self._days else moment

    def _formula(self, formula: Any, at: str) -> Formula:
        if formula.text:
            return Formula(f"={formula.text}")
        text, home = self._shared.get(formula.get("si"), ("", ""))
        try:
            return Formula(Translator(text, home).translate_formula(at) if text else "=?")
        except (TokenizerError, TranslatorError, ValueError, IndexError):
            return Formula("=?")


def _date_only(book: Any) -> frozenset[int]:
    """The styles that show a day without a time."""
    found = set()
    for number in book._date_formats:
        at = book._cell_styles[number].numFmtId
        if at < BUILTIN_FORMATS_MAX_SIZE:
            shown = BUILTIN_FORMATS.get(at, "")
        else:
            shown = book._number_formats[at - BUILTIN_FORMATS_MAX_SIZE]
        if is_datetime(shown) == "date":
            found.add(number)
    return frozenset(found)
