"""Run the query of a result once more, as a COPY that only reads. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.redshift import refuse_on_redshift
from tui.services.sql.export.copy_text import copy_text
from tui.services.sql.export.options import Exported, ExportOptions, Format
from tui.services.sql.export.sinks import giving_up, sink_for
from tui.services.sql.models import Result, ResultColumn, Row, TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.effects import effects_of
from tui.services.sql.session.results import BEGIN_READ_ONLY, TypeNames
from tui.services.sql.text.classify import StatementRoute, classify
from tui.services.sql.text.statements import Statement
from tui.services.sql.typed_values import FLOATS

_SAVEPOINT = '"tristore export"'
_ROWS_OF = "SELECT * FROM (\n"
_PRINTS = ("DateStyle", "bytea_output")


def can_run_again(result: Result) -> bool:
    """Whether asking the same once more changes nothing, as far as the text and the first run say.
    The server is asked again before it is done."""
    has_values = result.statement.bound is not None
    return (
        classify(result.statement).route is StatementRoute.CURSOR
        and not result.wrote
        and not has_values
    )


def export(
    connection: ServerConnection,
    result: Result,
    options: ExportOptions,
    stream: BinaryIO,
    *,
    sending: Callable[[str], None],
) -> Exported:
    """Write all rows of the statement of `result` into `stream`.

    It runs in a READ ONLY transaction: in one of its own, in the one that holds the rest of a
    result, or in the user's, which stays as it was whatever happens. `sending` is called with what
    stands before the query in the COPY, before that is sent. Raises psycopg2's errors, OSError of
    the file, and ServiceErrors.
    """
    refuse_on_redshift(
        connection.info.is_redshift, "COPY to a client", "UNLOAD writes all rows to S3."
    )
    columns = result.columns or ()
    text = copy_text(options, [column.name for column in columns])
    connection.begin_statement()
    _refuse_if_aborted(connection)
    with _reading(connection):
        _refuse_if_writing(connection, result.statement)
        limits: tuple[tuple[int | None, int | None], ...] = ()
        prints: dict[str, str] = {}
        if options.format is Format.PARQUET or options.measured:
            limits = _limits(connection, result.statement)
        if options.format is Format.PARQUET:
            prints = {name: connection.value(f"SHOW {name}") or "" for name in _PRINTS}
        sink = sink_for(options, columns, limits, stream, prints=prints)
        sending(text.head)
        with giving_up(sink):
            rows = connection.copy_out(text.around(result.statement.text), sink)
            notes = _rounded(connection, result) if options.measured else ()
            return Exported(rows, (*sink.finish(), *notes), limits)


def export_columns(
    connection: ServerConnection,
    statement: Statement,
    types: TypeNames,
    *,
    sending: Callable[[str], None],
) -> tuple[ResultColumn, ...]:
    """The columns of a query that only reads, of which no row is made. CONFLICT if it may change
    something; else as `export`."""
    connection.begin_statement()
    with _reading(connection):
        _refuse_if_writing(connection, statement)
        sending(_ROWS_OF)
        with connection.execute(_without_rows(statement)) as cursor:
            return types.columns(cursor, connection)


def ask(connection: ServerConnection, result: Result, questions: Sequence[str]) -> list[list[Row]]:
    """The answers to questions that have the statement of `result` in them; as `export`."""
    refuse_on_redshift(
        connection.info.is_redshift,
        "questions about all rows from here",
        "What is shown of the loaded rows holds; write the question as SQL.",
    )
    connection.begin_statement()
    _refuse_if_aborted(connection)
    with _reading(connection):
        _refuse_if_writing(connection, result.statement)
        answers = []
        for question in questions:
            with connection.execute(question) as cursor:
                answers.append(connection.fetch(cursor))
        return answers


def _refuse_if_aborted(connection: ServerConnection) -> None:
    if connection.state is TransactionState.FAILED:
        raise ServiceError(
            "The transaction is aborted; nothing can be read in it.",
            hint="Ctrl+B rolls it back. What is loaded can be exported.",
            kind=ErrorKind.CONFLICT,
        )


def _refuse_if_writing(connection: ServerConnection, statement: Statement) -> None:
    if statement.bound is not None:
        raise ServiceError(
            "This statement has values from \\bind: it is not run again.",
            hint="Write them in the statement, or use the rows that are loaded.",
            kind=ErrorKind.CONFLICT,
        )
    if effects_of(connection, statement).writes:
        raise ServiceError(
            "This statement may change something: it is not run again.",
            hint="Export the rows that are loaded.",
            kind=ErrorKind.CONFLICT,
        )


def _limits(
    connection: ServerConnection, statement: Statement
) -> tuple[tuple[int | None, int | None], ...]:
    """Precision and scale of each column."""
    with connection.execute(_without_rows(statement)) as cursor:
        return tuple((each.precision, each.scale) for each in cursor.description or ())


def _without_rows(statement: Statement) -> str:
    return f"{_ROWS_OF}{statement.text}\n) AS t LIMIT 0"


def _rounded(connection: ServerConnection, result: Result) -> tuple[str, ...]:
    """A sentence if the server prints floats with fewer digits than they have."""
    floats = [each for each in result.columns or () if each.type_name in FLOATS]
    least = 1 if int(connection.value("SHOW server_version_num") or 0) >= 120_000 else 3
    digits = connection.value("SHOW extra_float_digits") if floats else None
    if digits is None or int(digits) >= least:
        return ()
    return (f"Floats are rounded as the server prints them: extra_float_digits is {digits}.",)


@contextmanager
def _reading(connection: ServerConnection) -> Iterator[None]:
    """A place where nothing can be written and whose failure undoes nothing of the user's."""
    is_own = not connection.ours and connection.state is TransactionState.IDLE
    if is_own:
        connection.ours = True
        connection.execute(BEGIN_READ_ONLY)
    else:
        connection.execute(f"SAVEPOINT {_SAVEPOINT}; SET TRANSACTION READ ONLY")
    try:
        yield
    except BaseException:
        if connection.state is not TransactionState.LOST:
            _end(connection, is_own=is_own)
        raise
    _end(connection, is_own=is_own)


def _end(connection: ServerConnection, *, is_own: bool) -> None:
    import psycopg2
    from psycopg2.errors import QueryCanceled

    ending = "ROLLBACK" if is_own else f"ROLLBACK TO {_SAVEPOINT}; RELEASE {_SAVEPOINT}"
    try:
        connection.execute(ending, stoppable=False)
    except QueryCanceled:
        # The request to stop came late and met this; it is not sent twice.
        connection.execute(ending, stoppable=False)
    except psycopg2.Error:
        if connection.state is not TransactionState.LOST:
            raise
    if is_own:
        connection.ours = False
