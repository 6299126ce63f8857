"""Tokens of PostgreSQL's SQL, cut where the server's own scanner cuts them.

Source of the rules: `src/backend/parser/scan.l` and `src/fe_utils/psqlscan.l` of PostgreSQL 16.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
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
    LIST = "list"
    """Constants with a comma behind each, in one: `1, 2, 'x',`. Only if asked for."""
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


# As the characters that are not in a name, all of them ASCII: a set that goes up to the last of
# Unicode takes milliseconds to compile, and longer to match.
_LETTER = r"[^\x00-@\[-\^`{-\x7f]"
NOT_IN_NAME = r"\x00-#%-\-/:-@\[-\^`{-\x7f"
"""For a set; the point, which is in no name either, is left out."""
_NAME = rf"{_LETTER}[^{NOT_IN_NAME}.]*+"
_COMMENT = r"--[^\n\r]*+"
# One that holds another one is skipped by `_comment_end`.
_FLAT_COMMENT = r"/\*(?:[^*/]++|\*(?!/)|/(?!\*))*+\*/"
SKIPPED = rf"[ \t\n\r\f\v]*+(?:(?:{_COMMENT}|{_FLAT_COMMENT})[ \t\n\r\f\v]*+)*+"
_CONTINUED = rf"'(?:[ \t\f\v]|{_COMMENT})*+[\n\r](?:[ \t\n\r\f\v]|{_COMMENT}[\n\r])*+'"
"""After a closing quote: white space with a line break in it and a quote go on with the string."""
_PLAIN_BODY = r"[^']*+(?:''[^']*+)*+"
_ESCAPED_BODY = r"(?:[^'\\]++|\\.|'')*+"
_QUOTED = r'(?:[uU]&)?"(?:[^"]|"")*+"?'
# With the letters that follow at once: from version 15 on the server takes `1a$b$` for one
# junk token, earlier ones for a number and a name; to neither a dollar quote begins in it.
NUMBER = rf"\.?[0-9][0-9.]*+(?:{_NAME})?"
_PARAMETER = rf"\$[0-9]++(?:{_NAME})?"


def strings_of(*, backslash_escapes: bool) -> str:
    """Every string constant but dollar-quoted ones, with its continuations; what is not closed goes
    on to the end of the text."""
    escaped, plain = (
        ("[eEnN]?", "(?:[bBxX]|[uU]&)") if backslash_escapes else ("[eE]", "(?:[nNbBxX]|[uU]&)?")
    )
    return "|".join(
        rf"{prefix}'{body}(?:{_CONTINUED}{body})*+'?"
        for prefix, body in ((escaped, _ESCAPED_BODY), (plain, _PLAIN_BODY))
    )


@cache
def _token_pattern(*, backslash_escapes: bool, lists: bool = False) -> re.Pattern[str]:
    strings = strings_of(backslash_escapes=backslash_escapes)
    # The first of the two ways is only the faster one.
    simple = "[0-9]++" if backslash_escapes else "(?:[0-9]++|'[^']*+')"
    constant = rf"[{BLANKS}]*+{simple},|{SKIPPED}(?:{NUMBER}|{strings}){SKIPPED},"
    constants = rf"(?:{constant}){{2,{_LONGEST_LIST}}}+"
    return re.compile(
        SKIPPED
        + (rf"(?:(?P<list>{constants})|" if lists else "(?:")
        + rf"(?P<string>{strings})|(?P<quoted>{_QUOTED})|(?P<word>{_NAME})|(?P<number>{NUMBER})"
        rf"|(?P<dollar>\$(?:{_LETTER}[^{NOT_IN_NAME}.$]*+)?\$)|(?P<parameter>{_PARAMETER})"
        r"|(?P<backslash>\\[^\n\r]*+)|(?P<symbol>.)|\Z)",
        re.DOTALL,
    )


@cache
def _run_pattern(*, backslash_escapes: bool) -> re.Pattern[str]:
    strings = strings_of(backslash_escapes=backslash_escapes)
    simple = (
        rf"{strings}|{_QUOTED}|{_NAME}|{NUMBER}|{_PARAMETER}|[^;()\\$/ \t\n\r\f\v-]|-(?!-)|/(?!\*)"
    )
    listed = rf"\((?:{SKIPPED}(?:{simple}|\({SKIPPED}\))){{0,{_LONGEST_LIST}}}+{SKIPPED}\)"
    return re.compile(rf"(?:{SKIPPED}(?:{simple}|{listed})){{1,{_LONGEST_RUN}}}+", re.DOTALL)


@cache
def _stretch_pattern(*, backslash_escapes: bool) -> re.Pattern[str]:
    pieces = _pieces_of(backslash_escapes=backslash_escapes)
    return re.compile(rf"(?:{pieces}){{1,{_MOST_PIECES}}}+", re.DOTALL)


@cache
def _simple_pattern(*, backslash_escapes: bool) -> re.Pattern[str]:
    """A statement that begins with a word, up to its semicolon."""
    pieces = _pieces_of(backslash_escapes=backslash_escapes)
    return re.compile(
        rf"[{BLANKS}]*+((?:(?:{_COMMENT}|{_FLAT_COMMENT}){SKIPPED})?+([A-Za-z]++)(?=[{BLANKS};(])"
        rf"(?:{pieces}){{0,{_MOST_PIECES}}}+);",
        re.DOTALL,
    )


def _pieces_of(*, backslash_escapes: bool) -> str:
    """An expression for many characters at once, in which no statement ends and all parentheses are
    closed. Words and numbers are not told apart, so what a quote begins is seen from the character
    before it."""
    closed = rf"{_ESCAPED_BODY}(?:{_CONTINUED}{_ESCAPED_BODY})*+'"
    if backslash_escapes:
        string = rf"(?<![bBxX&]'){closed}"
    else:
        plain = rf"(?:(?<![eE]')|(?<=[^{NOT_IN_NAME}.$][eE]'))[^']*+'"
        string = rf"(?:{plain}|(?<=[{NOT_IN_NAME}][eE]'){closed})"
    dollar = rf"\$(?:(?<={_LETTER}\$)|(?<![^{NOT_IN_NAME}.]\$)[0-9]++)"
    simple = rf"[^;()\\$/'\"-]{{1,{_LONGEST_PIECE}}}+|'{string}|\"[^\"]*+\"|-(?!-)|/(?!\*)|{dollar}"
    comments = rf"(?:{_COMMENT}|{_FLAT_COMMENT}){SKIPPED}"
    rows = ""
    for most in (10, 20, 200):
        rows = rf"|\((?:{simple}|{comments}{rows}){{0,{most}}}+\)"
    # A comment in front of a semicolon belongs to no statement.
    behind = r"(?=[^;()\\$/'\"-])"
    return rf"{simple}{rows}|{comments}{behind}"


_LONGEST_LIST = 2000
_LONGEST_RUN = 1000
"""Tokens that one match takes: no other thread runs during it."""
_MOST_PIECES, _LONGEST_PIECE = 250, 4096
"""The same of a stretch, and of how many characters each is."""
_MOST_TAKEN_BACK = 64
"""Characters at the end of a stretch among which the token is looked for that may go on there."""

_KINDS = {
    "string": TokenKind.STRING,
    "dollar": TokenKind.STRING,
    "quoted": TokenKind.QUOTED,
    "word": TokenKind.WORD,
    "number": TokenKind.NUMBER,
    "list": TokenKind.LIST,
    "backslash": TokenKind.BACKSLASH,
}
BLANKS = " \t\n\r\f\v"
"""What the server takes for white space."""
_ENDS_TOKEN = frozenset([*";()\\/-", ""])
"""What no token goes on with that is not an operator."""
_MAY_GO_ON = re.compile(rf"[^{NOT_IN_NAME}]|&")
"""The last character of a token of which the next character may be a part."""
_LINE_END = re.compile(r"[\n\r]")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ASCII_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def upper(text: str) -> str:
    """Capitals for ASCII letters only: PostgreSQL folds no others in keywords."""
    return text.upper() if text.isascii() else text.translate(_ASCII_UPPER)


def has_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words (ASCII, in small letters) is in the text, in any case."""
    # A pattern that looks for them takes fifty times as long.
    folded = text.lower()
    if not text.isascii():
        # What a pattern without case takes for these letters; the last is what is left of İ.
        folded = folded.replace("\u0131", "i").replace("\u017f", "s").replace("\u0307", "")
    return any(word in folded for word in words)


def tokens(
    text: str,
    *,
    backslash_escapes: bool = False,
    lists: bool = False,
    position: int = 0,
    depth: int = 0,
) -> Iterator[Token]:
    """Every token of `text`, in order, from a position on at which so many parentheses are open.
    With `lists` many constants in a row are one token.

    `backslash_escapes` is true on a server with `standard_conforming_strings = off`, where a
    backslash escapes in plain strings too. What is not closed ends with the text.
    """
    pattern = _token_pattern(backslash_escapes=backslash_escapes, lists=lists)
    new, kind_of = tuple.__new__, _KINDS.get
    while position < len(text):
        for found in pattern.finditer(text, position):
            name = found.lastgroup
            if name is None:
                return
            if name == "dollar" or (name == "symbol" and found[name] == "/"):
                # Where these end no expression says.
                break
            piece = found[name]
            start, position = found.span(name)
            word = upper(piece) if name == "word" else ""
            if piece == ")":
                depth = max(0, depth - 1)
            # Token(…) itself takes three times as long, and there may be 100,000 of them.
            kind = kind_of(name, TokenKind.SYMBOL)
            yield new(Token, (kind, piece, start, position, word, depth))
            if piece == "(":
                depth += 1
        token = token_at(text, position, backslash_escapes=backslash_escapes)
        if token is None:
            return
        position = token.end
        if token.text == ")":
            depth = max(0, depth - 1)
        yield token._replace(depth=depth)
        if token.text == "(":
            depth += 1


def token_at(text: str, position: int, *, backslash_escapes: bool) -> Token | None:
    """The first token from `position` on, which is the end of another one; None if there is none.
    Its depth is not told."""
    pattern = _token_pattern(backslash_escapes=backslash_escapes)
    while (found := pattern.match(text, position)) and (name := found.lastgroup):
        start, end = found.span(name)
        if name == "dollar":
            closing = text.find(found[name], end)
            end = len(text) if closing < 0 else closing + end - start
        elif name == "symbol" and text.startswith("/*", start):
            closed = _comment_end(text, start)
            if closed is not None:
                position = closed
                continue
            # One that is not closed is a token, so that the server sees and rejects it: dropping
            # it would run `DELETE FROM t /* WHERE id = 1` without its condition.
            end = len(text)
        piece = text[start:end]
        word = upper(piece) if name == "word" else ""
        return Token(_KINDS.get(name, TokenKind.SYMBOL), piece, start, end, word)
    return None


def run_end(text: str, position: int, *, backslash_escapes: bool) -> int:
    """The end of the last of many tokens from `position` on, none of which ends a statement and
    which close as many parentheses as they open; `position` if none are found."""
    found = _stretch_pattern(backslash_escapes=backslash_escapes).match(text, position)
    if found is not None:
        end = _last_token_end(text, position, found.end())
        if end > position:
            return end
    found = _run_pattern(backslash_escapes=backslash_escapes).match(text, position)
    return found.end() if found else position


def _last_token_end(text: str, position: int, end: int) -> int:
    """The end of the last token of a stretch that surely ends within it; `position` if there is
    none."""
    if text[end : end + 1] not in _ENDS_TOKEN:
        least = max(position, end - _MOST_TAKEN_BACK)
        while end > least and _MAY_GO_ON.match(text, end - 1):
            end -= 1
        if end == least:
            return position
    return position + len(text[position:end].rstrip(BLANKS))


class SimpleStatement(NamedTuple):
    """Where a statement stands that is seen at once."""

    text: str
    start: int
    word: str
    """Its first in capitals."""
    semicolon: int


def simple_statement(
    text: str, position: int, *, backslash_escapes: bool
) -> SimpleStatement | None:
    """The statement that begins at a position outside of parentheses, up to its semicolon; None if
    that takes a closer look."""
    found = _simple_pattern(backslash_escapes=backslash_escapes).match(text, position)
    if found is None:
        return None
    whole, word = found.groups()
    return SimpleStatement(whole.rstrip(BLANKS), found.start(1), word.upper(), found.end() - 1)


def comment_end(text: str, position: int) -> int:
    """The end of the comment that begins at a position."""
    if text.startswith("/*", position):
        return _comment_end(text, position) or len(text)
    found = _LINE_END.search(text, position)
    return found.start() if found else len(text)


def _comment_end(text: str, position: int) -> int | None:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return None
