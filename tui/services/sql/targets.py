"""Where to connect, with which secret, over which certificate; and why a connection was not made.

RDS signs the certificates of its instances itself, so no system's own store knows them: a bundle of
RDS's root certificates has to be fetched once by the user.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from tui.paths import config_file
from tui.services.errors import ErrorKind, ServiceError

_SECRET_KEYWORDS = frozenset({"password", "sslpassword", "scram_client_key", "scram_server_key"})
_SCHEMES = ("postgresql://", "postgres://")

BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
"""Source: "Using SSL/TLS to encrypt a connection to a DB instance" of the RDS User Guide."""

VERIFYING = "verify-full"
"""libpq's only sslmode that makes sure of both the certificate and the name in it."""

_RDS_HOSTS = (".rds.amazonaws.com", ".rds.amazonaws.com.cn")


class Auth(Enum):
    """Where the secret comes from."""

    LIBPQ = "libpq"
    """libpq's own sources: PGPASSWORD, the password file, a certificate, or none needed."""
    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    """Given by the user for this run of the application."""
    IAM = "iam"
    """A token that AWS signs, made anew for every connection."""


class Secrets:
    """Connection keywords that must not be seen. Kept in memory only; has no readable form."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __repr__(self) -> str:
        return "Secrets(…)"

    def __bool__(self) -> bool:
        return bool(self._values)

    def with_password(self, password: str) -> Secrets:
        """The same, with this password."""
        return Secrets({**self._values, "password": password})

    def reveal(self) -> dict[str, str]:
        """For the one call that opens a connection."""
        return dict(self._values)


@dataclass(frozen=True)
class DatabaseTarget:
    """Where to connect, without any secret."""

    label: str
    """`postgres://host:port/db`, or what the user calls it."""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """libpq keywords (host, port, dbname, user, sslmode, service, …); what is missing follows
    libpq's own rules: `PG*`, the service file, the defaults."""
    auth: Auth = Auth.LIBPQ
    instance: str = ""
    """The RDS instance that it leads to, if that is known."""

    @property
    def user(self) -> str:
        """The user asked for; empty if libpq is to choose."""
        return self.parameters.get("user", "")


class PasswordNeededError(ServiceError):
    """The server wants a password, and none was given or the given one is wrong."""

    def __init__(self, message: str, *, cause: str = "", hint: str = "") -> None:
        super().__init__(message, cause=cause, hint=hint, kind=ErrorKind.CREDENTIALS)


# -- from URLs, from the environment, from parts --------------------------------------------------


def is_url(text: str) -> bool:
    """Whether this is meant to be a connection URL."""
    return text.startswith(_SCHEMES)


def from_url(url: str) -> tuple[DatabaseTarget, Secrets]:
    """Read a URL or a `host=… dbname=…` string with libpq's own parser.

    INVALID if libpq cannot read it. The text is never repeated in the error: a mistyped URL
    has its password in unexpected places.
    """
    import psycopg2
    from psycopg2.extensions import parse_dsn

    parameters: dict[str, str] = {}
    with suppress(psycopg2.ProgrammingError, UnicodeError):
        parameters = {key: str(value) for key, value in parse_dsn(url).items()}
    if not parameters or _is_torn(parameters):
        raise ServiceError(
            "This is not a PostgreSQL connection URL.",
            hint="Write postgresql://user@host:5432/database; escape special characters of a "
            "password as %40 for @, %2F for /, or leave it out and be asked.",
            kind=ErrorKind.INVALID,
        )
    return from_parameters(parameters)


def _is_torn(parameters: Mapping[str, str]) -> bool:
    """Whether a password with an unescaped `/` or `@` has spilled into the parts around it.

    `postgresql://me:pass/word@host/db` is the host `me` and the database `word@host/db` to libpq.
    """
    ports = parameters.get("port", "")
    numeric = all(port.isdecimal() or not port for port in ports.split(","))
    return not numeric or "@" in parameters.get("host", "") + parameters.get("dbname", "")


def from_parameters(parameters: Mapping[str, str]) -> tuple[DatabaseTarget, Secrets]:
    """Part the secrets from the rest."""
    plain = {key: value for key, value in parameters.items() if key not in _SECRET_KEYWORDS}
    secret = {key: value for key, value in parameters.items() if key in _SECRET_KEYWORDS}
    auth = Auth.PASSWORD if "password" in secret else Auth.LIBPQ
    return DatabaseTarget(_label(plain), plain, auth), Secrets(secret)


def from_environment(environment: Mapping[str, str] | None = None) -> DatabaseTarget | None:
    """What `PG*` describe; None if they name neither a server nor a service nor a database."""
    found = os.environ if environment is None else environment
    names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER"}
    seen = {key: found[name] for key, name in names.items() if found.get(name)}
    if found.get("PGSERVICE"):
        return DatabaseTarget(f"service {found['PGSERVICE']}")
    if not {"host", "dbname"} & set(seen) and not found.get("PGHOSTADDR"):
        return None
    return DatabaseTarget(_label(seen))


def from_endpoint(
    host: str,
    port: int,
    database: str,
    user: str,
    *,
    name: str = "",
    auth: Auth = Auth.PASSWORD,
    sslmode: str = "prefer",
) -> DatabaseTarget:
    """A server whose address is known, such as an RDS instance."""
    parameters = {"host": host, "port": str(port), "dbname": database, "user": user}
    # A token is a password that AWS takes over TLS only.
    parameters["sslmode"] = "require" if auth is Auth.IAM and sslmode == "prefer" else sslmode
    return DatabaseTarget(name or _label(parameters), parameters, auth)


def _label(parameters: Mapping[str, str]) -> str:
    if "service" in parameters and "host" not in parameters:
        return f"service {parameters['service']}"
    host = parameters.get("host") or parameters.get("hostaddr") or "localhost"
    port = parameters.get("port", "")
    place = f"{host}:{port}" if port and port != "5432" else host
    return f"postgres://{place}/{parameters.get('dbname', '')}"


# -- certificates ---------------------------------------------------------------------------------


def bundle_file() -> Path:
    """Where RDS's bundle is looked for first: beside the settings file."""
    return config_file().with_name("global-bundle.pem")


def verified(target: DatabaseTarget) -> DatabaseTarget:
    """`target` over a connection that is verified, or ServiceError if there is nothing to verify
    it with: no bundle beside the settings, no `PGSSLROOTCERT`, no `~/.postgresql/root.crt`."""
    parameters = {**target.parameters, "sslmode": VERIFYING}
    if "sslrootcert" not in parameters and not os.environ.get("PGSSLROOTCERT"):
        if bundle_file().is_file():
            parameters["sslrootcert"] = str(bundle_file())
        elif not (Path.home() / ".postgresql" / "root.crt").is_file():
            raise ServiceError(
                "An IAM token is sent only to a server that is verified, and there are no root "
                "certificates to verify it with.",
                hint=f"Download {BUNDLE_URL} to {bundle_file()}, or name the file in "
                "PGSSLROOTCERT; or connect with a password.",
            )
    return replace(target, parameters=parameters)


def verified_if_possible(target: DatabaseTarget) -> DatabaseTarget:
    """`target`, verified if it is an instance of RDS and the bundle is there."""
    parameters = target.parameters
    is_rds = parameters.get("host", "").lower().endswith(_RDS_HOSTS)
    asked = parameters.get("sslmode") == "require" and "sslrootcert" not in parameters
    return verified(target) if is_rds and asked and bundle_file().is_file() else target


# -- why a connection was not made ----------------------------------------------------------------

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
