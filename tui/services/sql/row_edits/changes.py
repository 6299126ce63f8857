"""Changes of rows, and the statements that make them: exactly what is shown and sent.

A value is sent as a constant without a type, which the server reads by the type of the column. A
row is changed only where every column of it that was shown still has the value that was shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.services.quoting import quote_identifier, quote_literal
from tui.services.sql.models import Row
from tui.services.sql.row_edits.table import EditableTable, EditedColumn

SAVEPOINT = '"tristore rows"'

_NOT_COMPARED = frozenset({"xmax", "cmin", "cmax", "tableoid"})
"""System columns that change without a change of the row, or never."""


@dataclass(frozen=True)
class UpdateRow:
    """Other values in some columns of a row."""

    old: Row
    """The row of the result, as it was shown."""
    values: Mapping[int, str | None]
    """The number of each column that changes -> its new value."""


@dataclass(frozen=True)
class DeleteRow:
    """A row that goes."""

    old: Row


@dataclass(frozen=True)
class InsertRow:
    """A row that comes. Columns that are left out get their defaults."""

    values: Mapping[int, str | None]


RowChange = UpdateRow | DeleteRow | InsertRow


def as_sql(table: EditableTable, change: RowChange) -> str:
    """The statement that makes a change, without a semicolon."""
    if isinstance(change, InsertRow):
        text = f"INSERT INTO {table.sql_name} {_inserted(table, change.values)}"
    elif isinstance(change, DeleteRow):
        where = _where_unchanged(table, change.old)
        text = f"DELETE FROM {table.sql_name}\n{where}"  # noqa: S608 - quoted
    else:
        settings = ",\n    ".join(
            f"{quote_identifier(table.column(number).name)} = {quote_literal(value)}"
            for number, value in change.values.items()
        )
        where = _where_unchanged(table, change.old)
        text = f"UPDATE {table.sql_name}\nSET {settings}\n{where}"
    return f"{text}\nRETURNING {_shown_names(table)}"


def _inserted(table: EditableTable, values: Mapping[int, str | None]) -> str:
    if not values:
        return "DEFAULT VALUES"
    names = ", ".join(quote_identifier(table.column(number).name) for number in values)
    return f"({names})\nVALUES ({', '.join(map(quote_literal, values.values()))})"


def row_now(table: EditableTable, old: Row) -> str:
    """A query for what is stored now under the key of a row."""
    # Quoted, each of them.
    names = _shown_names(table)
    return f"SELECT {names} FROM {table.sql_name}\nWHERE {_is_key(table, old)}"  # noqa: S608


def script(table: EditableTable, changes: Sequence[RowChange], *, begins: bool, ends: bool) -> str:
    """Everything that applying sends. `begins`: whether it begins a transaction, or sets a
    savepoint in the one that is open; `ends`: whether the one that it begins is committed."""
    first = "BEGIN" if begins else f"SAVEPOINT {SAVEPOINT}"
    last = ("COMMIT" if ends else "") if begins else f"RELEASE SAVEPOINT {SAVEPOINT}"
    statements = [first, *(as_sql(table, each) for each in changes), *([last] if last else ())]
    return ";\n\n".join(statements) + ";\n"


def shown_values(table: EditableTable, row: Row) -> tuple[str | None, ...]:
    """The values of the table's own columns in a row of the result, as RETURNING gives them."""
    return tuple(row[place] for _, place in table.places)


def _shown_names(table: EditableTable) -> str:
    return ", ".join(quote_identifier(table.column(number).name) for number, _ in table.places)


def _is_key(table: EditableTable, old: Row) -> str:
    return "\n  AND ".join(
        f"{quote_identifier(table.column(number).name)} = {quote_literal(value)}"
        for number, value in zip(table.key, table.key_of(old), strict=True)
    )


def _where_unchanged(table: EditableTable, old: Row) -> str:
    conditions = [_is_key(table, old)]
    for number, place in table.places:
        column = table.column(number)
        is_compared = number not in table.key or not column.exact
        if is_compared and not (number < 0 and column.name in _NOT_COMPARED):
            conditions.append(_is_still(column, old[place]))
    return "WHERE " + "\n  AND ".join(conditions)


def _is_still(column: EditedColumn, value: str | None) -> str:
    name = quote_identifier(column.name)
    if column.exact or value is None:
        return f"{name} IS NOT DISTINCT FROM {quote_literal(value)}"
    # As it is printed: a cast to text prints some types otherwise (inet), and drops blanks.
    return f"""pg_catalog.format('%s', {name}) COLLATE "C" = {quote_literal(value)}"""
