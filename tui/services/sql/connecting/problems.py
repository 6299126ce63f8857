"""Why a connection was not made, by what libpq says."""

from __future__ import annotations

import re

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.certificates import BUNDLE_URL
from tui.services.sql.connecting.targets import Auth, DatabaseTarget, PasswordNeededError

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


def connect_problem(error: Exception, target: DatabaseTarget) -> ServiceError:
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
