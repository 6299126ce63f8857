"""Applying changes of rows: all of them or none. Blocking; one thread at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_identifier
from tui.services.sql.models import Result, Row, TransactionState
from tui.services.sql.row_edits.changes import (
    SAVEPOINT,
    InsertRow,
    RowChange,
    as_sql,
    row_now,
    shown_values,
)
from tui.services.sql.row_edits.table import EditableTable
from tui.services.sql.text.statements import Statement, split

NOTHING_APPLIED = "None of the changes was made; they are still staged."


@dataclass(frozen=True)
class EditsApplied:
    """Every change was made."""

    rows: tuple[Row, ...]
    """Of each change, what the server has stored, after its triggers: the columns of the table that
    the result shows, in that order. Of a row that was deleted, what it was."""
    is_open: bool
    """Whether a transaction is open in which they stand: they are not committed yet."""


class ChangeRefusedError(ServiceError):
    """One change could not be made, so none was. `at` is its place among the changes; `now` is what
    is stored of its row, where that is why (None if there is no such row any more)."""

    def __init__(
        self, error: ServiceError, at: int, *, conflict: bool = False, now: Row | None = None
    ) -> None:
        super().__init__(
            error.message,
            cause=error.cause,
            hint="\n".join(part for part in (error.hint, NOTHING_APPLIED) if part),
            code=error.code,
            kind=error.kind,
        )
        self.at = at
        self.conflict = conflict
        """Whether the row is not what was shown."""
        self.now = now


@dataclass(frozen=True)
class Server:
    """What applying needs of a connection."""

    state: Callable[[], TransactionState]
    run: Callable[[Statement], Result]
    """Runs a statement that begins or reads; raises ServiceErrors."""
    change: Callable[[Statement], Result]
    """Runs a statement that the history keeps: a change, and what makes it last or undoes it."""
    stand_by: Callable[[], None]
    """Gives up the rows of another result, and forgets that the user has cancelled."""
    backslash_escapes: bool
    """How the server reads a backslash in a plain string."""

    def statement(self, text: str) -> Statement:
        """The statement that a text is."""
        found = split(text, backslash_escapes=self.backslash_escapes)
        if len(found) != 1:
            raise ServiceError("This change cannot be written as one statement.", cause=text)
        return found[0]


def apply(
    server: Server, table: EditableTable, changes: Sequence[RowChange], *, commits: bool
) -> EditsApplied:
    """Make every change, or none. In a transaction of its own, which is committed if `commits`; in
    the user's, if one is open, behind a savepoint.

    ChangeRefusedError says which of them failed; ConnectionLostError whether that is known.
    """
    server.stand_by()
    begins = server.state() is not TransactionState.OPEN
    server.run(server.statement("BEGIN" if begins else f"SAVEPOINT {SAVEPOINT}"))
    try:
        rows = tuple(_make(server, table, change, at) for at, change in enumerate(changes))
        if not begins:
            server.run(server.statement(f"RELEASE SAVEPOINT {SAVEPOINT}"))
        elif commits:
            _commit(server)
    except BaseException:
        with suppress(ServiceError):  # the error that brought us here says more
            _undo(server, begins=begins)
        raise
    return EditsApplied(rows, is_open=server.state() is TransactionState.OPEN)


def _commit(server: Server) -> None:
    try:
        result = server.change(server.statement("COMMIT"))
    except ServiceError as error:
        if server.state() is TransactionState.LOST:
            raise
        raise ServiceError(
            f"COMMIT failed: {error.message}",
            cause=error.cause,
            hint="\n".join(part for part in (error.hint, NOTHING_APPLIED) if part),
            code=error.code,
            kind=error.kind,
        ) from error
    if result.tag != "COMMIT":
        raise ServiceError(
            f"The server answered {result.tag} to COMMIT.",
            hint=NOTHING_APPLIED,
            kind=ErrorKind.CONFLICT,
        )


def _undo(server: Server, *, begins: bool) -> None:
    if server.state() not in {TransactionState.OPEN, TransactionState.FAILED}:
        return
    server.stand_by()
    if begins:
        # The history has the changes that were made before: it must not end with them.
        server.change(server.statement("ROLLBACK"))
        return
    back = server.statement(f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")
    try:
        server.change(back)
    except ServiceError:
        # A late cancel request may have hit it; the user's transaction must not stay failed.
        server.stand_by()
        server.change(back)
    server.run(server.statement(f"RELEASE SAVEPOINT {SAVEPOINT}"))


def _make(server: Server, table: EditableTable, change: RowChange, at: int) -> Row:
    try:
        rows = server.change(server.statement(as_sql(table, change))).rows
    except ServiceError as error:
        if server.state() is TransactionState.LOST:
            raise
        raise ChangeRefusedError(error, at) from error
    if len(rows) == 1:
        return rows[0]
    raise _not_one(server, table, change, at, len(rows))


def _not_one(
    server: Server, table: EditableTable, change: RowChange, at: int, count: int
) -> ChangeRefusedError:
    """Why not exactly one row was changed."""
    if isinstance(change, InsertRow) or count:
        return _refused(
            f"The server changed {count} rows of {table.sql_name} instead of 1.",
            "A trigger, a rule or a table that inherits from it may be why.",
            at,
        )
    found = server.run(server.statement(row_now(table, change.old))).rows
    if not found:
        return _refused(
            "This row is not there any more: it was deleted, has another key now, or a policy "
            "hides it.",
            "",
            at,
            conflict=True,
        )
    if found[0] != shown_values(table, change.old):
        return _refused(
            "This row was changed by somebody else since it was read.",
            _differences(table, shown_values(table, change.old), found[0]),
            at,
            conflict=True,
            now=found[0],
        )
    return _refused(
        "The server did not change this row, and it is as it was shown.",
        "A trigger, a rule or a row security policy keeps it from being changed.",
        at,
    )


def _differences(table: EditableTable, old: Row, now: Row) -> str:
    names = [table.column(number).name for number, _ in table.places]
    changed = [name for name, one, other in zip(names, old, now, strict=True) if one != other]
    return f"Other values stand in {', '.join(map(quote_identifier, changed))} now."


def _refused(
    message: str, cause: str, at: int, *, conflict: bool = False, now: Row | None = None
) -> ChangeRefusedError:
    kind = ErrorKind.CHANGED if conflict else ErrorKind.CONFLICT
    error = ServiceError(message, cause=cause, kind=kind)
    return ChangeRefusedError(error, at, conflict=conflict, now=now)
