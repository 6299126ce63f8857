"""A bucket whose reader pays: offered after a refusal, and said with every request once agreed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.local_server import Answer, Request, serving
from tui.services.audit import AuditLog
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Location, S3Service
from tui.services.s3.data.conditions import Listed
from tui.services.s3.requester_pays import OFFER

PAYS = {"theirs"}
BODY = b"paid for"
LISTING = (
    "<ListBucketResult><Name>theirs</Name><IsTruncated>false</IsTruncated><Contents><Key>k</Key>"
    "<LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>8</Size>"
    "<StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"
)
COPIED = "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>"


@dataclass
class Server:
    """An S3 that refuses what concerns the bucket `theirs` unless the requester pays."""

    url: str = ""
    message: str = "Access Denied"
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        parts = urlsplit(request.path)
        concerned = {parts.path.split("/")[1]}
        if source := headers.get("x-amz-copy-source"):
            concerned.add(source.lstrip("/").split("/")[0])
        said = parse_qs(parts.query).get("x-amz-request-payer", [headers.get(HEADER, "")])
        if concerned & PAYS and said != ["requester"]:
            body = f"<Error><Code>AccessDenied</Code><Message>{self.message}</Message></Error>"
            return Answer(403, body)
        if "list-type" in parts.query:
            return Answer(body=LISTING)
        if "tagging" in parts.query:
            return Answer(body="<Tagging><TagSet/></Tagging>")
        if request.method == "PUT":
            return Answer(body=COPIED)
        first, last = 0, len(BODY) - 1
        if wanted := headers.get("range"):
            start, _, end = wanted.removeprefix("bytes=").partition("-")
            first, last = int(start), min(int(end), last)
        return Answer(
            206 if wanted else 200,
            BODY[first : last + 1],
            {
                "ETag": '"e"',
                "Content-Range": f"bytes {first}-{last}/{len(BODY)}",
                "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT",
            },
        )


HEADER = "x-amz-request-payer"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with serving(server.answer) as server.url:
        yield server


@pytest.fixture
def s3(server: Server, tmp_path: Path) -> Iterator[S3Service]:
    service = S3Service(account_of(server), AuditLog(tmp_path / "audit.jsonl"))
    yield service
    service.close()


def account_of(server: Server) -> Account:
    target = Target(region="us-east-1", endpoint_url=server.url)
    return Account(target, credentials=StaticCredentials("a", "b"))


def agree(s3: S3Service) -> None:
    s3.agree_to_pay("theirs", s3.account.connection)


async def test_a_plain_refusal_offers_to_pay_and_paying_opens_the_bucket(s3: S3Service) -> None:
    with pytest.raises(ServiceError) as refused:
        await s3.list_page(S3Location("theirs"))
    assert refused.value.kind is ErrorKind.DENIED
    assert OFFER in refused.value.hint
    assert "s3:ListBucket" in refused.value.hint
    agree(s3)
    assert [each.key for each in (await s3.list_page(S3Location("theirs"))).objects] == ["k"]
    s3.stop_paying("theirs")
    with pytest.raises(ServiceError):
        await s3.list_page(S3Location("theirs"))


async def test_a_refusal_that_names_a_permission_offers_nothing(
    s3: S3Service, server: Server
) -> None:
    server.message = "User: x is not authorized to perform: s3:ListBucket on resource: y"
    with pytest.raises(ServiceError) as refused:
        await s3.list_page(S3Location("theirs"))
    assert OFFER not in refused.value.hint


async def test_nothing_is_offered_for_a_bucket_of_ones_own_nor_twice(s3: S3Service) -> None:
    agree(s3)
    refusal = ServiceError("No.", cause="AccessDenied: no", kind=ErrorKind.DENIED)
    s3.calls.payers.offer(s3.account.connection, "theirs", refusal)
    assert refusal.hint == ""
    s3.stop_paying("theirs")
    s3.calls.payers.learn_own(s3.account.connection, ["theirs"])
    with pytest.raises(ServiceError) as refused:
        await s3.head("theirs", "k")
    assert OFFER not in refused.value.hint


async def test_every_way_to_an_object_says_who_pays(s3: S3Service, server: Server) -> None:
    agree(s3)
    at = s3.account.connection
    assert (await s3.head("theirs", "k")).size == len(BODY)
    assert (await s3.read_head("theirs", "k")).data == BODY
    s3.calls.call(
        "read the tags", lambda client: client.get_object_tagging, Bucket="theirs", Key="k"
    )
    listed = Listed("theirs", "k", len(BODY), "e")
    got = bytearray()
    plane, never = s3.data_plane("theirs", at), threading.Event()
    plane.read_whole(listed, lambda data, _: got.extend(data), stop=never, on_bytes=lambda _: None)
    answer = await plane.read_quickly(listed, stop=never)
    assert answer is not None
    assert answer.data == got == BODY
    s3.calls.client("mine").copy_object(
        Bucket="mine", Key="k", CopySource={"Bucket": "theirs", "Key": "k"}
    )
    said = [{n.lower(): v for n, v in each.headers.items()}.get(HEADER) for each in server.requests]
    assert said == ["requester"] * len(server.requests)
    # One goes without the SDK.
    by_the_sdk = ["amz-sdk-request" in each.headers for each in server.requests]
    assert by_the_sdk.count(False) == 1


async def test_a_link_says_so_in_its_address_and_needs_no_header(
    s3: S3Service, server: Server
) -> None:
    agree(s3)
    link = await s3.presign("theirs", "k", timedelta(minutes=5))
    query = parse_qs(urlsplit(link.url).query)
    assert query[HEADER] == ["requester"]
    assert query["X-Amz-SignedHeaders"] == ["host"]
    other = await s3.presign("mine", "k", timedelta(minutes=5))
    assert HEADER not in other.url
    assert server.requests == []


async def test_other_buckets_and_other_profiles_are_not_paid_for(
    s3: S3Service, server: Server
) -> None:
    agree(s3)
    await s3.head("mine", "k")
    assert HEADER not in {name.lower() for name in server.requests[-1].headers}
    other = Account(Target("other", "us-east-1", server.url)).connection
    assert not s3.calls.payers.pays(other, "theirs")
