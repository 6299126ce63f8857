"""Where to connect, and where the password for it comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from types import MappingProxyType
from urllib.parse import unquote

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.rules import Rules
from tui.services.sql.tunnels.hosts import ssh_host

SECRET_KEYWORDS = frozenset(
    {
        "password",
        "sslpassword",
        "scram_client_key",
        "scram_server_key",
        "oauth_client_secret",
    }
)
"""libpq's keywords that hold a secret."""
PLACE_KEYWORDS = frozenset({"host", "hostaddr", "service"})
"""Those that say where the server is; with one of them, a secret of Secrets Manager does not."""
_SCHEMES = ("postgresql://", "postgres://")


class Auth(Enum):
    """Where the secret comes from."""

    LIBPQ = "libpq"
    """libpq's own sources: PGPASSWORD, the password file, a certificate, or none needed."""
    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    """Given by the user for this run of the application."""
    IAM = "iam"
    """A token that AWS signs, made anew for every connection."""


class SecretStore(Enum):
    """What keeps a password for us."""

    NOBODY = ""
    """libpq finds it by itself, or the user is asked."""
    KEYRING = "keyring"
    """The keyring of the user's desktop or system."""
    SECRETS_MANAGER = "secretsmanager"
    """AWS Secrets Manager."""


@dataclass(frozen=True)
class SecretSource:
    """Where the password of a target is kept; never the password itself. May be written to disk."""

    store: SecretStore = SecretStore.NOBODY
    name: str = ""
    """The keyring's entry, or the ARN (or the name) in Secrets Manager."""


NO_SECRET = SecretSource()
"""No store is asked: libpq's own sources, else the user."""


class Secrets:
    """Connection keywords that must not be seen. Kept in memory only; has no readable form."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __repr__(self) -> str:
        return "Secrets(…)"

    def __bool__(self) -> bool:
        return bool(self._values)

    @property
    def has_password(self) -> bool:
        """Whether a password is among them."""
        return "password" in self._values

    def with_passphrase(self, passphrase: str) -> Secrets:
        """The same, with the passphrase of the client certificate's key."""
        return Secrets({**self._values, "sslpassword": passphrase})

    def with_password(self, password: str) -> Secrets:
        """The same, with this password."""
        return Secrets({**self._values, "password": password})

    def with_login(self, user: str, password: str) -> Secrets:
        """The same, with a user in the place of the target's, and its password."""
        return Secrets({**self._values, "user": user, "password": password})

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
    rules: Rules = field(default_factory=Rules)
    """How carefully it is to be treated."""
    tunnel: str = ""
    """The ssh host through which it is reached, as `ssh` would be given it: an alias of its
    configuration, or `user@host:port`. Empty for a direct way."""
    secret: SecretSource = NO_SECRET
    """Which store keeps the password; never the password."""

    @property
    def user(self) -> str:
        """The user asked for; empty if libpq is to choose."""
        return self.parameters.get("user", "")


# -- from URLs, from the environment, from parts --------------------------------------------------


def is_url(text: str) -> bool:
    """Whether this is meant to be a connection URL."""
    return text.startswith(_SCHEMES)


@cache
def is_keyword(word: str) -> bool:
    """Whether libpq knows such a connection keyword."""
    import psycopg2
    from psycopg2.extensions import parse_dsn

    if not word.isidentifier():
        return False
    with suppress(psycopg2.ProgrammingError, UnicodeError):
        parse_dsn(f"{word}=''")
        return True
    return False


def from_url(url: str) -> tuple[DatabaseTarget, Secrets]:
    """Read a URL or a `host=… dbname=…` string with libpq's own parser. A URL may also have the
    parameter `tunnel`, which libpq does not know: the ssh host that it leads through.

    INVALID if libpq cannot read it. The text is never repeated in the error: a mistyped URL
    has its password in unexpected places.
    """
    import psycopg2
    from psycopg2.extensions import parse_dsn

    url, tunnel = _without_tunnel(url)
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
    target, secrets = from_parameters(parameters)
    if tunnel:
        # What is no ssh host, such as one with a password, must not become part of a label.
        ssh_host(tunnel)
        target = replace(target, label=f"{target.label} via ssh {tunnel}", tunnel=tunnel)
    return target, secrets


def _without_tunnel(url: str) -> tuple[str, str]:
    head, mark, query = url.rpartition("?")
    if not mark or not is_url(url):
        return url, ""
    parts = query.split("&")
    name = "tunnel="
    found = [unquote(each.removeprefix(name)) for each in parts if each.startswith(name)]
    left = "&".join(each for each in parts if not each.startswith(name))
    return f"{head}?{left}" if left else head, found[-1] if found else ""


def _is_torn(parameters: Mapping[str, str]) -> bool:
    """Whether a password with an unescaped `/` or `@` has spilled into the parts around it.

    `postgresql://me:pass/word@host/db` is the host `me` and the database `word@host/db` to libpq.
    """
    ports = parameters.get("port", "")
    numeric = all(port.isdecimal() or not port for port in ports.split(","))
    return not numeric or "@" in parameters.get("host", "") + parameters.get("dbname", "")


def from_parameters(parameters: Mapping[str, str]) -> tuple[DatabaseTarget, Secrets]:
    """Part the secrets from the rest."""
    plain = {key: value for key, value in parameters.items() if key not in SECRET_KEYWORDS}
    secret = {key: value for key, value in parameters.items() if key in SECRET_KEYWORDS}
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
