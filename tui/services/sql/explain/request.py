"""EXPLAIN of a statement: what is sent, what may be run, and how it is undone. Blocking."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from tui.services.errors import ErrorKind
from tui.services.sql.connecting.redshift import refuse_on_redshift
from tui.services.sql.models import Result, SqlError, TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.text.classify import classify, explained
from tui.services.sql.text.lexer import TokenKind
from tui.services.sql.text.statements import Statement, split

_EXPLAINED = frozenset(
    {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE", "WITH", "EXECUTE",
     "DECLARE", "CREATE"}
)  # fmt: skip

_SAVEPOINT = '"tristore explain"'
SET_SAVEPOINT = f"SAVEPOINT {_SAVEPOINT}"
BACK_TO_SAVEPOINT = f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}; RELEASE SAVEPOINT {_SAVEPOINT}"


@dataclass(frozen=True)
class ExplainStatement(Statement):
    """An EXPLAIN of ours. Its answer is one value, the plan in JSON."""

    explained: Statement | None = None
    """What is explained, cut from the user's text."""
    analyze: bool = False
    """Whether the statement is run, and undone."""

    @property
    def writes(self) -> bool:
        """Whether what is explained says that it changes something."""
        return self.explained is not None and classify(self.explained).writes


def explainable(statement: Statement) -> Statement:
    """What EXPLAIN is to be asked of: the statement, or what stands behind its own EXPLAIN.

    SqlError (INVALID), with its place, for what has no plan.
    """
    if statement.keyword == "EXPLAIN":
        inner = explained(statement)
        if inner:
            start = inner[0].start
            found = split(statement.text[start:], backslash_escapes=statement.backslash_escapes)
            if found:
                first = found[0]
                moved = statement.start + start
                statement = Statement(
                    first.text,
                    moved + first.start,
                    moved + first.end,
                    first.keyword,
                    first.backslash_escapes,
                )
    makes = {"TABLE", "MATERIALIZED"} & set(statement.words[1:4])
    if statement.keyword not in _EXPLAINED or (statement.keyword == "CREATE" and not makes):
        raise SqlError(
            f"{statement.keyword or 'This'} has no plan.",
            hint="SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, EXECUTE and CREATE TABLE … AS "
            "have one: put the cursor on one of them.",
            kind=ErrorKind.INVALID,
            offset=statement.place(statement.tokens[0].start if statement.tokens else 0),
        )
    return statement


def has_numbered(statement: Statement) -> bool:
    """Whether `$1` stands in it, as in the statements of pg_stat_statements: it has a plan, for any
    value, from version 16 on, and cannot be run."""
    return any(
        token.kind is TokenKind.SYMBOL and token.text[:1] == "$" and token.text[1:].isdigit()
        for token in statement.tokens
    )


def explain_statement(statement: Statement, *, analyze: bool, version: str) -> ExplainStatement:
    """EXPLAIN of it with all that a server of this version ("16.14") has to say."""
    digits = re.match(r"\d+", version)
    major = int(digits[0]) if digits else 0
    options = ["FORMAT JSON", "VERBOSE"]
    if major >= 12:
        options.append("SETTINGS")
    if analyze:
        options.append("ANALYZE")
        if major >= 13:
            options.append("WAL")
    if analyze or major >= 13:
        options.append("BUFFERS")
    if has_numbered(statement) and major >= 16 and not analyze:
        options.append("GENERIC_PLAN")
    head = f"EXPLAIN ({', '.join(options)})\n"
    # The offsets of errors are counted from where the user's own text would begin with our head.
    length = len(head)
    values = tuple(
        replace(
            each,
            start=each.start + length,
            end=each.end + length,
            written_start=each.written_start + length,
            written_end=each.written_end + length,
        )
        for each in statement.values
    )
    return ExplainStatement(
        head + statement.text,
        statement.start - length,
        statement.end,
        "EXPLAIN",
        statement.backslash_escapes,
        written=None if statement.written is None else head + statement.written,
        values=values,
        explained=statement,
        analyze=analyze,
    )


def run_explained(
    connection: ServerConnection,
    statement: ExplainStatement,
    run: Callable[[Statement], Result],
) -> Result:
    """Have `run` send it. With ANALYZE nothing that it did stays, but for what no ROLLBACK undoes:
    sequences, and what functions do outside of the database. CONFLICT on Redshift."""
    refuse_on_redshift(
        connection.info.is_redshift,
        "plans that can be drawn as a tree",
        "Write EXPLAIN VERBOSE in front of the statement, and F5 shows its text.",
    )
    if not statement.analyze or connection.ours:
        return run(statement)
    if connection.state is TransactionState.IDLE:
        connection.execute("BEGIN")
        # Ended by whoever ends transactions of ours, also after an error.
        connection.ours, connection.commits_ours = True, False
        return run(statement)
    connection.execute(SET_SAVEPOINT)
    try:
        return run(statement)
    finally:
        if connection.state is not TransactionState.LOST:
            connection.execute(BACK_TO_SAVEPOINT, stoppable=False)
