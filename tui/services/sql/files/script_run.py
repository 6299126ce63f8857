"""Run the statements of a long file on a connection, up to the next backslash command. Blocking."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.sql.files.script_file import ScriptFile, ScriptStatement, placed
from tui.services.sql.models import ConnectionLostError, Result, SqlError
from tui.services.sql.text.statements import Statement

KEPT_FAILURES = 20
"""Statements that failed of which it is said why."""

KEPT_NOTICES = 100
"""Of what the server says, the last that is kept."""


@dataclass
class ScriptOutcome:
    """What the statements of a file have come to so far."""

    count: int = 0
    """Statements that were run to their end."""
    last: Result | None = None
    """The last of them."""
    sent: Statement | None = None
    """The one that was run last, for a command that means the statement in front of it."""
    notices: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_NOTICES))
    said: int = 0
    """Notices in all."""
    seconds: float = 0.0
    goes_on: bool = False
    """Whether the statements behind one that fails are run, too, as psql does unless ON_ERROR_STOP
    is set."""
    failures: list[str] = field(default_factory=list)
    """What was said of the first that failed."""
    failed: int = 0
    """Statements that failed."""
    ended: ServiceError | None = None
    """What ended the run before the end of the file."""

    def add(self, result: Result, statement: ScriptStatement) -> None:
        """One has ended."""
        self.count += 1
        self.sent = statement
        self.last = result
        self.seconds += result.seconds
        self.said += len(result.notices)
        self.notices.extend(f"line {statement.line}: {each}" for each in result.notices)

    def add_failure(self, error: ServiceError) -> None:
        """One has failed, and the others are run."""
        self.failed += 1
        if len(self.failures) < KEPT_FAILURES:
            self.failures.append(": ".join(filter(None, (error.message, error.cause))))

    @property
    def problem(self) -> str:
        """What is said of those that failed; empty if none did."""
        if not self.failed:
            return ""
        left = self.failed - len(self.failures)
        return "\n".join([*self.failures, *([f"… and {left:,} more"] if left else [])])

    def result(self, written: str) -> Result:
        """All of them as one result, of a statement that was written so."""
        at = len(written)
        statement = Statement(written, 0, at, "\\")
        dropped = self.said - len(self.notices)
        notes = [f"{counted(dropped, 'notice')} before these"] if dropped else []
        tag = counted(self.count, "statement")
        if self.failed:
            tag += f", {self.failed:,} failed"
        return Result(
            statement, None, (), True, tag, self.seconds, (*notes, *self.notices), wrote=True
        )


def run_to_command(
    script: ScriptFile,
    outcome: ScriptOutcome,
    *,
    run: Callable[[Statement], Result],
    backslash_escapes: Callable[[], bool],
    stopped: Callable[[], bool],
) -> ScriptStatement | None:
    """Run statement after statement; the one with a backslash command that comes next, None at the
    end of the file. The error of one that fails names the line of the file; those before it are
    done."""
    while True:
        statement = script.next(backslash_escapes=backslash_escapes())
        if statement is None or statement.has_command:
            return statement
        if stopped():
            raise placed(
                SqlError("Cancelled between two statements.", kind=ErrorKind.CANCELLED),
                statement,
                script.name,
            )
        try:
            result = run(statement)
        except ServiceError as error:
            said = placed(error, statement, script.name)
            if not outcome.goes_on or ends_all(error):
                raise said from error
            outcome.add_failure(said)
            continue
        # Its text may be long, and nobody asks for it any more.
        outcome.add(
            result if result.columns is not None else replace(result, statement=_NONE), statement
        )


def ends_all(error: ServiceError) -> bool:
    """Whether nothing can be run behind it, or nothing is to be."""
    return isinstance(error, ConnectionLostError) or error.kind is ErrorKind.CANCELLED


_NONE = Statement("", 0, 0, "")
