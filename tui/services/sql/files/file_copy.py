"""COPY … FROM STDIN and COPY … TO STDOUT with a file of this machine behind them, or with the lines
of data that follow it in a script.

The bytes go between the file and the server as they are: format and encoding are those of the
statement's options. The server carries a COPY out as a whole or not at all; a file that is written
gets its name when it is complete and on the disk. Blocking.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui.services.errors import ErrorKind, ServiceError
from tui.services.new_file import NewFile, exists
from tui.services.quantities import size_text
from tui.services.sql.files.file_statements import FileStatement
from tui.services.sql.models import SqlError
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.encoding import as_bytes
from tui.services.sql.text.copy_text import CopyDirection, copy_way, file_line
from tui.services.sql.text.script_data import CopyProgress, DataLines, ScriptData
from tui.services.sql.text.statements import Statement

if TYPE_CHECKING:
    from psycopg2 import extensions

CHUNK = 256 * 1024
"""Bytes that are read from a file at once."""


def carry_out(connection: ServerConnection, statement: Statement) -> str:
    """Do it; the server's command tag. psycopg2.Error where the server refuses, ServiceError where
    the file cannot be read or written."""
    if not isinstance(statement, FileStatement):
        assert statement.data is not None, "it is a COPY that has rows behind it"
        return _send_data(connection, statement, statement.data)
    if copy_way(statement) is CopyDirection.FROM:
        return _send(connection, statement)
    return _receive(connection, statement)


def summary(statement: Statement) -> tuple[str, ...]:
    """What was done with the file, once it is done; nothing of data in a script."""
    if not isinstance(statement, FileStatement):
        return ()
    verb = "read from" if copy_way(statement) is CopyDirection.FROM else "written to"
    return (f"{size_text(statement.progress.done)} {verb} {statement.path}",)


def explained(error: SqlError, statement: Statement, *, in_transaction: bool) -> SqlError:
    """The server's error with the line of the file in front, or the place of the line of data, and
    with what has become of the rows before it."""
    line = file_line(error.cause)
    offset, where = error.offset, ""
    if isinstance(statement, FileStatement) and line:
        where = f"Line {line} of {statement.path.name}: "
    elif statement.data is not None and line and offset is None:
        offset = statement.start + statement.data.place(line)
    if not isinstance(statement, FileStatement) or copy_way(statement) is CopyDirection.FROM:
        of = "the file" if isinstance(statement, FileStatement) else "this COPY"
        kept = f"The server has kept no row of {of}."
        if in_transaction:
            kept += " The transaction is aborted: Ctrl+B rolls it back."
    else:
        kept = f"No file was written: {statement.path.name} is as it was, or not there."
    return SqlError(
        where + error.message,
        cause=f"{kept}\n{error.cause}".strip(),
        hint=error.hint,
        code=error.code,
        kind=error.kind,
        offset=offset,
        notices=error.notices,
    )


# -- FROM -----------------------------------------------------------------------------------------


class _Source:
    """What psycopg2 reads from."""

    def __init__(self, read: DataLines, connection: ServerConnection, told: CopyProgress) -> None:
        self.problem: OSError | ServiceError | None = None
        self._read = read
        self._stop = connection.stop
        self._told = told

    def read(self, size: int = CHUNK) -> bytes:
        if self._stop.is_set():
            # psycopg2 tells the server that the rows end with an error, and raises what it says.
            raise InterruptedError("cancelled")
        try:
            data = self._read(size)
        except (OSError, ServiceError) as error:
            self.problem = error
            raise
        self._told.done += len(data)
        return data

    def readline(self, size: int = CHUNK) -> bytes:
        """Belongs to what psycopg2 asks for; it does not call it."""
        return self.read(size)


def _send(connection: ServerConnection, statement: FileStatement) -> str:
    import psycopg2

    try:
        _refuse_irregular(statement.path)
        file = statement.path.open("rb", buffering=0)
    except OSError as error:
        raise _unreadable(statement.path, error) from error
    with file:
        statement.progress.total = os.fstat(file.fileno()).st_size
        source = _Source(file.read, connection, statement.progress)
        try:
            return _copied(connection, statement, source)
        except psycopg2.Error as error:
            if isinstance(source.problem, OSError):
                raise _unreadable(statement.path, source.problem) from error
            raise


def _send_data(connection: ServerConnection, statement: Statement, data: ScriptData) -> str:
    import psycopg2

    read = data.reader("surrogateescape" if connection.of_bytes else "strict")
    data.progress.total = data.size
    source = _Source(read, connection, data.progress)
    try:
        return _copied(connection, statement, source)
    except psycopg2.Error as error:
        if isinstance(source.problem, ServiceError):
            raise source.problem from error
        raise


def _refuse_irregular(path: Path) -> None:
    # Looked at before it is opened: to open a pipe waits for its other end.
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file")


# -- TO -------------------------------------------------------------------------------------------


class _Sink:
    """What psycopg2 writes to. It never raises: psycopg2 would leave the connection in the middle
    of the answer. The server is asked to stop, and what still comes is dropped."""

    def __init__(self, file: BinaryIO, connection: ServerConnection, told: CopyProgress) -> None:
        self.problem: OSError | None = None
        self._file = file
        self._connection = connection
        self._told = told

    def write(self, data: bytes) -> None:
        if self.problem is not None:
            return
        try:
            self._file.write(data)
        except OSError as error:
            import psycopg2

            self.problem = error
            # If the server cannot be asked, all of its answer is read and dropped.
            with suppress(psycopg2.Error):
                self._connection.cancel()
            return
        self._told.done += len(data)


def _receive(connection: ServerConnection, statement: FileStatement) -> str:
    import psycopg2

    target = statement.path
    if statement.replacing is None and os.path.lexists(target):
        raise exists(target)
    with NewFile(target, replacing=statement.replacing) as file:
        sink = _Sink(file.stream, connection, statement.progress)
        try:
            tag = _copied(connection, statement, sink)
        except psycopg2.Error:
            if sink.problem is not None:
                raise sink.problem from None
            raise
        if sink.problem is not None:
            raise sink.problem
        file.put_in_place()
    return tag


# -- both -----------------------------------------------------------------------------------------


def _copied(connection: ServerConnection, statement: Statement, stream: _Source | _Sink) -> str:
    text = as_bytes(statement.text) if connection.of_bytes else statement.text
    connection.refuse_if_stopped()
    cursor: extensions.cursor = connection.driver.cursor()
    with cursor:
        cursor.copy_expert(text, stream, CHUNK)
        return cursor.statusmessage or f"COPY {cursor.rowcount}"


def _unreadable(path: Path, error: OSError) -> ServiceError:
    return ServiceError(
        f"{path.name} could not be read; the server has kept nothing of it.",
        cause=f"{error.strerror or error}: {path}",
        hint="Check the path and your rights to the file.",
        kind=_kind(error),
    )


def _kind(error: OSError) -> ErrorKind:
    if isinstance(error, PermissionError):
        return ErrorKind.DENIED
    return ErrorKind.NOT_FOUND if isinstance(error, FileNotFoundError) else ErrorKind.OTHER
