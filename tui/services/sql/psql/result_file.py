"""Run a statement and write its rows into a file: psql's `\\g FILE`. Blocking.

A query that only reads goes through the COPY of an export, in one run; of every other statement the
rows are written as they come. The file gets its name when it is whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

from tui.services.errors import ErrorKind, ServiceError
from tui.services.new_file import NewFile, exists
from tui.services.quantities import counted, size_text
from tui.services.sql.errors import READ_ONLY_TRANSACTION
from tui.services.sql.export.held import write_lines
from tui.services.sql.export.options import Exported, ExportOptions, Format
from tui.services.sql.export.server_copy import export, export_columns
from tui.services.sql.files.file_statements import ResultFileStatement
from tui.services.sql.models import Page, Result, Row, TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.results import TypeNames
from tui.services.sql.text.classify import StatementRoute, classify

NO_ROWS = "The statement gives no rows: no file was written."


class WrittenRows:
    """Runs one such statement."""

    def __init__(
        self,
        connection: ServerConnection,
        types: TypeNames,
        *,
        run: Callable[[], Result],
        more: Callable[[], Page],
        sending: Callable[[str], None],
        is_committed: Callable[[], bool],
    ) -> None:
        """`run` runs the statement for its first rows, `more` gives the next ones; `sending` is
        told what is sent in front of the statement. `is_committed`: whether what it changed stays
        whatever comes after."""
        self._connection = connection
        self._types = types
        self._run = run
        self._more = more
        self._sending = sending
        self._is_committed = is_committed
        self._has_run = False
        """Whether the server has carried it out, in a transaction that goes on."""

    def write(self, statement: ResultFileStatement) -> Result:
        """What came of it, without rows. psycopg2.Error where the server refuses, ServiceError
        where the file cannot be written."""
        try:
            return self._written(statement)
        except ServiceError as error:
            if self._is_committed():
                said, hint = "The statement was carried out and committed", error.hint
            elif self._stands_in_transaction(statement):
                said = "The statement was carried out in the transaction that is open"
                hint = f"F7 commits what it changed, Ctrl+B takes it back. {error.hint}".strip()
            else:
                raise
            raise ServiceError(
                f"{said}; its rows are in no file.",
                cause="\n".join(filter(None, (error.message, error.cause))),
                hint=hint,
                code=error.code,
                kind=error.kind,
            ) from error

    def _stands_in_transaction(self, statement: ResultFileStatement) -> bool:
        """Whether the user's own transaction holds a change that it made."""
        is_open = self._connection.state is TransactionState.OPEN
        return self._has_run and is_open and classify(statement).writes

    def _written(self, statement: ResultFileStatement) -> Result:
        target = statement.path
        if statement.replacing is None and os.path.lexists(target):
            raise exists(target)
        with NewFile(target, replacing=statement.replacing) as file:
            # The bytes of the file itself: no call for each of a million lines.
            statement.progress.measured = lambda: file.size
            done: tuple[Result, Exported | None] | None = self._copied(statement, file)
            if done is None:
                file.stream.seek(0)
                file.stream.truncate()
                self._sending("")
                done = self._paged(statement, file)
            result, exported = done
            if exported is None:
                return replace(result, notices=(*result.notices, NO_ROWS))
            file.put_in_place()
            size = file.size
        said = f"{counted(exported.rows, 'row')}, {size_text(size)}, written to {target}"
        notes = (*result.notices, said, *exported.notes)
        return replace(result, columns=None, rows=(), complete=True, notices=notes)

    def _copied(
        self, statement: ResultFileStatement, file: NewFile
    ) -> tuple[Result, Exported | None] | None:
        """Through a COPY; None if that is not for this statement. Nothing of it is done then."""
        from psycopg2 import Error

        connection = self._connection
        if (
            classify(statement).route is not StatementRoute.CURSOR
            or connection.state is TransactionState.FAILED
            or connection.info.is_redshift
            or statement.bound is not None
        ):
            return None
        options = ExportOptions(statement.format)
        try:
            columns = export_columns(connection, statement, self._types, sending=self._sending)
            result = Result(statement, columns, (), True, "", 0.0, ())
            exported = export(connection, result, options, file.stream, sending=self._sending)
        except ServiceError as error:
            if error.kind is not ErrorKind.CONFLICT:
                raise
            return None  # it may change something
        except Error as error:
            if error.pgcode != READ_ONLY_TRANSACTION:
                raise
            return None  # it would have changed something
        return replace(result, tag=f"SELECT {exported.rows}"), exported

    def _paged(
        self, statement: ResultFileStatement, file: NewFile
    ) -> tuple[Result, Exported | None]:
        result = self._run()
        self._has_run = True
        if result.columns is None:
            return result, None
        count = 0

        def rows() -> Iterator[Row]:
            nonlocal count
            count = len(result.rows)
            yield from result.rows
            complete = result.complete
            while not complete:
                page = self._more()
                count += len(page.rows)
                yield from page.rows
                complete = page.complete

        # Parquet wants to know how many digits its numbers have before it writes one.
        given = tuple(rows()) if statement.format is Format.PARQUET else rows()
        notes = write_lines(given, result.columns, ExportOptions(statement.format), file.stream)
        tag = result.tag if result.complete else f"SELECT {count}"
        return replace(result, tag=tag), Exported(count, notes)
