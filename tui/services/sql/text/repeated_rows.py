"""Rows of VALUES, and of IN lists, that differ only in their constants: many are one token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tui.services.sql.text.lexer import (
    NOT_IN_NAME,
    NUMBER,
    Token,
    TokenKind,
    tokens,
)

_MOST_TOKENS = 300
"""Of a row; others like a longer one are not looked for."""
_MOST_SHAPES = 12
"""Of the rows of one statement. For each an expression is made, which takes a millisecond."""
_MOST_MISSES = 100
"""Rows in succession that are like no other one, after which the others are read one by one."""
_ROWS_AT_ONCE = 200
"""Rows that one match takes: no other thread runs during it."""

_BLANKS = r"[ \t\n\r\f\v]"
_NEXT_ROW = re.compile(rf"{_BLANKS}*+,{_BLANKS}*+\(")
# No comments, and no strings that go on in a further line: a row with one is read by itself.
_ESCAPED = r"'(?:[^'\\]++|\\.|'')*+'"
_PLAIN = r"(?:'[^']*+')++"
_CONSTANT_WORDS = "|".join(
    "".join(f"[{each}{each.lower()}]" for each in word)
    for word in ("NULL", "TRUE", "FALSE", "DEFAULT")
)
_EXACTLY = frozenset({TokenKind.WORD, TokenKind.QUOTED})
_CONSTANTS = frozenset({TokenKind.STRING, TokenKind.NUMBER})
_EDGES = frozenset({"(", ")", ","})


def compact_tokens(text: str, *, backslash_escapes: bool) -> tuple[Token, ...]:
    """The tokens of a statement, few of a long one.

    A LIST among them stands for many constants with a comma behind each, or for many rows with a
    comma before each. Each of these rows is like another one that stands before them: all that is
    no constant in it is there, too.
    """
    known: dict[str, re.Pattern[str]] = {}
    found: list[Token] = []
    position: int | None = 0
    depth = misses = 0
    while position is not None:
        rest = tokens(
            text, backslash_escapes=backslash_escapes, lists=True, position=position, depth=depth
        )
        position = None
        for token in rest:
            found.append(token)
            if token.text != ")" or misses > _MOST_MISSES:
                continue
            if not _NEXT_ROW.match(text, token.end):
                continue
            _learn(text, found, known, backslash_escapes=backslash_escapes)
            end = _rows_end(text, token.end, known)
            misses = misses + 1 if end == token.end else 0
            if not misses:
                rows = text[token.end : end]
                found.append(Token(TokenKind.LIST, rows, token.end, end, "", token.depth))
                position, depth = end, token.depth
                break
    return tuple(found)


def _rows_end(text: str, position: int, known: dict[str, re.Pattern[str]]) -> int:
    """The end of the last of the rows that follow and are like known ones."""
    before = -1
    while before < position:
        before = position
        for pattern in known.values():
            while row := pattern.match(text, position):
                position = row.end()
    return position


def _learn(
    text: str,
    found: Sequence[Token],
    known: dict[str, re.Pattern[str]],
    *,
    backslash_escapes: bool,
) -> None:
    """Add the expression for rows like the one that ends with the last token."""
    last = found[-1]
    for at in range(len(found) - 2, max(-1, len(found) - _MOST_TOKENS), -1):
        if found[at].depth == last.depth and found[at].text in {"(", ")"}:
            break
    else:
        return
    if len(known) == _MOST_SHAPES or found[at].text == ")":
        # What closes a parenthesis that was never opened is no row.
        return
    row = text[found[at].start : last.end]
    shape = _shape(tuple(tokens(row, backslash_escapes=backslash_escapes)), backslash_escapes)
    if shape and shape not in known:
        rows = rf"(?:{_BLANKS}*+,{_BLANKS}*+{shape}){{1,{_ROWS_AT_ONCE}}}+"
        known[shape] = re.compile(rows, re.DOTALL)


def _constant(*, backslash_escapes: bool) -> str:
    strings = _ESCAPED if backslash_escapes else rf"[eE]{_ESCAPED}|{_PLAIN}"
    return rf"{NUMBER}|{strings}"


def _shape(row: Sequence[Token], backslash_escapes: bool) -> str:
    """An expression for the rows with the same tokens but for their constants; empty where it would
    take something for them that is read otherwise."""
    if len(row) > _MOST_TOKENS or not _is_plain(row):
        return ""
    constant = _constant(backslash_escapes=backslash_escapes)
    item = rf"(?:[+-]?{constant}|(?:{_CONSTANT_WORDS})(?![^{NOT_IN_NAME}.]))"
    parts: list[str] = []
    number = 0
    while number < len(row):
        token = row[number]
        length = _item_length(row, number)
        if length:
            parts.append(item)
        else:
            length = 1
            is_constant = token.kind in _CONSTANTS
            parts.append(f"(?:{constant})" if is_constant else re.escape(token.text))
        number += length
        if number == len(row):
            break
        before, after = row[number - 1], row[number]
        if before.text in _EDGES or after.text in _EDGES:
            parts.append(f"{_BLANKS}*+")
        elif before.end != after.start:
            parts.append(f"{_BLANKS}++")
    return "".join(parts)


def _item_length(row: Sequence[Token], number: int) -> int:
    """How many tokens from one on are a constant that is all between two commas or parentheses; 0
    if they are none."""
    if row[number - 1].text not in {"(", ","}:
        return 0
    token = row[number]
    length = 1
    if token.text in {"+", "-"} and row[number + 1].kind is TokenKind.NUMBER:
        length = 2 if row[number + 1].start == token.end else 0
    elif token.kind not in _CONSTANTS and token.word not in {"NULL", "TRUE", "FALSE", "DEFAULT"}:
        return 0
    return length if length and row[number + length].text in {")", ","} else 0


def _is_plain(row: Sequence[Token]) -> bool:
    """Whether rows with other constants have the same tokens: nothing in it becomes another token
    with what stands behind it, and no parameter is in it."""
    for token in row:
        if token.kind is TokenKind.BACKSLASH or token.text[:1] == "$" or token.text == ";":
            return False
        if token.kind is TokenKind.SYMBOL and len(token.text) > 1:
            return False
    is_cast = False
    for before, after in pairwise(row):
        glued = before.end == after.start
        if after.kind in _CONSTANTS and (
            before.text == "." or (glued and before.kind is not TokenKind.SYMBOL)
        ):
            return False
        if before.text == ":" and not is_cast:
            # A colon alone may begin a parameter, which is asked for in each row.
            if after.text != ":" or not glued:
                return False
            is_cast = True
        elif before.text == ":":
            if after.kind not in _EXACTLY:
                return False
            is_cast = False
    return True
