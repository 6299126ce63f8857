"""The native client is a faster way to the same end, with the same guard and the same log."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

from tests.hostile import HOSTILE_TEXT
from tests.local_server import Answer, Request, serving
from tests.services.transfers.places import keys
from tui.services.audit import AuditLog
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.data import http_connections
from tui.services.s3.data.body import PausedError
from tui.services.s3.data.native import TRIES, Address, NativeClient, NativePut
from tui.services.s3.data.native_clients import native_client
from tui.services.transfers.job_stop import JobStop


@pytest.fixture
def sdk(account: Account) -> Any:
    """The SDK's client on the sandbox."""
    return account.connection.client("s3")


def native(account: Account, audit: AuditLog | None) -> NativeClient:
    made = native_client(
        account.connection.client("s3"), read_only=account.read_only, audit=audit, account_id="42"
    )
    assert made is not None
    return made


@pytest.mark.parametrize(
    "key", [key for key in HOSTILE_TEXT if "\n" not in key and "\r" not in key]
)
async def test_every_key_arrives_as_it_is(
    account: Account, audit: AuditLog, sdk: Any, bucket: str, key: str
) -> None:
    # (The emulator knows no keys with line breaks; the quoting of those is tested below.)
    client = native(account, audit)
    never = threading.Event()
    assert await client.put(bucket, key, b"x", {"IfNoneMatch": "*"}, never) is NativePut.STORED
    assert list(keys(sdk, bucket)) == [key]
    got = await client.get(bucket, key, "", never)
    assert got is not None
    assert got[0] == b"x"


def test_addresses_quote_and_never_normalise() -> None:
    path = Address("localhost:9000", path_style=True)
    assert path.of("b", "a//../é\n +%") == ("localhost:9000", "/b/a//../%C3%A9%0A%20%2B%25")
    aws = Address("s3.eu-west-1.amazonaws.com", path_style=False)
    assert aws.of("b", "/k") == ("b.s3.eu-west-1.amazonaws.com", "//k")
    assert not aws.reaches("dots.in.name")
    assert not aws.reaches("arn:aws:s3:eu-west-1:1:accesspoint/x")
    assert not aws.reaches("x--use1-az4--x-s3")


async def test_its_writes_are_in_the_audit_log(
    account: Account, audit: AuditLog, bucket: str
) -> None:
    client = native(account, audit)
    never = threading.Event()
    assert await client.put(bucket, "k", b"1", {}, never) is NativePut.STORED
    assert await client.put(bucket, "k", b"2", {"IfNoneMatch": "*"}, never) is NativePut.LEFT
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    wrote = [line for line in lines if line["operation"] == "PutObject"]
    assert [line["outcome"] for line in wrote] == ["ok", "412"]
    assert wrote[0]["target"] == {"Bucket": bucket, "Key": "k"}
    assert (wrote[0]["account"], wrote[0]["service"]) == ("42", "s3")


async def test_a_write_that_could_not_be_recorded_is_left_to_the_sdk(
    account: Account, sdk: Any, bucket: str
) -> None:
    left = await native(account, None).put(bucket, "k", b"1", {}, threading.Event())
    assert left is NativePut.LEFT
    assert keys(sdk, bucket) == {}


async def test_read_only_mode_is_kept_by_it(
    read_only_account: Account, audit: AuditLog, sdk: Any, bucket: str
) -> None:
    with pytest.raises(ServiceError) as raised:
        await native(read_only_account, audit).put(bucket, "k", b"1", {}, threading.Event())
    assert raised.value.kind is ErrorKind.READ_ONLY
    assert keys(sdk, bucket) == {}


async def test_a_server_that_it_does_not_get_on_with_is_left_to_the_sdk(audit: AuditLog) -> None:
    seen: set[str] = set()

    def refuse(request: Request) -> Answer:
        seen.add(request.path)
        return Answer(400)

    with serving(refuse) as url:
        account = Account(
            Target(region="us-east-1", endpoint_url=url),
            credentials=StaticCredentials("a", "b"),
            audit=audit,
        )
        client = native(account, audit)
        never = threading.Event()
        for _ in range(TRIES):
            assert client.works
            assert await client.put("bucket", "k\n", b"1", {}, never) is NativePut.LEFT
        assert not client.works
        account.close()
    assert seen == {"/bucket/k%0A"}


@pytest.mark.parametrize(
    ("status", "became"), [(400, NativePut.LEFT), (500, NativePut.LOST), (504, NativePut.LOST)]
)
async def test_an_answer_that_does_not_say_that_nothing_was_done_is_a_lost_one(
    audit: AuditLog, status: int, became: NativePut
) -> None:
    with serving(lambda _: Answer(status)) as url:
        account = Account(
            Target(region="us-east-1", endpoint_url=url),
            credentials=StaticCredentials("a", "b"),
            audit=audit,
        )
        sent = await native(account, audit).put("bucket", "k", b"1", {}, threading.Event())
        account.close()
    assert sent is became


async def test_a_write_that_was_cancelled_before_it_was_sent_is_not_in_the_audit_log(
    audit: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connections, "FEW", 1)
    has_come, answers = threading.Event(), threading.Event()

    def answer(_: Request) -> Answer:
        has_come.set()
        assert answers.wait(30)
        return Answer(200)

    with serving(answer) as url:
        account = Account(
            Target(region="us-east-1", endpoint_url=url),
            credentials=StaticCredentials("a", "b"),
            audit=audit,
        )
        client = native(account, audit)

        async def put(key: str) -> None:
            await client.put("bucket", key, b"1", {}, threading.Event())

        sent = asyncio.ensure_future(put("sent"))
        while not has_come.is_set():
            await asyncio.sleep(0.001)
        waits = asyncio.ensure_future(put("waits"))
        await asyncio.sleep(0)
        for each in (waits, sent):
            each.cancel()
        ended = await asyncio.gather(waits, sent, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended)
        answers.set()
        account.close()
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    assert [(each["target"]["Key"], each["outcome"]) for each in lines] == [("sent", "unknown")]


def test_it_is_not_used_behind_a_proxy(audit: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(
        Target(region="eu-west-1"), credentials=StaticCredentials("a", "b"), audit=audit
    )
    client = account.connection.client("s3")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    made = native_client(client, read_only=False, audit=audit, account_id=None)
    assert made is None
    account.close()


async def test_what_waits_for_a_connection_while_its_transfer_is_paused_is_not_sent(
    audit: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connections, "FEW", 1)
    has_come, answers = threading.Event(), threading.Event()
    paths = []

    def answer(request: Request) -> Answer:
        paths.append(request.path)
        has_come.set()
        assert answers.wait(30)
        return Answer(200)

    with serving(answer) as url:
        account = Account(
            Target(region="us-east-1", endpoint_url=url),
            credentials=StaticCredentials("a", "b"),
            audit=audit,
        )
        client, stop = native(account, audit), JobStop()
        sent = asyncio.ensure_future(client.put("bucket", "sent", b"1", {}, stop))
        while not has_come.is_set():
            await asyncio.sleep(0.001)
        waits = asyncio.ensure_future(client.put("bucket", "waits", b"1", {}, stop))
        await asyncio.sleep(0)
        stop.paused = True
        answers.set()
        assert await sent is NativePut.STORED
        with pytest.raises(PausedError):
            await waits
        stop.paused = False
        assert client.works
        assert await client.put("bucket", "waits", b"1", {}, stop) is NativePut.STORED
        account.close()
    assert paths == ["/bucket/sent", "/bucket/waits"]
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    assert [each["outcome"] for each in lines] == ["ok", "ok"]
