"""What a port is found to be: open, closed, silent, and what answers behind it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.listeners import HOST, answering, closed_port, unanswering
from tui.sandbox import SandboxInfo
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint
from tui.services.sql.connecting.diagnosis.port import (
    Reach,
    Spoken,
    TlsAnswer,
    ask_for_tls,
    own_address,
    reach,
)

SHORT = 0.2


async def reach_of(port: int, *addresses: str) -> Reach:
    return (await reach(addresses or (HOST,), Endpoint(HOST, port), SHORT)).reach


async def test_a_server_that_listens_is_open_wherever_it_stands_among_the_addresses() -> None:
    with answering(None) as port:
        assert await reach_of(port) is Reach.OPEN
        assert await reach_of(port, "127.0.0.2", HOST) is Reach.OPEN


async def test_a_closed_port_is_told_from_one_that_does_not_answer() -> None:
    closed = await reach((HOST,), Endpoint(HOST, closed_port()), SHORT)
    assert (closed.reach, closed.said) == (Reach.CLOSED, "Connection refused")
    with unanswering() as port:
        assert await reach_of(port) is Reach.SILENT


async def test_an_address_without_a_route_is_no_timeout() -> None:
    # 240.0.0.0/4 is reserved: Linux sends nothing there.
    found = await reach(("255.255.255.255",), Endpoint("x", 5432), SHORT)
    assert found.reach in {Reach.NO_ROUTE, Reach.OTHER}
    assert found.said


async def test_a_local_socket_that_is_not_there_is_closed(tmp_path: Path) -> None:
    path = str(tmp_path / ".s.PGSQL.5432")
    assert (await reach((), Endpoint("", 5432, path), SHORT)).reach is Reach.CLOSED
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        assert (await reach((), Endpoint("", 5432, path), SHORT)).reach is Reach.OPEN


async def test_a_real_server_without_tls_says_so(sandbox: SandboxInfo) -> None:
    endpoint = urlsplit(sandbox.postgres)
    found = await ask_for_tls(HOST, Endpoint(HOST, endpoint.port or 0), 5)
    assert found == TlsAnswer(Spoken.PLAIN)


@pytest.mark.parametrize(
    ("sent", "spoken"),
    [
        (b"S", Spoken.TLS),
        (b"N", Spoken.PLAIN),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Spoken.OTHER),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Spoken.OTHER),
        (b"J\x00\x00\x00\x0a8.0.36\x00", Spoken.OTHER),
        (b"-ERR unknown command\r\n", Spoken.OTHER),
        (b"\xff\x00\x1b[31m", Spoken.OTHER),
        (None, Spoken.NOTHING),
    ],
)
async def test_what_answers_is_known_by_its_first_words(sent: bytes | None, spoken: Spoken) -> None:
    with answering(sent) as port:
        assert (await ask_for_tls(HOST, Endpoint(HOST, port), SHORT)).spoken is spoken


async def test_a_server_that_cannot_begin_a_process_is_still_a_postgresql() -> None:
    with answering(b"Ecould not fork new process\n\0") as port:
        found = await ask_for_tls(HOST, Endpoint(HOST, port), SHORT)
    assert found.spoken is Spoken.PLAIN
    assert "could not fork" in found.said


async def test_a_port_that_hangs_up_is_told_from_one_that_is_silent() -> None:
    with answering(b"", waits=False) as port:
        assert (await ask_for_tls(HOST, Endpoint(HOST, port), SHORT)).spoken is Spoken.HUNG_UP


async def test_looking_is_given_up_at_once_when_cancelled() -> None:
    with unanswering() as port:
        looking = asyncio.create_task(reach((HOST,), Endpoint(HOST, port), 600))
        await asyncio.sleep(0)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking


def test_this_machines_address_is_the_one_on_the_way() -> None:
    assert own_address(HOST) == HOST
    assert own_address("not an address") == ""
