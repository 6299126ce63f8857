"""The question before staged changes are lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.panes.sql.runner import QueryRunner
from tui.widgets.dialogs.dialogs import Confirm

Ask = Callable[[Confirm], Awaitable[bool | None]]


async def may_drop_staged(runner: QueryRunner, ask: Ask, *, drop: bool = True) -> bool:
    """Whether the staged changes may be lost, which is asked if there are any. With `drop` they are
    then forgotten; without, that is left to what comes next, which may fail."""
    staged = runner.staged
    if not staged:
        return True
    lines = [f"{each.table.sql_name}: {each.line}" for each in staged]
    question = Confirm(
        "Drop the staged changes?",
        "\n".join([*lines, "", "They were not sent. Ctrl+S in the rows applies them."]),
        yes="Drop them",
        danger=True,
    )
    if not await ask(question):
        return False
    if drop:
        for each in staged:
            each.clear()
        runner.staging_changed()
    return True
