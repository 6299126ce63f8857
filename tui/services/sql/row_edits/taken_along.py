"""The rows of other tables that the server changes with a row: ON DELETE and ON UPDATE of foreign
keys (https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK). Blocking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui.services.quoting import quote_identifier, quote_literal
from tui.services.sql.models import Row
from tui.services.sql.row_edits.changes import DeleteRow, RowChange, UpdateRow
from tui.services.sql.row_edits.table import EditableTable
from tui.services.sql.session.aside import TOO_LONG
from tui.services.sql.session.connection import ServerConnection

MOST_COUNTED = 10_000
"""Rows up to which they are counted."""

MOST_KEYS = 1_000
"""Changed rows of which is looked what goes with them."""

MOST_LOOKED_FOR = 20
"""Foreign keys, and ways through several of them, that are followed."""

_REFERENCES = """
SELECT k.oid::pg_catalog.text, n.nspname, t.relname,
    k.confdeltype::pg_catalog.text, k.confupdtype::pg_catalog.text,
    own.attname, other.attname, other.attnum::pg_catalog.text,
    (SELECT 'OPERATOR(' || pg_catalog.quote_ident(s.nspname) || '.' || o.oprname || ')'
     FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace
     WHERE o.oid = k.conpfeqop[pair.place])
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class t ON t.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
     WITH ORDINALITY AS pair (own, other, place)
JOIN pg_catalog.pg_attribute own ON own.attrelid = k.conrelid AND own.attnum = pair.own
JOIN pg_catalog.pg_attribute other ON other.attrelid = k.confrelid AND other.attnum = pair.other
WHERE k.contype = 'f' AND k.confrelid = %s::pg_catalog.regclass
    AND coalesce(pg_catalog.to_jsonb(k) ->> 'conparentid', '0') = '0'
ORDER BY n.nspname, t.relname, k.conname, pair.place
"""
"""`to_jsonb`, because servers before version 11 have no such column: a partition has the foreign
keys of its table, too."""

_ACTIONS = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@dataclass(frozen=True)
class TakenAlong:
    """Rows that go with those that are changed."""

    table: str
    """Schema and name, quoted where necessary."""
    event: str
    """What is done to the row that they refer to: "DELETE" or "UPDATE"."""
    action: str
    """What is done to them: "CASCADE", "SET NULL" or "SET DEFAULT"."""
    count: int | None
    """How many; None if that is not known. More than MOST_COUNTED: at least so many."""
    why_unknown: str = ""
    """What the server said instead."""


@dataclass(frozen=True)
class _Reference:
    """A foreign key that leads to a table."""

    oid: str
    table: str
    on_delete: str
    on_update: str
    pairs: tuple[tuple[str, str, str], ...]
    """The column that is referred to, the operator, and the column that refers to it."""
    referred: frozenset[int]
    """The numbers of the columns that are referred to."""


def taken_along(
    connection: ServerConnection, table: EditableTable, changes: Sequence[RowChange]
) -> tuple[TakenAlong, ...]:
    """What goes with these changes; nothing where no row refers to them. Raises psycopg2's errors
    where the foreign keys themselves cannot be read."""
    deleted = [each.old for each in changes if isinstance(each, DeleteRow)][:MOST_KEYS]
    changed = [each for each in changes if isinstance(each, UpdateRow)][:MOST_KEYS]
    count = _Count(connection, table)
    found: list[TakenAlong | None] = []
    if deleted:
        for chain in _chains(connection, table.sql_name):
            found.append(count.of(deleted, chain, "DELETE", chain[-1].on_delete))
    for each in _references(connection, table.sql_name) if changed else ():
        rows = [change.old for change in changed if not each.referred.isdisjoint(change.values)]
        if rows and each.on_update in _ACTIONS:
            found.append(count.of(rows, (each,), "UPDATE", each.on_update))
    return tuple(each for each in found if each is not None)


def _chains(connection: ServerConnection, table: str) -> Iterator[tuple[_Reference, ...]]:
    """The foreign keys that do something when a row of a table is deleted, and those that do
    something when that deletes others in turn; the nearest first."""
    waiting: list[tuple[_Reference, ...]] = [()]
    given = 0
    while waiting:
        chain = waiting.pop(0)
        for each in _references(connection, chain[-1].table if chain else table):
            if each.on_delete not in _ACTIONS or each.oid in {one.oid for one in chain}:
                continue
            yield (*chain, each)
            given += 1
            if given == MOST_LOOKED_FOR:
                return
            if _ACTIONS[each.on_delete] == "CASCADE":
                waiting.append((*chain, each))


def _references(connection: ServerConnection, table: str) -> list[_Reference]:
    """The foreign keys that lead to a table, which is named with its schema."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for row in connection.rows(_REFERENCES, (table,)):
        found.setdefault(row[0], []).append(row)
    return [
        _Reference(
            key,
            f"{quote_identifier(parts[0][1])}.{quote_identifier(parts[0][2])}",
            parts[0][3],
            parts[0][4],
            tuple((other, operator, own) for *_, own, other, _, operator in parts),
            frozenset(int(part[7]) for part in parts),
        )
        for key, parts in found.items()
    ]


class _Count:
    """Counts the rows that go with others."""

    def __init__(self, connection: ServerConnection, table: EditableTable) -> None:
        self._connection = connection
        self._table = table
        self._too_long = ""
        """What the server said when it took too long: the next would, too."""

    def of(
        self, rows: Sequence[Row], chain: Sequence[_Reference], event: str, action: str
    ) -> TakenAlong | None:
        """Those that refer to some rows through foreign keys; None if there are none."""
        import psycopg2

        table, done = chain[-1].table, _ACTIONS[action]
        if self._too_long:
            return TakenAlong(table, event, done, None, self._too_long)
        try:
            found = int(self._connection.value(_query(self._table, rows, chain)) or 0)
        except psycopg2.Error as error:
            # That there may be some is said all the same.
            said = self._connection.received(str(error).strip()).partition("\n")[0]
            if error.pgcode == TOO_LONG:
                self._too_long = said
            return TakenAlong(table, event, done, None, said)
        return TakenAlong(table, event, done, found) if found else None


def _query(table: EditableTable, rows: Sequence[Row], chain: Sequence[_Reference]) -> str:
    """A query for how many rows refer to some rows of a table, through others."""
    names = ", ".join(f"t0.{quote_identifier(table.column(each).name)}" for each in table.key)
    keys = ", ".join(f"({', '.join(map(quote_literal, table.key_of(row)))})" for row in rows)
    text = f"FROM {table.sql_name} t0"
    for at, each in enumerate(chain):
        pairs = " AND ".join(
            f"t{at}.{quote_identifier(other)} {operator} t{at + 1}.{quote_identifier(own)}"
            for other, operator, own in each.pairs
        )
        text += f"\nJOIN {each.table} t{at + 1} ON {pairs}"
    # Of names and values in quotes.
    return f"""SELECT pg_catalog.count(*)::pg_catalog.text FROM (
SELECT {text}
WHERE ({names}) IN ({keys}) LIMIT {MOST_COUNTED + 1}) AS found"""  # noqa: S608
