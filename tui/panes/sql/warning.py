"""The question before a statement that changes or removes more than one usually means."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from enum import Enum

from tui.panes.sql import wording
from tui.panes.sql.parameters.form import with_values
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.copy_files import may_ask_for_file, needs_file, with_files
from tui.panes.sql.view import SqlView
from tui.services.sql import Statement, TransactionState, dangers, fits_transaction, split
from tui.services.sql.text.parameters import WORTH_A_LOOK, asked_names
from tui.widgets.dialogs.choose import Choice, Choose

SHOWN = 5
"""Statements that the question names."""

SHORT = 8_000
"""Characters of a text that is looked through at once, as the key is pressed."""

_WORTH_A_LOOK = re.compile(r"\b(?:update|delete|drop|truncate)\b", re.IGNORECASE)


class WarnedWay(Enum):
    """How to run what was asked about."""

    NOT = "not"
    PLAINLY = "plainly"
    IN_TRANSACTION = "in a transaction"


def will_ask(view: SqlView, *, every: bool) -> bool:
    """Whether running the statement at the cursor, or every one, is going to be asked about. Of a
    long text it is not told beforehand."""
    session, text = view.runner.session, view.editor.text
    if view.runner.staged:
        return True
    if session is None or len(text) > SHORT:
        return False
    about_file = may_ask_for_file(text)
    if not (about_file or _WORTH_A_LOOK.search(text) or WORTH_A_LOOK.search(text)):
        return False
    escapes = session.backslash_escapes
    if every:
        statements = split(text, backslash_escapes=escapes)
    else:
        statements = view.editor.chosen_now(backslash_escapes=escapes)
    if about_file and any(needs_file(each, read_only=session.read_only) for each in statements):
        return True
    asked = (name for statement in statements for name, _ in asked_names(statement))
    if any(name not in view.variables for name in asked):
        return True
    return not session.read_only and bool(dangers(statements))


async def run_warned(
    view: SqlView, statements: Sequence[Statement], *, on: QueryRunner, in_editor: bool = True
) -> bool:
    """Run the statements on a connection, after a form for the values of their parameters and a
    question where one of them is dangerous; False if they were not run after all. `in_editor`:
    whether they were cut from the editor's text."""
    session = on.session
    with_them = await with_values(view, statements)
    chosen = None if with_them is None else await with_files(view, with_them, on=on)
    if chosen is None:
        return False
    if session is None or session.read_only:
        return await view.run_statements(chosen, on=on, in_editor=in_editor)
    found = await asyncio.to_thread(dangers, chosen)
    way = await ask_way(view, chosen, found, on) if found else WarnedWay.PLAINLY
    if way is WarnedWay.NOT:
        return False
    # Without its transaction the statement would commit by itself.
    if way is WarnedWay.IN_TRANSACTION and not await view.run_statements(
        split("BEGIN"), on=on, in_editor=False
    ):
        return False
    return await view.run_statements(chosen, on=on, in_editor=in_editor)


async def ask_way(
    view: SqlView,
    statements: Sequence[Statement],
    found: Sequence[tuple[Statement, str]],
    on: QueryRunner,
) -> WarnedWay:
    """How to run statements of which some are dangerous, as the user says."""
    lines = []
    for statement, said in found[:SHOWN]:
        lines += [wording.brief(statement.shown), f"    {said}"]
    if len(found) > SHOWN:
        lines.append(f"… and {len(found) - SHOWN:,} more")
    session = on.session
    is_open = on.state is TransactionState.OPEN
    by_hand = session is not None and session.manual_commit
    if is_open:
        lines += ["", "A transaction is open: Ctrl+B can roll this back until F7 commits it."]
    elif by_hand:
        lines += ["", "You commit by hand: Ctrl+B can roll this back until F7 commits it."]
    choices = [Choice(WarnedWay.NOT, "Do not run it", key="n")]
    alone = len(statements) == 1 and fits_transaction(statements[0])
    if alone and on.state is TransactionState.IDLE and not by_hand:
        note = "look at what it did, then F7 commits or Ctrl+B rolls back"
        choices.append(Choice(WarnedWay.IN_TRANSACTION, "Run it in a transaction", note, key="t"))
    plainly = "Run it" if is_open or by_hand else "Run it and commit"
    choices.append(Choice(WarnedWay.PLAINLY, plainly, key="r"))
    server = session.info.label if session is not None else ""
    if session is not None and session.target.rules.production:
        server = f"PRODUCTION, {server}"
    question = Choose(f"Run this on {server}?", choices, body="\n".join(lines))
    return await view.ask(question) or WarnedWay.NOT
