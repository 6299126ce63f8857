"""Which connection the text of a tab is for, and the question before it changes something on
another one.

A text is for the connection that was shown when it was begun, until it changes something on
another: that is asked about first. What only reads is not asked about, and moves no text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import Enum

from tui.panes.sql import wording
from tui.panes.sql.connecting.open_connections import name_of
from tui.panes.sql.editing.tabs import Tab
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.view import SqlView
from tui.services.sql import Statement
from tui.services.sql.text.classify import classify
from tui.widgets.dialogs.choose import Choice, Choose

SHOWN = 5
"""Statements that the question names."""


class WhereToRun(Enum):
    """Where to run what was asked about."""

    NOWHERE = "nowhere"
    SHOW = "show"
    HERE = "here"


def changing(statements: Sequence[Statement]) -> list[Statement]:
    """Those that may change something, as far as their words tell."""
    return [each for each in statements if classify(each).writes]


def is_elsewhere(tab: Tab, on: QueryRunner) -> bool:
    """Whether the text of a tab is for another connection than this one, on which it could change
    something."""
    session = on.session
    if session is None or session.read_only or not tab.place:
        return False
    return tab.place != name_of(on)


async def moves_to(tab: Tab, on: QueryRunner, statements: Sequence[Statement]) -> bool:
    """Whether the text of a tab is for a connection once these statements have run on it."""
    if not tab.place:
        return on.session is not None
    return is_elsewhere(tab, on) and bool(await asyncio.to_thread(changing, statements))


async def may_run_here(
    view: SqlView, tab: Tab, statements: Sequence[Statement], on: QueryRunner
) -> bool:
    """Whether statements of a tab may run on a connection; asked if they change something there and
    the tab is for another one."""
    if not is_elsewhere(tab, on):
        return True
    found = await asyncio.to_thread(changing, statements)
    if not found:
        return True
    home = next((each for each in view.connections.open if name_of(each) == tab.place), None)
    answer = await view.ask(question(tab.place, on, found, is_open=home is not None))
    if answer is WhereToRun.SHOW and home is not None:
        view.connections.show(home)
    return answer is WhereToRun.HERE


def question(
    place: str, on: QueryRunner, found: Sequence[Statement], *, is_open: bool
) -> Choose[WhereToRun]:
    """Where to run statements of a text for `place`; `is_open`: whether that is connected now."""
    lines = [wording.brief(each.shown) for each in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"… and {len(found) - SHOWN:,} more")
    lines += ["", f"This tab is for {place}, where it began or last changed something."]
    if on.session is not None and on.session.target.rules.production:
        lines.append("The connection that is shown is marked as PRODUCTION.")
    choices = [Choice(WhereToRun.NOWHERE, "Do not run it", key="n")]
    if is_open:
        choices.append(Choice(WhereToRun.SHOW, f"Show {place}", "and run nothing", key="s"))
    choices.append(Choice(WhereToRun.HERE, "Run it here", "the tab is for this one then", key="r"))
    return Choose(f"Run this on {name_of(on)}?", choices, body="\n".join(lines))
