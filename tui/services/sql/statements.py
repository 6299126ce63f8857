"""Cut a text into statements the way psql does, and find the one at the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tui.services.sql.lexer import Token, TokenKind, tokens

_BLANKS = " \t\n\r\f\v"


@dataclass(frozen=True)
class Statement:
    """One statement of a larger text, sent to the server exactly as it stands there."""

    text: str
    """Without the semicolon; comments in front belong to it (planner hints live in them)."""
    start: int
    """Offset of `text` in the whole, in characters."""
    end: int
    """Offset after the last character of `text`."""
    keyword: str
    """Its first word in capitals ("SELECT"), or `\\` for a psql command."""
    backslash_escapes: bool = False
    """How it was cut: see `split`."""

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Their offsets count from the start of `text`. Made when asked for: of a long text only
        one statement is run."""
        return tuple(tokens(self.text, backslash_escapes=self.backslash_escapes))

    @property
    def words(self) -> tuple[str, ...]:
        """The unquoted words in capitals, in order."""
        return tuple(token.word for token in self.tokens if token.word)


def split(text: str, *, backslash_escapes: bool = False) -> tuple[Statement, ...]:
    """The statements of `text`; empty ones and lone comments are left out.

    A semicolon ends a statement outside parentheses and outside the `BEGIN ATOMIC … END` body
    of a function. A psql command (`\\d users`) at the start of a line is a statement of its own.
    """
    return tuple(
        statement
        for statement, _ in _pieces(text, backslash_escapes=backslash_escapes)
        if statement is not None
    )


def statement_at(text: str, cursor: int, *, backslash_escapes: bool = False) -> Statement | None:
    """The statement that a person at offset `cursor` means.

    The one around the cursor; right behind a semicolon, on the same line, the one that it ends;
    in the space between two, the next; behind the last, the last. None if there is none.
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


def _pieces(text: str, *, backslash_escapes: bool) -> list[tuple[Statement | None, int]]:
    """Each statement with the offset behind its semicolon."""
    found: list[tuple[Statement | None, int]] = []
    first: Token | None = None
    last: Token | None = None
    keyword = ""
    body = _AtomicBody()
    begun = 0

    def finish(end: int, *, last: Token | None) -> None:
        nonlocal first, keyword, body, begun
        statement: Statement | None = None
        if first is not None and last is not None:
            blank = len(text[begun : first.start].lstrip(_BLANKS))
            start = first.start - blank
            # A comment behind the last token says nothing to the server.
            statement = Statement(
                text[start : last.end], start, last.end, keyword, backslash_escapes
            )
        found.append((statement, end))
        first, keyword, body, begun = None, "", _AtomicBody(), end

    for token in tokens(text, backslash_escapes=backslash_escapes):
        if token.text == ";" and token.depth == 0 and not body.is_open:
            finish(token.end, last=last)
            last = None
            continue
        if first is None:
            first = token
        if not keyword and token.text != "(":
            keyword = token.word or token.text[:1]
        if keyword == "CREATE":
            body.feed(token)
        last = token
        if token.kind is TokenKind.BACKSLASH:
            finish(token.end, last=token)
            last = None
    finish(len(text), last=last)
    return found


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

    def feed(self, token: Token) -> None:
        if len(self._head) < 4:
            self._head.append(token.word)
        if not self._makes_routine() or token.depth > 0:
            return
        word = token.word
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
