"""What PostgreSQL says about a statement -> SqlError, at the edge of the service."""

from __future__ import annotations

from typing import Any

from tui.services.errors import ErrorKind
from tui.services.sql.encoding import as_bytes, from_bytes
from tui.services.sql.hints import next_step
from tui.services.sql.models import SqlError
from tui.services.sql.statements import Statement
from tui.services.sql.translate import first_line
from tui.services.sql.wire import Wire

CANCELED = "57014"
READ_ONLY_TRANSACTION = "25006"
NOT_SUPPORTED = "0A000"

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
    error: Any,
    statement: Statement | None,
    wire: Wire,
    *,
    prefix: int = 0,
    read_only: bool = False,
) -> SqlError:
    """The SqlError for what the server said about one statement.

    `prefix` is how many characters of ours stood before it in what was sent.
    """
    diagnostics = error.diag
    code = error.pgcode or ""
    notices = wire.take_notices()
    if wire.stop.is_set() and code == CANCELED:
        return SqlError(
            "Cancelled: the server stopped the statement.",
            code=code,
            kind=ErrorKind.CANCELLED,
            notices=notices,
        )
    message = wire.received(diagnostics.message_primary or first_line(error))
    hint = wire.received(diagnostics.message_hint or "") or next_step(code)
    if code == READ_ONLY_TRANSACTION and read_only:
        hint = "Read-only mode: start without --read-only to change things."
    return SqlError(
        message[:1].upper() + message[1:] + ("" if message.endswith((".", "?")) else "."),
        cause=wire.received(_cause(diagnostics, code)),
        hint=hint,
        code=code,
        kind=_KINDS.get(code) or _KINDS_OF_CLASS.get(code[:2], ErrorKind.OTHER),
        offset=_offset(diagnostics, statement, prefix, of_bytes=wire.of_bytes),
        notices=notices,
    )


def _offset(
    diagnostics: Any, statement: Statement | None, prefix: int, *, of_bytes: bool
) -> int | None:
    position = diagnostics.statement_position
    if not position or statement is None:
        return None
    # The server counts characters from 1; in a database of no encoding, bytes.
    at = max(0, int(position) - 1 - prefix)
    if of_bytes:
        at = len(from_bytes(as_bytes(statement.text)[:at]))
    return statement.start + at


def _cause(diagnostics: Any, code: str) -> str:
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
