"""Why a connection was not made, by what libpq says.

libpq gives no SQLSTATE for a connection that failed, so its English words and the server's are
read; what is not known is shown as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.bundle import BUNDLE_URL
from tui.services.sql.connecting.targets import Auth, DatabaseTarget


class Refusal(Enum):
    """Which of the known reasons it is. Where several addresses or several ways were tried, the
    one that got farthest."""

    NO_SUCH_HOST = "no such host"
    NO_ANSWER = "no answer"
    """A timeout, or no way through the network."""
    PORT_CLOSED = "port closed"
    """The machine answered: nothing listens on that port (or on that local socket)."""
    TLS_REQUIRED = "TLS required"
    """By the server; the connection was tried without."""
    TLS_REFUSED = "TLS refused"
    """The server has no TLS, or none that both sides can speak."""
    NO_ROOT_CERTIFICATE = "no root certificate"
    """Verifying was asked for, and there is no readable file to verify with."""
    CERTIFICATE_NOT_VERIFIED = "certificate not verified"
    """Another authority signed it, or it has expired."""
    HOST_NAME_MISMATCH = "host name mismatch"
    """The certificate is good, and for another host."""
    CLIENT_CERTIFICATE = "client certificate"
    """The server wants one and got none, or does not take it; or its files cannot be used here."""
    CLIENT_KEY_LOCKED = "client key locked"
    """The key of the client certificate is encrypted; its passphrase is missing or wrong."""
    NO_PASSWORD = "no password"  # noqa: S105 - the name of a reason
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - the name of a reason
    NO_SUCH_DATABASE = "no such database"
    NO_SUCH_ROLE = "no such role"
    NOT_PERMITTED = "not permitted"
    """The role may not log in, or may not connect to this database."""
    IAM_NOT_GRANTED = "IAM not granted"
    """IAM login is off for the instance, or the role or the credentials may not use it."""
    IAM_TOKEN_EXPIRED = "IAM token expired"  # noqa: S105 - the name of a reason
    TOO_MANY_CONNECTIONS = "too many connections"
    NOT_ACCEPTING = "starting or stopping"
    """The server starts, stops, or recovers."""
    NO_HBA_ENTRY = "no pg_hba.conf entry"
    """The server lets this user in from here neither with TLS nor without."""
    OTHER = "other"


class ConnectError(ServiceError):
    """A connection was not made, for this reason."""

    def __init__(
        self,
        message: str,
        refusal: Refusal,
        *,
        cause: str = "",
        hint: str = "",
        kind: ErrorKind = ErrorKind.NETWORK,
    ) -> None:
        super().__init__(message, cause=cause, hint=hint, kind=kind)
        self.refusal = refusal


class PasswordNeededError(ConnectError):
    """The server wants a password, and none was given or the given one is wrong."""

    def __init__(
        self,
        message: str,
        refusal: Refusal = Refusal.WRONG_PASSWORD,
        *,
        cause: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, refusal, cause=cause, hint=hint, kind=ErrorKind.CREDENTIALS)


@dataclass(frozen=True)
class _Said:
    """What one reason sounds like, and what it means to the user."""

    pattern: re.Pattern[str]
    refusal: Refusal
    message: str
    hint: str
    kind: ErrorKind


def _said(words: str, refusal: Refusal, message: str, hint: str, kind: ErrorKind) -> _Said:
    return _Said(re.compile(words, re.IGNORECASE | re.DOTALL), refusal, message, hint, kind)


_KEY_LOCKED = _said(
    r"could not load private key file .*(bad (decrypt|password)|password read|maybe wrong "
    r"password|problems getting password|interrupted or cancelled|empty password)",
    Refusal.CLIENT_KEY_LOCKED,
    "The key of the client certificate is encrypted, and its passphrase is missing or wrong",
    "Give its passphrase.",
    ErrorKind.CREDENTIALS,
)
_KEY_FILE = re.compile(r'could not load private key file "([^"\n]+)"')

# Read from the top: a connection may be tried over several addresses, with TLS and without, and its
# cause then holds an answer for each. What comes first got farther than what comes later.
_LIBPQ = (
    _said(
        r"private key file .*group or world access",
        Refusal.CLIENT_CERTIFICATE,
        "The key of the client certificate can be read by others, so it is not used",
        "chmod 600 the file of sslkey.",
        ErrorKind.OTHER,
    ),
    _KEY_LOCKED,
    _said(
        r"root certificate file .*does not exist|could not read root certificate file"
        r"|could not get home directory to locate root certificate",
        Refusal.NO_ROOT_CERTIFICATE,
        "There is no root certificate to verify the server with",
        f"Name the file in sslrootcert; for RDS, its bundle is at {BUNDLE_URL}.",
        ErrorKind.OTHER,
    ),
    _said(
        r"certificate present, but not private key|could not (load private key|read certificate) "
        r"file|certificate does not match private key|could not open certificate file"
        r"|could not load .*sslcertmode|certificate file .* (does not exist|not readable)",
        Refusal.CLIENT_CERTIFICATE,
        "The client certificate or its key cannot be used",
        "Check sslcert and sslkey: they must belong together, and both be PEM files.",
        ErrorKind.OTHER,
    ),
    _said(
        r"requires a valid client certificate|certificate authentication failed"
        r"|alert (unknown ca|bad certificate|certificate (required|unknown|expired|revoked))"
        r"|alert decrypt error",
        Refusal.CLIENT_CERTIFICATE,
        "The server wants a client certificate, and got none that it takes",
        "Name it in sslcert and its key in sslkey; it must be signed by the authority that the "
        "server trusts, be in date, and name this user.",
        ErrorKind.CREDENTIALS,
    ),
    _said(
        r"server certificate for .*does not match host name|host name must be specified for a "
        r"verified|could not get server's host name",
        Refusal.HOST_NAME_MISMATCH,
        "The server's certificate is for another host",
        "Connect by the name in the certificate (an alias or an address is not enough); with a "
        "tunnel, keep that name in host and the tunnel's address in hostaddr.",
        ErrorKind.OTHER,
    ),
    _said(
        r"certificate verify failed|self.signed certificate|unable to get (local )?issuer",
        Refusal.CERTIFICATE_NOT_VERIFIED,
        "The server's certificate could not be verified: it may be another server",
        "Check that sslrootcert holds the authority that signed it, and that it is in date; for "
        f"RDS, its bundle is at {BUNDLE_URL}.",
        ErrorKind.OTHER,
    ),
    _said(
        r'role ".*" does not exist',
        Refusal.NO_SUCH_ROLE,
        "There is no such user on the server",
        "Check the spelling of the user; capitals count.",
        ErrorKind.NOT_FOUND,
    ),
    _said(
        r'database ".*" does not exist',
        Refusal.NO_SUCH_DATABASE,
        "There is no such database on the server",
        "Connect to the database `postgres` and list them: SELECT datname FROM pg_database.",
        ErrorKind.NOT_FOUND,
    ),
    _said(
        r"is not permitted to log in|permission denied for database|is not currently accepting "
        r"connections",
        Refusal.NOT_PERMITTED,
        "This user may not connect there",
        "Ask for LOGIN on the role, or for CONNECT on the database; or connect to another.",
        ErrorKind.DENIED,
    ),
    _said(
        r"too many (clients|connections)|remaining connection slots",
        Refusal.TOO_MANY_CONNECTIONS,
        "The server has no free connection",
        "Close others, or wait a moment and try again.",
        ErrorKind.NETWORK,
    ),
    _said(
        r"the database system is (starting up|shutting down|in recovery|not (yet )?accepting)"
        r"|not yet accepting connections",
        Refusal.NOT_ACCEPTING,
        "The server is starting or stopping",
        "Wait a moment and try again.",
        ErrorKind.NETWORK,
    ),
    _said(
        r"does not support SSL|no SSL support|unsupported protocol|handshake failure"
        r"|alert (protocol version|no application protocol)|wrong version number"
        r"|sslmode value .* invalid when SSL",
        Refusal.TLS_REFUSED,
        "No secure connection could be made: the server offers none that fits",
        "Check host and port. If the server really has no TLS, sslmode=disable connects without "
        "protection: everything, the password too, could be read on the way.",
        ErrorKind.OTHER,
    ),
    _said(
        r"SSL|TLS|certificate",
        Refusal.TLS_REFUSED,
        "No secure connection could be made",
        f"Check sslmode and sslrootcert; RDS's root bundle is at {BUNDLE_URL}.",
        ErrorKind.OTHER,
    ),
    _said(
        r"timeout expired|timed out|no route to host|network is unreachable",
        Refusal.NO_ANSWER,
        "The server does not answer",
        "For an RDS instance: is it publicly accessible, and does its security group let you in? "
        "The inbound rule of the connect dialog opens it.",
        ErrorKind.NETWORK,
    ),
    _said(
        r"connection refused|no such file or directory.*socket|is the server running locally",
        Refusal.PORT_CLOSED,
        "Nothing listens there",
        "Check host and port, and that the server runs.",
        ErrorKind.NETWORK,
    ),
    _said(
        r"could not translate host name|name or service not known|nodename nor servname"
        r"|could not parse network address",
        Refusal.NO_SUCH_HOST,
        "There is no such host",
        "Check the spelling, and that the network (or the VPN) is up.",
        ErrorKind.NOT_FOUND,
    ),
)
_WRONG = re.compile(r"(password|PAM|SCRAM|authentication) .*failed|authentication failed", re.I)
_BY_CERTIFICATE = re.compile(r"certificate authentication failed", re.I)
_ABSENT = re.compile(r"no password supplied|empty password", re.I)
_NO_ENTRY = re.compile(r"pg_hba\.conf (?:entry|rejects)[^\n]*", re.I)


def connect_problem(
    error: Exception,
    target: DatabaseTarget,
    look: Callable[[DatabaseTarget], str] = lambda target: "",
    *,
    token_ended: datetime | None = None,
) -> ConnectError:
    """The error for a connection that was not made. `look` finds out what libpq does not say of a
    certificate that could not be verified; `token_ended` is when the IAM token ended that was given
    for a password."""
    cause = str(error).strip()
    if _ABSENT.search(cause):
        return PasswordNeededError(f"{target.label} wants a password.", Refusal.NO_PASSWORD)
    if _WRONG.search(_BY_CERTIFICATE.sub("", cause)):
        return _not_taken(cause, target) if token_ended is None else _ended(cause, token_ended)
    no_entries = _NO_ENTRY.findall(cause)
    if no_entries:
        return _no_entry(no_entries, cause, target)
    is_locked = _names_encrypted_key(cause)
    for said in _LIBPQ:
        if said.pattern.search(cause) or (is_locked and said is _KEY_LOCKED):
            if said.refusal is Refusal.CERTIFICATE_NOT_VERIFIED:
                cause = "\n".join(filter(None, (cause, look(target))))
            return ConnectError(
                f"Could not connect to {target.label}. {said.message}.",
                said.refusal,
                cause=cause,
                hint=said.hint,
                kind=said.kind,
            )
    return ConnectError(f"Could not connect to {target.label}.", Refusal.OTHER, cause=cause)


def _names_encrypted_key(cause: str) -> bool:
    """Whether the key that could not be loaded is an encrypted one. What a wrong passphrase makes
    of it looks decrypted to OpenSSL once in 200 times, which then calls it unsupported."""
    found = _KEY_FILE.search(cause)
    if found is None:
        return False
    try:
        with Path(found[1]).open("rb") as file:
            return b"ENCRYPTED" in file.read(4096)
    except OSError:
        return False


def unsayable() -> ServiceError:
    """What libpq cannot be told. The text is not repeated: it may be the password."""
    return ServiceError(
        "The connection, or its password, has a character that no server can be told: NUL, or a "
        "byte that is no text.",
        hint="Correct it where it is kept: the saved connection, the service file, the secret.",
        kind=ErrorKind.INVALID,
    )


def _not_taken(cause: str, target: DatabaseTarget) -> ConnectError:
    if target.auth is not Auth.IAM:
        # To a server that wants both, a certificate for another user is a wrong password.
        certificate = "sslcert" in target.parameters
        return PasswordNeededError(
            f"{target.label} did not take the user name or the password"
            + (", or not this client certificate." if certificate else "."),
            cause=cause,
        )
    return ConnectError(
        f"{target.label} did not take the IAM token.",
        Refusal.IAM_NOT_GRANTED,
        cause=cause,
        hint=f"IAM logins must be on for the instance, the database user {target.user!r} must be "
        "granted rds_iam, and these credentials need rds-db:connect.",
        kind=ErrorKind.CREDENTIALS,
    )


def _ended(cause: str, when: datetime) -> ConnectError:
    return ConnectError(
        f"The IAM token ended at {when:%Y-%m-%d %H:%M:%S} UTC.",
        Refusal.IAM_TOKEN_EXPIRED,
        cause=cause,
        hint="A token is good for 15 minutes. Log in with IAM from here: that makes a new one each "
        "time; if it was new, the clock of this machine is wrong.",
        kind=ErrorKind.CREDENTIALS,
    )


def _no_entry(entries: list[str], cause: str, target: DatabaseTarget) -> ConnectError:
    """No line of pg_hba.conf lets this user in from here. Where it was tried without TLS only, one
    may with TLS; RDS forces TLS in this way (rds.force_ssl)."""
    clear = [each for each in entries if "no encryption" in each or "SSL off" in each]
    if len(clear) == len(entries):
        return ConnectError(
            f"Could not connect to {target.label}. The server lets nobody in without TLS (or not "
            "this user).",
            Refusal.TLS_REQUIRED,
            cause=cause,
            hint="Connect with sslmode=verify-full, or with sslmode=require if there is nothing to "
            "verify its certificate with.",
            kind=ErrorKind.OTHER,
        )
    return ConnectError(
        f"Could not connect to {target.label}. The server does not let this user in from here.",
        Refusal.NO_HBA_ENTRY,
        cause=cause,
        hint="Ask for a line in its pg_hba.conf for this address, user and database.",
        kind=ErrorKind.DENIED,
    )
