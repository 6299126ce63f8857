"""The emulator answers any number of requests on one connection."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.buckets import own_bucket
from tui.sandbox import SandboxInfo
from tui.services.aws import Account

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 "
    "Credential=SANDBOX-NOT-A-REAL-KEY/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
}


@pytest.fixture
def connection(sandbox: SandboxInfo) -> Iterator[HTTPConnection]:
    url = urlsplit(sandbox.endpoint_url)
    connection = HTTPConnection(str(url.hostname), url.port or 80)
    yield connection
    connection.close()


def ask(
    connection: HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    connection.request(method, path, body=body, headers=SIGNED)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_one_connection_takes_many_requests(connection: HTTPConnection, account: Account) -> None:
    bucket = own_bucket(account)
    connection.connect()
    kept = connection.sock
    assert ask(connection, "PUT", f"/{bucket}/a", b"hello")[0] == 200
    # No body comes behind the head of these, whatever length it names.
    assert ask(connection, "HEAD", f"/{bucket}/a") == (200, b"")
    assert ask(connection, "DELETE", f"/{bucket}/none") == (204, b"")
    assert ask(connection, "GET", f"/{bucket}/a") == (200, b"hello")
    assert ask(connection, "GET", f"/{bucket}/none")[0] == 404
    assert connection.sock is kept


def test_a_body_that_nobody_reads_is_not_taken_for_the_next_request(
    connection: HTTPConnection, account: Account
) -> None:
    bucket = own_bucket(account)
    assert ask(connection, "GET", f"/{bucket}", b"GET /unread HTTP/1.1\r\n\r\n")[0] == 200
    assert ask(connection, "HEAD", f"/{bucket}") == (200, b"")


def test_a_body_in_chunks_arrives_whole(connection: HTTPConnection, account: Account) -> None:
    bucket = own_bucket(account)
    connection.request(
        "PUT", f"/{bucket}/a", body=iter([b"one ", b"two"]), headers=SIGNED, encode_chunked=True
    )
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
    assert ask(connection, "GET", f"/{bucket}/a") == (200, b"one two")
