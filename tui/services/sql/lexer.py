"""Tokens of PostgreSQL's SQL, cut where the server's own scanner cuts them.

Source of the rules: `src/backend/parser/scan.l` and `src/fe_utils/psqlscan.l` of PostgreSQL 16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class TokenKind(Enum):
    """What a token is, as far as splitting and classifying need to know."""

    WORD = "word"
    """An unquoted identifier or keyword."""
    QUOTED = "quoted"
    """`"…"` or `U&"…"`."""
    STRING = "string"
    """Any string constant, dollar-quoted ones included."""
    NUMBER = "number"
    SYMBOL = "symbol"
    """One character of punctuation or of an operator."""
    BACKSLASH = "backslash"
    """A psql command: from the backslash to the end of the line."""


class Token(NamedTuple):
    """One token; comments and white space have none."""

    kind: TokenKind
    text: str
    start: int
    """Offset in characters from the start of the text."""
    end: int
    word: str = ""
    """A WORD in capitals (ASCII only, as the server folds it); empty for everything else."""
    depth: int = 0
    """How many parentheses are open around it; a parenthesis itself counts as outside."""


_LETTER = r"[A-Za-z_\x80-\U0010ffff]"
_NAME = _LETTER + r"[A-Za-z0-9_$\x80-\U0010ffff]*+"
_SPACE = re.compile(r"(?:[ \t\n\r\f\v]|--[^\n\r]*+)++")
_START = re.compile(
    r"(?P<string>(?:[eEnNbBxX]|[uU]&)?')"
    r'|(?P<quoted>(?:[uU]&)?"(?:[^"]|"")*+"?)'
    rf"|(?P<word>{_NAME})"
    # With the letters that follow at once: from version 15 on the server takes `1a$b$` for one
    # junk token, earlier ones for a number and a name; to neither a dollar quote begins in it.
    rf"|(?P<number>\.?[0-9][0-9.]*+(?:{_NAME})?)"
    rf"|(?P<dollar>\$(?:{_LETTER}[A-Za-z0-9_\x80-\U0010ffff]*+)?\$)"
    rf"|(?P<parameter>\$[0-9]++(?:{_NAME})?)"
    r"|(?P<backslash>\\[^\n\r]*+)"
    r"|(?P<symbol>.)",
    re.DOTALL,
)
_KINDS = {
    "string": TokenKind.STRING,
    "dollar": TokenKind.STRING,
    "quoted": TokenKind.QUOTED,
    "word": TokenKind.WORD,
    "number": TokenKind.NUMBER,
    "backslash": TokenKind.BACKSLASH,
}
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_CONTINUED = re.compile(
    r"(?:[ \t\f\v]|--[^\n\r]*+)*+[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*+[\n\r])*+'",
)
"""After a closing quote: white space with a line break in it and a quote go on with the string."""
_PLAIN_REST = re.compile(r"[^']*+('?)")
_ESCAPED_REST = re.compile(r"(?:[^'\\]|\\.|'')*+('?)", re.DOTALL)
_ASCII_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def upper(text: str) -> str:
    """Capitals for ASCII letters only: PostgreSQL folds no others in keywords."""
    return text.upper() if text.isascii() else text.translate(_ASCII_UPPER)


def tokens(text: str, *, backslash_escapes: bool = False) -> Iterator[Token]:
    """Every token of `text`, in order.

    `backslash_escapes` is true on a server with `standard_conforming_strings = off`, where a
    backslash escapes in plain strings too. What is not closed ends with the text.
    """
    position = 0
    depth = 0
    while position < len(text):
        end = _skip(text, position)
        if end > position:
            position = end
            continue
        kind, end = _measure(text, position, backslash_escapes)
        piece = text[position:end]
        if piece == ")":
            depth = max(0, depth - 1)
        word = upper(piece) if kind is TokenKind.WORD else ""
        yield Token(kind, piece, position, end, word, depth)
        if piece == "(":
            depth += 1
        position = end


def _skip(text: str, position: int) -> int:
    """The end of the white space or comment at `position`; `position` itself if there is none."""
    if text.startswith("/*", position):
        end = _comment_end(text, position)
        # One that is not closed is left to be a token, so that the server sees and rejects it:
        # dropping it would run `DELETE FROM t /* WHERE id = 1` without its condition.
        return position if end is None else end
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _comment_end(text: str, position: int) -> int | None:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return None


def _measure(text: str, position: int, backslash_escapes: bool) -> tuple[TokenKind, int]:
    """What begins at `position`, where there is neither white space nor a closed comment."""
    start = _START.match(text, position)
    assert start is not None
    name, end = start.lastgroup or "", start.end()
    if name == "string":
        letter = upper(text[position])
        escapes = letter == "E" or (letter in "'N" and backslash_escapes)
        end = _string_end(text, end, escapes)
    elif name == "dollar":
        closing = text.find(start.group(), end)
        end = len(text) if closing < 0 else closing + len(start.group())
    elif name == "symbol" and text.startswith("/*", position):
        # Not closed, or it would have been skipped.
        end = len(text)
    return _KINDS.get(name, TokenKind.SYMBOL), end


def _string_end(text: str, position: int, escapes: bool) -> int:
    """The end of a string whose contents begin at `position`, its continuations included."""
    while True:
        rest = (_ESCAPED_REST if escapes else _PLAIN_REST).match(text, position)
        position = rest.end() if rest else len(text)
        if position >= len(text):
            return len(text)
        if text[position] == "'":
            # A doubled quote: in the plain form the second one opens the next stretch.
            position += 1
            continue
        more = _CONTINUED.match(text, position)
        if more is None:
            return position
        position = more.end()
