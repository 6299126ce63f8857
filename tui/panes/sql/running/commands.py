"""The commands that say how statements are run on this connection."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.running.limits_form import limits_form
from tui.panes.sql.view import SqlView
from tui.services.sql import TransactionState
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command

RUNNING = "A statement is running: Esc stops it."
NOT_CONNECTED = "There is no connection: Ctrl+O connects."


def is_ready(view: SqlView) -> bool:
    """Whether there is a connection on which nothing runs."""
    return view.runner.session is not None and not view.runner.running


def not_ready(view: SqlView) -> str:
    """What is in the way of a command that needs a connection."""
    return RUNNING if view.runner.running else NOT_CONNECTED


def _may_commit(view: SqlView) -> bool:
    return is_ready(view) and not (view.runner.session and view.runner.session.read_only)


def _cannot_commit(view: SqlView) -> str:
    return "Read-only mode commits nothing." if is_ready(view) else not_ready(view)


@command(verbs.MANUAL_COMMIT, priority=True, when=_may_commit, instead=_cannot_commit)
def manual_commit(view: SqlView) -> None:
    """Commit by hand, or let each statement commit by itself again; for this connection. By hand
    the first statement begins a transaction, and F7 commits or Ctrl+B rolls back."""
    session = view.runner.session
    if session is None:
        return
    session.manual_commit = not session.manual_commit
    view.draw()
    is_open = session.state in {TransactionState.OPEN, TransactionState.FAILED}
    if session.manual_commit:
        view.say(
            "Nothing is committed before F7 does it."
            if is_open
            else "The next statement begins a transaction; nothing is committed before F7 does it."
        )
    elif is_open:
        view.say("The open transaction stays open: F7 commits it, Ctrl+B rolls it back.")
    else:
        view.say("Each statement commits by itself.")


@command(verbs.LIMITS, asks=True, when=is_ready, instead=not_ready)
async def limits(view: SqlView) -> None:
    """Limit how long a statement may take, and wait for a lock, on this connection."""
    session = view.runner.session
    if session is None:
        return
    chosen = await view.ask(limits_form(session.limits))
    if chosen is not None:
        session.limits = chosen
        view.draw()


RUNNING_COMMANDS: tuple[Command[Any], ...] = (manual_commit, limits)
"""In the order of the help."""
