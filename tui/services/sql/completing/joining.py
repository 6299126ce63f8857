"""What can be joined by foreign keys: the tables that they reach, and the conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.services.quoting import quote_identifier
from tui.services.sql.catalog import Relation
from tui.services.sql.completing.names import KnownNames
from tui.services.sql.completing.scope import FromSource, Scope
from tui.services.sql.text.lexer import Token

_ENDED = frozenset({"ON", "USING"})
_WITHOUT_CONDITION = frozenset({"CROSS", "NATURAL"})


def reachable(at: int, scope: Scope, names: KnownNames) -> list[Relation]:
    """The tables that a foreign key of those before a JOIN leads to, or that have one which leads
    there; the last of those before comes first."""
    found: dict[tuple[str, str], Relation] = {}
    for source in reversed(_before(scope, at)):
        relation = _relation(source, scope, names)
        for each in names.references_of(relation) if relation is not None else ():
            other = names.relation(each.to_table, each.to_schema)
            if other is not None:
                found.setdefault((other.schema, other.name), other)
    return list(found.values())


def conditions(
    statement: Sequence[Token], at: int, scope: Scope, names: KnownNames
) -> Iterator[str]:
    """What can stand before the token with an index as the condition of a JOIN: `ON a.x = b.y`,
    without the ON if that stands there; nothing if no table has just been joined there."""
    has_on = at > 0 and statement[at - 1].word == "ON"
    end = at - 1 if has_on else at
    joined = next((each for each in _before(scope, at) if each.end == end), None)
    if joined is None or joined.at < 1 or statement[joined.at - 1].word != "JOIN":
        return
    if joined.at > 1 and statement[joined.at - 2].word in _WITHOUT_CONDITION:
        return
    if at < len(statement) and statement[at].word in _ENDED:
        return
    relation = _relation(joined, scope, names)
    if relation is None:
        return
    small = statement[joined.at - 1].text.islower()
    head, between = ("on ", " and ") if small else ("ON ", " AND ")
    for source in reversed(_before(scope, joined.at)):
        other = _relation(source, scope, names)
        if other is None or source.called == joined.called:
            continue
        for each in names.references_of(other):
            if (each.to_schema, each.to_table) != (relation.schema, relation.name):
                continue
            left, right = quote_identifier(source.called), quote_identifier(joined.called)
            pairs = between.join(
                f"{left}.{quote_identifier(own)} = {right}.{quote_identifier(its)}"
                for own, its in zip(each.columns, each.to_columns, strict=True)
            )
            yield pairs if has_on else head + pairs


def _before(scope: Scope, at: int) -> list[FromSource]:
    """The sources of the same FROM before the token with an index, in order."""
    here = scope.path_at(at)
    return sorted(
        (each for each in scope.sources_at(at) if each.at < at and each.path == here),
        key=lambda each: each.at,
    )


def _relation(source: FromSource, scope: Scope, names: KnownNames) -> Relation | None:
    if source.columns is not None or (not source.schema and source.name in scope.expressions):
        return None
    return names.relation(source.name, source.schema)
