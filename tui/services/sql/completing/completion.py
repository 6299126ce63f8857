"""What could stand where somebody types: tables, columns, functions, keywords.

A help, not a judge: what it does not understand it leaves alone, and it never changes what was
typed before the word at the cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tui.services.quoting import quote_identifier
from tui.services.sql.catalog import Relation
from tui.services.sql.completing.joining import conditions, reachable
from tui.services.sql.completing.names import KnownNames
from tui.services.sql.completing.scope import FromSource, Scope, Star, identifier, is_name
from tui.services.sql.text.lexer import Token, TokenKind, tokens

MOST = 50
"""Candidates that are given."""

AROUND = 20_000
"""Characters before and behind the cursor that are looked at."""

_WORDS = """
    ADD ALL ALTER ANALYZE AND ANY AS ASC BEGIN BETWEEN BY CALL CASCADE CASE CAST COALESCE COLUMN
    COMMENT COMMIT COPY EXECUTE LOCK NOTIFY LISTEN PREPARE REFRESH REINDEX RENAME SAVEPOINT TO
    CONFLICT CONSTRAINT CREATE CROSS CURRENT_DATE CURRENT_TIMESTAMP DEFAULT DELETE DESC
    DISTINCT DO DROP ELSE END EXCEPT EXISTS EXPLAIN EXTRACT FALSE FETCH FILTER FIRST FOLLOWING
    FOREIGN FROM FULL FUNCTION GRANT GROUP HAVING IF ILIKE IN INDEX INNER INSERT INTERSECT
    INTERVAL INTO IS JOIN KEY LAST LATERAL LEFT LIKE LIMIT MATERIALIZED NATURAL NOT NOTHING NULL
    NULLIF NULLS OFFSET ON ONLY OR ORDER OUTER OVER PARTITION PRECEDING PRIMARY RANGE RECURSIVE
    REFERENCES RETURNING REVOKE RIGHT ROLLBACK ROW ROWS SCHEMA SELECT SET SHOW TABLE TEMPORARY
    THEN TRIGGER TRUE TRUNCATE UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW WHEN WHERE
    WINDOW WITH
"""
KEYWORDS = tuple(sorted(_WORDS.split()))

_SHORT_TYPES = (
    *("bool", "decimal", "float4", "float8", "int", "int2", "int4", "int8"),
    *("timestamptz", "timetz", "varchar"),
)
"""Other names of types that the server prints in full."""

_RELATION_FOLLOWS = """
    FROM JOIN UPDATE INTO TABLE ONLY TRUNCATE ANALYZE VACUUM REFERENCES USING VIEW
"""
_BEFORE_RELATION = frozenset(_RELATION_FOLLOWS.split())
_CLAUSE_BEGINS = """
    SELECT FROM JOIN WHERE ON SET BY HAVING RETURNING VALUES UPDATE INTO USING TABLE WITH LIMIT
    OFFSET UNION EXCEPT INTERSECT DELETE INSERT CREATE ALTER DROP
"""
_CLAUSES = frozenset(_CLAUSE_BEGINS.split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that could stand there."""

    text: str
    """What is written in place of the word at the cursor, quoted where it must be."""
    kind: str
    """"table", "column", "function", "keyword", …"""
    detail: str = ""
    """The type of a column, the schema of a table."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What is offered for the word at the cursor."""

    start: int
    """Offset of the word in the text; it ends at the cursor."""
    word: str
    """As it was typed."""
    candidates: tuple[Candidate, ...]


def complete(
    text: str, cursor: int, names: KnownNames, *, backslash_escapes: bool = False
) -> Completion | None:
    """What could stand at an offset of `text`; None where nothing is typed that could be completed:
    in a string, a comment, a number, a parameter."""
    first = max(0, cursor - AROUND)
    window = text[first : cursor + AROUND]
    found = list(tokens(window, backslash_escapes=backslash_escapes))
    if _swallows(found, cursor - first):
        window = f'{window[: cursor - first]}"{window[cursor - first :]}'
        found = list(tokens(window, backslash_escapes=backslash_escapes))
    place = _Place.of(found, window, cursor - first)
    if place is None:
        return None
    candidates = _unique(_candidates(place, names), place.typed)
    return Completion(first + place.start, place.typed, candidates)


@dataclass(frozen=True)
class _Place:
    """Where the cursor stands in its statement."""

    statement: Sequence[Token]
    """Its tokens without the word at the cursor and the qualifiers before that."""
    at: int
    """The index in it before which the word stands."""
    start: int
    typed: str
    qualifiers: tuple[str, ...]

    @classmethod
    def of(cls, found: list[Token], text: str, cursor: int) -> _Place | None:
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


def _swallows(found: Iterable[Token], cursor: int) -> bool:
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


def _candidates(place: _Place, names: KnownNames) -> Iterator[Candidate]:
    scope = Scope(place.statement)
    prefix = identifier_begun(place.typed)
    if place.before == "CALL" and len(place.qualifiers) < 2:
        yield from _procedures(place, names, prefix)
        return
    if place.wants_type and not place.qualifiers:
        known = sorted({*names.types, *(_SHORT_TYPES if names.types else ())})
        yield from (Candidate(name, "type") for name in known if _begins(name, prefix))
        return
    if place.qualifiers:
        yield from _qualified(place, scope, names, prefix)
        return
    clause = place.clause(scope)
    wants_relation = place.before in _BEFORE_RELATION or (
        place.before == "," and clause in {"FROM", "USING"}
    )
    if wants_relation and not (place.before == "USING" and clause == "USING" and _joins(place)):
        if place.before == "JOIN":
            near = reachable(place.at, scope, names)
            yield from (_relation(each, names) for each in near if _begins(each.name, prefix))
        yield from _relations(scope, names, prefix)
        if not prefix and place.before != "FROM":
            return
        yield from _keywords(place.typed, ("SELECT", "LATERAL", "ONLY"))
        return
    if not place.statement or (not place.at and not place.typed):
        yield from _keywords(place.typed)
        return
    yield from _conditions(place, scope, names)
    if place.at:
        yield from _columns(scope.sources_at(place.at), scope, names, prefix)
    if place.typed:
        yield from _keywords(place.typed)
        yield from _functions(names, prefix)
        if not clause or clause in {"FROM", "JOIN"}:
            return
        yield from _relations(scope, names, prefix)


def _conditions(place: _Place, scope: Scope, names: KnownNames) -> Iterator[Candidate]:
    for text in conditions(place.statement, place.at, scope, names):
        if _begins(text, place.typed):
            yield Candidate(text, "condition", "foreign key")


def _joins(place: _Place) -> bool:
    """Whether USING belongs to a JOIN and not to a DELETE."""
    return any(each.word == "JOIN" for each in place.statement[: place.at])


def identifier_begun(typed: str) -> str:
    """The name that a word stands for whose end may not have been typed yet."""
    if typed.startswith('"'):
        return typed[1:].replace('""', '"')
    return typed


def _qualified(place: _Place, scope: Scope, names: KnownNames, prefix: str) -> Iterator[Candidate]:
    *schemas, last = place.qualifiers
    if not schemas:
        for source in scope.sources_at(place.at):
            if last in {source.alias, "" if source.alias else source.name}:
                yield from _columns_of(source, scope, names, prefix)
                return
    schema = schemas[-1] if schemas else ""
    relation = names.relation(last, schema)
    if relation is not None and (schemas or last not in names.schemas):
        for column in relation.columns or ():
            if _begins(column.name, prefix):
                yield Candidate(quote_identifier(column.name), "column", column.type_name)
    if not schemas:
        for found in names.relations_starting(prefix, last):
            yield Candidate(quote_identifier(found.name), found.kind)
        for where, name in sorted(names.functions):
            if where == last and _begins(name, prefix):
                yield Candidate(quote_identifier(name), "function")


def _procedures(place: _Place, names: KnownNames, prefix: str) -> Iterator[Candidate]:
    for schema, name in sorted(names.procedures):
        if not _begins(name, prefix) or place.qualifiers not in {(), (schema,)}:
            continue
        text = quote_identifier(name)
        if not place.qualifiers and schema not in names.search_path:
            text = f"{quote_identifier(schema)}.{text}"
        yield Candidate(text, "procedure", schema)
    if not place.qualifiers:
        for schema in names.schemas:
            if prefix and _begins(schema, prefix):
                yield Candidate(quote_identifier(schema), "schema")


def _relations(scope: Scope, names: KnownNames, prefix: str) -> Iterator[Candidate]:
    for name in scope.expressions:
        if _begins(name, prefix):
            yield Candidate(quote_identifier(name), "expression")
    for schema in names.schemas:
        if prefix and _begins(schema, prefix):
            yield Candidate(quote_identifier(schema), "schema")
    for each in names.relations_starting(prefix):
        yield _relation(each, names)


def _relation(relation: Relation, names: KnownNames) -> Candidate:
    text = quote_identifier(relation.name)
    if relation.schema not in names.search_path or names.relation(relation.name) != relation:
        text = f"{quote_identifier(relation.schema)}.{text}"
    return Candidate(text, relation.kind, relation.schema)


def _columns(
    sources: Iterable[FromSource], scope: Scope, names: KnownNames, prefix: str
) -> Iterator[Candidate]:
    listed = list(sources)
    by_name: dict[str, list[tuple[FromSource, Candidate]]] = {}
    for source in listed:
        for candidate in _columns_of(source, scope, names, prefix):
            by_name.setdefault(candidate.text, []).append((source, candidate))
    for text, found in by_name.items():
        if len(found) == 1:
            yield found[0][1]
            continue
        for source, candidate in found:
            called = quote_identifier(source.called)
            yield Candidate(f"{called}.{text}", "column", candidate.detail)
    for source in listed:
        if source.called and _begins(source.called, prefix):
            yield Candidate(quote_identifier(source.called), "alias" if source.alias else "table")


def _columns_of(
    source: FromSource, scope: Scope, names: KnownNames, prefix: str
) -> Iterator[Candidate]:
    for name, type_name in _named_columns(source, scope, names, {}).items():
        if _begins(name, prefix):
            yield Candidate(quote_identifier(name), "column", type_name)


def _named_columns(
    source: FromSource, scope: Scope, names: KnownNames, known: dict[Star, dict[str, str]]
) -> dict[str, str]:
    """The columns of a source with their types, "" where those are not known. `known` are the stars
    that were looked at: a recursive query leads to itself."""
    columns = source.columns
    if columns is None and not source.schema:
        columns = scope.expressions.get(source.name)
    if columns is None:
        relation = names.relation(source.name, source.schema)
        found = (relation.columns if relation is not None else None) or ()
        return {each.name: each.type_name for each in found}
    named: dict[str, str] = {}
    for each in columns:
        if isinstance(each, str):
            named.setdefault(each, "")
            continue
        if each not in known:
            known[each] = {}
            for starred in scope.starred(each):
                known[each] |= _named_columns(starred, scope, names, known)
        named |= known[each]
    return named


def _functions(names: KnownNames, prefix: str) -> Iterator[Candidate]:
    for name in names.functions_starting(prefix):
        yield Candidate(quote_identifier(name), "function")


def _keywords(typed: str, among: Sequence[str] = KEYWORDS) -> Iterator[Candidate]:
    if typed.startswith('"'):
        return
    small = typed.islower()
    for word in among:
        if word.startswith(typed.upper()):
            yield Candidate(word.lower() if small else word, "keyword")


def _begins(name: str, prefix: str) -> bool:
    return name.casefold().startswith(prefix.casefold())


def _unique(found: Iterable[Candidate], typed: str) -> tuple[Candidate, ...]:
    """The first ones, each text once; none if the only one is what stands there already."""
    kept: dict[str, Candidate] = {}
    for each in found:
        kept.setdefault(each.text, each)
        if len(kept) >= MOST:
            break
    if list(kept) == [typed]:
        return ()
    return tuple(kept.values())
