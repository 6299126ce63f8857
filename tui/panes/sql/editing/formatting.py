"""The chosen statements laid out in lines, as one step of undo."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.sql import Statement
from tui.services.sql.formatting import formatted


def with_formatted(text: str, statements: Sequence[Statement]) -> tuple[str, list[ServiceError]]:
    """The text with these statements laid out, and why some were not."""
    parts: list[str] = []
    problems: list[ServiceError] = []
    end = 0
    for each in statements:
        source = text[each.start : each.end]
        try:
            made = formatted(source, backslash_escapes=each.backslash_escapes)
        except ServiceError as error:
            problems.append(error)
            made = source
        parts += text[end : each.start], made
        end = each.end
    return "".join([*parts, text[end:]]), problems


async def format_chosen(view: SqlView) -> None:
    """Lay out the statements of the selection, or else the one at the cursor."""
    editor, session = view.editor, view.runner.session
    text = editor.text
    escapes = session is not None and session.backslash_escapes
    chosen = await editor.chosen(backslash_escapes=escapes)
    if not chosen:
        view.say("There is no statement here.")
        return
    # On a thread: 100,000 characters take a second.
    made, problems = await asyncio.to_thread(with_formatted, text, chosen)
    if editor.text != text:
        view.say("The text was changed meanwhile; nothing was formatted.")
        return
    if made != text:
        editor.replace_whole(made)
    if problems:
        left = f"{counted(len(problems), 'statement')} left as before. " if len(chosen) > 1 else ""
        raise ServiceError(left + problems[0].message, kind=ErrorKind.INVALID)
    if made == text:
        view.say("It is laid out already.")
