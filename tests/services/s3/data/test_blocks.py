"""The bytes of an answer, read straight from the connection, from a server that is made to err."""

from __future__ import annotations

import os
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from tui.services.s3.data import blocks as reading
from tui.services.s3.data.blocks import QUICK_BYTES, READ_BYTES, blocks

CONTENT = os.urandom(3 * QUICK_BYTES + 1)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, head: bytes, parts: list[bytes], then: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answer = (head, parts)
        self.then = then
        self.over = threading.Event()
        self.connections = 0


class _Answering(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.connections += 1
        head, parts = self.server.answer
        while self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            self.wfile.write(head)
            for part in parts:
                self.wfile.write(part)
            if self.server.then == "hang":
                self.server.over.wait(10)
            if self.server.then == "reset":
                now = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                self.rfile.close()
                self.connection.close()
            if len(b"".join(parts)) < len(CONTENT):
                return


@contextmanager
def answering(
    *parts: bytes, more: bytes = b"", length: int | None = len(CONTENT), then: str = ""
) -> Iterator[tuple[Any, _Server]]:
    head = b"HTTP/1.1 200 OK\r\n" + more
    if length is not None:
        head += b"Content-Length: %d\r\n" % length
    with _Server(head + b"\r\n", list(parts), then) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield (
                boto3.client(
                    "s3",
                    region_name="us-east-1",
                    endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
                    aws_access_key_id="a",
                    aws_secret_access_key="b",
                    config=Config(s3={"addressing_style": "path"}, read_timeout=0.3, retries={}),
                ),
                server,
            )
        finally:
            server.over.set()
            server.shutdown()


def body(client: Any) -> Any:
    return closing(client.get_object(Bucket="bucket", Key="key")["Body"])


def read(client: Any) -> bytes:
    with body(client) as given:
        return b"".join(bytes(block) for block in blocks(given))


def test_all_bytes_arrive_and_the_connection_is_used_again() -> None:
    with answering(CONTENT) as (client, server):
        assert [read(client) == CONTENT for _ in range(3)] == [True] * 3
        assert server.connections == 1


def test_blocks_grow_only_while_they_come_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(reading, "monotonic", lambda: now[0])
    sizes = []
    with answering(CONTENT) as (client, _), body(client) as given:
        for block in blocks(given):
            sizes.append(len(block))
            now[0] += 1.0 if len(sizes) == 3 else 0.0
    assert sizes[:4] == [READ_BYTES, READ_BYTES * 2, QUICK_BYTES, READ_BYTES]


@pytest.mark.parametrize(
    ("then", "raised"),
    [("", IncompleteReadError), ("hang", ReadTimeoutError), ("reset", ResponseStreamingError)],
)
def test_what_breaks_off_is_said_as_the_sdk_says_it(then: str, raised: type[Exception]) -> None:
    with answering(CONTENT[:1000], then=then) as (client, _), pytest.raises(raised):
        read(client)


@pytest.mark.parametrize(
    ("more", "length", "parts"),
    [
        (b"x-amz-checksum-crc32: AAAAAA==\r\n", 4, (b"\0" * 4,)),
        (b"Transfer-Encoding: chunked\r\n", None, (b"4\r\nfour\r\n", b"0\r\n\r\n")),
    ],
)
def test_what_is_not_plain_is_left_to_the_sdk(
    more: bytes, length: int | None, parts: tuple[bytes, ...]
) -> None:
    with answering(*parts, more=more, length=length) as (client, _), body(client) as given:
        assert reading._under(given) is None
        if length is None:
            assert b"".join(blocks(given)) == b"four"
        else:
            # The SDK checks the checksum, which is not that of these bytes.
            with pytest.raises(FlexibleChecksumError):
                list(blocks(given))
