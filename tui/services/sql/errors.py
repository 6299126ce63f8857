"""What a server says -> ServiceErrors with a next step, at the edge of the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.services.errors import ErrorKind
from tui.services.sql.models import NO_LIMITS, SqlError, TimeLimits
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.encoding import as_bytes, from_bytes
from tui.services.sql.session.libpq import RefusedError, ServerRefusal
from tui.services.sql.text.statements import Statement

if TYPE_CHECKING:
    from psycopg2 import Error as PsycopgError
    from psycopg2.extensions import Diagnostics

SHUTDOWN_CODES = frozenset({"57P01", "57P02", "57P03", "57P05"})
"""The server ended the session and rolled back what was open (appendix A of its manual)."""

CANCELED = "57014"
READ_ONLY_TRANSACTION = "25006"
NOT_SUPPORTED = "0A000"
LOCK_NOT_AVAILABLE = "55P03"

CHANGE_LIMITS = "T in the rows changes the limits of this connection; Ctrl+P finds it, too."

_KINDS = {
    "42501": ErrorKind.DENIED,
    "23505": ErrorKind.EXISTS,
    "42P04": ErrorKind.EXISTS,
    "42P06": ErrorKind.EXISTS,
    "42P07": ErrorKind.EXISTS,
    "42710": ErrorKind.EXISTS,
    "42P01": ErrorKind.NOT_FOUND,
    "42703": ErrorKind.NOT_FOUND,
    "42883": ErrorKind.NOT_FOUND,
    "3D000": ErrorKind.NOT_FOUND,
    "3F000": ErrorKind.NOT_FOUND,
    "40001": ErrorKind.CHANGED,
    "40P01": ErrorKind.CONFLICT,
    "55P03": ErrorKind.CONFLICT,
    "55006": ErrorKind.CONFLICT,
    "53300": ErrorKind.THROTTLED,
    READ_ONLY_TRANSACTION: ErrorKind.READ_ONLY,
}
_KINDS_OF_CLASS = {
    "08": ErrorKind.NETWORK,
    "22": ErrorKind.INVALID,
    "23": ErrorKind.INVALID,
    "28": ErrorKind.CREDENTIALS,
    "42": ErrorKind.INVALID,
}
QUERY_SHOWN = 120
"""Characters of a function's inner query that are shown around the place of an error."""


def from_statement(
    error: PsycopgError | RefusedError,
    statement: Statement | None,
    connection: ServerConnection,
    *,
    prefix: int = 0,
    read_only: bool = False,
    limits: TimeLimits = NO_LIMITS,
) -> SqlError:
    """The SqlError for what the server said about one statement.

    `prefix` is how many characters of ours stood before it in what was sent.
    """
    diagnostics = error.diag
    code = error.pgcode or ""
    notices = connection.take_notices()
    if connection.stop.is_set() and code == CANCELED:
        return SqlError(
            "Cancelled: the server stopped the statement.",
            code=code,
            kind=ErrorKind.CANCELLED,
            notices=notices,
        )
    message = connection.received(diagnostics.message_primary or first_line(error))
    message, timed_out = _timed_out(message, code, limits)
    hint = timed_out or connection.received(diagnostics.message_hint or "") or next_step(code)
    if code == READ_ONLY_TRANSACTION and read_only:
        hint = "Read-only mode: start without --read-only, or connect without the mark."
    return SqlError(
        message[:1].upper() + message[1:] + ("" if message.endswith((".", "?")) else "."),
        cause=connection.received(_cause(diagnostics, code)),
        hint=hint,
        code=code,
        kind=_KINDS.get(code) or _KINDS_OF_CLASS.get(code[:2], ErrorKind.OTHER),
        offset=_offset(diagnostics, statement, prefix, of_bytes=connection.of_bytes),
        notices=notices,
    )


def _timed_out(message: str, code: str, limits: TimeLimits) -> tuple[str, str]:
    """The message and the next step where a limit of this connection stopped a statement; the
    message as it is and "" where none did."""
    if code == CANCELED and limits.statement and "user request" not in message:
        return (
            f"The statement ran longer than the limit of {limits.statement:g} s: the server "
            "stopped it, and undid what it had done.",
            CHANGE_LIMITS,
        )
    if code == LOCK_NOT_AVAILABLE and limits.lock and "timeout" in message:
        return (
            f"The statement waited for a lock longer than the limit of {limits.lock:g} s.",
            f"pg_stat_activity shows who waits and who is idle in a transaction. {CHANGE_LIMITS}",
        )
    return message, ""


def _offset(
    diagnostics: Diagnostics | ServerRefusal,
    statement: Statement | None,
    prefix: int,
    *,
    of_bytes: bool,
) -> int | None:
    position = diagnostics.statement_position
    if not position or statement is None:
        return None
    # The server counts characters from 1; in a database of no encoding, bytes.
    at = max(0, int(position) - 1 - prefix)
    if of_bytes:
        at = len(from_bytes(as_bytes(statement.text)[:at]))
    return statement.place(at)


def _cause(diagnostics: Diagnostics | ServerRefusal, code: str) -> str:
    lines = [f"{diagnostics.severity or 'ERROR'} {code}".strip()]
    if diagnostics.message_detail:
        lines.append(f"Detail: {diagnostics.message_detail}")
    if diagnostics.internal_query:
        lines.append(inner_query(diagnostics.internal_query, diagnostics.internal_position))
    if diagnostics.context:
        lines.append(f"Context: {diagnostics.context}")
    return "\n".join(lines)


def inner_query(query: str, position: str | None) -> str:
    """The query that a function ran, with a mark under the place (counted from 1) of the error."""
    if not position:
        line = " ".join(query.split())
        return f"Query: {line[:QUERY_SHOWN]}" + ("…" if len(line) > QUERY_SHOWN else "")
    at = min(int(position) - 1, len(query))
    begin = query.rfind("\n", 0, at) + 1
    line = query[begin:].split("\n", 1)[0]
    number = query.count("\n", 0, at) + 1
    label = f"Query, line {number}: " if "\n" in query.strip() else "Query: "
    left = max(0, at - begin - QUERY_SHOWN // 2)
    shown = line[left : left + QUERY_SHOWN].replace("\t", " ")
    return f"{label}{shown}\n{' ' * (len(label) + at - begin - left)}^"


def lost_cause(said: Sequence[str]) -> str:
    """What the server and libpq said when a connection was lost, the first line of each: behind it
    stand advice and guesses ("probably … terminated abnormally", also when it was ended on
    purpose), and what to do now our own words say."""
    return "\n".join(dict.fromkeys(first_line(text) for text in said))


def first_line(error: object) -> str:
    """The first line of what was said."""
    return (str(error).strip().splitlines() or ["the server gave no reason"])[0]


# -- what to do next ------------------------------------------------------------------------------

_EXISTS = "Choose another name, or drop or rename the one that is there."

# Used where the server gives no hint of its own. The codes are in appendix A of its manual.
_HINTS = {
    "0A000": "This server does not do it in this way; SELECT version() tells which one it is.",
    "21000": "A subquery gave more than one row: use IN or EXISTS, or LIMIT 1.",
    "22001": "Shorten the value, or give the column a longer type.",
    "22003": "Use a type with more room: bigint or numeric.",
    "22007": "Write dates as 2024-12-31. SHOW datestyle tells in which order others are read.",
    "22008": "Write dates as 2024-12-31. SHOW datestyle tells in which order others are read.",
    "22012": "NULLIF(divisor, 0) gives NULL in place of this error.",
    "22021": "The database cannot hold these bytes as text; SHOW server_encoding tells its "
    "encoding.",
    "22023": "Look up the values that this function or setting takes.",
    "22P02": "The text in quotes is no value of that type: correct it, or cast to another type.",
    "22P05": "The database's encoding has no such character; SHOW server_encoding tells which it "
    "is.",
    "23502": "Give the column a value, or a default: ALTER TABLE … ALTER COLUMN … SET DEFAULT.",
    "23503": "Insert the row that is referred to first; before deleting it, delete those that "
    "refer to it.",
    "23505": "A row with this key is there already: UPDATE it, or add ON CONFLICT to the INSERT.",
    "23514": "The value breaks a rule of the table; its definition names the CHECK.",
    "23P01": "Another row overlaps this one; the detail below names it.",
    "25001": "It cannot run inside a transaction: commit or roll back first.",
    "25006": "A replica only reads: connect to the writer. Or begin again with BEGIN READ WRITE.",
    "25P01": "Write BEGIN first.",
    "25P02": "Roll back with Ctrl+B, then go on.",
    "26000": "Prepared statements end with their connection: PREPARE it again.",
    "28P01": "Connect again and give the right password.",
    "2BP01": "Other objects depend on it: drop them first, or add CASCADE to drop them too.",
    "34000": "Cursors end with their transaction: declare it again after BEGIN.",
    "3D000": "SELECT datname FROM pg_database lists the databases.",
    "3F000": "SELECT nspname FROM pg_namespace lists the schemas.",
    "40001": "Roll back and run the transaction again.",
    "40P01": "Roll back and run the transaction again.",
    "42501": "Ask the owner for a GRANT, or connect as another user.",
    "42601": "Look at the place named and right before it: a comma, a quote or a keyword may be "
    "missing.",
    "42602": "Names may not hold this; put the name in double quotes.",
    "42622": "Names have 63 bytes at most.",
    "42701": "Name each column once.",
    "42702": "Write the table in front of the column: table.column.",
    "42703": "Check the spelling; a name with capitals needs double quotes. The list of tables "
    "shows the columns.",
    "42704": "Check the spelling and the schema; it may be in an extension that is not installed.",
    "42710": _EXISTS,
    "42712": "Give each table of the query a name of its own: FROM t AS a, t AS b.",
    "42723": "CREATE OR REPLACE changes the one that is there.",
    "42725": "Cast the arguments, so that only one function fits.",
    "42803": "Put the column into GROUP BY, or into an aggregate function such as max().",
    "42804": "Cast one of the two: value::type.",
    "42809": "It is another kind of object: look it up in the list of tables.",
    "42846": "There is no cast between these types; go by way of text: value::text::type.",
    "42883": "Check the spelling and the types of the arguments; a cast may be needed.",
    "42P01": "Check the spelling and the schema; a name with capitals needs double quotes. Press "
    "i in the rows for the list of tables.",
    "42P02": "There is no value for the parameter: write the value in its place.",
    "42P03": "Close the cursor first, or give this one another name.",
    "42P04": _EXISTS,
    "42P05": "DEALLOCATE it first, or give this one another name.",
    "42P06": _EXISTS,
    "42P07": "Choose another name, or drop or rename the one that is there; IF NOT EXISTS leaves "
    "it.",
    "42P10": "ON CONFLICT and ORDER BY need columns that are there: ON CONFLICT those of a unique "
    "index.",
    "42P16": "Look at the columns named in the statement: the table cannot be made of them.",
    "42P18": "Cast the value, so that the server knows its type: NULL::text.",
    "53100": "The server's disk is full: give it more storage, or drop what is no longer needed.",
    "53200": "The server has no memory for this: lower work_mem, or ask for less at once.",
    "53300": "The server has no free connection: close others, or wait a moment.",
    "53400": "A limit in the server's configuration is reached; its message names it.",
    "54001": "The statement is nested too deeply: cut it into parts.",
    "54011": "A table has 1,600 columns at most.",
    "54023": "A function takes 100 arguments at most.",
    "55000": "The object is not ready for this now; the message says what it lacks.",
    "55006": "Somebody uses it: SELECT * FROM pg_stat_activity shows who.",
    "55P03": "Another transaction holds a lock on it: SELECT * FROM pg_stat_activity shows who "
    "waits and who is idle in a transaction.",
    "57014": "A limit of the server or somebody else stopped it. SHOW statement_timeout tells the "
    "limit; T in the rows changes it for this connection.",
    "58030": "The server could not read or write its files: look into its log.",
    "58P01": "The path is one of the server's machine, not of this one.",
    "P0001": "The message comes from a function or trigger of this database; the context names it.",
    "P0002": "A function found no row where it needs one; the context names the place.",
    "P0003": "A function found more than one row where it needs one; the context names the place.",
}
_HINTS_OF_CLASS = {
    "08": "The connection is broken: run again to connect anew.",
    "22": "A value does not fit what is done with it; the message names it.",
    "23": "A rule of the table does not allow the row; the detail names the rule.",
    "38": "A function in another language failed; the context names it.",
    "3B": "Savepoints end with their transaction: set it again.",
    "42": "Check names, types and rights against the list of tables.",
    "53": "The server is short of something; wait, or ask for less at once.",
    "54": "The statement is larger than the server can take: cut it into parts.",
    "57": "The server was asked to stop; try again in a moment.",
    "58": "The server's own system failed: look into its log.",
    "F0": "The server's configuration is wrong: look into its log.",
    "XX": "This is a fault of the server: its log says more.",
}


def next_step(code: str) -> str:
    """What to do after an error with this SQLSTATE; empty if nothing useful is known."""
    return _HINTS.get(code) or _HINTS_OF_CLASS.get(code[:2], "")
