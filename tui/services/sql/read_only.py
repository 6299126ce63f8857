"""What read-only mode refuses before anything is sent.

The lock itself is the server's: in this mode every statement runs in a transaction that the server
was told is READ ONLY and that has its snapshot, after which no SET, function or DO block can make
it writable. Rows, tables and sequences of the database are safe behind it.

This list adds what such a transaction lets through: leaving it, and acting outside it (ending other
sessions, writing files, calling other servers), by the names of functions that are known to, and
of functions that run a text as SQL, in which such a name could hide. It is a list of names, read
from the text of the statement. Not caught: a function, operator or view of the database's own that
makes such a call under another name, and functions of extensions that are not listed.
"""

from __future__ import annotations

import re

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.classify import called_names, hides_a_call
from tui.services.sql.statements import Statement

_ALLOWED = frozenset(
    {
        "SELECT", "VALUES", "TABLE", "WITH", "SHOW", "EXPLAIN",
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE",
        "SET", "RESET", "DECLARE", "FETCH", "MOVE", "CLOSE", "PREPARE", "EXECUTE", "DEALLOCATE",
    }
)  # fmt: skip
"""Everything else is refused: COPY reaches files and programs, REINDEX, ANALYZE and LOCK are
let through by the server, DO and CALL can hold anything."""

OUTSIDE_FUNCTIONS = re.compile(
    r"dblink.*|lo_.*|lowrite|pg_file_.*|pg_terminate_backend|pg_cancel_backend|pg_reload_conf"
    r"|pg_rotate_logfile.*|pg_switch_wal|pg_switch_xlog|pg_promote|pg_create_.*|pg_drop_.*"
    r"|pg_copy_.*_slot|pg_replication_.*|pg_logical_.*|pg_wal_replay_.*|pg_(start|stop)_backup"
    r"|pg_backup_.*|pg_notify|pg_stat_.*reset.*|pg_(try_)?advisory_.*|pg_import_.*"
    r"|pg_(restore|clear|set)_.*|set_config|brin_.*|gin_clean_pending_list|pg_sync_.*"
    r"|query_export_to_s3|table_import_from_s3|http(_(get|post|put|patch|delete))?"
    r"|invoke(_.*)?|pg_background_.*"
    # These run a text, or what a text names, as SQL.
    r"|(query|cursor|table|schema|database)_to_xml.*|ts_stat|ts_rewrite|crosstab.*|connectby"
    r"|xpath_table"
)
"""Functions of PostgreSQL, its usual extensions and RDS that act although the transaction is
read-only, set what guards it, or run SQL that cannot be seen in the statement."""

_LIFTING = re.compile(r"(default_)?transaction_read_only")
_TRANSACTION_CONTROL = frozenset({"BEGIN", "START"})


def refuse_if_unsafe(statement: Statement) -> None:
    """Raise READ_ONLY for a statement that could change something or lift the mode."""
    reason = _reason(statement)
    if reason:
        raise ServiceError(
            f"Read-only mode: {reason}.",
            hint="Nothing was sent. Start without --read-only, or with a profile that is not "
            "marked read-only, to change things.",
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
    for name in sorted(called_names(statement)):
        if OUTSIDE_FUNCTIONS.fullmatch(name):
            return f"{name}() may act outside the transaction"
    return ""


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
