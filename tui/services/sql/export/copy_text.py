"""The COPY statements of an export, and rows in the forms that COPY gives them.

Source: "COPY" in the manual of PostgreSQL, "Text Format" and "CSV Format".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui.services.quoting import quote_literal
from tui.services.sql.export.options import ExportOptions, Format
from tui.services.sql.models import Row

JSON_QUOTE = b"\x01"
"""In JSON no control character stands as it is, so this one can quote a line that has line breaks,
which a value of type json may have."""


@dataclass(frozen=True)
class CopyText:
    """A COPY around a query."""

    head: str
    tail: str

    def around(self, query: str) -> str:
        """The whole statement. The line breaks end a comment at the end of the query."""
        return f"{self.head}{query}{self.tail}"


def copy_text(options: ExportOptions, names: Sequence[str]) -> CopyText:
    """How to COPY a query with columns of these names."""
    if options.format is Format.JSON_LINES:
        aliases = ", ".join(_quoted(name) for name in unique(names))
        row = "row"
        while row in names:
            # A column of this name would be taken instead of the row.
            row += "_"
        alias = f'"{row}"({aliases})' if names else f'"{row}"'
        return CopyText(
            # The query is the user's own.
            f'COPY (SELECT pg_catalog.row_to_json("{row}") FROM (\n',  # noqa: S608
            f"\n) AS {alias}) TO STDOUT WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')",
        )
    if options.format in {Format.EXCEL, Format.ALIGNED}:
        return CopyText("COPY (\n", "\n) TO STDOUT")
    if options.format is Format.PARQUET:
        return CopyText("COPY (\n", "\n) TO STDOUT WITH (FORMAT csv)")
    header = "true" if options.header else "false"
    delimiter = "E'\\t'" if options.format is Format.TSV else "','"
    null = quote_literal(options.null)
    return CopyText(
        "COPY (\n",
        f"\n) TO STDOUT WITH (FORMAT csv, HEADER {header}, DELIMITER {delimiter}, NULL {null})",
    )


def _quoted(name: str) -> str:
    """A name in double quotes, character for character: nothing of it is shown or pasted."""
    return '"' + name.replace('"', '""') + '"'


def unique(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that were there before; none is empty."""
    taken = set(names)
    found: list[str] = []
    seen: set[str] = set()
    for position, name in enumerate(names, 1):
        wanted = name or f"column{position}"
        number = 2
        chosen = wanted
        while chosen in seen or (chosen != name and chosen in taken):
            chosen = f"{wanted}_{number}"
            number += 1
        seen.add(chosen)
        found.append(chosen)
    return found


# -- rows that are here already ------------------------------------------------------------------

_LINE_BREAKS = re.compile(r"[\r\n]")
_ESCAPES = {
    "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
}  # fmt: skip
_TO_ESCAPE = re.compile(r"[\\\b\f\n\r\t\v]")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_MEANT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def csv_line(row: Row, delimiter: str = ",", null: str = "") -> str:
    """A line of CSV, as COPY writes it."""
    alone = len(row) == 1
    fields = (
        null if value is None else _csv_field(value, delimiter, null, alone=alone) for value in row
    )
    return delimiter.join(fields) + "\n"


def _csv_field(value: str, delimiter: str, null: str, *, alone: bool) -> str:
    special = (
        delimiter in value
        or '"' in value
        or value == null
        or _LINE_BREAKS.search(value)
        or (alone and value == "\\.")
    )
    return '"' + value.replace('"', '""') + '"' if special else value


def text_line(row: Row) -> str:
    """A line of COPY's text format."""
    fields = (
        "\\N" if value is None else _TO_ESCAPE.sub(lambda one: _ESCAPES[one.group()], value)
        for value in row
    )
    return "\t".join(fields) + "\n"


def read_text_line(line: bytes) -> list[bytes | None]:
    """The values of a line of COPY's text format; None is NULL."""
    return [_value(field) for field in line[:-1].split(b"\t")]


def _value(field: bytes) -> bytes | None:
    if field == b"\\N":
        return None
    if b"\\" not in field:
        return field
    return _ESCAPED.sub(lambda one: _MEANT.get(one[1], one[1]), field)


def json_line(line: bytes) -> bytes:
    """A line that COPY made of a JSON document, on one line and without its quotes.

    A line break is in no string of JSON, so a blank means the same.
    """
    if not line.startswith(JSON_QUOTE):
        return line
    return line[1:-2].replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"
