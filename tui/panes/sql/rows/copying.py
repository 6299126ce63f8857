"""What can be copied of a result: the value under the cursor, its row, the marked rows or all that
are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.panes.sql.loaded_result import LoadedResult
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.sql import Result, Row
from tui.services.sql.copies import Form, TooLongError, rows_as
from tui.services.sql.text.parameters import as_psql
from tui.widgets.commands.shared_commands import Copyable
from tui.widgets.dialogs.choose import Choice

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
        # To write a document of 100 MB in five ways for a list would hold up every key.
        is_long = sum(len(each) for each in row if each is not None) > MOST
        choices += [
            Choice(
                _refuse if is_long else _alone(form, result, row), f"row as {form.value}", key=key
            )
            for form, key in _KEYS.items()
        ]
    text = result.statement.shown
    choices.append(Choice(text, "statement as SQL", text[:SHOWN], key="s"))
    if result.statement.values:
        note = "with a \\set for each of its values"
        choices.append(Choice(as_psql(result.statement), "statement for psql", note, key="p"))
    return choices


async def _refuse() -> None:
    raise _too_long("This row is")


def _too_long(what: str) -> ServiceError:
    return ServiceError(
        f"{what} more than {MOST:,} characters: too many for a clipboard.",
        hint="d exports rows into a file; / shows fewer of them.",
        kind=ErrorKind.INVALID,
    )


def _alone(form: Form, result: Result, row: Row) -> str:
    """One row; as JSON an object, not a list."""
    text = rows_as(form, result.statement, result.columns or (), [row], most=2**62)
    if form is Form.JSON:
        return text[2:-3]
    return text.rstrip("\n") if form is Form.INSERT else text


def of_rows(shown: LoadedResult, copy: Callable[[str], Copyable]) -> list[Choice[Copyable]]:
    """The marked rows, or else all that are shown, with capital letters as keys. `copy` makes of a
    form's name what copies them in it."""
    count = len(shown.marks) or len(shown.visible)
    if not shown.result.columns or not count:
        return []
    how = "loaded" if shown.arranged is None else "as shown"
    which = f"{counted(count, 'row')}, {'marked' if shown.marks else how}"
    return [
        Choice(copy(form.name), f"{which}, as {form.value}", key=key.upper())
        for form, key in _KEYS.items()
    ]


async def text_of(form: Form, shown: LoadedResult) -> str:
    """The rows as one text, made on a thread. INVALID if that is more than is copied at once."""
    result, marks, loaded = shown.result, shown.marks, shown.rows.snapshot()
    rows = shown.arranged if shown.arranged is not None and not marks else loaded
    try:
        return await asyncio.to_thread(
            lambda: rows_as(
                form,
                result.statement,
                result.columns or (),
                [loaded[number] for number in marks] if marks else rows,
                most=MOST,
            )
        )
    except TooLongError as error:
        raise _too_long("These rows are") from error
