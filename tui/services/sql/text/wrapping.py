"""A query around another one: the same rows in another order, or only some of them."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.quoting import quote_identifier, quote_literal
from tui.services.sql.export.copy_text import unique
from tui.services.sql.models import ResultColumn
from tui.services.sql.text.statements import Statement


def wrapped(
    statement: Statement,
    columns: Sequence[ResultColumn],
    *,
    text: str = "",
    column: int | None = None,
    descending: bool = False,
) -> str:
    """The rows of `statement` with `text` in one of their values, in any case, ordered by a column
    with NULL last. Names that are there twice get a number."""
    names = unique([each.name for each in columns])
    quoted = [quote_identifier(name) for name in names]
    alias = "AS result"
    if names != [each.name for each in columns]:
        alias += f" ({', '.join(quoted)})"
    # Text for the editor; it is run because the user asks for it.
    lines = [f"SELECT * FROM (\n{statement.text}\n) {alias}"]  # noqa: S608
    if text:
        pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = quote_literal(f"%{pattern}%")
        lines.append("WHERE " + "\n   OR ".join(f"{name}::text ILIKE {like}" for name in quoted))
    if column is not None:
        lines.append(f"ORDER BY {quoted[column]}{' DESC' if descending else ''} NULLS LAST")
    return "\n".join(lines)


def counted_on_server(statement: Statement, columns: Sequence[ResultColumn], column: int) -> str:
    """One row about a column over all rows: rows, values, different ones, least, greatest, mean and
    sum."""
    names = [f"c{n}" for n in range(1, len(columns) + 1)]
    name = names[column]
    shown = "NULL, NULL"
    least, greatest = f"min({name})::text", f"max({name})::text"
    kind = columns[column].type_name
    if kind in _NUMBERS:
        shown = f"avg({name})::text, sum({name})::text"
    elif kind not in _ORDERED:
        # Not every type has an order.
        least, greatest = f"min({name}::text)", f"max({name}::text)"
    return (
        f"SELECT count(*), count({name}), count(DISTINCT {name}::text), {least}, {greatest}, "
        f"{shown}\nFROM (\n{statement.text}\n) AS result ({', '.join(names)})"
    )


def most_frequent_on_server(
    statement: Statement, columns: Sequence[ResultColumn], column: int, most: int
) -> str:
    """The most frequent values of a column with how often they are there."""
    names = [f"c{n}" for n in range(1, len(columns) + 1)]
    return (
        f"SELECT left({names[column]}::text, 1000), count(*)\nFROM (\n{statement.text}\n) "
        f"AS result ({', '.join(names)})\nWHERE {names[column]} IS NOT NULL\n"
        f"GROUP BY {names[column]}::text ORDER BY 2 DESC, 1 LIMIT {most}"
    )


def spread_on_server(
    statement: Statement, columns: Sequence[ResultColumn], column: int, parts: int
) -> str | None:
    """The parts of the same width between the least and the greatest value of a column: the number
    of each from 0, its least value, how many there are; those without values are left out. None
    for a type that has no widths."""
    names = [f"c{n}" for n in range(1, len(columns) + 1)]
    name, kind = names[column], columns[column].type_name
    if kind in _NUMBERS:
        place, some = f"{name}::numeric", f"{name}::text NOT IN ('NaN', 'Infinity', '-Infinity')"
    elif kind in _MOMENTS:
        place, some = f"extract(epoch FROM {name})::numeric", f"isfinite({name})"
    else:
        return None
    # A CASE: the server may work out the place of a value before it looks whether it has one.
    return (
        f"WITH placed AS (SELECT {name} AS value, CASE WHEN {some} THEN {place} END AS place\n"  # noqa: S608 - as `wrapped`
        f"FROM (\n{statement.text}\n) AS result ({', '.join(names)})\nWHERE {some}),\n"
        "ends AS (SELECT min(place) AS low, max(place) AS high FROM placed)\n"
        f"SELECT least(floor((place - low) * {parts} / (high - low)), {parts - 1})::int, "
        "min(value)::text, count(*)\n"
        "FROM placed, ends WHERE low < high GROUP BY 1 ORDER BY 1"
    )


_MOMENTS = frozenset({"date", "timestamp without time zone", "timestamp with time zone"})
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
_ORDERED = frozenset(
    {"date", "timestamp without time zone", "timestamp with time zone", "interval", "text",
     "character varying", "time without time zone", "money", "oid"}
)  # fmt: skip
