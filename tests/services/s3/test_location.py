"""Locations keep every character, and know what they are inside of."""

from __future__ import annotations

import pytest

from tests.services.s3.keys import HOSTILE
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ROOT, S3Location, is_rewritten_by_clients, key_length


@pytest.mark.parametrize("key", [*HOSTILE, "line\nfeed", "", "s3://nested", " blank "])
def test_every_key_survives_printing_and_parsing(key: str) -> None:
    location = S3Location("bucket", key)
    assert S3Location.parse(str(location)) == location


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("s3://bucket/a/b/", "bucket", "a/b/"),
        ("s3://bucket//lead/", "bucket", "/lead/"),
        ("s3://bucket/a%2Fb", "bucket", "a%2Fb"),
        ("bucket/a/", "bucket", "a/"),
        ("s3://Old_Bucket/x", "Old_Bucket", "x"),
        ("arn:aws:s3:::bucket/a/b", "bucket", "a/b"),
        ("https://bucket.s3.eu-west-1.amazonaws.com/a%20b/c", "bucket", "a b/c"),
        ("https://with.dots.s3.amazonaws.com/a", "with.dots", "a"),
        ("https://s3.eu-west-1.amazonaws.com/bucket/a%2Fb", "bucket", "a/b"),
        ("https://s3-eu-west-1.amazonaws.com/bucket/", "bucket", ""),
        ("https://bucket.s3.amazonaws.com/a?X-Amz-Signature=0&X-Amz-Expires=1", "bucket", "a"),
        (
            "https://eu-west-1.console.aws.amazon.com/s3/buckets/bucket?region=eu-west-1"
            "&bucketType=general&prefix=a%20b/c%2B/&showversions=false",
            "bucket",
            "a b/c+/",
        ),
        ("https://s3.console.aws.amazon.com/s3/object/bucket?prefix=a/b.csv", "bucket", "a/b.csv"),
        ("https://console.aws.amazon.com/s3/buckets/bucket", "bucket", ""),
        ("https://s3.console.aws.amazon.com/s3/buckets?region=us-east-1", "", ""),
        # The console writes a blank of an object's address as a plus; S3 reads it so.
        ("https://bucket.s3.amazonaws.com/a+b%2Bc.txt ", "bucket", "a b+c.txt"),
        ("https://s3.amazonaws.com/bucket/a+b.txt", "bucket", "a b.txt"),
        (
            "https://x--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com/a/b",
            "x--use1-az4--x-s3",
            "a/b",
        ),
        ("arn:aws-cn:s3:::bucket", "bucket", ""),
        ("arn:aws:s3express:us-east-1:1234:bucket/x--a1--x-s3/a/b", "x--a1--x-s3", "a/b"),
        ("s3a://bucket/a", "bucket", "a"),
        ("S3://bucket/a", "bucket", "a"),
        ("s3n://", "", ""),
        ("  s3://bucket/a ", "bucket", "a "),
        (" arn:aws:s3:::bucket/a", "bucket", "a"),
        ('"s3://bucket/a b"', "bucket", "a b"),
        ("'s3://bucket/it's' ", "bucket", "it's"),
        ("s3://bucket/'a'", "bucket", "'a'"),
    ],
)
def test_what_people_paste_is_understood(text: str, bucket: str, prefix: str) -> None:
    assert S3Location.parse(text) == S3Location(bucket, prefix)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("http://127.0.0.1:9000/bucket/a%2Fb c+/", "http://127.0.0.1:9000/"),
        ("http://bucket.minio.test:9000/a/b%20c+/", "http://minio.test:9000"),
        ("https://minio.test:443/bucket/a/b%20c+/", "https://MinIO.test"),
    ],
)
def test_an_address_at_the_endpoint_in_use_names_its_bucket(text: str, endpoint: str) -> None:
    assert S3Location.parse(text, endpoint=endpoint) == S3Location("bucket", "a/b c+/")
    with pytest.raises(ServiceError):
        S3Location.parse(text, endpoint="http://127.0.0.1:9001")


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/a",
        "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-1/accesspoint/ap",
        "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/ap",
        "https://ap-123456789012.s3-accesspoint.us-east-1.amazonaws.com/a",
    ],
)
def test_an_access_point_is_opened_by_its_alias(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        S3Location.parse(text)
    assert "-s3alias" in caught.value.hint


def test_no_bucket_is_the_list_of_buckets() -> None:
    assert S3Location.parse("s3://") == ROOT
    assert ROOT.is_root
    assert str(ROOT) == "s3://"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3:///x",
        "s3://b ad/x",
        "http://example.org/x",
        "s3://[/]",
        "https://console.aws.amazon.com/ec2/home",
        "https://[x/",
        "https://a]b/c",
        "https://\u2100.com/x",
        "http://minio.test:port/bucket",
    ],
)
def test_what_is_no_place_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        S3Location.parse(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert "s3://bucket/prefix/" in caught.value.hint


@pytest.mark.parametrize(
    ("prefix", "folder", "parent"),
    [
        ("a/", "a/", ""),
        ("a/b/", "a/b/", "a/"),
        ("a//", "a//", "a/"),
        ("/lead/", "/lead/", "/"),
        ("/", "/", ""),
        ("a/be", "a/", "a/"),
        ("be", "", ""),
        ("x/../", "x/../", "x/"),
    ],
)
def test_folders_nest_by_their_slashes_alone(prefix: str, folder: str, parent: str) -> None:
    location = S3Location("bucket", prefix)
    assert location.folder == folder
    assert location.parent == S3Location("bucket", parent)


def test_above_a_bucket_are_the_buckets_and_above_them_nothing() -> None:
    assert S3Location("bucket").parent == ROOT
    assert ROOT.parent is None


def test_names_are_relative_to_the_folder_not_to_the_prefix() -> None:
    location = S3Location("bucket", "logs/2026-")
    assert location.name_of("logs/2026-01.txt") == "2026-01.txt"
    assert location.name_of("logs/2026-02/") == "2026-02/"


@pytest.mark.parametrize(
    ("key", "rewritten"),
    [
        ("..", True),
        ("a/../b", True),
        ("./z", True),
        ("a/.", True),
        ("a..b", False),
        ("a//b", False),
        (".hidden/x", False),
        ("%2e%2e/x", False),
    ],
)
def test_keys_whose_addresses_clients_rewrite(key: str, rewritten: bool) -> None:
    assert is_rewritten_by_clients(key) is rewritten


@pytest.mark.parametrize(
    ("key", "length"),
    [
        ("a/é", 4),
        ("\U0001f600", 4),
        # A byte of a listing that is not UTF-8.
        ("a\udcff", 2),
        # No byte stands for it.
        ("a\ud800", 4),
    ],
)
def test_the_length_of_a_key_is_that_of_its_bytes(key: str, length: int) -> None:
    assert key_length(key) == length
