"""Cut a text into statements the way psql does, and find the one at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from tui.services.sql.text.lexer import (
    BLANKS,
    Token,
    TokenKind,
    run_end,
    simple_statement,
    token_at,
    tokens,
)
from tui.services.sql.text.repeated_rows import compact_tokens
from tui.services.sql.text.script_data import ScriptData, data_behind, is_blank, takes_data

_LONG = 4000
"""Characters of a statement from which on it is worth looking for rows that are alike."""
_ENDED = frozenset({TokenKind.LIST, TokenKind.WORD, TokenKind.NUMBER})
"""Tokens that a blank ends."""
_BIND = re.compile(r"\\bind(?![^ \t\r\f\v])[^\\]*\Z")
"""A command that gives values, and nothing in its line that sends the statement."""


@dataclass(frozen=True)
class GivenValue:
    """A value that stands in a statement in the place of a parameter."""

    name: str
    """Of the parameter."""
    value: str | None
    """None for NULL."""
    start: int
    """Offset of what is sent for it, in the statement's text."""
    end: int
    written_start: int
    """Offset of the parameter, in the statement as it was written."""
    written_end: int


@dataclass(frozen=True)
class Statement:
    """One statement of a larger text, sent to the server exactly as it stands there; but for the
    values of its parameters."""

    text: str
    """What is sent. Without the semicolon; comments in front belong to it (planner hints live in
    them). It may hold values that are shown nowhere: what is shown is `shown`."""
    start: int
    """Offset in the whole, in characters."""
    end: int
    """Offset in the whole after its last character."""
    keyword: str
    """Its first word in capitals ("SELECT"), or `\\` for a psql command."""
    backslash_escapes: bool = False
    """How it was cut: see `split`."""
    written: str | None = None
    """As it stands in the whole, where that is not what is sent."""
    values: tuple[GivenValue, ...] = field(default=(), repr=False)
    """Those in it, in order."""
    data: ScriptData | None = field(default=None, repr=False)
    """The lines behind it that a COPY … FROM STDIN sends; they are never SQL."""
    bound: tuple[str, ...] | None = field(default=None, repr=False)
    """The values of `$1`, `$2`, …, which go to the server beside the text; None if none were given
    with `\\bind`."""
    is_repeated: bool = False
    """Whether it is run again by itself: the history keeps its first run only."""

    @property
    def shown(self) -> str:
        """As it was written: with its parameters, and without their values."""
        return self.text if self.written is None else self.written

    def place(self, offset: int) -> int:
        """Where in the whole a character of `text` was written; for one of a value, where its
        parameter begins."""
        shift = 0
        for each in self.values:
            if offset < each.start:
                break
            if offset < each.end:
                return self.start + each.written_start
            shift = each.written_end - each.end
        return self.start + offset + shift

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Their offsets count from the start of `text`; many constants or rows are one LIST. Made
        when asked for: of a long text only one statement is run."""
        if len(self.text) < _LONG:
            return tuple(tokens(self.text, backslash_escapes=self.backslash_escapes, lists=True))
        return compact_tokens(self.text, backslash_escapes=self.backslash_escapes)

    @property
    def is_closed(self) -> bool:
        """Whether what is written behind it is no part of it: no string, comment or parenthesis
        of it is left open."""
        if not self.tokens:
            return False
        last = self.tokens[-1]
        if last.depth or last.text == "(":
            return False
        if last.kind in _ENDED:
            return True
        text = last.text
        if text[0] == text[-1] == "'" and text.count("'") == 2 and "\\" not in text:
            return True
        behind = f"{self.text[last.start :]}\n;"
        ends = token_at(behind, 0, backslash_escapes=self.backslash_escapes)
        return ends is not None and ends.end == last.end - last.start

    @property
    def words(self) -> tuple[str, ...]:
        """The unquoted words in capitals, in order."""
        return tuple(token.word for token in self.tokens if token.word)


def split(
    text: str, *, backslash_escapes: bool = False, is_file: bool = False
) -> tuple[Statement, ...]:
    """The statements of `text`; empty ones and lone comments are left out.

    A semicolon ends a statement outside parentheses and outside the `BEGIN ATOMIC … END` body
    of a function. A psql command (`\\d users`) at the start of a line is a statement of its own.
    The lines behind a `COPY … FROM STDIN;`, up to a line `\\.`, are its data; in a file they are,
    as in psql, also if no such line ends them.
    """
    pieces = _pieces(text, backslash_escapes=backslash_escapes, is_file=is_file)
    return tuple(statement for statement, _ in pieces if statement is not None)


def statement_at(text: str, cursor: int, *, backslash_escapes: bool = False) -> Statement | None:
    """The statement that a person at offset `cursor` means.

    The one around the cursor, with the data of a COPY; right behind a semicolon, on the same line,
    the one that it ends; in the space between two, the next; behind the last, the last. None if
    there is none.
    """
    previous: Statement | None = None
    previous_end = 0
    for statement, end in _pieces(text, backslash_escapes=backslash_escapes):
        if statement is None:
            continue
        if previous is not None and cursor < statement.start:
            same_line = "\n" not in text[previous_end:cursor]
            return previous if same_line else statement
        if cursor <= end:
            if previous is not None and not text[previous_end:cursor].strip():
                same_line = "\n" not in text[previous_end:cursor]
                return previous if same_line and cursor == previous_end else statement
            return statement
        previous, previous_end = statement, end
    return previous


def _pieces(
    text: str, *, backslash_escapes: bool, is_file: bool = False
) -> Iterator[tuple[Statement | None, int]]:
    """Each statement with the offset behind its semicolon, or behind its data."""
    position = depth = 0
    is_last = False
    while not is_last:
        piece = cut(text, position, backslash_escapes=backslash_escapes, depth=depth)
        is_last, position, depth = piece.is_open, piece.end, piece.depth
        if not piece.takes_data:
            yield piece.statement, len(text) if is_last else position
            continue
        *before, last = in_line(text, piece)
        # Behind the last one there are at most blanks and a comment in the line.
        position = last.end
        for each in before:
            statement, position = _with_data(each, text, position, is_file)
            yield statement, each.end
        statement, position = _with_data(last, text, position, is_file)
        yield statement, position


class Piece(NamedTuple):
    """What is cut from a text at once."""

    statement: Statement | None
    """None for an empty one."""
    ending: Token | None
    """The semicolon or the command that ends it; None if the text ends before it."""
    end: int
    """Where what comes next begins."""
    depth: int = 0
    """How many parentheses are open there: a command ends a statement within them, too."""

    @property
    def is_open(self) -> bool:
        """Whether the text ended first."""
        return self.ending is None

    @property
    def takes_data(self) -> bool:
        """Whether lines of data may follow."""
        statement, ending = self.statement, self.ending
        if statement is None or ending is None or statement.keyword not in {"COPY", "\\"}:
            return False
        return takes_data(statement.tokens, ending)


def cut(text: str, position: int, *, backslash_escapes: bool, depth: int = 0) -> Piece:
    """The statement that begins at a position, where so many parentheses are open."""
    found = None
    if not depth:
        found = simple_statement(text, position, backslash_escapes=backslash_escapes)
    if found is None or found.word == "CREATE":
        return _cut_by_tokens(text, position, backslash_escapes=backslash_escapes, depth=depth)
    whole, start, word, at = found
    statement = Statement(whole, start, start + len(whole), word, backslash_escapes)
    return Piece(statement, Token(TokenKind.SYMBOL, ";", at, at + 1), at + 1)


def _cut_by_tokens(text: str, position: int, *, backslash_escapes: bool, depth: int) -> Piece:
    begun = last_end = position
    first: Token | None = None
    ending: Token | None = None
    keyword = ""
    body = _AtomicBody()
    while token := token_at(text, position, backslash_escapes=backslash_escapes):
        position = token.end
        if token.text == ";" and depth == 0 and not body.is_open:
            ending = token
            break
        if token.text == ")":
            depth = max(0, depth - 1)
        first = first or token
        if not keyword and token.text != "(":
            keyword = token.word or token.text[:1]
        if keyword == "CREATE":
            body.feed(token.word, depth)
        if token.text == "(":
            depth += 1
        last_end = position
        if token.kind is TokenKind.BACKSLASH:
            ending = token
            behind = token_at(text, position, backslash_escapes=backslash_escapes)
            if _BIND.match(token.text) and behind is not None and _sends(behind):
                # It only gives values; what sends the statement stands in a line below it.
                ending, position = behind, behind.end
                last_end = position
            break
        if keyword and (keyword != "CREATE" or body.never_opens):
            position = last_end = run_end(text, position, backslash_escapes=backslash_escapes)
    statement: Statement | None = None
    if first is not None:
        start = first.start - len(text[begun : first.start].lstrip(BLANKS))
        # A comment behind the last token says nothing to the server.
        statement = Statement(text[start:last_end], start, last_end, keyword, backslash_escapes)
    return Piece(statement, ending, position, depth)


def _sends(token: Token) -> bool:
    return token.text == ";" or token.kind is TokenKind.BACKSLASH


def in_line(text: str, first: Piece) -> list[Piece]:
    """A COPY that takes data, and what follows it in the same line: as psql reads lines, its data
    and that of those begin behind the line, in their order. It alone if one of them goes on there.
    """
    end = text.find("\n", first.end)
    line = text[first.end : end] if end >= 0 else ""
    found, position = [first], 0
    escapes = first.statement is not None and first.statement.backslash_escapes
    while not is_blank(line, position):
        piece = cut(line, position, backslash_escapes=escapes)
        statement = piece.statement
        if piece.is_open:
            return [first]
        if statement is not None:
            statement = replace(
                statement, start=statement.start + first.end, end=statement.end + first.end
            )
        position = piece.end
        found.append(piece._replace(statement=statement, end=position + first.end))
    return found


def _with_data(
    piece: Piece, text: str, position: int, is_file: bool
) -> tuple[Statement | None, int]:
    """A statement with its data, if it is a COPY that takes some, which is looked for in the lines
    behind a position; and where what comes next begins."""
    statement = piece.statement
    if statement is not None and piece.takes_data:
        data = data_behind(text, position, to_the_end=is_file)
        if data is not None:
            lines = ScriptData(text[data.start : data.end], data.start - statement.start)
            return replace(statement, data=lines), data.behind
    return statement, position


class _AtomicBody:
    """Whether the semicolons now belong to the body of a function in standard SQL.

    `CREATE [OR REPLACE] {FUNCTION | PROCEDURE} … BEGIN ATOMIC …; …; END`, where a CASE … END may
    stand inside.
    """

    def __init__(self) -> None:
        self._head: list[str] = []
        self._last = ""
        self._depth = 0

    @property
    def is_open(self) -> bool:
        return self._depth > 0

    @property
    def never_opens(self) -> bool:
        """Whether it is known that what is created is no routine."""
        return len(self._head) == 4 and not self._makes_routine()

    def feed(self, word: str, depth: int) -> None:
        """The next word, empty for another token, and how many parentheses are open around it."""
        if len(self._head) < 4:
            self._head.append(word)
        if not self._makes_routine() or depth > 0:
            return
        if self._depth == 0:
            self._depth = int(word == "ATOMIC" and self._last == "BEGIN")
        elif word == "CASE":
            self._depth += 1
        elif word == "END":
            self._depth -= 1
        self._last = word

    def _makes_routine(self) -> bool:
        head = self._head
        if head[:1] != ["CREATE"]:
            return False
        kind = head[3:4] if head[1:3] == ["OR", "REPLACE"] else head[1:2]
        return kind in (["FUNCTION"], ["PROCEDURE"])
