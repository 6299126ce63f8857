"""Connection targets from URLs, from the environment and from parts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.models import Auth, ConnectionTarget, Secrets

_SECRET_KEYWORDS = frozenset({"password", "sslpassword", "scram_client_key", "scram_server_key"})
_SCHEMES = ("postgresql://", "postgres://")


def is_url(text: str) -> bool:
    """Whether this is meant to be a connection URL."""
    return text.startswith(_SCHEMES)


def from_url(url: str) -> tuple[ConnectionTarget, Secrets]:
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


def from_parameters(parameters: Mapping[str, str]) -> tuple[ConnectionTarget, Secrets]:
    """Part the secrets from the rest."""
    plain = {key: value for key, value in parameters.items() if key not in _SECRET_KEYWORDS}
    secret = {key: value for key, value in parameters.items() if key in _SECRET_KEYWORDS}
    auth = Auth.PASSWORD if "password" in secret else Auth.LIBPQ
    return ConnectionTarget(_label(plain), plain, auth), Secrets(secret)


def from_environment(environment: Mapping[str, str] | None = None) -> ConnectionTarget | None:
    """What `PG*` describe; None if they name neither a server nor a service nor a database."""
    found = os.environ if environment is None else environment
    names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER"}
    seen = {key: found[name] for key, name in names.items() if found.get(name)}
    if found.get("PGSERVICE"):
        return ConnectionTarget(f"service {found['PGSERVICE']}")
    if not {"host", "dbname"} & set(seen) and not found.get("PGHOSTADDR"):
        return None
    return ConnectionTarget(_label(seen))


def from_endpoint(
    host: str,
    port: int,
    database: str,
    user: str,
    *,
    name: str = "",
    auth: Auth = Auth.PASSWORD,
    sslmode: str = "prefer",
) -> ConnectionTarget:
    """A server whose address is known, such as an RDS instance."""
    parameters = {"host": host, "port": str(port), "dbname": database, "user": user}
    # A token is a password that AWS takes over TLS only.
    parameters["sslmode"] = "require" if auth is Auth.IAM and sslmode == "prefer" else sslmode
    return ConnectionTarget(name or _label(parameters), parameters, auth)


def _label(parameters: Mapping[str, str]) -> str:
    if "service" in parameters and "host" not in parameters:
        return f"service {parameters['service']}"
    host = parameters.get("host") or parameters.get("hostaddr") or "localhost"
    port = parameters.get("port", "")
    place = f"{host}:{port}" if port and port != "5432" else host
    return f"postgres://{place}/{parameters.get('dbname', '')}"
