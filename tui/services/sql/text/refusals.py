"""Statements that are not sent: those that cannot be sent as they stand, and those that read-only
mode refuses.

The lock of read-only mode is the server's: every statement runs in a transaction that the server
was told is READ ONLY and that has its snapshot, after which no SET, function or DO block can make
it writable. It is ended by ROLLBACK, never by COMMIT: the server lets some writing through in such
a transaction (EXPLAIN ANALYZE CREATE TABLE AS, large objects before version 16).

What is refused here is writing that can be read from the statement, leaving the transaction, and
acting outside it (ending other sessions, writing files, calling other servers) by functions that
are known to, in the statement or in the views that it reads. Not caught: such a call inside a
function, operator, cast or policy of the database's own, and functions of extensions that are not
listed.
"""

from __future__ import annotations

import re

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.files.file_statements import has_rows_behind
from tui.services.sql.models import SqlError, TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.effects import acting_name, effects_of, writing_name
from tui.services.sql.session.results import BEGIN_READ_ONLY
from tui.services.sql.text.classify import (
    StatementRoute,
    called_names,
    ever_writes,
    executed_name,
    folded_name,
    hides_a_call,
)
from tui.services.sql.text.copy_text import CopyDirection, copied_query, copy_way
from tui.services.sql.text.statements import Statement, split

_ALLOWED = frozenset(
    {
        "SELECT", "VALUES", "TABLE", "WITH", "SHOW", "EXPLAIN",
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE",
        "SET", "RESET", "DECLARE", "FETCH", "MOVE", "CLOSE", "PREPARE", "EXECUTE", "DEALLOCATE",
    }
)  # fmt: skip
"""Everything else is refused, but for what a COPY TO STDOUT sends: COPY reaches files and programs,
REINDEX, ANALYZE and LOCK are
let through by the server, DO and CALL can hold anything."""

_LEADING = frozenset(
    {"SELECT", "VALUES", "TABLE", "WITH", "EXPLAIN", "DECLARE", "PREPARE", "EXECUTE"}
)
"""Statements whose names may lead to views and foreign tables."""

_SNAPSHOT = "SELECT pg_catalog.current_setting('transaction_read_only')"
_PREPARED = "SELECT statement FROM pg_catalog.pg_prepared_statements WHERE name = %s"
_LIFTING = re.compile(r"(default_)?transaction_read_only")
_TRANSACTION_CONTROL = frozenset({"BEGIN", "START"})


def refuse_if_unsafe(statement: Statement, *, in_transaction: bool) -> None:
    """Raise READ_ONLY for a statement whose text says that it could change something or lift the
    mode."""
    _refuse(_reason(copied_query(statement) or statement))
    if statement.keyword == "DECLARE" and not in_transaction:
        _refuse(
            "a cursor of your own needs a transaction",
            "Nothing was sent. Write BEGIN first, and ROLLBACK when you have read it.",
        )


def refuse_what_it_leads_to(connection: ServerConnection, statement: Statement) -> None:
    """Raise READ_ONLY for what the server knows of the names in it: the text behind EXECUTE,
    and what its views and foreign tables do."""
    statement = copied_query(statement) or statement
    for each in (*_prepared(connection, statement), statement):
        if each is not statement:
            _refuse(_reason(each))
        if each.keyword in _LEADING:
            outside = effects_of(connection, each).outside
            _refuse(f"{outside} may act outside the transaction" if outside else "")


def enforce(connection: ServerConnection, route: StatementRoute, *, in_transaction: bool) -> None:
    """Make the server hold every statement in a READ ONLY transaction with its snapshot."""
    if connection.state is TransactionState.FAILED or route is StatementRoute.CONTROL:
        return
    if in_transaction:
        connection.execute("SET TRANSACTION READ ONLY")
    elif route is StatementRoute.PLAIN:
        connection.execute(BEGIN_READ_ONLY)
        connection.ours = True
    else:
        return
    if connection.value(_SNAPSHOT) != "on":
        raise ServiceError(
            "Read-only mode: the server did not make the transaction read-only.",
            hint="The statement was not sent.",
            kind=ErrorKind.READ_ONLY,
        )


def ending(statement: Statement) -> str:
    """What ends the transaction where COMMIT or END is asked for; empty for other statements."""
    if statement.keyword not in {"COMMIT", "END"}:
        return ""
    return "ROLLBACK AND CHAIN" if chains(statement) else "ROLLBACK"


def chains(statement: Statement) -> bool:
    """Whether it ends a transaction and begins the next one."""
    return statement.words[-2:] == ("AND", "CHAIN")


def _prepared(connection: ServerConnection, statement: Statement) -> tuple[Statement, ...]:
    """What the server holds under the name that the statement executes."""
    token = executed_name(statement)
    name = None if token is None else folded_name(token)
    if name is None:
        return ()
    rows = connection.rows(_PREPARED, (name,))
    escapes = connection.backslash_escapes
    return tuple(each for (text,) in rows for each in split(text, backslash_escapes=escapes))


def _refuse(reason: str, hint: str = "") -> None:
    if reason:
        raise ServiceError(
            f"Read-only mode: {reason}.",
            hint=hint
            or "Nothing was sent. Start without --read-only, or take a profile or connection that "
            "is not marked read-only, to change things.",
            kind=ErrorKind.READ_ONLY,
        )


def _reason(statement: Statement) -> str:
    keyword, words = statement.keyword, statement.words
    if keyword not in _ALLOWED:
        return f"{keyword or 'this'} is not among the statements that only read"
    if keyword in _TRANSACTION_CONTROL and "WRITE" in words:
        return "the transaction would be READ WRITE"
    if keyword == "PREPARE" and words[1:2] == ("TRANSACTION",):
        return "PREPARE TRANSACTION leaves something behind"
    if keyword in {"COMMIT", "ROLLBACK"} and words[1:2] == ("PREPARED",):
        return f"{keyword} PREPARED ends a transaction of somebody else"
    if keyword in {"SET", "RESET"}:
        return _setting_reason(statement)
    if hides_a_call(statement):
        return 'the name of a function is written with escapes (U&"…") and cannot be read'
    executed = executed_name(statement)
    if executed is not None and folded_name(executed) is None:
        return "the name of the prepared statement cannot be read"
    # What a prepared statement does the server is asked for, by its name.
    if executed is None and ever_writes(statement):
        return f"this {keyword} would change something"
    called = called_names(statement)
    if name := acting_name(called):
        return f"{name}() may act outside the transaction"
    # The server refuses most of them by itself, large objects only from version 16 on.
    name = writing_name(called)
    return f"{name}() would change something" if name else ""


def _setting_reason(statement: Statement) -> str:
    """Why a SET or RESET is refused: it would lift the mode, or its name cannot be read."""
    words = [token for token in statement.tokens[1:] if token.text not in "=,"]
    if words and words[0].word in {"LOCAL", "SESSION"} and len(words) > 1:
        words = words[1:]
    name = words[0] if words else None
    if name is None:
        return ""
    if name.word in {"TRANSACTION", "CHARACTERISTICS"}:
        return "SET TRANSACTION could make it READ WRITE; give the isolation level in BEGIN"
    if name.word == "ALL":
        return f"{statement.keyword} ALL would lift it"
    plain = name.word.lower() if name.word else _unquoted(name.text)
    if plain is None:
        return "this setting's name cannot be read"
    if _LIFTING.fullmatch(plain):
        return f"{statement.keyword} {plain} would lift it"
    return ""


def _unquoted(text: str) -> str | None:
    """The name inside plain double quotes, folded: setting names are not case-sensitive."""
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('""', '"').lower()
    return None


# -- what cannot be sent as it stands -------------------------------------------------------------

_PSQL_HINTS = {
    "d": "Press i for the schemas, tables and columns of this database.",
    "l": "SELECT datname FROM pg_database lists the databases.",
    "c": "Press Ctrl+O to connect to another database.",
    "x": "Press Enter on a value to see all of it; y copies the row as JSON.",
    "timing": "The time of every statement is shown below its rows.",
    "copy": "Write COPY … FROM STDIN or COPY … TO STDOUT: F5 asks for the file.",
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
    way = None if has_rows_behind(statement) else copy_way(statement)
    if way is not None:
        over = "FROM STDIN" if way is CopyDirection.FROM else "TO STDOUT"
        raise _refusal(
            statement,
            f"COPY … {over} needs a file behind it.",
            "Press F5 in the editor: it asks for the file.",
            0,
        )
    if _is_divided(statement.text, backslash_escapes=backslash_escapes):
        raise _refusal(
            statement,
            "This server would read more than one statement here.",
            "standard_conforming_strings is off on this connection: a backslash escapes a quote.",
            0,
        )


def _is_divided(text: str, *, backslash_escapes: bool) -> bool:
    """Whether the server would read more than one statement."""
    if ";" not in text and "\\" not in text:
        # Nothing else ends one, and a long text need not be read for that.
        return False
    return len(split(text, backslash_escapes=backslash_escapes)) != 1


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


def _refusal(statement: Statement, message: str, hint: str, offset: int) -> SqlError:
    return SqlError(message, hint=hint, kind=ErrorKind.INVALID, offset=statement.place(offset))
