"""The names of a database, ready to be looked up while somebody types."""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tui.services.sql.catalog import Relation, Relations, read_relations
from tui.services.sql.session.connection import ServerConnection

MAX_FUNCTIONS = 50_000
"""Functions read at most."""

MAX_REFERENCES = 50_000
"""Columns of foreign keys read at most."""

MANY = 1000
"""Names from which on it takes longer to put them in order than to find the first of them."""

_FUNCTIONS = """
SELECT DISTINCT n.nspname, p.proname, p.prokind = 'p' FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.proname !~ '^(_|pg_toast)'
  AND p.prorettype <> 'pg_catalog.internal'::pg_catalog.regtype
ORDER BY p.proname LIMIT %s
"""
_TYPES = """
SELECT pg_catalog.format_type(t.oid, NULL) FROM pg_catalog.pg_type t
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE t.typcategory NOT IN ('A', 'P') AND (t.typrelid = 0 OR c.relkind = 'c') AND t.typname !~ '^_'
ORDER BY 1 LIMIT %s
"""
_SCHEMAS = """
SELECT nspname FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_(toast|temp)' ORDER BY nspname LIMIT %s
"""
_REFERENCES = """
SELECT k.oid::pg_catalog.text, n.nspname, t.relname, a.attname, fn.nspname, f.relname, b.attname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class t ON t.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
     WITH ORDINALITY AS pair (own, other, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own
JOIN pg_catalog.pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.other
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY t.relname, k.conname, k.oid, pair.place LIMIT %s
"""
_SEARCH_PATH = """
SELECT unnest(pg_catalog.current_schemas(true)) LIMIT %s
"""


class Prefixes:
    """Names in the order of their small letters, so that those with a beginning stand together."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted((name.casefold(), name) for name in set(names))
        self._words = sorted(
            (key[at + 1 :], key, name)
            for key, name in self._names
            for at, character in enumerate(key)
            if character == "_"
        )
        """Every name from each of its words on."""

    def starting(self, prefix: str) -> Iterator[str]:
        """Those that begin so, in small letters or capitals."""
        folded = prefix.casefold()
        for at in range(bisect_left(self._names, (folded, "")), len(self._names)):
            key, name = self._names[at]
            if not key.startswith(folded):
                return
            yield name

    def holding(self, part: str) -> Iterator[str]:
        """Those that have it further in, the ones where a word begins with it."""
        folded = part.casefold()
        begin = bisect_left(self._words, (folded, "", ""))
        end = bisect_left(self._words, (f"{folded}\U0010ffff", "", ""), begin)
        if end - begin > MANY:
            # The first ones are near the begin of all names, and only those are wanted.
            yield from (name for key, name in self._names if f"_{folded}" in key)
            return
        for _, name in sorted({(key, name) for _, key, name in self._words[begin:end]}):
            yield name


@dataclass(frozen=True)
class Reference:
    """A foreign key: columns of a table, and those of another one (or of the same) with the values
    that they must have."""

    schema: str
    table: str
    columns: tuple[str, ...]
    to_schema: str
    to_table: str
    to_columns: tuple[str, ...]

    def turned(self) -> Reference:
        """The same, seen from the other table."""
        return Reference(
            self.to_schema, self.to_table, self.to_columns, self.schema, self.table, self.columns
        )


@dataclass(frozen=True)
class KnownNames:
    """What can be named in a statement. Made on a thread: there may be 100,000 tables."""

    relations: tuple[Relation, ...] = ()
    """The tables and views, by schema and name."""
    functions: frozenset[tuple[str, str]] = frozenset()
    """Schema and name."""
    schemas: tuple[str, ...] = ()
    search_path: tuple[str, ...] = ("public",)
    """The schemas whose names need no schema before them."""
    references: tuple[Reference, ...] = ()
    """The foreign keys between the tables."""
    procedures: frozenset[tuple[str, str]] = frozenset()
    """Schema and name."""
    types: tuple[str, ...] = ()
    """As they are written, in order."""
    _references_of: dict[tuple[str, str], list[Reference]] = field(init=False, repr=False)
    _by_name: dict[str, list[Relation]] = field(init=False, repr=False)
    _relation_names: Prefixes = field(init=False, repr=False)
    _function_names: Prefixes = field(init=False, repr=False)
    _in_schema: dict[str, Prefixes] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[Relation]] = {}
        in_schema: dict[str, list[str]] = {}
        for each in self.relations:
            by_name.setdefault(each.name, []).append(each)
            in_schema.setdefault(each.schema, []).append(each.name)
        references_of: dict[tuple[str, str], list[Reference]] = {}
        for one in self.references:
            references_of.setdefault((one.schema, one.table), []).append(one)
            references_of.setdefault((one.to_schema, one.to_table), []).append(one.turned())
        put = object.__setattr__
        put(self, "_references_of", references_of)
        put(self, "_by_name", by_name)
        put(self, "_relation_names", Prefixes(by_name))
        put(self, "_function_names", Prefixes(name for _, name in self.functions))
        put(self, "_in_schema", {name: Prefixes(found) for name, found in in_schema.items()})

    def relations_starting(self, prefix: str, schema: str = "") -> Iterator[Relation]:
        """Tables and views whose names begin so, those of the search path first; of one schema, if
        one is named. Then those with a word that begins so."""
        if schema:
            names = self._in_schema.get(schema)
            if names is not None:
                for name in (*names.starting(prefix), *(names.holding(prefix) if prefix else ())):
                    yield from (each for each in self._by_name[name] if each.schema == schema)
            return
        found = (
            each
            for way in (self._relation_names.starting, self._relation_names.holding)
            if prefix or way == self._relation_names.starting
            for name in way(prefix)
            for each in self._by_name[name]
        )
        elsewhere: list[Relation] = []
        for each in found:
            if each.schema in self.search_path:
                yield each
            else:
                elsewhere.append(each)
        yield from elsewhere

    def relation(self, name: str, schema: str = "") -> Relation | None:
        """The one that a name in a statement means; None if it is not known."""
        found = self._by_name.get(name, [])
        if schema:
            return next((each for each in found if each.schema == schema), None)
        for path in self.search_path:
            for each in found:
                if each.schema == path:
                    return each
        return None

    def references_of(self, relation: Relation) -> list[Reference]:
        """The foreign keys of a table and those that lead to it, all seen from it."""
        return self._references_of.get((relation.schema, relation.name), [])

    def on_path(self, schemas: tuple[str, ...] | None) -> KnownNames:
        """The same names where other schemas need not be written; None changes nothing. At once,
        whatever their number."""
        if schemas is None or schemas == self.search_path:
            return self
        found = copy.copy(self)
        object.__setattr__(found, "search_path", schemas)
        return found

    def functions_starting(self, prefix: str) -> Iterator[str]:
        """Names of functions that begin so."""
        return self._function_names.starting(prefix)


def read_names(connection: ServerConnection, tables: Relations | None = None) -> KnownNames:
    """Everything that can be named in this database; `tables` if they were just read. Blocking.
    Raises ServiceError where the tables cannot be read; what else cannot be read is not offered."""
    found = tables or read_relations(connection)
    if connection.info.is_redshift:
        schemas_of = dict.fromkeys(each.schema for each in found.found)
        return KnownNames(found.found, frozenset(), tuple(schemas_of), ("public",))
    functions = _rows(connection, _FUNCTIONS, MAX_FUNCTIONS)
    schemas = _rows(connection, _SCHEMAS, MAX_FUNCTIONS)
    path = _rows(connection, _SEARCH_PATH, MAX_FUNCTIONS)
    references = _rows(connection, _REFERENCES, MAX_REFERENCES)
    types = _rows(connection, _TYPES, MAX_FUNCTIONS)
    return KnownNames(
        found.found,
        frozenset((schema, name) for schema, name, calls in functions if calls != "t"),
        tuple(name for (name,) in schemas),
        tuple(name for (name,) in path),
        tuple(references_in(references, MAX_REFERENCES)),
        frozenset((schema, name) for schema, name, calls in functions if calls == "t"),
        tuple(name for (name,) in types),
    )


def references_in(rows: Sequence[tuple[str, ...]], most: int) -> Iterator[Reference]:
    """The foreign keys of rows that each tell of a column; `most` were asked for."""
    if len(rows) == most:
        # Columns of the last one may be missing: without them it would join too much.
        rows = [row for row in rows if row[0] != rows[-1][0]]
    for _, parts in groupby(rows, key=lambda row: row[0]):
        listed = list(parts)
        _, schema, table, _, to_schema, to_table, _ = listed[0]
        columns = tuple(row[3] for row in listed)
        yield Reference(
            schema, table, columns, to_schema, to_table, tuple(row[6] for row in listed)
        )


def _rows(connection: ServerConnection, text: str, most: int) -> list[tuple[str, ...]]:
    import psycopg2

    try:
        return connection.rows(text, (str(most),))
    except psycopg2.Error:
        # Servers that are only like PostgreSQL have other catalogs.
        return []
