"""Running statements, one after the other, up to the first that fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.panes.sql import wording
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Result, Session, SqlError, Statement, TransactionState

if TYPE_CHECKING:
    from tui.panes.sql.pane import SqlPane

NOTHING = "There is no statement here."


async def run_statements(
    pane: SqlPane, statements: Sequence[Statement], *, in_editor: bool = True
) -> None:
    """Run them in order. What came before a failure stays done, and is listed.

    `in_editor`: whether they were cut from the editor's text, so that an error has a place there.
    """
    session = pane.session
    if session is None:
        return
    if not statements:
        pane.results.say(NOTHING)
        return
    pane.clear_error()
    pane.editor.clear_error()
    # What is said of an earlier run must not stand over this one.
    pane.results.show_log([])
    # A statement of a transaction that is gone must not run by itself on a new connection: it is
    # tried on the old one, which says what is lost; the next press connects.
    if session.state is TransactionState.LOST and not session.lost_transaction:
        pane.results.say_running("connecting again")
        await _reconnect(pane, session)
    results: list[Result] = []
    total = len(statements)
    before = pane.editor.selection
    pane.running_changed()
    try:
        for number, statement in enumerate(statements, 1):
            pane.results.say_running(f"running {number}/{total}" if total > 1 else "running")
            results.append(await session.run(statement))
            if session is not pane.session:
                return
    except ServiceError as error:
        if session is pane.session:
            rows = [each for each in results if each.columns is not None]
            if rows:
                pane.results.show_result(rows[-1], held=False)
            said = error.notices if isinstance(error, SqlError) else ()
            pane.results.show_log(results, total, failed=True, notices=said)
            _show_failure(pane, session, error)
            failed = statements[len(results)]
            if in_editor and pane.editor.holds(failed):
                unmoved = before.is_empty and pane.editor.selection == before
                _mark(pane, failed, error, alone=total == 1, unmoved=unmoved)
                placed = _placed(pane, error)
                if placed is not error:
                    raise placed from error
        raise
    finally:
        pane.running_changed()
    _show(pane, session, results, total)


async def _reconnect(pane: SqlPane, session: Session) -> None:
    try:
        await session.reconnect()
    except ServiceError as error:
        pane.results.say("not connected")
        if pane.deleted_instance:
            raise ServiceError(
                f"The instance {pane.deleted_instance} was deleted.",
                cause=error.cause,
                hint="Press Ctrl+O to connect elsewhere.",
                kind=ErrorKind.NOT_FOUND,
            ) from error
        raise


def _show(pane: SqlPane, session: Session, results: list[Result], total: int) -> None:
    """The last result that has rows, or else the last one."""
    shown = next((each for each in reversed(results) if each.columns is not None), results[-1])
    pane.results.show_result(shown, held=session.has_more(shown))
    pane.results.show_log(results, total)


def _show_failure(pane: SqlPane, session: Session, error: ServiceError) -> None:
    said = "cancelled" if error.kind is ErrorKind.CANCELLED else "the statement failed"
    if session.state is TransactionState.FAILED:
        said += " · the transaction is aborted: Ctrl+B rolls it back"
    earlier = pane.results.result
    if earlier is not None and earlier.columns is not None:
        said += f" · the rows below are older: {wording.brief(earlier.statement.text)}"
    elif pane.results.relations is not None and pane.results.relations.found:
        # It is the statement that failed: they are listed, and still can be read.
        said += f" · below: {wording.relations_line(pane.results.relations)}"
    pane.results.grid.more = False
    pane.results.say(said)


def _mark(
    pane: SqlPane, failed: Statement, error: ServiceError, *, alone: bool, unmoved: bool
) -> None:
    """Mark the place of an error. The cursor goes there only from another statement of the run,
    and only if it is where it was (`unmoved`)."""
    editor = pane.editor
    offset = error.offset if isinstance(error, SqlError) else None
    if offset is None and alone:
        return
    editor.mark_error(failed.start if offset is None else offset)
    if unmoved and not alone and not failed.start <= editor.cursor_offset <= failed.end:
        editor.go_to_error()


def _placed(pane: SqlPane, error: ServiceError) -> ServiceError:
    """The same error with its place in the editor said first, if the server named one."""
    if not isinstance(error, SqlError) or error.offset is None:
        return error
    line, column = pane.editor.place(error.offset)
    return ServiceError(
        f"Line {line + 1}, column {column + 1}: {error.message}",
        cause=error.cause,
        hint=error.hint,
        code=error.code,
        kind=error.kind,
    )
