"""Transactions that are committed by hand: which statements have one begun for them, which cannot
stand in one, and what is in the one that is open.

As psql does with AUTOCOMMIT off: BEGIN is sent in front of the first statement when no transaction
is open. In two things it is otherwise. What cannot run inside a transaction would commit at once in
psql: here it is refused, because who commits by hand expects nothing to be committed. And when the
first statement fails, the transaction that was begun for it is ended: there is nothing in it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from tui.services.errors import ErrorKind
from tui.services.sql.explain.request import ExplainStatement
from tui.services.sql.models import SqlError, TransactionState
from tui.services.sql.text.classify import StatementRoute, classify
from tui.services.sql.text.statements import Statement

_TOGETHER = {
    "CREATE": frozenset({"DATABASE", "TABLESPACE"}),
    "DROP": frozenset({"DATABASE", "TABLESPACE"}),
    "ALTER": frozenset({"SYSTEM"}),
    "DISCARD": frozenset({"ALL"}),
    "COMMIT": frozenset({"PREPARED"}),
    "ROLLBACK": frozenset({"PREPARED"}),
}
"""First and second word of statements that the server refuses inside a transaction."""

_REINDEXED_APART = frozenset({"DATABASE", "SYSTEM", "SCHEMA"})
"""What REINDEX works on in transactions of its own."""

_LOOKED_AT = 12
"""Tokens at the beginning of a statement among which its kind is seen."""


def stands_alone(statement: Statement) -> str:
    """The name of a statement that cannot run inside a transaction ("VACUUM"); "" if it can, or if
    only the server knows. (The list is psql's `command_no_begin`, with a few that it leaves out.)
    """
    keyword = statement.keyword
    words = [token.word for token in statement.tokens[:_LOOKED_AT] if token.word]
    second = words[1] if len(words) > 1 else ""
    if keyword == "VACUUM":
        return keyword
    if keyword == "CLUSTER":
        named = [
            token for token in statement.tokens[1:] if not token.depth and token.text not in "()"
        ]
        return keyword if all(token.word == "VERBOSE" for token in named) else ""
    if second in _TOGETHER.get(keyword, ()):
        return f"{keyword} {second}"
    if keyword == "REINDEX":
        return _reindex(words)
    if keyword in {"CREATE", "DROP"} and "INDEX" in words[1:3] and "CONCURRENTLY" in words[2:4]:
        return f"{keyword} INDEX CONCURRENTLY"
    if keyword == "ALTER" and second == "TABLE" and statement.words[-1:] == ("CONCURRENTLY",):
        return "ALTER TABLE … DETACH PARTITION … CONCURRENTLY"
    return ""


def _reindex(words: list[str]) -> str:
    apart = next((word for word in words if word in _REINDEXED_APART), "")
    if apart:
        return f"REINDEX {apart}"
    return "REINDEX … CONCURRENTLY" if "CONCURRENTLY" in words else ""


def is_begun_for(statement: Statement) -> bool:
    """Whether a transaction is begun in front of it: not where it begins or ends one itself,
    nor for an EXPLAIN of ours, which leaves nothing."""
    if isinstance(statement, ExplainStatement):
        return False
    if statement.keyword in {"SAVEPOINT", "RELEASE"}:
        return True
    return classify(statement).route is not StatementRoute.CONTROL


def refuse_standing_alone(statement: Statement, *, is_open: bool) -> None:
    """Raise SqlError (INVALID) for what cannot be part of a transaction that is committed by
    hand."""
    name = stands_alone(statement)
    if not name:
        return
    ending = (
        "End the transaction (F7 commits, Ctrl+B rolls back), then press" if is_open else "Press"
    )
    raise SqlError(
        f"{name} cannot run inside a transaction, and this connection commits by hand.",
        cause="Nothing was sent." + (" The open transaction is as it was." if is_open else ""),
        hint=f"{ending} Alt+M to let each statement commit by itself, and run it again.",
        kind=ErrorKind.INVALID,
        offset=statement.start,
    )


@dataclass(frozen=True)
class OpenTransaction:
    """The user's transaction, while one is open or has failed."""

    begun: float
    """When it was first seen open, by the monotonic clock."""
    statements: int = 0
    """Statements that ran in it, those that begin and divide transactions not counted."""

    @property
    def seconds(self) -> float:
        """How long it has been open."""
        return time.monotonic() - self.begun


def after(
    now: OpenTransaction | None, statement: Statement | None, state: TransactionState
) -> OpenTransaction | None:
    """What is open once a statement has ended in `state`, of which `now` was known before."""
    if state not in {TransactionState.OPEN, TransactionState.FAILED}:
        return None
    control = statement is None or classify(statement).route is StatementRoute.CONTROL
    chained = statement is not None and statement.words[-2:] == ("AND", "CHAIN")
    if now is None or (control and chained):
        now = OpenTransaction(time.monotonic())
    return now if control else replace(now, statements=now.statements + 1)
