"""Connections as people have them at hand: a URL, a conninfo string, a command line of psql."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.targets import (
    DatabaseTarget,
    Secrets,
    from_parameters,
    from_url,
    is_url,
)

_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_CONNINFO = re.compile(
    r"\s*(host|hostaddr|port|dbname|user|service|sslmode|passfile|password)\s*=", re.IGNORECASE
)
_PSQL = re.compile(
    r"""(\$\s+)?([A-Za-z_]\w*=('[^']*'|"[^"]*"|[^\s'"])*\s+)*([^\s='"]*/)?psql(\s|$)"""
)

_ENVIRONMENT = {
    "PGHOST": "host",
    "PGHOSTADDR": "hostaddr",
    "PGPORT": "port",
    "PGDATABASE": "dbname",
    "PGUSER": "user",
    "PGPASSWORD": "password",
    "PGPASSFILE": "passfile",
    "PGSERVICE": "service",
    "PGSSLMODE": "sslmode",
    "PGSSLROOTCERT": "sslrootcert",
    "PGOPTIONS": "options",
    "PGAPPNAME": "application_name",
}
_OPTIONS = {
    "-h": "host",
    "--host": "host",
    "-p": "port",
    "--port": "port",
    "-U": "user",
    "--username": "user",
    "-d": "dbname",
    "--dbname": "dbname",
}
_WITH_VALUE = frozenset(
    {"-c", "-f", "-F", "-L", "-o", "-P", "-R", "-T", "-v"}
    | {"--command", "--file", "--field-separator", "--log-file", "--output", "--pset"}
    | {"--record-separator", "--table-attr", "--set", "--variable"}
)
"""Options of psql with a value, which say nothing of the connection."""


def is_connection(text: str) -> bool:
    """Whether a text is meant to be one of these, as far as its beginning tells."""
    begun = text.strip()
    return is_url(begun) or bool(_CONNINFO.match(begun) or _PSQL.match(begun))


def from_pasted(text: str) -> tuple[DatabaseTarget, Secrets]:
    """Read it. INVALID if it cannot be read; the text is never repeated, for it may hold a
    password."""
    begun = text.strip()
    return _from_psql(begun) if _PSQL.match(begun) else from_url(begun)


def _from_psql(text: str) -> tuple[DatabaseTarget, Secrets]:
    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError as error:
        raise _unreadable("a quotation mark is not closed") from error
    if words[0] == "$":
        del words[0]
    environment: dict[str, str] = {}
    options: dict[str, str] = {}
    left = iter(words)
    for word in left:
        assigned = _ASSIGNED.fullmatch(word)
        if assigned is None:
            break  # it is psql
        keyword = _ENVIRONMENT.get(assigned[1].upper())
        if keyword is not None:
            environment[keyword] = assigned[2]
    plain: list[str] = []
    for option, value in _options(left):
        if option:
            options[_OPTIONS[option]] = value
        else:
            plain.append(value)
    return _assembled(environment, options, plain)


def _options(words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """The options that say where to connect, with their values; what is no option has an empty
    name."""
    for word in words:
        name, equals, value = word.partition("=")
        short = word[:2]
        if word == "--":
            yield from (("", each) for each in words)
        elif word.startswith("--") and name in _OPTIONS:
            yield name, value if equals else _next(words)
        elif word.startswith("--"):
            if name in _WITH_VALUE and not equals:
                _next(words)
        elif not word.startswith("-") or word == "-":
            yield "", word
        elif short in _OPTIONS:
            yield short, word[2:] or _next(words)
        elif word in _WITH_VALUE:
            _next(words)
        elif f"-{word[-1]}" in _OPTIONS:
            # Letters in a row, such as -qh host: only the last can have a value.
            yield f"-{word[-1]}", _next(words)


def _next(words: Iterator[str]) -> str:
    value = next(words, None)
    if value is None:
        raise _unreadable("an option has no value")
    return value


def _assembled(
    environment: dict[str, str], options: dict[str, str], plain: list[str]
) -> tuple[DatabaseTarget, Secrets]:
    """psql takes the first plain word for the database, unless -d names it, and the next for the
    user; a database may be a URL or a conninfo string, which goes before what else is said."""
    # An environment variable is no option: the words go before it.
    order = ["user"] if "dbname" in options else ["dbname", "user"]
    found = {**environment, **dict(zip(order, plain, strict=False)), **options}
    database = found.get("dbname", "")
    if is_url(database) or "=" in database:
        target, secrets = from_url(database)
        del found["dbname"]
        found = {**found, **target.parameters, **secrets.reveal()}
    if not found:
        # psql alone goes where PG* and libpq's defaults lead.
        return DatabaseTarget("psql without options"), Secrets()
    return from_parameters(found)


def _unreadable(why: str) -> ServiceError:
    return ServiceError(
        f"This command line of psql cannot be read: {why}.",
        hint="Write psql -h host -p port -U user -d database, or a URL.",
        kind=ErrorKind.INVALID,
    )
