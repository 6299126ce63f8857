"""Which server and database a target leads to, whatever it is called and wherever that is said."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.services.sql.connecting.service_file import read_services
from tui.services.sql.connecting.targets import DatabaseTarget, SecretStore

_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
}
_SAID = frozenset({"host", "hostaddr", "service"})
"""What a secret leaves as the target has it."""
_DEFAULT_PORT = "5432"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Place:
    """Where libpq will go, as far as it can be told before."""

    servers: frozenset[tuple[str, str]]
    """Host and port of each; there may be several."""
    address: str
    """The `hostaddr`, which goes before the name of the host."""
    database: str
    user: str
    tunnel: str
    secret: str
    """The secret of Secrets Manager that says where the server is; empty if the target does."""
    names_database: bool = field(compare=False)
    """Whether the database is said, and not libpq's own choice."""

    def has_server_of(self, other: Place) -> bool:
        """Whether both may lead to the same server. A name that does not mean this machine means
        the same server directly and through a tunnel."""
        if self.secret or other.secret:
            return self.secret == other.secret
        common = _reached(self) & _reached(other)
        if self.tunnel != other.tunnel:
            common = {each for each in common if each[0] != "localhost"}
        return bool(common)


def place_of(target: DatabaseTarget, environment: Mapping[str, str] | None = None) -> Place:
    """Read it from the target, the service file, and `PG*`, in libpq's order. Blocks."""
    found = os.environ if environment is None else environment
    known = {key: found[name] for key, name in _VARIABLES.items() if found.get(name)}
    service = target.parameters.get("service") or found.get("PGSERVICE")
    if service:
        services = read_services(environment).services
        known |= next((dict(each.parameters) for each in services if each.name == service), {})
    known |= {key: value for key, value in target.parameters.items() if value}
    of_secret = target.secret.store is SecretStore.SECRETS_MANAGER
    secret = target.secret.name if of_secret and not _SAID & target.parameters.keys() else ""
    address = known.get("hostaddr", "")
    user = known.get("user") or _own_name()
    return Place(
        _servers(known.get("host") or address, known.get("port", "")),
        address,
        known.get("dbname") or user,
        user,
        target.tunnel,
        secret,
        names_database="dbname" in known,
    )


def _servers(hosts: str, ports: str) -> frozenset[tuple[str, str]]:
    names = [_host(each) for each in hosts.split(",")]
    numbers = [each.strip() or _DEFAULT_PORT for each in ports.split(",")]
    if len(numbers) != len(names):
        numbers = [numbers[0]] * len(names)
    return frozenset(zip(names, numbers, strict=True))


def _host(name: str) -> str:
    name = name.strip()
    if name.startswith(("/", "@")):
        return name
    name = name.casefold().rstrip(".")
    return "localhost" if name in _LOOPBACK else name


def _reached(place: Place) -> set[tuple[str, str]]:
    """Its servers by the name and by the address; every socket is one of this machine."""
    ports = {port for _, port in place.servers}
    reached = {*place.servers, *((_host(each), port) for each in _named(place) for port in ports)}
    return {("localhost" if host[:1] in {"", "/", "@"} else host, port) for host, port in reached}


def _named(place: Place) -> list[str]:
    return place.address.split(",") if place.address else []


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
