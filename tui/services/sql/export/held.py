"""Write the rows of a result that are here: nothing is asked of the server. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.copies import as_json
from tui.services.sql.export.copy_text import csv_line, text_line, unique
from tui.services.sql.export.options import Exported, ExportOptions, Format
from tui.services.sql.export.sinks import giving_up, sink_for
from tui.services.sql.models import ResultColumn, Row

_NONE = 1_000_000
"""Digits that no type has."""

LOOK_EVERY = 500
"""Rows after which it is looked whether to stop."""


def write_rows(
    rows: Sequence[Row],
    columns: tuple[ResultColumn, ...],
    options: ExportOptions,
    stream: BinaryIO,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Exported:
    """Write `rows` into `stream`, until `stopped`. Raises ServiceError and OSError."""
    return Exported(len(rows), write_lines(rows, columns, options, stream, stopped=stopped))


def write_lines(
    rows: Iterable[Row],
    columns: tuple[ResultColumn, ...],
    options: ExportOptions,
    stream: BinaryIO,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """As `write_rows`, of rows that may still be on their way; what has to be said of the file. For
    Parquet they have to be here."""
    limits: tuple[tuple[int | None, int | None], ...] = ()
    if options.format is Format.PARQUET and not options.as_text:
        assert isinstance(rows, Sequence), "they are gone through twice"
        limits = tuple(_limits_of(columns, rows, stopped))
    prints = {"DateStyle": "ISO", "bytea_output": "hex"}
    sink = sink_for(options, columns, limits, stream, prints=prints)
    with giving_up(sink):
        for line in _lines(rows, columns, options):
            sink.write(line.encode("utf-8", "surrogateescape"))
            if stopped():
                raise ServiceError("Cancelled.", kind=ErrorKind.CANCELLED)
        return sink.finish()


def _lines(
    rows: Iterable[Row], columns: Sequence[ResultColumn], options: ExportOptions
) -> Iterator[str]:
    if options.format is Format.JSON_LINES:
        names = unique([column.name for column in columns])
        own = [
            ResultColumn(name, column.type_name, column.numeric)
            for name, column in zip(names, columns, strict=True)
        ]
        for row in rows:
            yield as_json(own, row).replace("\r", " ").replace("\n", " ") + "\n"
    elif options.format in {Format.EXCEL, Format.ALIGNED}:
        yield from map(text_line, rows)
    elif options.format is Format.PARQUET:
        yield from map(csv_line, rows)
    else:
        delimiter = "\t" if options.format is Format.TSV else ","
        if options.header:
            # A header has no NULL, and "" is no name that must be told from it.
            yield csv_line(tuple(column.name for column in columns), delimiter, options.null)
        for row in rows:
            yield csv_line(row, delimiter, options.null)


def _limits_of(
    columns: Sequence[ResultColumn], rows: Sequence[Row], stopped: Callable[[], bool]
) -> Iterator[tuple[int | None, int | None]]:
    """The most digits in all, and behind the point, that the numbers of each column have."""
    wanted = [n for n, column in enumerate(columns) if column.type_name == "numeric"]
    whole = dict.fromkeys(wanted, 0)
    behind = dict.fromkeys(wanted, 0)
    for number, row in enumerate(rows):
        for n in wanted:
            value = row[n]
            if value is not None:
                before, _, after = value.lstrip("-").partition(".")
                # NaN and infinity fit no number of Parquet.
                whole[n] = max(whole[n], len(before) if before.isdigit() else _NONE)
                behind[n] = max(behind[n], len(after))
        if number % LOOK_EVERY == 0 and stopped():
            raise ServiceError("Cancelled.", kind=ErrorKind.CANCELLED)
    for n in range(len(columns)):
        yield (max(whole[n] + behind[n], 1), behind[n]) if n in whole else (None, None)
