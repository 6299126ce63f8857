"""Calls on a bucket: its region, its owner, its permissions, and lost answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tui.services.aws import Account, Connection, Done, Identity, Look, Paging, Target
from tui.services.aws.lost_answer import LostAnswer
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls

OWNER = "123456789012"
ON_AWS = (("s3", "https://s3.us-east-1.amazonaws.com"),)


def refused(code: str, region: str = "", lost: LostAnswer | None = None) -> ClientError:
    metadata: dict[str, Any] = {"HTTPHeaders": {"x-amz-bucket-region": region} if region else {}}
    if lost:
        metadata["LostAnswer"] = lost
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}
    return ClientError(answer, "Operation")


class Buckets:
    """The clients of a connection: each region answers by its own script, the last one again."""

    def __init__(self, **scripts: list[object]) -> None:
        self.scripts = {name.replace("_", "-"): script for name, script in scripts.items()}
        self.asked: list[tuple[str | None, dict[str, Any]]] = []

    def __call__(self, service: str, target: Target, /) -> Any:
        def head_object(**parameters: Any) -> Mapping[str, Any]:
            self.asked.append((target.region, parameters))
            script = self.scripts[target.region or ""]
            answer = script.pop(0) if len(script) > 1 else script[0]
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, dict)
            return answer

        meta = SimpleNamespace(region_name=target.region)
        return SimpleNamespace(head_object=head_object, meta=meta)

    @property
    def regions(self) -> list[str | None]:
        return [region for region, _ in self.asked]


def calls_on(
    buckets: Buckets, endpoints: tuple[tuple[str, str], ...] = ON_AWS, *, owned: bool = False
) -> S3Calls:
    connection = Connection(
        Target(None, "us-east-1"),
        identity=Identity(OWNER, "arn", None),
        endpoints=endpoints,
        clients=buckets,
    )
    return S3Calls(Account(Target())).on(connection, owned=owned)


def head(calls: S3Calls) -> Any:
    return calls.call("look", lambda s3: s3.head_object, Bucket="b", Key="k")


def test_a_bucket_is_followed_to_its_region_and_remembered_there() -> None:
    buckets = Buckets(us_east_1=[refused("301", "eu-west-1")], eu_west_1=[{"ETag": "x"}])
    calls = calls_on(buckets)
    assert head(calls) == {"ETag": "x"}
    assert head(calls) == {"ETag": "x"}
    assert buckets.regions == ["us-east-1", "eu-west-1", "eu-west-1"]
    assert calls.region_of("b") == "eu-west-1"
    # The connections of one account share what was learned.
    assert calls.on(None).region_of("b") == "eu-west-1"


def test_a_bucket_is_followed_once_only() -> None:
    buckets = Buckets(
        us_east_1=[refused("301", "eu-west-1")], eu_west_1=[refused("301", "eu-west-2")]
    )
    with pytest.raises(ServiceError) as caught:
        head(calls_on(buckets))
    assert "in its region, eu-west-1" in caught.value.message
    assert buckets.regions == ["us-east-1", "eu-west-1"]


def test_a_refusal_of_another_kind_is_not_followed_but_its_region_is_remembered() -> None:
    buckets = Buckets(us_east_1=[refused("AccessDenied", "eu-west-1")])
    calls = calls_on(buckets)
    with pytest.raises(ServiceError) as caught:
        head(calls)
    assert caught.value.kind is ErrorKind.DENIED
    assert calls.region_of("b") == "eu-west-1"


def test_what_is_throttled_is_asked_again_in_the_same_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.services.aws.calls.time.sleep", lambda seconds: None)
    buckets = Buckets(us_east_1=[refused("SlowDown"), {"ETag": "x"}])
    assert head(calls_on(buckets)) == {"ETag": "x"}


def test_the_owner_is_demanded_on_aws_only_where_it_is_asked_for() -> None:
    for endpoints, owned, expected in (
        (ON_AWS, True, {"ExpectedBucketOwner": OWNER}),
        (ON_AWS, False, {}),
        ((("s3", "http://127.0.0.1:9000"),), True, {}),
    ):
        buckets = Buckets(us_east_1=[{}])
        head(calls_on(buckets, endpoints, owned=owned))
        assert buckets.asked == [("us-east-1", {"Bucket": "b", "Key": "k", **expected})]


def test_a_key_that_no_request_can_say_is_refused_before_anything_is_sent() -> None:
    buckets = Buckets(us_east_1=[{}])
    with pytest.raises(ServiceError) as caught:
        calls_on(buckets).call("look", lambda s3: s3.head_object, Bucket="b", Key="x\udcff")
    assert caught.value.kind is ErrorKind.INVALID
    assert buckets.asked == []


@pytest.mark.parametrize(
    ("seen", "kind"),
    [(Done("found"), None), (Look.NOT_DONE, ErrorKind.OTHER), (Look.UNCLEAR, ErrorKind.UNKNOWN)],
)
def test_a_change_whose_answer_was_lost_is_looked_for(
    seen: Done[str] | Look, kind: ErrorKind | None
) -> None:
    outcomes: list[str] = []
    buckets = Buckets(us_east_1=[refused("500", lost=LostAnswer(outcomes.append))])

    def change() -> str:
        return calls_on(buckets).change(
            "change it",
            lambda s3: s3.head_object,
            lambda answer: "answered",
            lambda refusal: seen,
            Bucket="b",
            Key="k",
        )

    if kind is None:
        assert change() == "found"
        assert outcomes == ["ok"]
    else:
        with pytest.raises(ServiceError) as caught:
            change()
        assert caught.value.kind is kind
    assert len(buckets.asked) == 1


def test_every_page_is_asked_of_the_buckets_region() -> None:
    buckets = Buckets(us_east_1=[refused("301", "eu-west-1")], eu_west_1=[{"VersionId": "a"}, {}])
    paging: Paging[Any] = Paging({"VersionId": "VersionId"})
    found = calls_on(buckets).pages("list", lambda s3: s3.head_object, paging, Bucket="b", Key="k")
    assert len(list(found)) == 2
    assert buckets.asked[-1] == ("eu-west-1", {"Bucket": "b", "Key": "k", "VersionId": "a"})
