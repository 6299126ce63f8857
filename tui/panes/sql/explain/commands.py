"""Alt+X: the plan of the statement at the cursor."""

from __future__ import annotations

import asyncio
from enum import Enum

from tui.panes.sql import wording
from tui.panes.sql.connecting.open_connections import name_of
from tui.panes.sql.editing.failed_place import show_place
from tui.panes.sql.parameters.form import with_values
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.commands import is_ready, not_ready
from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import SqlError, Statement, TransactionState
from tui.services.sql.explain.request import (
    ExplainStatement,
    explain_statement,
    explainable,
    has_numbered,
)
from tui.services.sql.session.effects import Effects, effects_of
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Choice, Choose

ROLLED_BACK = (
    "The statement was run and what it did was rolled back; sequences that it advanced stay so."
)


class ExplainWay(Enum):
    """How to explain a statement."""

    PLAIN = "plain"
    ANALYZE = "analyze"


@command(verbs.EXPLAIN, asks=True, priority=True, when=is_ready, instead=not_ready)
async def explain(view: SqlView) -> None:
    """Show the plan of the statement at the cursor as a tree: as the server expects it, or run and
    measured, after which everything that it did is rolled back."""
    runner, session = view.runner, view.runner.session
    if session is None:
        return
    if session.state is TransactionState.FAILED:
        raise ServiceError(
            "The transaction is aborted: nothing can be explained in it.",
            hint="Ctrl+B rolls it back.",
            kind=ErrorKind.INVALID,
        )
    chosen = await view.editor.chosen(backslash_escapes=session.backslash_escapes)
    if len(chosen) != 1:
        raise ServiceError(
            "There is no statement here." if not chosen else "Several statements are selected.",
            hint="Put the cursor on one SELECT, INSERT, UPDATE or DELETE.",
            kind=ErrorKind.INVALID,
        )
    try:
        statement = await asyncio.to_thread(explainable, chosen[0])
    except SqlError as error:
        raise _placed(view, runner, chosen[0], error) from error
    with_them = await with_values(view, (statement,))
    if not with_them:
        return
    statement = with_them[0]
    effects = Effects()
    if session.state is not TransactionState.LOST:
        effects = await session.look_up(lambda aside: effects_of(aside, statement))
    # No dialog follows at once: while the statement runs, Esc has to stop it.
    way = await view.ask(choice_of(statement, effects, session.state, read_only=session.read_only))
    if way is not None:
        request = await asyncio.to_thread(
            explain_statement,
            statement,
            analyze=way is ExplainWay.ANALYZE,
            version=session.info.version,
        )
        await _show(view, runner, request)


def _placed(
    view: SqlView, runner: QueryRunner, statement: Statement | None, error: SqlError
) -> ServiceError:
    """The error with its place in the editor said first, and marked there."""
    if statement is None or runner is not view.runner or not view.editor.holds(statement):
        return error
    return show_place(view.editor, statement, error, alone=True, unmoved=True)


def choice_of(
    statement: Statement, effects: Effects, state: TransactionState, *, read_only: bool = False
) -> Choose[ExplainWay]:
    """The question how to explain it, with what running it would do."""
    request = ExplainStatement("", 0, 0, "EXPLAIN", explained=statement)
    writes = request.writes or effects.writes
    lines = [wording.brief(statement.shown), ""]
    choices = [Choice(ExplainWay.PLAIN, "Plan only", "nothing is run", key="p")]
    runs = True
    if has_numbered(statement):
        runs = False
        lines.append(
            "$1 stands in it: the plan is the one for any value (PostgreSQL 16 and later)."
        )
    elif writes and read_only:
        runs = False
        lines.append("It may change something: read-only mode does not run it.")
    elif writes:
        where = (
            "behind a savepoint of your open transaction"
            if state is TransactionState.OPEN
            else "in a transaction of its own"
        )
        lines.append(f"It may change something. ANALYZE runs it {where}, which is rolled back.")
        lines.append("Sequences stay advanced, and locks are held while it runs.")
    else:
        lines.append("ANALYZE runs it, and rolls back whatever functions in it may do.")
    if runs and effects.outside:
        lines.append(
            f"CAREFUL: {effects.outside} may act outside of the transaction: no ROLLBACK undoes it."
        )
    if runs:
        note = "run it, measure it, roll it back"
        choices.append(Choice(ExplainWay.ANALYZE, "ANALYZE", note, key="a"))
    return Choose("Explain this statement", choices, body="\n".join(lines))


async def _show(view: SqlView, runner: QueryRunner, request: ExplainStatement) -> None:
    from tui.panes.sql.explain.dialog import ExplainDialog
    from tui.panes.sql.explain.tree import tree_of

    view.clear_error()
    view.editor.clear_error()
    result = None
    with view.connections.work(runner):
        try:
            result = await runner.ask(request, "explaining")
        except SqlError as error:
            raise _placed(view, runner, request.explained, error) from error
    if result is None or not result.rows or result.rows[0][0] is None:
        return
    text = result.rows[0][0]
    tree = await asyncio.to_thread(tree_of, text)
    title = "Plan, measured" if request.analyze else "Plan"
    if runner is not view.runner:
        title += f" of {name_of(runner)}"
    statement = request.explained or request
    await view.ask(
        ExplainDialog(
            tree,
            text,
            title=f"{title}: {wording.brief(statement.shown)}",
            note=ROLLED_BACK if request.analyze and (request.writes or result.wrote) else "",
        )
    )
