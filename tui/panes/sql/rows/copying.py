"""What can be copied of a result: the value under the cursor, its row, marked or loaded rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from tui.panes.sql.loaded_result import LoadedResult
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.sql import Result, Row
from tui.services.sql.copies import Form, TooLongError, rows_as
from tui.services.sql.parameters import as_psql
from tui.widgets.choose import Choice
from tui.widgets.shared_commands import Copyable

MOST = 4_000_000
"""Characters that are copied at once: a terminal that gets more takes seconds or cuts it off."""

SHOWN = 60
"""Characters of what is copied that a list shows."""

_KEYS = {Form.JSON: "j", Form.CSV: "c", Form.TSV: "t", Form.MARKDOWN: "m", Form.INSERT: "i"}


def of_row(result: Result, row: Row | None, at: int) -> list[Choice[Copyable]]:
    """The value in column `at`, its row, and the statement."""
    choices: list[Choice[Copyable]] = []
    columns = result.columns or ()
    if row is not None and columns:
        value = row[at]
        if value is not None:
            choices.append(Choice(value, "value", value[:SHOWN], key="v"))
        choices += [
            Choice(_alone(form, result, row), f"row as {form.value}", key=key)
            for form, key in _KEYS.items()
        ]
    text = result.statement.shown
    choices.append(Choice(text, "statement as SQL", text[:SHOWN], key="s"))
    if result.statement.values:
        note = "with a \\set for each of its values"
        choices.append(Choice(as_psql(result.statement), "statement for psql", note, key="p"))
    return choices


def _alone(form: Form, result: Result, row: Row) -> str:
    """One row; as JSON an object, not a list."""
    text = rows_as(form, result.statement, result.columns or (), [row], most=2**62)
    if form is Form.JSON:
        return text[2:-3]
    return text.rstrip("\n") if form is Form.INSERT else text


def of_rows(
    shown: LoadedResult, marked: Sequence[int], copy: Callable[[str], Copyable]
) -> list[Choice[Copyable]]:
    """The marked rows, or else all that are shown; with capital letters as keys. `copy` makes of a
    form's name what copies the rows in it."""
    count = len(marked) or len(shown.visible)
    if not shown.result.columns or not count:
        return []
    which = f"{counted(count, 'row')}, {'marked' if marked else 'loaded'}"
    if not marked and shown.arranged is not None:
        which = f"{counted(count, 'row')}, as shown"
    return [
        Choice(copy(form.name), f"{which}, as {form.value}", key=key.upper())
        for form, key in _KEYS.items()
    ]


async def text_of(form: Form, shown: LoadedResult, marked: Sequence[int]) -> str:
    """The rows as one text, made on a thread. INVALID if that is more than is copied at once."""
    rows = shown.arranged if shown.arranged is not None else shown.rows.snapshot()
    result = shown.result

    def chosen() -> Iterator[Row]:
        return (rows[at] for at in marked) if marked else iter(rows)

    try:
        return await asyncio.to_thread(
            lambda: rows_as(form, result.statement, result.columns or (), chosen(), most=MOST)
        )
    except TooLongError as error:
        raise ServiceError(
            f"These rows are more than {MOST:,} characters: too many for a clipboard.",
            hint="d exports them into a file; or mark fewer rows with Space.",
            kind=ErrorKind.INVALID,
        ) from error
