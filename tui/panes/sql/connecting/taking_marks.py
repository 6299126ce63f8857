"""Marks that are saved while a connection to the same database is open: it takes them over."""

from __future__ import annotations

from dataclasses import replace

from tui.panes.sql.connecting.lines import ConnectionLine, LineGroup
from tui.panes.sql.connecting.open_connections import name_of
from tui.panes.sql.runner import QueryRunner
from tui.services.sql import Session
from tui.services.sql.connecting.marks import SavedMarks
from tui.services.sql.connecting.saved import SavedConnection


def take_marks(runners: list[QueryRunner], saved: list[SavedConnection]) -> list[str]:
    """Give each open connection the marks of what is saved for its database, and say so, a sentence
    for each that got one. A mark that was taken off stays until the connection is made anew: it is
    not made less careful behind one's back. Blocks."""
    marks = SavedMarks(saved)
    said: list[str] = []
    for runner in runners:
        session, known = runner.session, runner.known
        if session is None or known is None:
            continue
        target, secrets = known
        # What it is called would make a saved connection keep the marks that it had.
        found, _ = marks.given_to(replace(target, label=""))
        if found.rules == target.rules:
            continue
        marked = replace(target, rules=found.rules)
        runner.known = marked, secrets
        _treat(session, runner)
        words = ConnectionLine(LineGroup.OPEN, "", marked).marks
        said.append(f"{name_of(runner)} is treated as it is saved from now on: {words}.")
    return said


def _treat(session: Session, runner: QueryRunner) -> None:
    assert runner.known is not None
    rules = runner.known[0].rules
    session.target = replace(session.target, rules=rules)
    session.manual_commit = rules.commits_by_hand(session.manual_commit)
