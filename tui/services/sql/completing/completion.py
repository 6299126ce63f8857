"""What could stand where somebody types: tables, columns, functions, keywords.

A help, not a judge: what it does not understand it leaves alone, and it never changes what was
typed before the word at the cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tui.services.quoting import quote_identifier
from tui.services.sql.catalog import Relation
from tui.services.sql.completing.cursor_place import CursorPlace, swallows
from tui.services.sql.completing.joining import conditions, reachable
from tui.services.sql.completing.names import KnownNames
from tui.services.sql.completing.scope import FromSource, Scope, Star
from tui.services.sql.text.lexer import tokens

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
    if swallows(found, cursor - first):
        window = f'{window[: cursor - first]}"{window[cursor - first :]}'
        found = list(tokens(window, backslash_escapes=backslash_escapes))
    place = CursorPlace.of(found, window, cursor - first)
    if place is None:
        return None
    candidates = _unique(_candidates(place, names), place.typed)
    return Completion(first + place.start, place.typed, candidates)


def _candidates(place: CursorPlace, names: KnownNames) -> Iterator[Candidate]:
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


def _conditions(place: CursorPlace, scope: Scope, names: KnownNames) -> Iterator[Candidate]:
    for text in conditions(place.statement, place.at, scope, names):
        if _begins(text, place.typed):
            yield Candidate(text, "condition", "foreign key")


def _joins(place: CursorPlace) -> bool:
    """Whether USING belongs to a JOIN and not to a DELETE."""
    return any(each.word == "JOIN" for each in place.statement[: place.at])


def identifier_begun(typed: str) -> str:
    """The name that a word stands for whose end may not have been typed yet."""
    if typed.startswith('"'):
        return typed[1:].replace('""', '"')
    return typed


def _qualified(
    place: CursorPlace, scope: Scope, names: KnownNames, prefix: str
) -> Iterator[Candidate]:
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


def _procedures(place: CursorPlace, names: KnownNames, prefix: str) -> Iterator[Candidate]:
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
