"""What PostgreSQL and libpq say -> ServiceError, at the edge of the service."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.certificates import BUNDLE_URL
from tui.services.sql.models import Auth, ConnectionTarget, PasswordNeededError, SqlError

CANCELED = "57014"
READ_ONLY_TRANSACTION = "25006"
NOT_SUPPORTED = "0A000"
SHUTDOWN_CODES = frozenset({"57P01", "57P02", "57P03", "57P05"})
"""The server ended the session and rolled back what was open (appendix A of its manual)."""

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
_HINTS = {
    "25P02": "Roll back, then go on.",
    "40001": "Roll back and run the transaction again.",
    "40P01": "Roll back and run the transaction again.",
}


def from_statement(
    error: Any, *, start: int, prefix: int = 0, cancelled: bool = False, read_only: bool = False
) -> SqlError:
    """The SqlError for what the server said about one statement.

    `start` is the statement's offset in the text it was cut from; `prefix` is how many
    characters of ours stood before it in what was sent.
    """
    diagnostics = error.diag
    code = error.pgcode or ""
    if cancelled and code == CANCELED:
        return SqlError(
            "Cancelled: the server stopped the statement.", code=code, kind=ErrorKind.CANCELLED
        )
    message = diagnostics.message_primary or _first_line(error)
    hint = diagnostics.message_hint or _HINTS.get(code, "")
    if code == READ_ONLY_TRANSACTION and read_only:
        hint = "Read-only mode: start without --read-only to change things."
    return SqlError(
        message[:1].upper() + message[1:] + ("" if message.endswith((".", "?")) else "."),
        cause=_cause(diagnostics, code),
        hint=hint,
        code=code,
        kind=_KINDS.get(code) or _KINDS_OF_CLASS.get(code[:2], ErrorKind.OTHER),
        offset=_offset(diagnostics, start, prefix),
    )


def _offset(diagnostics: Any, start: int, prefix: int) -> int | None:
    position = diagnostics.statement_position
    if not position:
        return None
    # The server counts characters from 1.
    return max(start, start + int(position) - 1 - prefix)


def _cause(diagnostics: Any, code: str) -> str:
    lines = [f"{diagnostics.severity or 'ERROR'} {code}".strip()]
    if diagnostics.message_detail:
        lines.append(f"Detail: {diagnostics.message_detail}")
    if diagnostics.context:
        lines.append(f"Context: {diagnostics.context}")
    return "\n".join(lines)


def lost_cause(said: Sequence[str]) -> str:
    """What the server and libpq said when a connection was lost, the first line of each: behind it
    stand advice and guesses ("probably … terminated abnormally", also when it was ended on
    purpose), and what to do now our own words say."""
    return "\n".join(dict.fromkeys(_first_line(text) for text in said))


def _first_line(error: Any) -> str:
    return (str(error).strip().splitlines() or ["the server gave no reason"])[0]


_LIBPQ = (
    (
        re.compile(r"connection refused", re.I),
        "Nothing listens there",
        "Check host and port, and that the server runs.",
    ),
    (
        re.compile(r"timeout expired|timed out|no route to host|network is unreachable", re.I),
        "The server does not answer",
        "For an RDS instance: is it publicly accessible, and does its security group let you in? "
        "The inbound rule of the connect dialog opens it.",
    ),
    (
        re.compile(r"could not translate host name|name or service not known", re.I),
        "There is no such host",
        "Check the spelling, and that the network (or the VPN) is up.",
    ),
    (
        re.compile(r"no pg_hba\.conf entry", re.I),
        "The server does not let this user in from here",
        "If it says 'no encryption', add sslmode=require; otherwise ask for the rule.",
    ),
    (
        re.compile(r"certificate|SSL|TLS", re.I),
        "No secure connection could be made",
        f"Check sslmode and sslrootcert; RDS's root bundle is at {BUNDLE_URL}.",
    ),
    (
        re.compile(r'database ".*" does not exist', re.I | re.S),
        "There is no such database on the server",
        "Connect to the database `postgres` and list them: SELECT datname FROM pg_database.",
    ),
    (
        re.compile(r"too many (clients|connections)|remaining connection slots", re.I),
        "The server has no free connection",
        "Close others, or wait a moment and try again.",
    ),
)
_KINDS_OF_CONNECTING = {
    "There is no such host": ErrorKind.NOT_FOUND,
    "There is no such database on the server": ErrorKind.NOT_FOUND,
    # The server was reached: it is not the network that has to be looked at.
    "No secure connection could be made": ErrorKind.OTHER,
}
_WRONG = re.compile(r"(password|PAM|SCRAM|authentication) .*failed|authentication failed", re.I)
_ABSENT = re.compile(r"no password supplied|empty password", re.I)


def from_connecting(error: Any, target: ConnectionTarget) -> ServiceError:
    """The ServiceError for a connection that was not made.

    libpq gives no SQLSTATE here, so its English words are read; what is not known is shown as it
    came.
    """
    cause = str(error).strip()
    if _ABSENT.search(cause):
        return PasswordNeededError(f"{target.label} wants a password.")
    if _WRONG.search(cause):
        if target.auth is Auth.IAM:
            return ServiceError(
                f"{target.label} did not take the IAM token.",
                cause=cause,
                hint=f"IAM logins must be on for the instance, the database user "
                f"{target.user!r} must be granted rds_iam, and these credentials need "
                "rds-db:connect.",
                kind=ErrorKind.CREDENTIALS,
            )
        return PasswordNeededError(
            f"{target.label} did not take the user name or the password.", cause=cause
        )
    for pattern, message, hint in _LIBPQ:
        if pattern.search(cause):
            return ServiceError(
                f"Could not connect to {target.label}. {message}.",
                cause=cause,
                hint=hint,
                kind=_KINDS_OF_CONNECTING.get(message, ErrorKind.NETWORK),
            )
    return ServiceError(
        f"Could not connect to {target.label}.", cause=cause, kind=ErrorKind.NETWORK
    )
