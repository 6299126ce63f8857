"""The answers of a server: the types of their columns, and the pages of the result that still has
rows on the server. Blocking; one thread at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.services.quoting import quote_literal
from tui.services.sql.models import Page, Result, ResultColumn, Row, TransactionState
from tui.services.sql.psql.binding import declare_bound
from tui.services.sql.session.connection import CLOSE, CURSOR, ServerConnection
from tui.services.sql.session.row_lengths import PAGE_CHARACTERS, RowLengths, characters_of
from tui.services.sql.text.statements import Statement

if TYPE_CHECKING:
    from psycopg2 import extensions

PAGE_SIZE = 500
"""Rows of one page, at most."""

LARGE_PAGE = 8000
"""Rows of one page, at most, where all of them are wanted."""

BEGIN_READ_ONLY = "BEGIN TRANSACTION READ ONLY"

_DECLARE = f"DECLARE {CURSOR} NO SCROLL CURSOR FOR\n"
_DECLARE_HELD = f"DECLARE {CURSOR} NO SCROLL CURSOR WITH HOLD FOR\n"
_BEGIN_OF_REDSHIFT = "BEGIN READ ONLY"
_DECLARE_OF_REDSHIFT = f"DECLARE {CURSOR} CURSOR FOR\n"
"""Redshift knows no other words here, no setting of the plan, and no cursor WITH HOLD:
https://docs.aws.amazon.com/redshift/latest/dg/declare.html"""

MOST_OF_REDSHIFT = 1000
"""Rows that a cluster of one node gives at a time:
https://docs.aws.amazon.com/redshift/latest/dg/fetch.html"""

_PLAN_FOR_ALL_ROWS = "SET LOCAL cursor_tuple_fraction = 1;\n"
"""Without it the server plans a cursor for its first rows: another plan than EXPLAIN shows, and
another order of rows where none is asked for."""

_WAIT = "SET LOCAL idle_in_transaction_session_timeout = 0;\n"
"""A transaction of ours that waits for the user to ask for a page must not end the session."""

_HEAD_READ_ONLY = f"{BEGIN_READ_ONLY};\n{_PLAN_FOR_ALL_ROWS}{_WAIT}{_DECLARE}"

_WAIT_17 = "SET LOCAL transaction_timeout = 0"
_TIMEOUT_17 = "pg_catalog.current_setting('transaction_timeout', true)"
_FRACTION = "SELECT pg_catalog.current_setting('cursor_tuple_fraction')"

_KNOWN: dict[int, tuple[str, bool]] = {
    16: ("boolean", False),
    17: ("bytea", False),
    19: ("name", False),
    20: ("bigint", True),
    21: ("smallint", True),
    23: ("integer", True),
    25: ("text", False),
    26: ("oid", True),
    114: ("json", False),
    700: ("real", True),
    701: ("double precision", True),
    705: ("unknown", False),
    790: ("money", True),
    1042: ("character", False),
    1043: ("character varying", False),
    1082: ("date", False),
    1083: ("time without time zone", False),
    1114: ("timestamp without time zone", False),
    1184: ("timestamp with time zone", False),
    1186: ("interval", False),
    1700: ("numeric", True),
    2278: ("void", False),
    2950: ("uuid", False),
    3802: ("jsonb", False),
}
"""oid -> name and alignment of the types that never change (pg_type.dat), so that most results
need no second question."""

_OF_REDSHIFT: dict[int, tuple[str, bool]] = {
    1188: ("interval year to month", False),
    1190: ("interval day to second", False),
    1266: ("time with time zone", False),
    3000: ("geometry", False),
    3001: ("geography", False),
    4000: ("super", False),
    6551: ("varbyte", False),
}
"""The same of Redshift's own types, by the numbers in Amazon's driver (redshift_connector)."""

_LOOK_UP = (
    "SELECT oid::text, pg_catalog.format_type(oid, NULL), typcategory = 'N' "
    "FROM pg_catalog.pg_type WHERE oid = ANY (%s::pg_catalog.oid[])"
)


class TypeNames:
    """The types that one connection has met."""

    def __init__(self) -> None:
        self._known = dict(_KNOWN)

    def columns(
        self, cursor: extensions.cursor, connection: ServerConnection
    ) -> tuple[ResultColumn, ...]:
        """The columns of what `cursor` has just fetched; asks for the types not met before."""
        description = cursor.description or ()
        unknown = {int(each.type_code) for each in description} - self._known.keys()
        if unknown and connection.info.is_redshift:
            # Its catalog is that of PostgreSQL 8.0: what is not known by number stays a number.
            self._known |= {oid: _OF_REDSHIFT[oid] for oid in unknown & _OF_REDSHIFT.keys()}
        elif unknown:
            for oid, name, numeric in connection.rows(_LOOK_UP, (sorted(map(str, unknown)),)):
                self._known[int(oid)] = (name, numeric == "t")
        return tuple(
            ResultColumn(
                connection.received(each.name),
                *self._known.get(int(each.type_code), (f"type {each.type_code}", False)),
                table=each.table_oid or 0,
                attribute=each.table_column or 0,
            )
            for each in description
        )


class ServerCursor:
    """Declares a server-side cursor for a query and gives its rows page by page."""

    def __init__(self, connection: ServerConnection, types: TypeNames) -> None:
        self.open_number = 0
        """The number of the result that still has rows on the server; 0 if none has."""
        self.prefix = 0
        """How many characters of ours stand before the query that was declared last."""
        self._connection = connection
        self._types = types
        self.may_time_out = True
        """Whether the server may end our transaction, as far as is known."""
        self._held = False
        self._ahead: Row | None = None
        self._count = 0
        self._lengths = RowLengths()
        self._first: extensions.cursor | None = None
        """The answer with the first rows, if they came with the declaration."""
        self._first_asked = 0
        """How many rows were asked for with it."""

    @property
    def _is_redshift(self) -> bool:
        return self._connection.info.is_redshift

    def declare_read_only(self, statement: Statement, question: str = "") -> str | None:
        """In a transaction of our own that the server keeps from writing. `question` is asked in
        the same message, before a row of the query is made; its answer is given."""
        if self._is_redshift:
            self._declare_in_ours(f"{_BEGIN_OF_REDSHIFT};\n{_DECLARE_OF_REDSHIFT}", statement)
            return None
        if statement.bound is not None:
            # Nothing else can be in a message with values.
            self._connection.ours = True
            self._connection.execute(f"{BEGIN_READ_ONLY};\n{_PLAN_FOR_ALL_ROWS}{_WAIT}")
            self._declare_bound(statement)
            return None
        tail = f"\n;SELECT ({question}), {_TIMEOUT_17}" if question else ""
        cursor = self._declare_in_ours(_HEAD_READ_ONLY, statement, tail)
        row = cursor.fetchone() if question else None
        if row is None:
            return None
        self.may_time_out = row[1] not in {None, "0"}
        answer: str = row[0]
        return answer

    def declare_and_fetch(self, statement: Statement, *, may_time_out: bool) -> None:
        """As `declare_read_only`, and the first rows come in the answer to the same message."""
        self._lengths.begin(statement)
        self._first_asked = min(PAGE_SIZE + 1, self._lengths.step())
        tail = f"\n;{_fetch(self._first_asked)}"
        self._first = self._declare_in_ours(_HEAD_READ_ONLY, statement, tail)
        self.may_time_out = may_time_out

    def declare_held(self, statement: Statement) -> None:
        """In a transaction of our own whose COMMIT carries the whole query out; until then
        nothing of it has run."""
        self._declare_in_ours(f"BEGIN;\n{_PLAN_FOR_ALL_ROWS}{_DECLARE_HELD}", statement)
        self._held = True

    def declare_in_users(self, statement: Statement) -> None:
        """In the user's transaction, whose settings stay what they are."""
        if statement.bound is not None:
            self._declare_bound(statement)
            return
        if self._is_redshift:
            self.prefix = len(_DECLARE_OF_REDSHIFT)
            self._connection.execute(_DECLARE_OF_REDSHIFT + statement.text)
            self._held = False
            return
        fraction = self._connection.value(_FRACTION) or "1"
        head = _PLAN_FOR_ALL_ROWS + _DECLARE
        self.prefix = len(head)
        # The plan is made as the cursor is declared.
        restore = f";\nSET LOCAL cursor_tuple_fraction = {quote_literal(fraction)}"
        self._connection.execute(head + statement.text + restore)
        self._held = False

    def _declare_bound(self, statement: Statement) -> None:
        self.prefix = len(_DECLARE)
        declare_bound(self._connection, _DECLARE, statement)
        self._held, self.may_time_out = False, True

    def _declare_in_ours(
        self, head: str, statement: Statement, tail: str = ""
    ) -> extensions.cursor:
        self.prefix = len(head)
        self._connection.ours = True
        cursor = self._connection.execute(head + statement.text + tail)
        self._held, self.may_time_out = False, True
        return cursor

    def first(self, statement: Statement, number: int) -> Result:
        """The first page of the query that was declared."""
        self.open_number = number
        self._count = 0
        self._ahead = None
        if self._first is None:
            self._lengths.begin(statement)
        # It is too late to stop what is committed: better to see its rows than to doubt it.
        page, cursor = self._page(stoppable=not self._held)
        columns = self._types.columns(cursor, self._connection)
        self._end_if(page)
        if (
            not page.complete
            and self._connection.ours
            and self.may_time_out
            and self._connection.driver.server_version >= 170000
        ):
            self._connection.execute(_WAIT_17)
        tag = f"SELECT {self._count}" if page.complete else "SELECT"
        return Result(statement, columns, page.rows, page.complete, tag, 0.0, ())

    def next(self, most: int = PAGE_SIZE) -> Page:
        """The page after the last one given, with `most` rows at most."""
        page, _ = self._page(most)
        self._end_if(page)
        return page

    def _page(
        self, most: int = PAGE_SIZE, *, stoppable: bool = True
    ) -> tuple[Page, extensions.cursor]:
        """The next rows, fetched in steps as long as their length allows; and the cursor of the
        last step. One more than shown is read, so that the end is known at once."""
        rows = [] if self._ahead is None else [self._ahead]
        characters = characters_of(rows)
        while True:
            if self._first is not None:
                cursor, asked, self._first = self._first, self._first_asked, None
            else:
                asked = min(most + 1 - len(rows), self._step(characters))
                cursor = self._connection.execute(_fetch(asked), stoppable=stoppable)
            came = self._connection.fetch(cursor)
            length = characters_of(came, cursor)
            cursor.close()
            rows += came
            characters += length
            self._lengths.note(len(came), length)
            complete = len(came) < asked
            is_full = len(rows) > most or (len(rows) > 1 and characters >= PAGE_CHARACTERS)
            if complete or is_full:
                break
        self._ahead = None if complete else rows.pop()
        self._count += len(rows)
        return Page(tuple(rows), complete), cursor

    def _step(self, characters: int) -> int:
        step = self._lengths.step(characters)
        return min(step, MOST_OF_REDSHIFT) if self._is_redshift else step

    def _end_if(self, page: Page) -> None:
        if page.complete:
            self.release()

    def release(self) -> None:
        """Give up the rows that were not read and end the transaction that held them.

        Outside of read-only mode by COMMIT: it is READ ONLY, so there is nothing to undo, and a
        function that only reads may have announced something (NOTIFY).
        """
        if not self.open_number:
            return
        self.open_number = 0
        self._ahead = None
        if self._connection.ours:
            self._connection.begin_to_end_ours()
        elif self._connection.state is not TransactionState.FAILED:
            self._connection.execute(CLOSE)

    def abandon(self) -> None:
        """After an error: leave no transaction and no cursor of ours behind."""
        from psycopg2 import Error

        held = self._held and self.open_number
        self.open_number = 0
        self._first = None
        self._ahead = None
        self._held = False
        try:
            if self._connection.ours:
                self._connection.undo_ours()
            elif held and self._connection.state is TransactionState.IDLE:
                self._connection.execute(CLOSE)
        except Error:
            # The error that brought us here says more than this one.
            return


def _fetch(rows: int) -> str:
    return f"FETCH FORWARD {rows} FROM {CURSOR}"
