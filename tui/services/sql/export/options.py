"""What an export is told, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Format(Enum):
    """The kinds of files. The value is the end of their names."""

    CSV = ".csv"
    TSV = ".tsv"
    JSON_LINES = ".jsonl"
    PARQUET = ".parquet"
    EXCEL = ".xlsx"
    ALIGNED = ".txt"

    @classmethod
    def of(cls, name: str) -> Format:
        """The kind of a file by the end of its name; a table of text for every other end."""
        return next((each for each in cls if name.lower().endswith(each.value)), cls.ALIGNED)

    @property
    def label(self) -> str:
        """What people call it."""
        return _LABELS[self]

    @property
    def is_delimited(self) -> bool:
        """Whether it is lines of fields, in which something has to stand for NULL."""
        return self in {Format.CSV, Format.TSV}


_LABELS = {
    Format.CSV: "CSV",
    Format.TSV: "TSV (tabs)",
    Format.JSON_LINES: "JSON Lines",
    Format.PARQUET: "Parquet",
    Format.EXCEL: "Excel",
    Format.ALIGNED: "Text (a table, as psql prints it)",
}


@dataclass(frozen=True)
class ExportOptions:
    """How a result is written."""

    format: Format = Format.CSV
    header: bool = True
    """Whether CSV and TSV begin with the names of the columns."""
    null: str = ""
    """What stands for NULL in CSV and TSV, without quotes; a text that is the same is quoted."""
    as_text: bool = False
    """Whether every column of a Parquet file is text, as the server prints it."""
    measured: bool = False
    """Whether precision and scale of the columns are asked for; always for Parquet."""


@dataclass(frozen=True)
class Exported:
    """What was written."""

    rows: int
    notes: tuple[str, ...] = ()
    """What is not as one may expect, a sentence each."""
    limits: tuple[tuple[int | None, int | None], ...] = ()
    """Precision and scale of each column, where they were asked for."""
