"""Pages behind the first one are asked for without the SDK, and nobody sees a difference."""

from __future__ import annotations

import gc
import ssl
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials, RefreshableCredentials

from tests.certificates import Authority
from tests.local_server import Answer, HangUpError, Request, serving
from tests.services.s3.keys import HOSTILE
from tests.services.s3.listing.signed_bucket import SECRET, SignedBucket
from tests.services.s3.scripted import error
from tui.services.aws import Account, StaticCredentials, Target, direct
from tui.services.aws import session as sessions
from tui.services.aws.direct import TRIES, direct_reads
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.list_answer import list_objects, objects_of
from tui.services.s3.listing.listing import every_object
from tui.services.s3.listing.scan import scan

KEYS = [f"{number:03}" for number in range(12)]


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK does not try again by itself, so that the tests need not wait for its backoff."""
    monkeypatch.setattr(sessions, "MAX_ATTEMPTS", 2)


@contextmanager
def calls_to(server: SignedBucket, *, read_only: bool = False) -> Iterator[S3Calls]:
    with serving(server.answer) as url:
        target = Target(None, "us-east-1", url)
        credentials = StaticCredentials(SECRET.access_key, SECRET.secret_key)
        account = Account(target, credentials=credentials, read_only=read_only)
        try:
            yield S3Calls(account)
        finally:
            account.close()


def listed(calls: S3Calls, prefix: str = "", bucket: str = "bucket") -> list[str]:
    return [each.key for page in every_object(calls, bucket, prefix) for each in page]


def answering(server: SignedBucket, number: int, answer: Answer | type[Exception]) -> None:
    """Give this answer to the request of that number, and go on as before."""

    def instead(request: Request) -> Answer | None:
        if len(server.requests) != number:
            return None
        if isinstance(answer, Answer):
            return answer
        raise answer

    server.instead = instead


@pytest.mark.parametrize("prefix", ["", *HOSTILE, "\n", "a" * 1024, "\U0010ffff"])
def test_every_key_comes_and_only_the_first_page_by_the_sdk(prefix: str) -> None:
    room = 1024 - len(prefix.encode())
    keys = [f"{prefix}{key}" for key in (*HOSTILE, "\n") if len(key.encode()) <= room]
    server = SignedBucket(keys or [prefix])
    with calls_to(server) as calls:
        assert listed(calls, prefix) == server.keys
    assert server.by_the_sdk == [True] + [False] * (len(server.requests) - 1)
    own = {"amz-sdk-invocation-id", "amz-sdk-request"}
    said = [{name.lower() for name in each.headers} - own for each in server.requests]
    assert said == [said[0]] * len(said)


def test_read_only_mode_lists_in_the_same_way() -> None:
    server = SignedBucket(KEYS)
    with calls_to(server, read_only=True) as calls:
        assert listed(calls) == KEYS
    assert server.by_the_sdk == [True, False, False, False]


def test_nothing_that_changes_something_is_sent_so() -> None:
    with calls_to(SignedBucket([])) as calls, pytest.raises(AssertionError):
        direct_reads(calls.client("bucket"), "DeleteObject")


CUT = SignedBucket(KEYS).listed(Request("GET", "/bucket", {}, b""))


@pytest.mark.parametrize(
    "answer",
    [
        error(503, "SlowDown"),
        error(500, "InternalError"),
        error(403, "RequestTimeTooSkewed"),
        Answer(200, "<Error><Code>InternalError</Code><Message>said so</Message></Error>"),
        Answer(CUT.status, CUT.body, promised=100),
        HangUpError,
    ],
)
def test_what_is_no_plain_answer_is_asked_for_again_by_the_sdk(
    answer: Answer | type[Exception],
) -> None:
    server = SignedBucket(KEYS)
    answering(server, 2, answer)
    with calls_to(server) as calls:
        assert listed(calls) == KEYS
    assert server.by_the_sdk == [True, False, True, False, False]


def test_a_refusal_is_said_by_the_sdk() -> None:
    server = SignedBucket(KEYS)
    with calls_to(server) as calls:
        assert listed(calls) == KEYS
        del server.by_the_sdk[:]
        server.instead = lambda request: error(403, "AccessDenied")
        with pytest.raises(ServiceError) as caught:
            listed(calls)
    assert caught.value.kind is ErrorKind.DENIED
    assert "said so" in str(caught.value)
    assert server.by_the_sdk == [False, True]


def test_a_bucket_that_has_moved_is_followed() -> None:
    server = SignedBucket(KEYS)
    with calls_to(server) as calls:
        assert listed(calls) == KEYS
        del server.by_the_sdk[:]

        def moved(request: Request) -> Answer | None:
            headers = {name.lower(): value for name, value in request.headers.items()}
            if "/us-east-1/" not in headers["authorization"]:
                return None
            said = "<Region>eu-west-1</Region>"
            return error(400, "AuthorizationHeaderMalformed", said, x_amz_bucket_region="eu-west-1")

        server.instead = moved
        assert listed(calls) == KEYS
    assert server.by_the_sdk[0] is False
    assert server.by_the_sdk[-3:] == [False] * 3


def test_rows_that_only_the_sdk_can_read_take_no_second_request() -> None:
    restoring = "<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>"
    server = SignedBucket(KEYS, row=restoring)
    with calls_to(server) as calls:
        pages = list(every_object(calls, "bucket", ""))
    assert [each.key for page in pages for each in page] == KEYS
    assert {each.restore for page in pages for each in page} == {"in progress"}
    assert server.by_the_sdk == [True, False, False, False]


def test_a_server_that_never_likes_it_is_left_to_the_sdk() -> None:
    server = SignedBucket(KEYS)
    with calls_to(server) as calls:
        server.instead = lambda request: (
            None if server.by_the_sdk[-1] else error(400, "InvalidRequest")
        )
        for _ in range(TRIES):
            assert listed(calls) == KEYS
        del server.by_the_sdk[:]
        assert listed(calls) == KEYS
    assert server.by_the_sdk == [True] * 4


def test_who_has_agreed_to_pay_says_so_from_then_on() -> None:
    server = SignedBucket(KEYS)
    with calls_to(server) as calls:
        assert listed(calls) == KEYS
        del server.requests[:]
        calls.payers.agree(calls.connection, "bucket")
        assert listed(calls) == KEYS
        payers = [each.headers.get("x-amz-request-payer") for each in server.requests]
        assert payers == ["requester"] * 4
        calls.payers.withdraw(calls.connection, "bucket")
        del server.requests[:]
        assert listed(calls) == KEYS
    assert not any("x-amz-request-payer" in each.headers for each in server.requests)
    assert server.by_the_sdk == [True] + [False] * 3 + [True] + [False] * 3 + [False] * 4


def test_what_is_not_signed_is_left_to_the_sdk() -> None:
    server = SignedBucket(KEYS)
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return server.listed(request)

    with serving(answer) as url:
        account = Account(Target(None, "us-east-1", url, unsigned=True))
        assert listed(S3Calls(account)) == KEYS
        account.close()
    assert all("amz-sdk-request" in each.headers for each in asked)
    assert not any("Authorization" in each.headers for each in asked)


def test_what_goes_through_a_proxy_is_left_to_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    server = SignedBucket(KEYS)
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return server.listed(request)

    with serving(answer) as url:
        monkeypatch.setenv("http_proxy", url)
        target = Target(None, "us-east-1", "http://far.example")
        account = Account(target, credentials=StaticCredentials("key", "secret"))
        assert listed(S3Calls(account)) == KEYS
        account.close()
    assert len(asked) == 4
    assert all(each.path.startswith("http://far.example/bucket?") for each in asked)
    assert all("amz-sdk-request" in each.headers for each in asked)


CLOSE = {"Connection": "close"}


def test_certificates_are_checked_as_the_sdk_checks_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority()
    (tmp_path / "server.pem").write_bytes(b"".join(authority.sign("127.0.0.1")))
    (tmp_path / "roots.pem").write_bytes(authority.pem)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "roots.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server = SignedBucket(KEYS)
    server.instead = lambda request: replace(server.listed(request), headers=CLOSE)
    with serving(server.answer, tls=context) as url:
        credentials = StaticCredentials("key", "secret")
        account = Account(Target(None, "us-east-1", url), credentials=credentials)
        calls = S3Calls(account)
        assert listed(calls) == KEYS
        assert server.by_the_sdk == [True, False, False, False]
        # Each connection was made anew; the next one finds somebody else.
        (tmp_path / "server.pem").write_bytes(b"".join(Authority("Other").sign("127.0.0.1")))
        context.load_cert_chain(tmp_path / "server.pem")
        del server.requests[:]
        with pytest.raises(ServiceError, match="certificate"):
            listed(calls)
        account.close()
    assert not server.requests


@pytest.mark.usefixtures("small_parts")
def test_threads_of_a_scan_list_every_key_once() -> None:
    keys = [f"logs-{number:04}" for number in range(900)]
    server = SignedBucket(keys, page=7)
    with calls_to(server) as calls:
        found = [each.key for page in scan(calls, "bucket", "") for each in page]
    assert sorted(found) == keys
    assert server.by_the_sdk == [True] + [False] * (len(server.requests) - 1)


def client_with(credentials: Any, url: str) -> Any:
    import botocore.session

    core = botocore.session.Session()
    direct.install(core.get_component("event_emitter"))
    vars(core)["_credentials"] = credentials
    return core.create_client(
        "s3", region_name="us-east-1", endpoint_url=url, config=sessions.client_config(url)
    )


def test_credentials_that_are_renewed_in_the_midst_sign_what_follows() -> None:
    server = SignedBucket(KEYS)
    now = [datetime(2026, 1, 1, tzinfo=UTC)]

    def renew() -> dict[str, str]:
        name = f"key{len(server.secrets)}"
        token = f"token/of+{name}=="
        server.secrets[name] = Credentials(name, f"secret of {name}", token)
        expires = (now[0] + timedelta(hours=1)).isoformat()
        return {"access_key": name, "secret_key": f"secret of {name}", "token": token} | {
            "expiry_time": expires
        }

    first = renew()
    with serving(server.answer) as url:
        credentials = RefreshableCredentials(
            first["access_key"],
            first["secret_key"],
            first["token"],
            datetime.fromisoformat(first["expiry_time"]),
            renew,
            "test",
            time_fetcher=lambda: now[0],
        )
        client = client_with(credentials, url)
        found: list[str] = []
        token: dict[str, str] = {}
        while len(found) < len(KEYS):
            answer = list_objects(client)(Bucket="bucket", EncodingType="url", **token)
            found += [each.key for each in objects_of(answer)]
            token = {"ContinuationToken": answer.get("NextContinuationToken", "")}
            if len(server.requests) == 2:
                now[0] += timedelta(hours=2)
    assert found == KEYS
    assert server.by_the_sdk == [True, False, False, False]
    assert [each.headers["authorization"][28:32] for each in server.requests[1:]] == [
        "key1",
        "key2",
        "key2",
    ]


def test_a_client_that_is_not_used_any_more_is_freed() -> None:
    server = SignedBucket(KEYS)
    with serving(server.answer) as url:
        client = client_with(SECRET, url)
        list_objects(client)(Bucket="bucket", EncodingType="url")
        list_objects(client)(Bucket="bucket", EncodingType="url")
        assert server.by_the_sdk == [True, False]
        freed = weakref.ref(client)
        del client
        gc.collect()
        assert freed() is None
