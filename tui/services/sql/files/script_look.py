"""What a long file holds, looked through before anything of it runs. Blocking."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.files.script_file import ScriptFile, ScriptStatement, placed
from tui.services.sql.models import SqlError
from tui.services.sql.text.classify import classify
from tui.services.sql.text.copy_text import copy_way
from tui.services.sql.text.dangers import danger
from tui.services.sql.text.parameters import WORTH_A_LOOK, parameters
from tui.services.sql.text.statements import Statement

KEPT = 1000
"""Dangerous statements that are kept, to be named; the others are counted."""

_DANGEROUS = frozenset({"UPDATE", "DELETE", "DROP", "TRUNCATE", "ALTER", "WITH", "EXPLAIN"})
_ESCAPES = re.compile(
    r"set\s+(?:session\s+)?standard_conforming_strings\s*(?:=|to)\s*'?(on|off|true|false)\b",
    re.IGNORECASE,
)


@dataclass
class ScriptOutline:
    """What is known of a file so far."""

    statements: int = 0
    changes: bool = False
    """Whether one of them may change something."""
    dangers: list[tuple[Statement, str]] = field(default_factory=list)
    """Those that change or remove more than one usually means, with what they do."""
    backslash_escapes: bool | None = None
    """How strings are read from here on; None while the file has not said it."""
    sent: Statement | None = None
    """The last of them, for a command that means the statement in front of it."""

    def add(self, statement: ScriptStatement) -> None:
        """Take one in. SqlError (INVALID) for what cannot be run piece by piece."""
        self.statements += 1
        self.sent = statement
        self.changes = self.changes or classify(statement).writes
        if statement.keyword in _DANGEROUS:
            said = danger(statement)
            if said:
                kept = len(self.dangers) < KEPT
                self.dangers.append((statement, said) if kept else self.dangers[-1])
        if statement.data is None and copy_way(statement) is not None:
            raise _refused(
                "This COPY would ask for a file.", "\\copy with a file name, or COPY in the editor."
            )
        if WORTH_A_LOOK.search(statement.text) and parameters(statement):
            raise _refused(
                f"Parameters (:{parameters(statement)[0].name}) are not asked for in a file that "
                "is run piece by piece.",
                "Write the value in its place.",
            )


def look_to_command(
    script: ScriptFile,
    outline: ScriptOutline,
    *,
    backslash_escapes: bool,
    stopped: Callable[[], bool],
) -> ScriptStatement | None:
    """Look through the statements up to one with a backslash command, which is given; None at the
    end. `backslash_escapes`: how the server reads strings where the file does not say it."""
    while not stopped():
        said = outline.backslash_escapes
        statement = script.next(backslash_escapes=backslash_escapes if said is None else said)
        if statement is None or statement.has_command:
            return statement
        found = _ESCAPES.match(statement.text)
        if found is not None:
            outline.backslash_escapes = found[1].lower() in {"off", "false"}
        try:
            outline.add(statement)
        except ServiceError as error:
            raise placed(error, statement, script.name) from error
    raise SqlError("Cancelled.", kind=ErrorKind.CANCELLED)


def _refused(message: str, hint: str) -> SqlError:
    return SqlError(message, hint=hint, kind=ErrorKind.INVALID)
