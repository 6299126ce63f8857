"""Which server a connection was tried to: libpq says it, whatever sources it took it from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui.services.sql.connecting.targets import DatabaseTarget

DEFAULT_PORT = 5432

_AT = re.compile(r'connection to server at "([^"]*)"(?: \(([^)]*)\))?, port (\d+) failed')
_ON = re.compile(r'connection to server on socket "([^"]*)" failed')
_NAME = re.compile(r'could not translate host name "([^"]*)" to address')


@dataclass(frozen=True)
class Endpoint:
    """Where a server was looked for."""

    host: str
    """A name or an address; empty if it is a socket of this machine."""
    port: int
    socket: str = ""
    """The path of a socket of this machine; empty if it is a host, or if nobody says which."""


def endpoint_of(
    target: DatabaseTarget, said: str, environment: Mapping[str, str] | None = None
) -> Endpoint:
    """Where `target` leads to, by what libpq said when it failed, else by the target's own
    parameters and `PG*`. Of several hosts the last that was tried."""
    found = os.environ if environment is None else environment
    tried = _AT.findall(said)
    if tried:
        host, _, port = tried[-1]
        return Endpoint(host, int(port))
    sockets = _ON.findall(said)
    if sockets:
        return Endpoint("", _port(sockets[-1].rpartition(".")[2]), sockets[-1])
    parameters = target.parameters
    host = parameters.get("hostaddr") or parameters.get("host") or ""
    host = host or found.get("PGHOSTADDR") or found.get("PGHOST") or ""
    names = _NAME.findall(said)
    port = _port(_last(parameters.get("port") or found.get("PGPORT") or ""))
    if names:
        return Endpoint(names[-1], port)
    last = _last(host)
    if last.startswith(("/", "@")):
        return Endpoint("", port, f"{last}/.s.PGSQL.{port}")
    return Endpoint(last, port)


def _last(listed: str) -> str:
    return listed.rpartition(",")[2].strip()


def _port(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else DEFAULT_PORT
