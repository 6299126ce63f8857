"""Whether a port can be reached, and what answers there.

PostgreSQL's first question of a client is SSLRequest, which it answers with one letter before it
asks who the client is.
https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum

from tui.services.sql.connecting.diagnosis.endpoint import Endpoint

PATIENCE = 4.0
"""Seconds for each step: a server that is up answers in less than one."""

SSL_REQUEST = struct.pack("!ii", 8, 80877103)

_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN}


class Reach(Enum):
    """How far a connection came."""

    OPEN = "open"
    CLOSED = "closed"
    """The machine answered that nothing listens there."""
    SILENT = "silent"
    """Nothing answered."""
    NO_ROUTE = "no route"
    """This machine's network knows no way there."""
    OTHER = "other"


class Spoken(Enum):
    """What answers behind an open port."""

    TLS = "S"
    """A PostgreSQL that takes encrypted connections."""
    PLAIN = "N"
    """A PostgreSQL without encryption."""
    OTHER = "other"
    """Not a PostgreSQL."""
    NOTHING = "nothing"
    """It took the connection and says nothing."""
    HUNG_UP = "hung up"
    """It took the connection and ended it at once."""


@dataclass(frozen=True)
class PortAnswer:
    """What became of connecting to a port."""

    reach: Reach
    address: str
    said: str = ""
    """The system's words, if it is not open."""


@dataclass(frozen=True)
class TlsAnswer:
    """What a server answered to SSLRequest."""

    spoken: Spoken
    said: str = ""
    """The beginning of what it sent, if that is no answer of a PostgreSQL."""


async def reach(
    addresses: tuple[str, ...], endpoint: Endpoint, patience: float = PATIENCE
) -> PortAnswer:
    """Try the addresses of a server at the same time: the first that is open, else what the first
    of them answered."""
    if endpoint.socket:
        return await _try(endpoint.socket, endpoint, patience)
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(_try(each, endpoint, patience)) for each in addresses]
    answers = [each.result() for each in tries]
    return next((each for each in answers if each.reach is Reach.OPEN), answers[0])


async def _try(address: str, endpoint: Endpoint, patience: float) -> PortAnswer:
    try:
        async with _connected(address, endpoint, patience):
            return PortAnswer(Reach.OPEN, address)
    except TimeoutError:
        return PortAnswer(Reach.SILENT, address, f"no answer within {patience:.0f} s")
    except OSError as error:
        # asyncio has words of its own for some of them.
        said = os.strerror(error.errno) if error.errno else str(error)
        return PortAnswer(_reach_of(error), address, said)


def _reach_of(error: OSError) -> Reach:
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        return Reach.CLOSED
    if error.errno == errno.ETIMEDOUT:
        return Reach.SILENT
    return Reach.NO_ROUTE if error.errno in _NO_ROUTE else Reach.OTHER


@asynccontextmanager
async def _connected(
    address: str, endpoint: Endpoint, patience: float
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is cut when the block is left."""
    async with asyncio.timeout(patience):
        if endpoint.socket:
            reader, writer = await asyncio.open_unix_connection(address)
        else:
            reader, writer = await asyncio.open_connection(address, endpoint.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask_for_tls(address: str, endpoint: Endpoint, patience: float = PATIENCE) -> TlsAnswer:
    """Ask what is behind an open port whether it encrypts. OSError, TimeoutError if it is not open
    any more."""
    async with asked(address, endpoint, patience) as (answer, _):
        return answer


@asynccontextmanager
async def asked(
    address: str, endpoint: Endpoint, patience: float = PATIENCE
) -> AsyncIterator[tuple[TlsAnswer, asyncio.StreamWriter]]:
    """A connection on which SSLRequest was answered; cut when the block is left."""
    async with _connected(address, endpoint, patience) as (reader, writer):
        writer.write(SSL_REQUEST)
        try:
            async with asyncio.timeout(patience):
                heard = await reader.read(80)
        except TimeoutError:
            yield TlsAnswer(Spoken.NOTHING), writer
        except OSError:
            yield TlsAnswer(Spoken.HUNG_UP), writer
        else:
            yield _understood(heard), writer


def _understood(heard: bytes) -> TlsAnswer:
    if not heard:
        return TlsAnswer(Spoken.HUNG_UP)
    # An SSH server's greeting begins with an S, too.
    if heard in {b"S", b"N"}:
        return TlsAnswer(Spoken(heard.decode()))
    if heard.startswith(b"E"):
        # An error before the question was read: of a server that cannot begin a process, say.
        return TlsAnswer(Spoken.PLAIN, heard[1:].decode("utf-8", "replace"))
    return TlsAnswer(Spoken.OTHER, heard.decode("utf-8", "replace"))


def own_address(address: str) -> str:
    """The address of this machine on its way to another; empty if there is no way. Sends
    nothing."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""
