"""Where the cursor stands in its statement: before which token, behind which qualifiers, in what
clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui.services.sql.completing.scope import Scope, identifier, is_name
from tui.services.sql.text.lexer import Token, TokenKind

_CLAUSE_BEGINS = """
    SELECT FROM JOIN WHERE ON SET BY HAVING RETURNING VALUES UPDATE INTO USING TABLE WITH LIMIT
    OFFSET UNION EXCEPT INTERSECT DELETE INSERT CREATE ALTER DROP
"""
_CLAUSES = frozenset(_CLAUSE_BEGINS.split())


@dataclass(frozen=True)
class CursorPlace:
    """Where the cursor stands in its statement."""

    statement: Sequence[Token]
    """Its tokens without the word at the cursor and the qualifiers before that."""
    at: int
    """The index in it before which the word stands."""
    start: int
    typed: str
    qualifiers: tuple[str, ...]

    @classmethod
    def of(cls, found: list[Token], text: str, cursor: int) -> CursorPlace | None:
        before = [each for each in found if each.start < cursor]
        word: Token | None = None
        if before and cursor <= before[-1].end:
            last = before[-1]
            if last.kind in {TokenKind.STRING, TokenKind.NUMBER, TokenKind.BACKSLASH}:
                return None
            if is_name(last):
                word = last
                if last.kind is TokenKind.QUOTED and _is_closed(last) and cursor == last.end:
                    return None
                if _is_parameter(before):
                    return None
        elif _in_comment(text[before[-1].end if before else 0 : cursor]):
            return None
        at = len(before) - (word is not None)
        qualifiers: list[str] = []
        begun = at
        while begun >= 2 and found[begun - 1].text == "." and is_name(found[begun - 2]):
            qualifiers.insert(0, identifier(found[begun - 2]))
            begun -= 2
        if begun and found[begun - 1].text == ".":
            return None
        start = max(
            (n + 1 for n in range(begun) if found[n].text == ";" and not found[n].depth), default=0
        )
        end = next(
            (n for n in range(at, len(found)) if found[n].text == ";" and not found[n].depth),
            len(found),
        )
        behind = at + (word is not None)
        rest = [*found[start:begun], *found[behind:end]]
        typed = text[word.start : cursor] if word is not None else ""
        offset = word.start if word is not None else cursor
        return cls(rest, begun - start, offset, typed, tuple(qualifiers))

    @property
    def before(self) -> str:
        """The word or sign before the one at the cursor."""
        token = self.statement[self.at - 1] if self.at else None
        return "" if token is None else token.word or token.text

    @property
    def wants_type(self) -> bool:
        """Whether a type must stand there: behind `::`, and behind AS in a CAST."""
        before = self.statement[: self.at]
        if [each.text for each in before[-2:]] == [":", ":"]:
            return before[-2].end == before[-1].start
        if self.before != "AS":
            return False
        depth = 0
        for at in range(len(before) - 1, 0, -1):
            depth += {")": 1, "(": -1}.get(before[at].text, 0)
            if depth < 0:
                return before[at - 1].word == "CAST"
        return False

    def clause(self, scope: Scope) -> str:
        """The keyword of the clause in which the cursor stands, in its own query."""
        here = scope.path_at(self.at)
        for at in range(self.at - 1, -1, -1):
            if scope.path_at(at) == here and self.statement[at].word in _CLAUSES:
                return self.statement[at].word
        return ""


def _is_closed(token: Token) -> bool:
    return len(token.text) > 1 and token.text.endswith('"')


def swallows(found: Iterable[Token], cursor: int) -> bool:
    """Whether a quoted name at the cursor was begun just now, and its end is that of another one:
    `select "na| from "t"`."""
    for token in found:
        if token.kind is TokenKind.QUOTED and token.start < cursor < token.end:
            behind = token.text[cursor - token.start :].lower()
            return "\n" in behind or any(f" {word.lower()} " in behind for word in _CLAUSES)
    return False


def _is_parameter(before: Sequence[Token]) -> bool:
    """Whether the last of these tokens is the name of a parameter (`:name`), which only its writer
    knows; behind `::` it is a type."""
    ends = [each.text for each in before[-3:-1]]
    return ends[-1:] == [":"] and ends != [":", ":"] and before[-2].end == before[-1].start


def _in_comment(gap: str) -> bool:
    line = gap.rpartition("\n")[2]
    return "--" in line or gap.count("/*") > gap.count("*/")
