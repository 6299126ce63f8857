"""Directory buckets (S3 Express): found, emptied and deleted by their own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.local_server import Answer, Request
from tests.services.cleanup.memory_s3 import DENIED, MemoryS3
from tests.services.cleanup.runs import bucket, carry_out, cleanup_of, make_plan
from tests.services.s3.scripted import answered, error
from tui.screens.cleanup.model import Inventory
from tui.screens.cleanup.rows import inventory_row
from tui.services.aws import Connection, Target
from tui.services.cleanup import (
    BucketCount,
    CleanupService,
    Found,
    InventoryEvent,
    PartDone,
    PartUnknown,
    ResourceKind,
    StepResult,
)
from tui.services.cleanup.buckets import buckets
from tui.services.cleanup.stores import Stores, Tunables
from tui.services.s3 import Bucket, BucketPage, PolicyDenies
from tui.services.s3.bucket.bucket_protection import read_denies
from tui.widgets.grid.cells import Cell, Tone

ARN = "arn:aws:s3express:us-east-1:1"
NAME = "b--use1-az4--x-s3"
SESSION = (
    "<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s"
    "</SecretAccessKey><AccessKeyId>a</AccessKeyId><Expiration>2999-01-01T00:00:00Z</Expiration>"
    "</Credentials></CreateSessionResult>"
)


class ExpressServer:
    """One directory bucket, which refuses what AWS refuses of it."""

    def __init__(self, keys: list[str], uploads: list[str]) -> None:
        self.keys = keys
        self.uploads = uploads
        self.keeps_uploads = False
        self.deleted = False
        self.strange: list[str] = []
        """What such a bucket must not be asked."""

    def answer(self, request: Request) -> Answer:
        path = urlsplit(request.path)
        query = parse_qs(path.query, keep_blank_values=True)
        names_owner = "x-amz-expected-bucket-owner" in map(str.lower, request.headers)
        of_bucket = request.method == "DELETE" and not query
        if path.path.strip("/") == "" and not query:
            return error(403, "AccessDenied")  # STS
        if names_owner and (of_bucket or "policy" in query):
            self.strange.append("owner")
            return error(501, "NotImplemented")
        if request.method == "GET":
            return self._read(query)
        if "delete" in query:
            for key in re.findall(r"<Key>(.*?)</Key>", request.body.decode()):
                self.keys.remove(key)
            return Answer(body="<DeleteResult/>")
        if "uploadId" in query:
            if self.keeps_uploads:
                return error(403, "AccessDenied")
            self.uploads.remove(path.path.rpartition("/")[2])
            return Answer(204)
        if self.keys or self.uploads:
            return error(409, "BucketNotEmpty")
        self.deleted = True
        return Answer(204)

    def _read(self, query: dict[str, list[str]]) -> Answer:
        if "session" in query:
            return Answer(body=SESSION)
        if "list-type" in query:
            return self._listed(int(query["max-keys"][0]), query)
        if "uploads" in query:
            rows = "".join(
                f"<Upload><Key>{key}</Key><UploadId>u</UploadId></Upload>" for key in self.uploads
            )
            return Answer(body=f"<ListMultipartUploadsResult>{rows}</ListMultipartUploadsResult>")
        if "uploadId" in query:
            return Answer(body="<ListPartsResult/>")
        if "policy" in query:
            return error(404, "NoSuchBucketPolicy")
        self.strange.append(str(query))
        return error(501, "NotImplemented")

    def _listed(self, most: int, query: dict[str, list[str]]) -> Answer:
        if "start-after" in query:
            self.strange.append("start-after")
        start = int(query.get("continuation-token", ["0"])[0])
        page = self.keys[start : start + most]
        more = start + most < len(self.keys)
        rows = "".join(f"<Contents><Key>{key}</Key><Size>2</Size></Contents>" for key in page)
        token = f"<NextContinuationToken>{start + most}</NextContinuationToken>" if more else ""
        cut = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        return Answer(body=f"<ListBucketResult>{cut}{token}{rows}</ListBucketResult>")


@contextmanager
def reached(server: ExpressServer) -> Iterator[CleanupService]:
    with answered(server.answer) as account, cleanup_of(account) as cleanup:
        yield cleanup


async def test_it_is_emptied_of_objects_and_uploads_and_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Connection, "expected_owner", "123456789012")
    server = ExpressServer([f"{number * 7 % 90:02}" for number in range(90)], ["up1", "up2"])
    with reached(server) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))
        assert plan.steps[0].facts == BucketCount(
            objects=90, uploads=2, upload_bytes=0, size_bytes=180
        )
        assert plan.steps[0].resource.about == ("directory bucket in use1-az4",)
        assert plan.steps[0].resource.unknown == ()
        report, _ = await carry_out(cleanup, plan)
    assert report.outcomes[0].result is StepResult.DELETED
    assert server.deleted
    assert server.strange == []


async def test_an_upload_that_stays_keeps_it_and_that_is_said() -> None:
    server = ExpressServer(["a"], ["up1"])
    server.keeps_uploads = True
    with reached(server) as cleanup:
        report, _ = await carry_out(cleanup, await make_plan(cleanup, bucket(NAME)))
    (outcome,) = report.outcomes
    assert outcome.result is StepResult.PARTLY
    assert not server.deleted
    assert server.keys == []
    assert "uploads" in f"{outcome.hint} {outcome.remains}"


@pytest.mark.parametrize(
    ("action", "resource", "wanted"),
    [
        (
            "s3express:CreateSession",
            f"arn:aws:s3express:r:1:bucket/{NAME}",
            PolicyDenies(objects=True),
        ),
        ("s3express:*", "*", PolicyDenies(objects=True, bucket=True)),
        ("s3express:DeleteBucket", f"{ARN}:bucket/other", PolicyDenies()),
        ("s3:DeleteObject", "*", PolicyDenies()),
    ],
)
def test_its_policy_speaks_of_sessions(action: str, resource: str, wanted: PolicyDenies) -> None:
    document = (
        '{"Statement": {"Effect": "Deny", "Principal": "*", '
        f'"Action": "{action}", "Resource": "{resource}"}}}}'
    )
    assert read_denies(document, NAME) == wanted


class FoundBuckets(MemoryS3):
    """The bucket of memory as the only directory bucket, or a refusal to list such."""

    async def list_buckets(self, token: str | None, *, limit: int, at: Connection) -> BucketPage:
        return BucketPage((), None)

    async def list_directory_buckets(self, *, at: Connection) -> tuple[Bucket, ...]:
        self._answer("list_directory_buckets")
        return (Bucket(NAME, "us-east-1", None),)


async def inventory_of(s3: FoundBuckets) -> list[InventoryEvent]:
    nothing: Any = None
    here = Connection(Target(None, "us-east-1"))
    stores = Stores(here, cast("Any", s3), nothing, nothing, nothing)
    return [event async for event in buckets(stores, Tunables())]


async def test_it_is_in_the_inventory_behind_the_others() -> None:
    events = await inventory_of(FoundBuckets())
    names = [event.resource.name for event in events if isinstance(event, Found)]
    assert set(names) == {NAME}


async def test_a_list_that_is_denied_hides_no_other_bucket_and_is_not_nothing() -> None:
    events = await inventory_of(FoundBuckets(fails={"list_directory_buckets": DENIED}))
    (unknown,) = [event for event in events if isinstance(event, PartUnknown)]
    assert (unknown.of, unknown.sentence) == ("directory buckets", "Unknown: access denied")
    assert PartDone(ResourceKind.BUCKET) in events
    assert Inventory(done=set(ResourceKind)).empty
    assert not Inventory(done=set(ResourceKind), unknown=[unknown]).empty
    assert inventory_row(unknown, 80)[0] == Cell("directory buckets", Tone.DIM)
