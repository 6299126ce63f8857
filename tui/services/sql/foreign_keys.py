"""Where the value of a column leads: the row of another table that a foreign key names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.services.quoting import quote_identifier, quote_literal
from tui.services.sql.models import ResultColumn, Row
from tui.services.sql.session.connection import ServerConnection

_KEYS = """
SELECT k.oid::pg_catalog.text, k.conname,
       n.nspname, t.relname, pair.own::pg_catalog.text, a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class t ON t.oid = k.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
     WITH ORDINALITY AS pair (own, other, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = pair.other
WHERE k.contype = 'f' AND k.conrelid = %s::pg_catalog.oid
ORDER BY k.conname, pair.place
"""


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key that the columns of a result have all parts of."""

    name: str
    table: str
    """What it leads to, quoted."""
    parts: tuple[tuple[int, str, str], ...]
    """For each part: the column of the result, the column that it leads to, and that one's type."""

    def query(self, row: Row) -> str:
        """What reads the row that `row` leads to; empty if NULL leads nowhere."""
        values = [(row[at], name, kind) for at, name, kind in self.parts]
        conditions = [
            f"{quote_identifier(name)} = {quote_literal(value)}::{kind}"
            for value, name, kind in values
            if value is not None
        ]
        if len(conditions) < len(values):
            return ""
        # Text for the editor, of names and values in quotes.
        return f"SELECT * FROM {self.table} WHERE {' AND '.join(conditions)}"  # noqa: S608


def foreign_keys(
    connection: ServerConnection, columns: Sequence[ResultColumn], at: int
) -> tuple[ForeignKey, ...]:
    """The foreign keys that the column at an index is a part of. Blocking; raises psycopg2's
    errors."""
    here = columns[at]
    # What Redshift has of foreign keys is not enforced, and its catalog says it in another way.
    if not here.table or connection.info.is_redshift:
        return ()
    places = {
        each.attribute: place
        for place, each in reversed(list(enumerate(columns)))
        if each.table == here.table
    }
    # Of a column that is there twice, the one under the cursor.
    places[here.attribute] = at
    found: dict[str, list[tuple[str, str, int, str, str]]] = {}
    for oid, name, schema, table, own, other, kind in connection.rows(_KEYS, (str(here.table),)):
        quoted = f"{quote_identifier(schema)}.{quote_identifier(table)}"
        found.setdefault(oid, []).append((name, quoted, int(own), other, kind))
    keys = []
    for parts in found.values():
        owned = [own for _, _, own, _, _ in parts]
        if here.attribute in owned and all(own in places for own in owned):
            name, table = parts[0][:2]
            keys.append(
                ForeignKey(
                    name,
                    table,
                    tuple((places[own], other, kind) for _, _, own, other, kind in parts),
                )
            )
    return tuple(keys)
