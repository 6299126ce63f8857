"""What rows go through on their way to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from tui.services.sql.export.copy_text import json_line
from tui.services.sql.export.options import ExportOptions, Format
from tui.services.sql.models import ResultColumn


class Sink(Protocol):
    """Takes the lines of a COPY, each in a call of its own."""

    write: Callable[[bytes], object]

    def finish(self) -> tuple[str, ...]:
        """Write what is left; what has to be said of the file."""
        ...

    def give_up(self) -> None:
        """Let go of what it holds: the file is not wanted."""
        ...


class LineSink:
    """Lines that are written as they come."""

    def __init__(self, stream: BinaryIO) -> None:
        # The file's own method: one of ours would be called a million times.
        self.write: Callable[[bytes], object] = stream.write
        self._stream = stream

    def finish(self) -> tuple[str, ...]:
        self._stream.flush()
        return ()

    def give_up(self) -> None:
        """Nothing is held."""


class JsonLines:
    """One JSON document a line."""

    def __init__(self, stream: BinaryIO) -> None:
        write = stream.write
        self._stream = stream

        def write_line(line: bytes) -> None:
            write(json_line(line))

        self.write: Callable[[bytes], object] = write_line

    def finish(self) -> tuple[str, ...]:
        self._stream.flush()
        return ()

    def give_up(self) -> None:
        """Nothing is held."""


def sink_for(
    options: ExportOptions,
    columns: tuple[ResultColumn, ...],
    limits: tuple[tuple[int | None, int | None], ...],
    stream: BinaryIO,
    *,
    prints: dict[str, str],
) -> Sink:
    """What writes a format. `limits` are precision and scale of each column as far as they are
    known; `prints` how the server prints dates and bytes. Raises ServiceError if a library is
    missing, or if the format cannot hold these columns."""
    if options.format is Format.PARQUET:
        from tui.services.sql.export.parquet import ParquetFile

        return ParquetFile(options, columns, limits, stream, prints=prints)
    if options.format is Format.EXCEL:
        from tui.services.sql.export.excel import ExcelFile

        return ExcelFile(columns, stream)
    if options.format is Format.ALIGNED:
        from tui.services.sql.export.aligned import AlignedText

        return AlignedText(columns, stream)
    return JsonLines(stream) if options.format is Format.JSON_LINES else LineSink(stream)


@contextmanager
def giving_up(sink: Sink) -> Iterator[None]:
    """Lets a sink go if what is inside fails."""
    try:
        yield
    except BaseException:
        sink.give_up()
        raise
