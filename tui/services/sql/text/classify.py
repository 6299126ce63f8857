"""What a statement does, read from its words alone: nothing is asked of the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from tui.services.quoting import RESERVED
from tui.services.sql.text.lexer import Token, TokenKind, upper
from tui.services.sql.text.statements import Statement


class StatementRoute(Enum):
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

    route: StatementRoute
    writes: bool
    """Whether it may change something; a SELECT counts as reading, whatever its functions do."""
    locks: bool = False
    """SELECT … FOR UPDATE, FOR SHARE and the like."""


_KEPT = "_classification"
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
_ANALYZE = frozenset({"ANALYZE", "ANALYSE"})
_SWITCHED_OFF = frozenset({"FALSE", "OFF", "0"})
"""What the server takes for "no" as the value of an option."""


def classify(statement: Statement) -> Classification:
    """Which way to run `statement`, and whether it may change something."""
    # Kept with it, as its tokens are: it is asked for several times while it is run.
    kept = vars(statement)
    known: Classification | None = kept.get(_KEPT)
    if known is None:
        known = kept[_KEPT] = _classify(statement.keyword, statement.tokens)
    return known


def _classify(keyword: str, tokens: Sequence[Token]) -> Classification:
    if keyword in _CONTROL:
        return Classification(StatementRoute.CONTROL, writes=False)
    if keyword == "PREPARE":
        two_phase = [t.word for t in tokens[:2]] == ["PREPARE", "TRANSACTION"]
        return Classification(
            StatementRoute.CONTROL if two_phase else StatementRoute.PLAIN, writes=two_phase
        )
    if keyword in _QUERIES:
        return _query(tokens)
    if keyword == "WITH":
        return _with(tokens)
    if keyword == "EXPLAIN":
        return _explain(tokens)
    if keyword == "COPY":
        return Classification(StatementRoute.PLAIN, writes=_copy_writes(tokens))
    return Classification(StatementRoute.PLAIN, writes=keyword not in _SESSION)


def _query(tokens: Sequence[Token]) -> Classification:
    if _has_into(tokens):
        return Classification(StatementRoute.PLAIN, writes=True)
    if _locks_rows(tokens):
        return Classification(StatementRoute.PLAIN, writes=False, locks=True)
    return Classification(StatementRoute.CURSOR, writes=False)


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
    options, rest = _explained(tokens)
    if not _analyzes(options):
        return Classification(StatementRoute.PLAIN, writes=False)
    return Classification(StatementRoute.PLAIN, writes=_classify(_first_word(rest), rest).writes)


def _explained(tokens: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """The options of an EXPLAIN, and the statement behind them."""
    i = 1
    if _text(tokens, i) == "(":
        closing = _closing(tokens, i)
        return tokens[i + 1 : closing], tokens[closing + 1 :]
    while _word(tokens, i) in _ANALYZE | {"VERBOSE"}:
        i += 1
    return tokens[1:i], tokens[i:]


def explained(statement: Statement) -> Sequence[Token]:
    """What stands behind EXPLAIN and its options."""
    return _explained(statement.tokens)[1]


def _analyzes(options: Sequence[Token]) -> bool:
    """Whether ANALYZE is among the options and not switched off.

    An option in double quotes counts as one: `EXPLAIN ("analyze")` is the same to the server.
    """
    for i, option in enumerate(options):
        if option.word in _ANALYZE or option.kind is TokenKind.QUOTED:
            value = upper(_text(options, i + 1).strip("'\""))
            if value not in _SWITCHED_OFF:
                return True
    return False


def carried(statement: Statement) -> Sequence[Token]:
    """What PREPARE or DECLARE has carried out later; nothing for any other statement."""
    opening = {"PREPARE": "AS", "DECLARE": "FOR"}.get(statement.keyword)
    tokens = statement.tokens
    for i, token in enumerate(tokens):
        if opening and token.word == opening and not token.depth:
            return tokens[i + 1 :]
    return ()


def ever_writes(statement: Statement) -> bool:
    """Whether it may change something, or what it prepares or declares may."""
    later = carried(statement)
    return classify(statement).writes or bool(later and _classify(_first_word(later), later).writes)


def executed_name(statement: Statement) -> Token | None:
    """The name of the prepared statement behind EXECUTE or EXPLAIN EXECUTE."""
    tokens: Sequence[Token] = statement.tokens
    if statement.keyword == "EXPLAIN":
        _, tokens = _explained(tokens)
    return tokens[1] if _word(tokens, 0) == "EXECUTE" and len(tokens) > 1 else None


def _with(tokens: Sequence[Token]) -> Classification:
    """WITH reads if its main part does and no part of it changes rows."""
    bodies, main, _ = _with_parts(tokens)
    changes = any(_first_word(body) in _CHANGES for body in bodies)
    keyword = _first_word(main)
    if changes or keyword not in _QUERIES:
        return Classification(StatementRoute.PLAIN, writes=True)
    return _query(main)


def _copy_writes(tokens: Sequence[Token]) -> bool:
    """COPY reads only where it sends a table or a query over the connection."""
    for i, token in enumerate(tokens):
        if token.word == "TO" and not token.depth:
            if _word(tokens, i + 1) not in {"STDIN", "STDOUT"}:
                return True
            query = tokens[2:i]
            return _text(tokens, 1) == "(" and _classify(_first_word(query), query).writes
    return True


def _first_word(tokens: Sequence[Token]) -> str:
    return next((t.word for t in tokens if t.text != "("), "")


def _with_parts(
    tokens: Sequence[Token],
) -> tuple[list[Sequence[Token]], Sequence[Token], list[int]]:
    """The parenthesised parts of a WITH list, the main statement behind it, and where the names
    of the parts stand.

    A part may be named like a keyword (`WITH insert AS (…)`), so the grammar is followed:
    name [(columns)] AS [[NOT] MATERIALIZED] (query) [SEARCH … SET name] [CYCLE … USING name].
    """
    i = next((n for n, t in enumerate(tokens) if t.word == "WITH"), 0) + 1
    if i < len(tokens) and tokens[i].word == "RECURSIVE" and _text(tokens, i + 1) != "(":
        i += int(_word(tokens, i + 1) != "AS")
    bodies: list[Sequence[Token]] = []
    names: list[int] = []
    while i < len(tokens):
        names.append(i)
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
            return bodies, tokens[i:], names
        i += 1
    return bodies, (), names


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
    (`hides_a_call`). The name of a WITH part or an alias with a list of columns is not among them.
    """
    if "(" not in statement.text:
        return frozenset()
    tokens = statement.tokens
    parts = _part_names(statement)
    names = set()
    for i, (name, opening) in enumerate(pairwise(tokens)):
        if opening.text != "(" or i in parts or (i and tokens[i - 1].word == "AS"):
            continue
        folded = folded_name(name)
        if folded is not None:
            names.add(folded)
    return frozenset(names)


def relation_names(statement: Statement) -> frozenset[str]:
    """The names that may be those of tables and views, folded: a superset, columns and all."""
    names = set()
    for i, token in enumerate(statement.tokens):
        folded = folded_name(token)
        keyword = token.kind is TokenKind.WORD and folded in RESERVED
        if folded is not None and not keyword and _text(statement.tokens, i + 1) != "(":
            names.add(folded)
    return frozenset(names)


def folded_name(token: Token) -> str | None:
    """A name as the server folds it; None for what is none, or is written with escapes."""
    if token.kind is TokenKind.WORD:
        return token.word.lower()
    if token.kind is TokenKind.QUOTED and not _is_escaped(token):
        return token.text[1:-1].replace('""', '"')
    return None


def _part_names(statement: Statement) -> frozenset[int]:
    """Where the names of the statement's WITH parts stand among its tokens."""
    tokens = statement.tokens
    query = _explained(tokens)[1] if statement.keyword == "EXPLAIN" else carried(statement)
    query = query or tokens
    if _first_word(query) != "WITH":
        return frozenset()
    before = len(tokens) - len(query)
    return frozenset(before + name for name in _with_parts(query)[2])


def hides_a_call(statement: Statement) -> bool:
    """Whether a name in front of a parenthesis is written with escapes: `U&"pg\\005fnotify"(…)`.

    UESCAPE and its character may stand between the two.
    """
    return "&" in statement.text and any(
        _is_escaped(name) and (behind.text == "(" or behind.word == "UESCAPE")
        for name, behind in pairwise(statement.tokens)
    )


def _is_escaped(token: Token) -> bool:
    return token.kind is TokenKind.QUOTED and not token.text.startswith('"')
