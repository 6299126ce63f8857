"""Where the error of a statement stands in the text of the editor."""

from __future__ import annotations

from tui.panes.sql.editor import SqlEditor
from tui.services.errors import ServiceError
from tui.services.sql import SqlError, Statement


def show_place(
    editor: SqlEditor, failed: Statement, error: ServiceError, *, alone: bool, unmoved: bool
) -> ServiceError:
    """Mark the place of an error, and give the same error with that place said first, if the server
    named one. `alone`: whether it is the only statement of its run. The cursor goes there only from
    another statement of the run, and only if it is where it was (`unmoved`)."""
    offset = error.offset if isinstance(error, SqlError) else None
    if offset is not None or not alone:
        editor.mark_error(failed.start if offset is None else offset)
        if unmoved and not alone and not failed.start <= editor.cursor_offset <= failed.end:
            editor.go_to_error()
    if offset is None:
        return error
    line, column = editor.place(offset)
    return ServiceError(
        f"Line {line + 1}, column {column + 1}: {error.message}",
        cause=error.cause,
        hint=error.hint,
        code=error.code,
        kind=error.kind,
    )
