"""The lines of data behind a `COPY … FROM STDIN;` in a script, up to a line `\\.`; pg_dump writes
such scripts.

Source of the rules: `handleCopyIn` in `src/bin/psql/copy.c` of PostgreSQL 18.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tui.services.quantities import size_text
from tui.services.sql.text.lexer import Token, TokenKind, tokens

_REST_OF_LINE = re.compile(r"[ \t\r\f\v]*(?:--[^\n]*)?\n")
_BLANK = re.compile(r"[ \t\r\f\v]*(?:--[^\n]*)?\Z")
_SENDS = re.compile(r"\\gx?[ \t\r\f\v;]*")
_META_COPY = re.compile(r"\\copy\s.*\bfrom\s+stdin(?:\s|;|$)", re.IGNORECASE | re.DOTALL)

END = "\\."
"""A line of this alone ends the data."""


@dataclass
class CopyProgress:
    """How far a COPY has come; written by its thread, read by anybody."""

    done: int = 0
    """Bytes sent or received."""
    total: int = 0
    """Bytes of the file that is sent; 0 if it is not known."""

    measured: Callable[[], int] | None = None
    """Tells `done`, where nobody counts."""

    @property
    def text(self) -> str:
        """ "12 MB of 40 MB"."""
        of = f" of {size_text(self.total)}" if self.total else ""
        return f"{size_text(self.done if self.measured is None else self.measured())}{of}"


class DataLines(Protocol):
    """What gives lines of data, as bytes."""

    def __call__(self, size: int, /) -> bytes:
        """The next of them, nothing at the end."""
        ...


@dataclass(frozen=True)
class ScriptData:
    """The data of one COPY."""

    text: str
    """Its lines, each with its end; without the line that ends them."""
    start: int
    """Where it begins, in characters from the start of the statement."""
    progress: CopyProgress = field(default_factory=CopyProgress, compare=False)

    @property
    def size(self) -> int:
        """Bytes of all; 0 where that is not known."""
        return len(self.text.encode("utf-8", "surrogateescape"))

    def reader(self, errors: str) -> DataLines:
        """Reads it from its beginning."""
        return io.BytesIO(self.text.encode("utf-8", errors)).read

    def place(self, line: int) -> int:
        """Where one of its lines begins, counted from 1, in characters from the start of the
        statement."""
        at = 0
        for _ in range(line - 1):
            behind = self.text.find("\n", at) + 1
            if not behind or behind == len(self.text):
                break
            at = behind
        return self.start + at


def is_copy_from_stdin(found: Iterable[Token]) -> bool:
    """Whether a COPY takes text from the client. STDIN and STDOUT are one word to the grammar of
    the server; binary rows are no lines."""
    depth = 0
    is_from = decided = False
    before = ""
    for token in found:
        if token.text in {"(", ")"}:
            depth += 1 if token.text == "(" else -1
        if token.word == "BINARY" or (
            token.kind is TokenKind.STRING
            and before == "FORMAT"
            and token.text.lower() == "'binary'"
        ):
            return False
        if not depth and not decided and before in {"FROM", "TO"}:
            decided = True
            is_from = before == "FROM" and token.word in {"STDIN", "STDOUT"}
        before = token.word
    return is_from


def takes_data(found: Sequence[Token], ending: Token) -> bool:
    """Whether lines of data may follow a COPY or a backslash command: a COPY … FROM STDIN that ends
    in a semicolon or `\\g`, or a `\\copy … from stdin`, whose data psql reads from the script."""
    if found[0].kind is TokenKind.BACKSLASH:
        # A query in it may have these words, too.
        is_worth_it = _META_COPY.match(ending.text)
        return bool(is_worth_it) and is_copy_from_stdin(tokens(ending.text.lstrip("\\")))
    ends = ending.text == ";" or _SENDS.fullmatch(ending.text)
    return bool(ends) and is_copy_from_stdin(found)


class DataPlace(NamedTuple):
    """Where the data of a COPY stands in a text."""

    start: int
    end: int
    behind: int
    """The end of the line that ends it."""


def is_blank(line: str, position: int) -> bool:
    """Whether nothing but a comment stands in a line from a position on."""
    return bool(_BLANK.match(line, position))


def data_behind(text: str, position: int, *, to_the_end: bool) -> DataPlace | None:
    """Where the data of a COPY stands; `position` is behind its semicolon or `\\g`. None if no data
    follows: something else stands in the line, or nothing ends the data and it does not go on
    `to_the_end` of the text."""
    found = _REST_OF_LINE.match(text, position)
    if found is None:
        return None
    start = at = found.end()
    while (at := text.find(END, at)) >= 0:
        behind = at + len(END)
        if text[behind : behind + 1] == "\r":
            behind += 1
        if text[at - 1] == "\n" and text[behind : behind + 1] in {"\n", ""}:
            return DataPlace(start, at, behind)
        at += len(END)
    return DataPlace(start, len(text), len(text)) if to_the_end else None
