"""The table behind the rows of a result, if they can be changed; why not, if they cannot.

The server says of each column of a result which column of which table it is. A row is found again
by its primary key, or a unique index of NOT NULL columns. Blocking; one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_identifier
from tui.services.sql.connecting.redshift import refuse_on_redshift
from tui.services.sql.errors import from_statement, lost_cause
from tui.services.sql.models import (
    ConnectionLostError,
    Result,
    ResultColumn,
    Row,
    TransactionState,
)
from tui.services.sql.row_edits.mentions import read_at_once
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.text.statements import Statement

_FIRST_OWN = 16384
"""Object ids below are the server's own (FirstNormalObjectId, access/transam.h)."""

_EXACT = "16,17,18,19,20,21,23,25,26,1042,1043,1082,1083,1114,1184,1700,2950"  # see pg_type.dat
"""boolean, bytea, "char", name, bigint, smallint, integer, text, oid, character, varchar, date,
time, timestamp, timestamptz, numeric, uuid: what their `=` calls the same is the same value. Not
so of float (-0 = 0), interval (24 hours = 1 day), box (its area); json and point have no `=`."""

_KINDS = {
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table",
    "S": "a sequence",
    "t": "a TOAST table",
    "c": "a composite type",
}

_TABLE = """
SELECT n.nspname, c.relname, c.relkind::pg_catalog.text,
    (SELECT i.inhparent::pg_catalog.regclass::pg_catalog.text
     FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = %s::pg_catalog.oid
"""

_COLUMNS = f"""
SELECT a.attnum::pg_catalog.text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
    a.attnotnull::pg_catalog.text, pg_catalog.to_jsonb(a) ->> 'attgenerated', a.attidentity::text,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    ((a.atttypid IN ({_EXACT}) OR t.typtype = 'e') AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation
        AND pg_catalog.to_jsonb(l) ->> 'collisdeterministic' = 'false'))::pg_catalog.text
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s::pg_catalog.oid AND NOT a.attisdropped ORDER BY a.attnum
"""  # noqa: S608 - nothing of the user's is in it
"""`to_jsonb`, because servers before version 12 have no such columns."""

_KEYS = """
SELECT i.indkey::pg_catalog.text,
    coalesce(pg_catalog.to_jsonb(i) ->> 'indnkeyatts', i.indnatts::pg_catalog.text)
FROM pg_catalog.pg_index i
WHERE i.indrelid = %s::pg_catalog.oid AND i.indisunique AND i.indisvalid
    AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indisprimary DESC, i.indnatts, i.indexrelid
"""


@dataclass(frozen=True)
class EditedColumn:
    """A column of a table whose rows are changed."""

    number: int
    """`attnum`: from 1; negative for a system column."""
    name: str
    type_name: str
    """With its modifier: "character varying(20)"."""
    not_null: bool = False
    default: str = ""
    """The expression; for a generated column, that. "" if there is none."""
    fixed: str = ""
    """Why it takes no value; "" if it does."""
    exact: bool = True
    """Whether two values that are equal to the server are printed alike (but for zeros at the end
    of a number)."""


@dataclass(frozen=True)
class EditableTable:
    """A table, and where its columns stand in the result that is changed."""

    schema: str
    name: str
    columns: tuple[EditedColumn, ...]
    key: tuple[int, ...]
    """The numbers of the columns by which a row is found."""
    places: tuple[tuple[int, int], ...]
    """Of each column of the table that the result shows: its number, and its place in a row, the
    first one. In the order of the result."""

    @property
    def sql_name(self) -> str:
        """Schema and name, quoted where necessary."""
        return f"{quote_identifier(self.schema)}.{quote_identifier(self.name)}"

    def column(self, number: int) -> EditedColumn:
        """The column of that number."""
        return next(each for each in self.columns if each.number == number)

    def key_of(self, row: Row) -> tuple[str | None, ...]:
        """What tells a row of the result from the others."""
        place = dict(self.places)
        return tuple(row[place[number]] for number in self.key)


def editable_table(connection: ServerConnection, result: Result) -> EditableTable:
    """The table whose rows a result shows. INVALID, with the reason, if they cannot be changed."""
    import psycopg2

    refuse_on_redshift(
        connection.info.is_redshift,
        "enforced keys, by which a row could be changed safely",
        "Write UPDATE, INSERT or DELETE in the editor.",
    )
    if connection.state is TransactionState.FAILED:
        raise _refusal("the transaction has failed, and only ROLLBACK does anything", "Ctrl+B.")
    try:
        return _find(connection, result.statement, result.columns or ())
    except psycopg2.Error as error:
        if connection.state is TransactionState.LOST:
            raise ConnectionLostError(lost_cause([str(error)])) from error
        raise from_statement(error, None, connection) from error


def _find(
    connection: ServerConnection, statement: Statement, columns: Sequence[ResultColumn]
) -> EditableTable:
    tables = list(dict.fromkeys(each.table for each in columns if each.table))
    if not tables:
        raise _refusal("no column of this result is a column of a table")
    found: list[EditableTable] = []
    refusals: list[ServiceError] = []
    for table in tables:
        try:
            found.append(_look_at(connection, table, statement, columns))
        except ServiceError as error:
            refusals.append(error)
    if len(found) > 1:
        names = " and ".join(each.sql_name for each in found)
        raise _refusal(
            f"they are rows of {names} at once",
            "Leave the key of all but one of them out of the result.",
        )
    if not found:
        raise refusals[0]
    return found[0]


def _look_at(
    connection: ServerConnection, oid: int, statement: Statement, columns: Sequence[ResultColumn]
) -> EditableTable:
    places: dict[int, int] = {}
    for place, column in enumerate(columns):
        if column.table == oid and column.attribute:
            places.setdefault(column.attribute, place)
    about = connection.rows(_TABLE, (str(oid),))
    if not about:
        raise _refusal("their table is gone")
    schema, name, kind, parent = about[0]
    called = f"{quote_identifier(schema)}.{quote_identifier(name)}"
    if kind not in {"r", "p"}:
        raise _refusal(f"{called} is {_KINDS.get(kind, 'no table')}")
    if oid < _FIRST_OWN:
        raise _refusal(f"{called} is a table of the server's own")
    if parent:
        raise _refusal(
            f"{called} is a partition of {parent}", f"Read the rows from {parent} to change them."
        )
    _refuse_twice(statement, name, called)
    known = tuple(_column(row) for row in connection.rows(_COLUMNS, (str(oid),)))
    key = _key(connection, oid, known, places, called)
    return EditableTable(schema, name, known, key, tuple(places.items()))


def _refuse_twice(statement: Statement, name: str, called: str) -> None:
    """Where the table may stand for two rows in one row of the result, nobody can say which of
    them a column is of."""
    times = read_at_once(statement, name)
    if not times:
        raise _refusal(f"the statement does not name {called}", "Write SELECT … FROM the table.")
    if times > 1:
        raise _refusal(
            f"the statement reads {called} more than once, and a column does not say of which of "
            "the rows it is"
        )


def _column(row: tuple[str, ...]) -> EditedColumn:
    number, name, type_name, not_null, generated, identity, default, exact = row
    fixed = ""
    if int(number) < 0:
        fixed = "it is a system column"
    elif generated:
        fixed = f"it is generated: {default}"
    elif identity == "a":
        fixed = "it is GENERATED ALWAYS AS IDENTITY: the server numbers it"
    if identity == "d":
        default = "the next number"
    return EditedColumn(
        int(number), name, type_name, not_null == "true", default, fixed, exact == "true"
    )


def _key(
    connection: ServerConnection,
    oid: int,
    columns: Sequence[EditedColumn],
    places: dict[int, int],
    called: str,
) -> tuple[int, ...]:
    names = {each.number: each.name for each in columns}
    not_null = {each.number for each in columns if each.not_null}
    missing: list[str] = []
    for numbers, count in connection.rows(_KEYS, (str(oid),)):
        key = tuple(map(int, numbers.split()))[: int(count)]
        if not not_null.issuperset(key):
            continue
        left_out = [names[each] for each in key if each not in places]
        if not left_out:
            return key
        missing = missing or left_out
    if missing:
        raise _refusal(
            f"the result does not show {', '.join(map(quote_identifier, missing))}, the key of "
            f"{called}",
            "Add it to the columns of the SELECT.",
        )
    raise _refusal(
        f"{called} has no primary key and no unique index of NOT NULL columns, so no row can be "
        "told from the others"
    )


def _refusal(reason: str, hint: str = "") -> ServiceError:
    return ServiceError(
        f"These rows cannot be changed here: {reason}.",
        hint=hint or "UPDATE, INSERT and DELETE can be written in the editor.",
        kind=ErrorKind.INVALID,
    )
