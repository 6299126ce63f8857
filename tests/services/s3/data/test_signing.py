"""Requests are signed as the SDK signs them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, RefreshableCredentials

from tests.hostile import HOSTILE_TEXT
from tests.local_server import Answer, Request, serving
from tui.services.s3.data.http_connections import NotSentError
from tui.services.s3.data.native import Address
from tui.services.s3.data.signing import HeaderSigner
from tui.services.s3.data.small_requests import SmallRequests

HEADERS = [
    ("host", "localhost:9000"),
    ("content-type", "text/plain;  charset=utf-8"),
    ("if-none-match", "*"),
    ("x-amz-meta-b", " two  spaces "),
    ("x-amz-meta-a", "1"),
]


@pytest.mark.parametrize("token", [None, "token/+="])
@pytest.mark.parametrize("key", HOSTILE_TEXT)
def test_a_signature_is_that_of_the_sdk(key: str, token: str | None) -> None:
    credentials = Credentials("AKID", "secret", token)
    _, path = Address("localhost:9000", path_style=True).of("bucket", key)
    content = sha256(b"body").hexdigest()
    signs = HeaderSigner(credentials, "eu-west-1")
    made = signs.signed(signs.credentials(), "PUT", path, HEADERS, content)
    request: Any = AWSRequest("PUT", "http://localhost:9000" + path, data=b"body")
    for name, value in HEADERS:
        request.headers[name] = value
    request.headers["X-Amz-Content-SHA256"] = content
    request.context["timestamp"] = made["x-amz-date"]
    request.context["payload_signing_enabled"] = True
    if token:
        request.headers["X-Amz-Security-Token"] = token
    signer = S3SigV4Auth(credentials, "s3", "eu-west-1")
    request.headers["X-Amz-Date"] = made["x-amz-date"]
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert made["authorization"].endswith("Signature=" + signer.signature(text, request))
    assert made.get("x-amz-security-token") == token


@pytest.mark.parametrize(
    ("minutes", "keys"),
    [
        pytest.param(300, [2, 2, 2], id="once"),
        pytest.param(5, [2, 3, 4], id="each time, as they live for minutes"),
    ],
)
async def test_credentials_that_expire_are_renewed_off_the_event_loop(
    minutes: int, keys: list[int]
) -> None:
    runs = count(1)
    loop_thread: list[bool] = []

    def renew() -> dict[str, str]:
        try:
            asyncio.get_running_loop()
            loop_thread.append(True)
        except RuntimeError:
            loop_thread.append(False)
        late = timedelta(seconds=1) if len(loop_thread) < 2 else timedelta(minutes=minutes)
        expires = (datetime.now(UTC) + late).isoformat()
        key = f"key{next(runs)}"
        return {"access_key": key, "secret_key": "s", "token": "t", "expiry_time": expires}

    seen: list[str] = []

    def answer(request: Request) -> Answer:
        seen.append(request.headers["authorization"].split("/")[0])
        return Answer(200)

    first = await asyncio.to_thread(renew)
    credentials = RefreshableCredentials.create_from_metadata(first, renew, "test")
    small = SmallRequests(HeaderSigner(credentials, "eu-west-1"), None)
    with serving(answer) as url:
        for _ in range(3):
            await send(small, url.removeprefix("http://"), [])
    assert seen == [f"AWS4-HMAC-SHA256 Credential=key{number}" for number in keys]
    assert loop_thread == [False] * keys[-1]


@pytest.mark.parametrize("value", ["a\r\nx-amz-acl: public-read", "a\nb", "a\rb"])
async def test_a_header_cannot_bring_another_one(value: str) -> None:
    small = SmallRequests(HeaderSigner(Credentials("a", "b"), "eu-west-1"), None)
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(200)

    with serving(answer) as url, pytest.raises(NotSentError):
        await send(small, url.removeprefix("http://"), [("x-amz-meta-a", value)])
    assert asked == []


async def send(small: SmallRequests, host: str, headers: list[tuple[str, str]]) -> None:
    import threading

    answer = await small.send(
        "PUT", (host, "/b/k"), headers, b"x", stop=threading.Event(), longest=20.0
    )
    assert answer.status == 200
