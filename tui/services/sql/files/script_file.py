"""The statements of a file of any size, one after another; of its text a part is held at a time.

The lines of data behind a `COPY … FROM STDIN;` are read when they are sent: nobody holds them
whole. Everything here blocks and raises ServiceError.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.files.sql_files import MAX_BYTES, encoding_of, not_decoded
from tui.services.sql.models import ConnectionLostError, SqlError
from tui.services.sql.text.copy_text import file_line
from tui.services.sql.text.lexer import TokenKind
from tui.services.sql.text.script_data import CopyProgress, ScriptData, is_blank
from tui.services.sql.text.statements import Piece, Statement, cut, in_line

CHUNK = 1024 * 1024
"""Bytes that are read at once; more where a statement is longer."""

_END = re.compile(r"^\\\.\r?$", re.MULTILINE)
"""The line that ends data."""
_LONGEST_END = 3


@dataclass(frozen=True)
class StreamedData(ScriptData):
    """Data that is read from its file when it is sent; once."""

    line: int = 1
    """The line of the file with which it begins."""
    more: Callable[[], str] = lambda: ""
    """The next lines, or a part of one; nothing at the end."""

    def place(self, line: int) -> int:
        """It stands in no text; its lines are counted: see `placed`."""
        return 0

    def reader(self, errors: str) -> Callable[[int], bytes]:
        """Reads it; each answer is about as long as a part of the file that is read at once."""
        return lambda _: self.more().encode("utf-8", errors)


@dataclass(frozen=True)
class ScriptStatement(Statement):
    """A statement of a file. Its offsets count from where it begins."""

    line: int = 1
    """The line of the file with which it begins."""
    has_command: bool = False
    """Whether it is a backslash command, or ends in one."""


def is_long(path: str) -> bool:
    """Whether a file is run piece by piece, as it is too long to be held."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > MAX_BYTES


class ScriptFile:
    """Reads a file from its beginning to its end, once. Used by one thread at a time, but for
    `progress`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.progress = CopyProgress()
        """How far it is read."""
        self.count = 0
        """Statements that were given so far."""
        try:
            self._stream = open(path, "rb", buffering=0)  # noqa: SIM115 - `close` closes it
        except OSError as error:
            raise self._unreadable(error) from error
        self.mark = self._mark_now()
        """Another one when the file has changed."""
        self.progress.total = os.fstat(self._stream.fileno()).st_size
        head = self._read(4)
        self._encoding = encoding_of(head)
        self._decoder = codecs.getincrementaldecoder(
            "utf-16" if self._encoding.startswith("utf-16") else self._encoding
        )()
        self._text = ""
        self._at = 0
        self._line = 1
        """The line of `_at`."""
        self._depth = 0
        self._chunk = CHUNK
        self._is_over = False
        self._ready: deque[ScriptStatement] = deque()
        self._data = 0
        """The number of the data that is read now; 0 if none is."""
        self._last_data = 0
        self._within = False
        """Whether what is read next begins within a line of data."""
        self._take(head)

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return Path(self.path).name

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # -- statements -------------------------------------------------------------------------------

    def next(self, *, backslash_escapes: bool) -> ScriptStatement | None:
        """The next statement, None behind the last one. Data of the one before that was not read
        is passed over."""
        while self._data:
            self._more(self._data)
        while not self._ready:
            piece = cut(
                self._text, self._at, backslash_escapes=backslash_escapes, depth=self._depth
            )
            if not self._is_over and self._is_cut_off(piece):
                self._fill()
                continue
            self._chunk = CHUNK
            self._depth = piece.depth
            self._put(piece)
            if piece.is_open:
                break
        if not self._ready:
            return None
        statement = self._ready.popleft()
        self.count += 1
        if isinstance(statement.data, StreamedData):
            # Those before it in the same line have been read: its own begins here.
            self._begin_data()
            number = self._data
            data = replace(statement.data, line=self._line, more=lambda: self._more(number))
            return replace(statement, data=data)
        return statement

    def _is_cut_off(self, piece: Piece) -> bool:
        """Whether the piece may go on behind what was read so far."""
        if piece.is_open or piece.end == len(self._text):
            return True
        if piece.ending is not None and piece.ending.kind is TokenKind.BACKSLASH:
            # What sends a statement with values may stand in the next line.
            return not self._text[piece.end :].strip()
        return piece.takes_data and self._text.find("\n", piece.end) < 0

    def _put(self, piece: Piece) -> None:
        """Take a piece, and what stands in the same line if it is a COPY that takes data."""
        pieces = in_line(self._text, piece) if piece.takes_data else [piece]
        end = self._text.find("\n", pieces[-1].end)
        rest = self._text[pieces[-1].end : len(self._text) if end < 0 else end]
        has_data = piece.takes_data and is_blank(rest, 0)
        for each in pieces:
            if each.statement is None:
                continue
            start = each.statement.start
            self._ready.append(
                ScriptStatement(
                    each.statement.text,
                    0,
                    each.statement.end - start,
                    each.statement.keyword,
                    each.statement.backslash_escapes,
                    data=StreamedData("", 0) if has_data and each.takes_data else None,
                    line=self._line + self._text.count("\n", self._at, start),
                    has_command=each.ending is not None
                    # Behind the values of \bind the semicolon belongs to the statement.
                    and (
                        each.ending.kind is TokenKind.BACKSLASH or each.statement.text.endswith(";")
                    ),
                )
            )
        self._go_to(pieces[-1].end)

    # -- data -------------------------------------------------------------------------------------

    def _begin_data(self) -> None:
        """Go behind the end of the line."""
        end = self._text.find("\n", self._at)
        self._go_to(len(self._text) if end < 0 else end + 1)
        self._last_data += 1
        self._data, self._within = self._last_data, False

    def _more(self, number: int) -> str:
        """The next part of the data, "" at its end."""
        while self._data == number:
            text, at = self._text, self._at
            start = text.find("\n", at) + 1 if self._within else at
            found = _END.search(text, start) if start or not self._within else None
            if found is not None and (self._is_over or found.end() < len(text)):
                self._data = 0
                self._go_to(found.end())
                return text[at : found.start()]
            if self._is_over:
                self._data = 0
                self._go_to(len(text))
                return text[at:]
            end = text.rfind("\n", at) + 1
            if end <= at and len(text) - at > _LONGEST_END:
                self._within = True
                self._go_to(len(text))
                return text[at:]
            if end > at:
                self._within = False
                self._go_to(end)
                return text[at:end]
            self._fill()
        return ""

    # -- text -------------------------------------------------------------------------------------

    def _go_to(self, at: int) -> None:
        self._line += self._text.count("\n", self._at, at)
        self._at = at

    def _fill(self) -> None:
        """Read on; what was given already is dropped."""
        self._text, self._at = self._text[self._at :], 0
        data = self._read(self._chunk)
        if self._mark_now() != self.mark:
            # What was not looked through is not run.
            raise ServiceError(
                f"{self.name} was changed while it was read, near line {self._line}.",
                hint="Nothing behind that line was run.",
                kind=ErrorKind.CHANGED,
            )
        # What is cut again from its beginning each time is cut seldom.
        self._chunk = max(self._chunk, len(self._text))
        self._take(data)
        self._is_over = not data

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size) or b""
        except OSError as error:
            raise self._unreadable(error) from error

    def _mark_now(self) -> tuple[int, ...]:
        status = os.fstat(self._stream.fileno())
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

    def _take(self, data: bytes) -> None:
        self.progress.done += len(data)
        try:
            text = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            line = self._line + self._text.count("\n") + data.count(b"\n", 0, error.start)
            raise not_decoded(self.path, self._encoding, f"line {line}") from error
        if "\0" in text:
            raise ServiceError(
                f"{self.name} is not a text: it has NUL characters.", kind=ErrorKind.INVALID
            )
        self._text += text

    def _unreadable(self, error: OSError) -> ServiceError:
        cause = f"{error.strerror or error}: {self.path}"
        return ServiceError(f"{self.name} could not be read.", cause=cause)


def placed(error: ServiceError, statement: Statement, name: str) -> ServiceError:
    """The error of a statement of a file, with the file and the line said first."""
    if isinstance(error, ConnectionLostError) or not isinstance(statement, ScriptStatement):
        return error
    line = statement.line
    offset = error.offset if isinstance(error, SqlError) else None
    in_data = file_line(error.cause) if isinstance(statement.data, StreamedData) else 0
    if isinstance(statement.data, StreamedData) and in_data:
        line = statement.data.line + in_data - 1
    elif offset is not None:
        line += statement.text.count("\n", 0, offset)
    return SqlError(
        f"{name}, line {line}: {error.message}",
        cause=error.cause,
        hint=error.hint,
        code=error.code,
        kind=error.kind,
        notices=error.notices if isinstance(error, SqlError) else (),
    )
