"""Which server and database a target leads to, whatever it is called and wherever that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tui.services.sql.connecting.defaults import (
    ServiceParameters,
    of_environment,
    of_service,
    own_name,
)
from tui.services.sql.connecting.targets import PLACE_KEYWORDS, DatabaseTarget, SecretStore

_DEFAULT_PORT = "5432"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class LibpqPlace:
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

    @cached_property
    def reached(self) -> frozenset[tuple[str, str]]:
        """Its servers by the name and by the address; every socket is one of this machine."""
        named = self.address.split(",") if self.address else []
        ports = {port for _, port in self.servers}
        found = {*self.servers, *((_host(each), port) for each in named for port in ports)}
        return frozenset(
            ("localhost" if host[:1] in {"", "/", "@"} else host, port) for host, port in found
        )

    def has_server_of(self, other: LibpqPlace) -> bool:
        """Whether both may lead to the same server. A name that does not mean this machine means
        the same server directly and through a tunnel."""
        if self.secret or other.secret:
            return self.secret == other.secret
        common = self.reached & other.reached
        if self.tunnel != other.tunnel:
            common = frozenset(each for each in common if each[0] != "localhost")
        return bool(common)


def place_of(
    target: DatabaseTarget,
    environment: Mapping[str, str] | None = None,
    services: ServiceParameters | None = None,
) -> LibpqPlace:
    """Read it from the target, the service file, and `PG*`, in libpq's order. Blocks; `services`
    is what the service files say, if they were read before."""
    known = of_environment(environment)
    known |= of_service(target.parameters, environment, services)
    known |= {key: value for key, value in target.parameters.items() if value}
    is_told = bool(PLACE_KEYWORDS & target.parameters.keys())
    of_secret = target.secret.store is SecretStore.SECRETS_MANAGER and not is_told
    address = known.get("hostaddr", "")
    user = known.get("user") or own_name()
    return LibpqPlace(
        _servers(known.get("host") or address, known.get("port", "")),
        address,
        known.get("dbname") or user,
        user,
        target.tunnel,
        target.secret.name if of_secret else "",
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
