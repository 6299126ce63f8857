"""Statements that cannot be sent as they stand, each with what to do instead."""

from __future__ import annotations

from tui.services.errors import ErrorKind
from tui.services.sql.models import SqlError
from tui.services.sql.statements import Statement, split

_PSQL_HINTS = {
    "d": "Press i for the schemas, tables and columns of this database.",
    "l": "SELECT datname FROM pg_database lists the databases.",
    "c": "Press Ctrl+O to connect to another database.",
    "x": "Press Enter on a value to see all of it; y copies the row as JSON.",
    "timing": "The time of every statement is shown below its rows.",
    "copy": "Run the query here; y copies its rows.",
    "q": "Press q outside the editor, or Ctrl+Q.",
}


def refuse_unsendable(statement: Statement, *, backslash_escapes: bool) -> None:
    """Raise SqlError (INVALID) for what would not do what it seems to do."""
    if statement.keyword == "\\" or "\\" in statement.tokens[-1].text[:1]:
        raise _psql_command(statement)
    if "\0" in statement.text:
        raise _refusal(
            statement,
            "A statement cannot contain a NUL character.",
            "The server would read it only up to there.",
            statement.text.index("\0"),
        )
    if statement.keyword == "COPY":
        _refuse_copy(statement)
    if len(split(statement.text, backslash_escapes=backslash_escapes)) != 1:
        raise _refusal(
            statement,
            "This server would read more than one statement here.",
            "standard_conforming_strings is off on this connection: a backslash escapes a quote.",
            0,
        )


def _psql_command(statement: Statement) -> SqlError:
    token = statement.tokens[-1]
    name = token.text[1:].split(" ")[0].split(";")[0]
    family = "d" if name[:1] == "d" else "c" if name in {"c", "connect"} else name.rstrip("+")
    hint = _PSQL_HINTS.get(family, "Write it in SQL, or run it in psql.")
    return _refusal(
        statement,
        f"\\{name} is a command of psql, not SQL." if name else "A backslash is not SQL.",
        hint,
        token.start,
    )


def _refuse_copy(statement: Statement) -> None:
    words = statement.words
    for word, other in (("STDIN", "FROM"), ("STDOUT", "TO")):
        if word in words and other in words:
            hint = (
                "Use INSERT … VALUES, or psql's \\copy for a file."
                if word == "STDIN"
                else "Run its query here: the rows are shown and can be copied."
            )
            raise _refusal(statement, f"COPY … {other} {word} needs a file behind it.", hint, 0)


def _refusal(statement: Statement, message: str, hint: str, offset: int) -> SqlError:
    return SqlError(message, hint=hint, kind=ErrorKind.INVALID, offset=statement.start + offset)
