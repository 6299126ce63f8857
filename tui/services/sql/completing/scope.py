"""What a statement that is being typed can refer to at one place: its tables, their aliases, its
common table expressions.

The statement need not be complete or correct. What cannot be understood is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui.services.sql.text.lexer import Token, TokenKind

_BEFORE_RELATIONS = frozenset({"FROM", "JOIN", "UPDATE", "INTO", "USING"})
_GOES_ON = """
    AS CROSS EXCEPT FETCH FOR FROM FULL GROUP HAVING INNER INTERSECT INTO JOIN LEFT LIMIT NATURAL
    OFFSET ON ORDER OUTER RETURNING RIGHT SELECT SET TABLESAMPLE UNION USING VALUES WHEN WHERE
    WINDOW WITH DEFAULT OVERRIDING DO
"""
_NO_ALIAS = frozenset(_GOES_ON.split())
"""Words that go on with the statement where an alias could stand."""
_END_OF_SELECT_LIST = frozenset({"FROM", "WHERE", "GROUP", "ORDER", "UNION", "LIMIT", "INTO"})
_BEFORE_STAR = frozenset({"SELECT", "DISTINCT", "ALL"})
_JOINS = frozenset({"UNION", "INTERSECT", "EXCEPT"})

_ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|\\)")
"""In `U&"…"`, with the escape character that is not another one."""

Path = tuple[int, ...]
"""The places of the parentheses that are open, from the outermost."""


@dataclass(frozen=True)
class Star:
    """A `*` or `t.*` in the list of a query: the columns of its sources."""

    qualifier: str
    """"" for those of all of them."""
    path: Path
    """The parentheses in which they are."""
    until: int
    """The index of the token before which they are: behind it comes the other query of a UNION."""


Columns = tuple[str | Star, ...]


@dataclass(frozen=True)
class FromSource:
    """A table, view, subquery or common table expression in a FROM clause or the like."""

    name: str
    """As stored: folded unless it was quoted; "" for a subquery."""
    schema: str
    alias: str
    """"" if it has none."""
    columns: Columns | None
    """Those of a subquery, as far as they can be told; None for a name to be looked up."""
    path: Path
    at: int
    """The index of its first token."""
    end: int = 0
    """The index behind its last token, its alias included."""

    @property
    def called(self) -> str:
        """What stands before its columns."""
        return self.alias or self.name


def identifier(token: Token) -> str:
    """The name that a WORD or a QUOTED token stands for; the latter may not be closed yet."""
    if token.kind is TokenKind.QUOTED:
        prefix, _, text = token.text.partition('"')
        name = text.removesuffix('"').replace('""', '"')
        return _ESCAPED.sub(_unescaped, name) if prefix else name
    # Only ASCII letters are folded in every encoding.
    return "".join(each.lower() if each.isascii() else each for each in token.text)


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    try:
        return chr(int(digits, 16)) if digits else "\\"
    except ValueError:
        return found[0]


def is_name(token: Token) -> bool:
    """Whether it may name something."""
    return token.kind in {TokenKind.WORD, TokenKind.QUOTED}


class Scope:
    """The sources of one statement."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._paths = _paths(tokens)
        self._ends = _closing(tokens)
        self.expressions = dict(self._find_expressions())
        """Names of common table expressions -> their columns."""
        self._sources = list(self._find_sources())

    def sources_at(self, at: int) -> list[FromSource]:
        """Those that can be referred to before the token with an index: of the query around it,
        then of the queries around that. All of the statement, where there are none."""
        here = self.path_at(at)
        seen = [each for each in self._sources if here[: len(each.path)] == each.path]
        seen.sort(key=lambda each: -len(each.path))
        return seen or self._sources

    def starred(self, star: Star) -> list[FromSource]:
        """The sources whose columns a star stands for."""
        return [
            each
            for each in self._sources
            if each.path == star.path
            and star.path[-1] < each.at < star.until
            and star.qualifier in {"", each.called}
        ]

    def path_at(self, at: int) -> Path:
        """The parentheses around the place before the token with an index, or at the end."""
        if at < len(self._paths):
            path = self._paths[at]
            return (*path, self._opening(at)) if self._text(at) == ")" else path
        if not self._tokens:
            return ()
        path, last = self._paths[-1], self._tokens[-1].text
        if last == "(":
            return (*path, len(self._tokens) - 1)
        return path

    # -- inside -----------------------------------------------------------------------------------

    def _text(self, at: int) -> str:
        return self._tokens[at].text if 0 <= at < len(self._tokens) else ""

    def _word(self, at: int) -> str:
        return self._tokens[at].word if 0 <= at < len(self._tokens) else ""

    def _is_name(self, at: int) -> bool:
        return 0 <= at < len(self._tokens) and is_name(self._tokens[at])

    def _find_expressions(self) -> list[tuple[str, Columns]]:
        found: list[tuple[str, Columns]] = []
        for at, token in enumerate(self._tokens):
            if token.word != "AS" or not at:
                continue
            opened = at + 1
            while self._word(opened) in {"NOT", "MATERIALIZED"}:
                opened += 1
            if self._text(opened) != "(":
                continue
            columns: Columns | None = None
            before = at - 1
            if self._text(before) == ")":
                start = self._opening(before)
                columns = tuple(self._names_between(start + 1, before))
                before = start - 1
            after = self._word(before - 1)
            follows = after in {"WITH", "RECURSIVE"} or self._text(before - 1) == ","
            if self._is_name(before) and follows:
                name = identifier(self._tokens[before])
                found.append((name, columns or self._columns_of_query(opened)))
        return found

    def _find_sources(self) -> list[FromSource]:
        found: list[FromSource] = []
        at = 0
        while at < len(self._tokens):
            word = self._word(at)
            at += 1
            if word not in _BEFORE_RELATIONS or (word == "UPDATE" and self._word(at - 2) == "FOR"):
                continue
            path, behind = self._paths[at - 1], at
            while True:
                source, behind = self._source(behind, path)
                if source is not None:
                    found.append(source)
                if self._text(behind) != ",":
                    break
                behind += 1
            # What was just passed may be a subquery with sources of its own.
        return found

    def _source(self, at: int, path: Path) -> tuple[FromSource | None, int]:
        """The source that begins at a token, and the index of what follows it."""
        begun = at
        while self._word(at) in {"ONLY", "LATERAL"}:
            at += 1
        name = schema = ""
        columns: Columns | None = None
        if self._text(at) == "(":
            columns = self._columns_of_query(at)
            at = self._ends.get(at, len(self._tokens)) + 1
        elif self._is_name(at) and self._word(at) not in _NO_ALIAS:
            name = identifier(self._tokens[at])
            at += 1
            if self._text(at) == "." and self._is_name(at + 1):
                schema, name = name, identifier(self._tokens[at + 1])
                at += 2
            if self._text(at) == "(":  # the arguments of a function, or the columns of an INSERT
                at = self._ends.get(at, len(self._tokens)) + 1
        else:
            return None, at
        alias, at = self._alias(at)
        if self._text(at) == "(" and alias:
            closed = self._ends.get(at, len(self._tokens))
            columns = tuple(self._names_between(at + 1, closed))
            at = closed + 1
        return FromSource(name, schema, alias, columns, path, begun, at), at

    def _alias(self, at: int) -> tuple[str, int]:
        if self._word(at) == "AS" and self._is_name(at + 1):
            return identifier(self._tokens[at + 1]), at + 2
        if self._is_name(at) and self._word(at) not in _NO_ALIAS:
            return identifier(self._tokens[at]), at + 1
        return "", at

    def _columns_of_query(self, opened: int) -> Columns:
        """The columns of the query in parentheses, as far as they are named."""
        at, end = opened + 1, self._ends.get(opened, len(self._tokens))
        if self._word(at) != "SELECT":
            return ()
        inside = (*self._paths[opened], opened)
        names: list[str | Star] = []
        last: str | Star | None = None
        at += 1
        while at < end:
            token = self._tokens[at]
            if self._paths[at] == inside:
                if token.word in _END_OF_SELECT_LIST:
                    break
                if token.text == ",":
                    names += [last] if last else []
                    last = None
                elif is_name(token):
                    last = identifier(token)
                elif token.text == "*" and self._is_star(at):
                    qualifier = (
                        identifier(self._tokens[at - 2]) if self._text(at - 1) == "." else ""
                    )
                    last = Star(qualifier, inside, self._end_of_first(at, end, inside))
                elif token.text != ".":
                    last = None
            at += 1
        return (*names, *([last] if last else []))

    def _is_star(self, at: int) -> bool:
        """Whether a `*` stands for columns, and does not multiply."""
        if self._text(at - 1) == ")":
            return self._word(self._opening(at - 1) - 1) == "ON"
        return self._text(at - 1) in {",", "."} or self._word(at - 1) in _BEFORE_STAR

    def _end_of_first(self, at: int, end: int, inside: Path) -> int:
        """Where the query around a token ends, or the first part of a UNION of several."""
        return next(
            (n for n in range(at, end) if self._word(n) in _JOINS and self._paths[n] == inside), end
        )

    def _names_between(self, start: int, end: int) -> list[str]:
        return [identifier(each) for each in self._tokens[start:end] if is_name(each)]

    def _opening(self, closed: int) -> int:
        return next((start for start, end in self._ends.items() if end == closed), closed)


def _paths(tokens: Sequence[Token]) -> list[Path]:
    """The open parentheses around each token; a parenthesis itself counts as outside."""
    paths: list[Path] = []
    path: Path = ()
    for at, token in enumerate(tokens):
        if token.text == ")":
            path = path[:-1]
        paths.append(path)
        if token.text == "(":
            path = (*path, at)
    return paths


def _closing(tokens: Sequence[Token]) -> dict[int, int]:
    """The index of each opening parenthesis -> that of the one that closes it."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.text == "(":
            opened.append(at)
        elif token.text == ")" and opened:
            found[opened.pop()] = at
    return found
