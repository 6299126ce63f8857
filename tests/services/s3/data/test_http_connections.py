"""Answers are read however they arrive, and a connection is used again only where that is safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.certificates import Authority
from tui.services.s3.data import http_connections
from tui.services.s3.data.body import PausedError
from tui.services.s3.data.http_connections import (
    BrokenOffError,
    HttpAnswer,
    HttpConnections,
    NotSentError,
)

LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"x" * 99_999
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: "e"\r\n\r\nhi'


class Scripted:
    """A server that says the same to every request, in pieces."""

    def __init__(self, *pieces: bytes, closes: bool = False) -> None:
        self.pieces = pieces
        self.closes = closes
        self.connections = 0
        self.requests = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                for piece in self.pieces:
                    writer.write(piece)
                    await writer.drain()
                    # The client reads each piece alone.
                    await asyncio.sleep(0)
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def talking_to(script: Scripted) -> AsyncIterator[HttpConnections]:
    server = await asyncio.start_server(script.talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield HttpConnections("127.0.0.1", port, None)
        for writer in script.writers:
            writer.close()


async def ask(connections: HttpConnections) -> HttpAnswer:
    answer: asyncio.Future[HttpAnswer] = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(20):
        return await connections.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", answer)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((OK,), id="at once"),
        pytest.param(tuple(OK[i : i + 1] for i in range(len(OK))), id="byte by byte"),
        pytest.param((b"HTTP/1.1 100 Continue\r\n\r\n", OK), id="after a 100"),
        pytest.param((b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK), id="after a 103"),
        pytest.param((b"HTTP/1.1 100 Continue\r\n\r\n" + OK,), id="together with a 100"),
    ],
)
async def test_an_answer_is_read_and_its_connection_used_again(pieces: tuple[bytes, ...]) -> None:
    script = Scripted(*pieces)
    async with talking_to(script) as connections:
        for _ in range(3):
            answer = await ask(connections)
            assert (answer.status, answer.body) == (200, b"hi")
            assert answer.headers["etag"] == '"e"'
    assert (script.requests, script.connections) == (3, 1)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", 200),
        (LONG + b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 200),
        (OK + b"HTTP/1.1 408 Request Timeout\r\n", 200),
        (b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 403),
        (b"HTTP/1.1 503 Slow Down\r\n\r\nwithout a length", 503),
    ],
)
async def test_a_connection_whose_end_is_not_sure_is_not_used_again(
    said: bytes, status: int
) -> None:
    script = Scripted(said)
    async with talking_to(script) as connections:
        assert [(await ask(connections)).status for _ in range(2)] == [status] * 2
    assert script.connections == 2


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nas long as the connection",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * http_connections.BUFFER,
    ],
)
async def test_an_answer_that_is_not_whole_is_none(said: bytes) -> None:
    async with talking_to(Scripted(said, closes=True)) as connections:
        with pytest.raises(BrokenOffError):
            await ask(connections)


async def test_a_connection_that_the_server_has_closed_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = Scripted(OK)
    async with talking_to(script) as connections:
        await ask(connections)
        script.writers[0].close()
        while connections._free[0].is_open:
            await asyncio.sleep(0)
        assert (await ask(connections)).status == 200
        assert script.connections == 2
        monkeypatch.setattr(http_connections, "IDLE_SECONDS", 0.0)
        connections._closing.cancel()  # type: ignore[union-attr]
        await ask(connections)
        while connections._free:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("is_seen", [False, True])
@pytest.mark.parametrize("length", [20, 50])
async def test_what_nobody_asked_for_is_no_answer_to_what_is_asked_next(
    length: int, is_seen: bool
) -> None:
    script = Scripted(OK)
    async with talking_to(script) as connections:
        await ask(connections)
        script.writers[0].write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"[:length])
        async with asyncio.timeout(20):
            while is_seen and connections._free[0].is_open:
                await asyncio.sleep(0)
        assert (await ask(connections)).body == b"hi"
    assert script.connections == 2


async def test_more_requests_than_connections_wait_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "FEW", 2)
    script = Scripted(OK)
    async with talking_to(script) as connections:
        answers = await asyncio.gather(*(ask(connections) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert (script.requests, script.connections) == (20, 2)


@pytest.mark.parametrize(
    ("quickest", "files", "most"), [(0, 1000, 2), (10**9, 1000, 5), (10**9, 12, 3)]
)
async def test_a_host_that_is_far_away_gets_more_requests_at_once(
    monkeypatch: pytest.MonkeyPatch, quickest: int, files: int, most: int
) -> None:
    for name, value in (("FEW", 2), ("MANY", 5), ("QUICKEST", quickest)):
        monkeypatch.setattr(http_connections, name, value)
    monkeypatch.setattr(http_connections, "_files_that_may_be_open", lambda: files)
    script = Scripted(OK)
    async with talking_to(script) as connections:
        await asyncio.gather(ask(connections), ask(connections))
        script.pieces = ()
        asking = [asyncio.ensure_future(ask(connections)) for _ in range(20)]
        while script.requests < 2 + most:
            await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert script.requests == 2 + most
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def test_a_request_that_is_given_up_ends_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_connections, "FEW", 1)
    script = Scripted()
    async with talking_to(script) as connections:
        first = asyncio.ensure_future(ask(connections))
        second = asyncio.ensure_future(ask(connections))
        while not script.requests:
            await asyncio.sleep(0)
        script.pieces = (OK,)
        first.cancel()
        assert (await second).status == 200
    assert first.cancelled()
    assert script.connections == 2


async def test_what_was_given_up_before_a_connection_was_free_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_connections, "FEW", 1)
    script = Scripted()
    async with talking_to(script) as connections:
        first = asyncio.ensure_future(ask(connections))
        answer: asyncio.Future[HttpAnswer] = asyncio.get_running_loop().create_future()
        second = asyncio.ensure_future(connections.send(b"PUT / HTTP/1.1\r\n\r\n", answer))
        while not script.requests:
            await asyncio.sleep(0)
        answer.set_exception(TimeoutError())
        script.writers[0].write(OK)
        assert (await first).status == 200
        with pytest.raises(NotSentError):
            await second
        answer.exception()
        script.pieces = (OK,)
        assert (await ask(connections)).status == 200
    assert (script.requests, script.connections) == (2, 1)


async def test_where_nobody_listens_nothing_is_sent() -> None:
    async with talking_to(Scripted(OK)) as connections:
        pass
    with pytest.raises(NotSentError):
        await ask(connections)


async def test_a_server_is_trusted_only_by_its_certificate(tmp_path: Path) -> None:
    import ssl

    authority = Authority()
    for name, text in zip(("cert", "key"), authority.sign("127.0.0.1"), strict=True):
        (tmp_path / name).write_bytes(text)
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    trusts = ssl.create_default_context(cadata=authority.pem.decode())
    script = Scripted(OK)
    async with await asyncio.start_server(script.talk, "127.0.0.1", 0, ssl=serves) as server:
        port = server.sockets[0].getsockname()[1]
        trusted = HttpConnections("127.0.0.1", port, trusts)
        assert [(await ask(trusted)).status for _ in range(2)] == [200, 200]
        with pytest.raises(NotSentError):
            await ask(HttpConnections("127.0.0.1", port, ssl.create_default_context()))
        for writer in script.writers:
            writer.close()
    assert (script.requests, script.connections) == (2, 1)


@pytest.mark.parametrize("refused", [NotSentError, PausedError])
async def test_no_connection_is_made_for_what_is_not_to_be_sent_when_its_turn_comes(
    monkeypatch: pytest.MonkeyPatch, refused: type[Exception]
) -> None:
    monkeypatch.setattr(http_connections, "FEW", 1)
    script = Scripted()
    async with talking_to(script) as connections:
        first = asyncio.ensure_future(ask(connections))
        answer: asyncio.Future[HttpAnswer] = asyncio.get_running_loop().create_future()

        def begin() -> None:
            if refused is PausedError:
                raise PausedError

        sending = connections.send(b"PUT / HTTP/1.1\r\n\r\n", answer, begin)
        second = asyncio.ensure_future(sending)
        while not script.requests:
            await asyncio.sleep(0)
        if refused is NotSentError:
            answer.set_exception(TimeoutError())
            answer.exception()
        first.cancel()
        with pytest.raises(refused):
            await second
        assert not connections._free
    assert script.connections == 1


async def test_a_connection_that_was_not_used_does_not_say_how_near_the_host_is() -> None:
    async with talking_to(Scripted(OK)) as connections:
        answer: asyncio.Future[HttpAnswer] = asyncio.get_running_loop().create_future()
        sending = asyncio.ensure_future(connections.send(b"GET / HTTP/1.1\r\n\r\n", answer))
        await asyncio.sleep(0)  # It makes a connection.
        answer.set_exception(TimeoutError())
        with pytest.raises(NotSentError):
            await sending
        answer.exception()
        assert len(connections._free) == 1
        assert connections._shortest == http_connections.CONNECT_SECONDS
