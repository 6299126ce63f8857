"""The parts of a workbook, as far as they can be read without taking the memory."""

from __future__ import annotations

import io
import re
import zipfile
from typing import IO, Any

MOST_TAGS = 200_000
"""Tags in one row of a sheet: the 16,384 cells that Excel allows have some 65,000."""

LONGEST_ROW = 16 * 1024 * 1024
"""Bytes of one row of a sheet."""

LARGEST_PART = 64 * 1024 * 1024
"""Bytes of a part that is read whole: the shared texts, the styles."""

MOST_TAGS_WHOLE = 1_000_000
"""Tags of a part that is read whole: a quarter million different texts."""

_SHEETS = re.compile(r"xl/(work|chart|dialog|macro)sheets/[^/]+\.xml", re.IGNORECASE)
_ROW = re.compile(rb"[<:]row[\s/>]")
_BLOCK = 64 * 1024


class _Rows(io.RawIOBase):
    """A sheet that fails where a single row is too long: the parser keeps a row as a whole."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self._tags = self._bytes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = _BLOCK if size is None or size < 0 else size
        data = self._source.read(min(wanted, _BLOCK))
        rows = [match.start() for match in _ROW.finditer(data)]
        if rows:
            self._tags = self._bytes = 0
        begin = rows[-1] if rows else 0
        self._tags += data.count(b"<", begin)
        self._bytes += len(data) - begin
        if self._tags > MOST_TAGS or self._bytes > LONGEST_ROW:
            raise ValueError("A row of the sheet is longer than a row of a workbook can be.")
        return data

    def close(self) -> None:
        self._source.close()
        super().close()


class WorkbookArchive(zipfile.ZipFile):
    """An archive whose sheets are read row by row."""

    def open(self, name: Any, *arguments: Any, **options: Any) -> Any:  # as zipfile has it
        source = super().open(name, *arguments, **options)
        path = name.filename if isinstance(name, zipfile.ZipInfo) else name
        return _Rows(source) if _SHEETS.fullmatch(path) else source

    def check(self) -> None:
        """Raise ValueError if a part that is read whole is too large. Unpacks them once."""
        for part in self.infolist():
            if _SHEETS.fullmatch(part.filename) or not part.filename.endswith((".xml", ".rels")):
                continue
            size = tags = 0
            with super().open(part) as source:
                while block := source.read(_BLOCK):
                    size, tags = size + len(block), tags + block.count(b"<")
                    if size > LARGEST_PART or tags > MOST_TAGS_WHOLE:
                        raise ValueError(f"{part.filename} is too large to be read whole.")
