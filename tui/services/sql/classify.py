"""What a statement does, read from its words alone: nothing is asked of the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from tui.services.sql.lexer import Token, TokenKind
from tui.services.sql.statements import Statement


class Route(Enum):
    """How a statement has to be run."""

    CURSOR = "cursor"
    """Rows that a server-side cursor can page: SELECT, VALUES, TABLE, WITH … SELECT."""
    PLAIN = "plain"
    """Everything else that the server answers in one piece."""
    CONTROL = "control"
    """It begins, ends or divides a transaction."""


@dataclass(frozen=True)
class Classification:
    """What is known of a statement before it is sent."""

    route: Route
    writes: bool
    """Whether it may change something; a SELECT counts as reading, whatever its functions do."""
    locks: bool = False
    """SELECT … FOR UPDATE and its kin."""


_QUERIES = frozenset({"SELECT", "VALUES", "TABLE"})
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_CONTROL = frozenset(
    {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}
)
_SESSION = frozenset(
    {
        "SHOW", "SET", "RESET", "DISCARD", "DECLARE", "FETCH", "MOVE", "CLOSE", "DEALLOCATE",
        "LISTEN", "UNLISTEN", "LOAD",
    }
)  # fmt: skip
"""Commands that change at most this session."""


def classify(statement: Statement) -> Classification:
    """Which way to run `statement`, and whether it may change something."""
    return _classify(statement.keyword, statement.tokens)


def _classify(keyword: str, tokens: Sequence[Token]) -> Classification:
    if keyword in _CONTROL:
        return Classification(Route.CONTROL, writes=False)
    if keyword == "PREPARE":
        two_phase = [t.word for t in tokens[:2]] == ["PREPARE", "TRANSACTION"]
        return Classification(Route.CONTROL if two_phase else Route.PLAIN, writes=two_phase)
    if keyword in _QUERIES:
        return _query(tokens)
    if keyword == "WITH":
        return _with(tokens)
    if keyword == "EXPLAIN":
        return _explain(tokens)
    return Classification(Route.PLAIN, writes=keyword not in _SESSION)


def _query(tokens: Sequence[Token]) -> Classification:
    if _has_into(tokens):
        return Classification(Route.PLAIN, writes=True)
    if _locks_rows(tokens):
        return Classification(Route.PLAIN, writes=False, locks=True)
    return Classification(Route.CURSOR, writes=False)


def _has_into(tokens: Sequence[Token]) -> bool:
    """SELECT … INTO makes a table. INTO is reserved: only a label (`AS into`) is something else."""
    return any(
        token.word == "INTO"
        and (i == 0 or (tokens[i - 1].word != "AS" and tokens[i - 1].text != "."))
        for i, token in enumerate(tokens)
    )


def _locks_rows(tokens: Sequence[Token]) -> bool:
    level = next((t.depth for t in tokens if t.word), 0)
    for first, second in pairwise(tokens):
        if first.word == "FOR" and first.depth <= level:
            return second.word in {"UPDATE", "SHARE", "NO", "KEY"}
    return False


def _explain(tokens: Sequence[Token]) -> Classification:
    """EXPLAIN reads, unless it also carries the statement out (ANALYZE)."""
    rest = list(tokens[1:])
    options: list[Token] = []
    if rest and rest[0].text == "(":
        closing = _closing(rest, 0)
        options, rest = rest[1:closing], rest[closing + 1 :]
    while rest and rest[0].word in {"ANALYZE", "ANALYSE", "VERBOSE"}:
        options.append(rest.pop(0))
    if not any(token.word in {"ANALYZE", "ANALYSE"} for token in options):
        return Classification(Route.PLAIN, writes=False)
    keyword = next((t.word for t in rest if t.text != "("), "")
    return Classification(Route.PLAIN, writes=_classify(keyword, rest).writes)


def _with(tokens: Sequence[Token]) -> Classification:
    """WITH reads if its main part does and no part of it changes rows."""
    bodies, main = _with_parts(tokens)
    changes = any(_first_word(body) in _CHANGES for body in bodies)
    keyword = _first_word(main)
    if changes or keyword not in _QUERIES:
        return Classification(Route.PLAIN, writes=True)
    return _query(main)


def _first_word(tokens: Sequence[Token]) -> str:
    return next((t.word for t in tokens if t.text != "("), "")


def _with_parts(tokens: Sequence[Token]) -> tuple[list[Sequence[Token]], Sequence[Token]]:
    """The parenthesised parts of a WITH list, and the main statement behind it.

    A part may be named like a keyword (`WITH insert AS (…)`), so the grammar is followed:
    name [(columns)] AS [[NOT] MATERIALIZED] (query) [SEARCH … SET name] [CYCLE … USING name].
    """
    i = next((n for n, t in enumerate(tokens) if t.word == "WITH"), 0) + 1
    if i < len(tokens) and tokens[i].word == "RECURSIVE" and _text(tokens, i + 1) != "(":
        i += int(_word(tokens, i + 1) != "AS")
    bodies: list[Sequence[Token]] = []
    while i < len(tokens):
        i += 1
        if _text(tokens, i) == "(":
            i = _closing(tokens, i) + 1
        while _word(tokens, i) in {"AS", "NOT", "MATERIALIZED"}:
            i += 1
        if _text(tokens, i) != "(":
            break
        closing = _closing(tokens, i)
        bodies.append(tokens[i + 1 : closing])
        i = _behind_search_and_cycle(tokens, closing + 1)
        if _text(tokens, i) != ",":
            return bodies, tokens[i:]
        i += 1
    return bodies, ()


def _behind_search_and_cycle(tokens: Sequence[Token], i: int) -> int:
    for opening, last in (("SEARCH", "SET"), ("CYCLE", "USING")):
        if _word(tokens, i) == opening:
            while i < len(tokens) and tokens[i].word != last:
                i += 1
            i += 2
    return i


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The index of the parenthesis that closes the one at `opening`, or of the last token."""
    depth = tokens[opening].depth
    for i in range(opening + 1, len(tokens)):
        if tokens[i].text == ")" and tokens[i].depth == depth:
            return i
    return len(tokens) - 1


def _word(tokens: Sequence[Token], i: int) -> str:
    return tokens[i].word if i < len(tokens) else ""


def _text(tokens: Sequence[Token], i: int) -> str:
    return tokens[i].text if i < len(tokens) else ""


def called_names(statement: Statement) -> frozenset[str]:
    """The names in front of a parenthesis, folded as the server folds them.

    A superset of the functions that the text calls, but for those that it writes with escapes
    (`hides_a_call`) and what hides in views, operators and functions of the database's own.
    """
    names = set()
    for name, opening in pairwise(statement.tokens):
        if opening.text != "(":
            continue
        if name.kind is TokenKind.WORD:
            names.add(name.word.lower())
        elif name.kind is TokenKind.QUOTED and not _is_escaped(name):
            names.add(name.text[1:-1].replace('""', '"'))
    return frozenset(names)


def hides_a_call(statement: Statement) -> bool:
    """Whether a name in front of a parenthesis is written with escapes: `U&"pg\\005fnotify"(…)`.

    UESCAPE and its character may stand between the two.
    """
    return any(
        _is_escaped(name) and (behind.text == "(" or behind.word == "UESCAPE")
        for name, behind in pairwise(statement.tokens)
    )


def _is_escaped(token: Token) -> bool:
    return token.kind is TokenKind.QUOTED and not token.text.startswith('"')
