"""A result as the table of text that psql prints, with its widths and its marks for line breaks.

Source of the rules: `print_aligned_text` in `src/fe_utils/print.c` and `pg_wcsformat` in
`src/fe_utils/mbprint.c` of PostgreSQL 18.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from tui.services.sql.export.copy_text import read_text_line
from tui.services.sql.models import ResultColumn

_RIGHT = frozenset(
    {"smallint", "integer", "bigint", "real", "double precision", "numeric", "oid", "xid", "xid8",
     "cid", "money"}
)  # fmt: skip
"""Types whose values stand at the right."""

_PLAIN = re.compile(rb"[\t -\[\]-~]*\n")
"""A line of COPY's text format whose fields are printed as they are."""

_TAB = 8
_HELD = 16 * 1024 * 1024
"""Bytes of rows that wait in memory until the widths are known; more wait in a file."""


class AlignedText:
    """Takes lines of COPY's text format. The widths are known behind the last row: until then the
    rows are in a file without a name."""

    def __init__(self, columns: Sequence[ResultColumn], stream: BinaryIO) -> None:
        self._stream = stream
        self._heads = [lines_of(column.name) for column in columns]
        self._right = [column.type_name in _RIGHT for column in columns]
        self._widths = [max(width for _, width in head) for head in self._heads]
        self._rows = 0
        self._waiting = tempfile.SpooledTemporaryFile(_HELD)  # noqa: SIM115 - `finish` closes it
        self.write: Callable[[bytes], object] = self._write

    def _write(self, line: bytes) -> None:
        self._rows += 1
        self._waiting.write(line)
        if not self._widths:
            return
        widths: Iterable[int]
        if _PLAIN.fullmatch(line):
            widths = map(len, line[:-1].split(b"\t"))
        else:
            widths = (max(width for _, width in cell) for cell in _cells(line))
        self._widths = list(map(max, self._widths, widths))

    def finish(self) -> tuple[str, ...]:
        with self._waiting as rows:
            write = self._stream.write
            if self._widths:
                self._write_head()
                plain = self._plain_pattern()
                rows.seek(0)
                for line in rows:
                    if _PLAIN.fullmatch(line):
                        write(plain % tuple(line[:-1].split(b"\t")))
                    else:
                        self._write_lines(_cells(line))
            else:
                write(b"--\n")
            count = "1 row" if self._rows == 1 else f"{self._rows} rows"
            write(f"({count})\n\n".encode())
            self._stream.flush()
        return ()

    def give_up(self) -> None:
        """Let go of the rows that wait."""
        self._waiting.close()

    def _plain_pattern(self) -> bytes:
        last = len(self._widths) - 1
        cells = []
        for at, (width, right) in enumerate(zip(self._widths, self._right, strict=True)):
            if right:
                cells.append(f"%{width}s")
            else:
                # What stands at the left of the last column has no blanks behind it.
                cells.append("%s" if at == last else f"%-{width}s")
        return (" " + " | ".join(cells) + "\n").encode()

    def _write_head(self) -> None:
        height = max(len(head) for head in self._heads)
        last = len(self._heads) - 1
        for at in range(height):
            line = ""
            for number, (head, width) in enumerate(zip(self._heads, self._widths, strict=True)):
                text, taken = head[at] if at < len(head) else ("", 0)
                free = width - taken
                mark = "+" if at + 1 < len(head) else " "
                line += f" {' ' * (free // 2)}{text}{' ' * (free - free // 2)}{mark}"
                line += "|" if number < last else "\n"
            self._stream.write(line.encode("utf-8", "surrogateescape"))
        rule = "+".join("-" * (width + 2) for width in self._widths)
        self._stream.write(f"{rule}\n".encode())

    def _write_lines(self, cells: Sequence[Sequence[tuple[str, int]]]) -> None:
        last = len(cells) - 1
        for at in range(max(len(cell) for cell in cells)):
            line = ""
            for number, cell in enumerate(cells):
                text, taken = cell[at] if at < len(cell) else ("", 0)
                is_here, goes_on = at < len(cell), at + 1 < len(cell)
                gap = " " * (self._widths[number] - taken)
                if is_here and self._right[number]:
                    text = gap + text
                elif number < last or goes_on:
                    text += gap
                mark = "+" if goes_on else " " if number < last else ""
                line += f" {text}{mark}" + ("|" if number < last else "\n")
            self._stream.write(line.encode("utf-8", "surrogateescape"))


def _cells(line: bytes) -> list[list[tuple[str, int]]]:
    return [
        lines_of("" if value is None else value.decode("utf-8", "surrogateescape"))
        for value in read_text_line(line)
    ]


def lines_of(text: str) -> list[tuple[str, int]]:
    """The lines of a value as they are printed, each with its width."""
    return [_printed(line) for line in text.split("\n")]


def _printed(line: str) -> tuple[str, int]:
    if line.isascii() and line.isprintable():
        return line, len(line)
    parts: list[str] = []
    width = 0
    for character in line:
        if character == "\t":
            shown, taken = " " * (_TAB - width % _TAB), _TAB - width % _TAB
        elif character == "\r":
            shown, taken = "\\r", 2
        elif unicodedata.category(character) == "Cc":
            code = ord(character)
            shown = f"\\x{code:02X}" if code < 0x80 else f"\\u{code:04X}"
            taken = len(shown)
        else:
            shown, taken = character, _width(character)
        parts.append(shown)
        width += taken
    return "".join(parts), width


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
