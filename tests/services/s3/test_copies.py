"""Commands and addresses to copy must mean exactly the object they were made for."""

from __future__ import annotations

import ast
import json

import pytest

from tests.services.s3.keys import HOSTILE
from tests.shell import words_of
from tui.services.aws import Target
from tui.services.s3 import ROOT, S3Location
from tui.services.s3.copies import CopyForm, https_url, of_location, of_object, of_version

SANDBOX = Target("dev", "eu-west-1", "http://127.0.0.1:5000")


@pytest.mark.parametrize("key", [*HOSTILE, "line\nfeed", "$(rm -rf)", "`x`", "-x"])
def test_every_form_keeps_the_key(key: str) -> None:
    copies = {copy.form: copy.text for copy in of_object("bucket", key, SANDBOX)}
    assert copies[CopyForm.KEY] == key
    assert copies[CopyForm.URI] == f"s3://bucket/{key}"
    assert copies[CopyForm.CLI].isprintable()
    words = words_of(copies[CopyForm.CLI])
    assert f"--key={key}" in words
    assert words[-1].startswith("./")
    assert words[-1][2:].count("/") == 0
    assert copies[CopyForm.BOTO3].replace("\n", "").isprintable()
    strings = [
        node.value
        for node in ast.walk(ast.parse(copies[CopyForm.BOTO3]))
        if isinstance(node, ast.Constant)
    ]
    assert key in strings
    assert "http://127.0.0.1:5000" in strings


def test_commands_carry_profile_region_and_endpoint() -> None:
    cli = {copy.form: copy.text for copy in of_location(S3Location("b", "p/"), SANDBOX)}
    assert (
        "--profile dev --region eu-west-1 --endpoint-url http://127.0.0.1:5000" in cli[CopyForm.CLI]
    )


@pytest.mark.parametrize("key", ["file://etc/passwd", "fileb://x", "http://x/y", "https://x"])
def test_no_key_makes_the_cli_read_a_file_or_a_web_page(key: str) -> None:
    of_key = {copy.form: copy.text for copy in of_object("b", key, Target())}
    assert words_of(of_key[CopyForm.CLI])[1:4] == ["s3", "cp", f"s3://b/{key}"]
    of_prefix = {copy.form: copy.text for copy in of_location(S3Location("b", key), Target())}
    request = words_of(of_prefix[CopyForm.CLI])[-1]
    assert json.loads(request) == {"Bucket": "b", "Prefix": key, "Delimiter": "/"}


def test_the_list_of_buckets_has_its_commands_too() -> None:
    copies = {copy.form: copy.text for copy in of_location(ROOT, Target())}
    assert copies[CopyForm.CLI] == "aws s3api list-buckets"
    ast.parse(copies[CopyForm.BOTO3])


@pytest.mark.parametrize(
    ("bucket", "target", "region", "wanted"),
    [
        ("bucket", Target(), "eu-west-1", "https://bucket.s3.eu-west-1.amazonaws.com/a%20b/%252F"),
        ("b.c", Target(), "eu-west-1", "https://s3.eu-west-1.amazonaws.com/b.c/a%20b/%252F"),
        ("bucket", SANDBOX, None, "http://127.0.0.1:5000/bucket/a%20b/%252F"),
        (
            "bucket",
            Target(region="cn-north-1"),
            None,
            "https://bucket.s3.cn-north-1.amazonaws.com.cn/a%20b/%252F",
        ),
    ],
)
def test_web_addresses(bucket: str, target: Target, region: str | None, wanted: str) -> None:
    assert https_url(bucket, "a b/%2F", target, region) == wanted


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_the_arn_has_the_partition_of_the_region(region: str, partition: str) -> None:
    copies = {copy.form: copy.text for copy in of_object("b", "a b/%", Target(), region, etag="e1")}
    assert copies[CopyForm.ARN] == f"arn:{partition}:s3:::b/a b/%"
    assert copies[CopyForm.ETAG] == "e1"
    bucket = {copy.form: copy.text for copy in of_location(S3Location("b"), Target(), region)}
    assert bucket[CopyForm.ARN] == f"arn:{partition}:s3:::b"


def test_no_etag_is_offered_where_none_is_known() -> None:
    assert CopyForm.ETAG not in {copy.form for copy in of_object("b", "k", Target())}


@pytest.mark.parametrize("key", [*HOSTILE, "$(rm -rf)", "-x", "file://etc/passwd"])
def test_every_form_of_a_version_names_the_version(key: str) -> None:
    copies = {copy.form: copy.text for copy in of_version("b", key, "v+1/=", SANDBOX)}
    assert copies[CopyForm.VERSION] == "v+1/="
    assert copies[CopyForm.KEY] == key
    assert copies[CopyForm.URI] == f"s3://b/{key}?versionId=v%2B1%2F%3D"
    assert copies[CopyForm.URL].endswith("?versionId=v%2B1%2F%3D")
    words = words_of(copies[CopyForm.CLI])
    if "--cli-input-json" in words:
        request = json.loads(words[words.index("--cli-input-json") + 1])
        assert request == {"Bucket": "b", "Key": key, "VersionId": "v+1/="}
    else:
        assert {f"--key={key}", "--version-id=v+1/="} <= set(words)
    assert words[-1].startswith("./")
    strings = [
        node.value
        for node in ast.walk(ast.parse(copies[CopyForm.BOTO3]))
        if isinstance(node, ast.Constant)
    ]
    assert {key, "v+1/="} <= set(strings)


@pytest.mark.parametrize("key", ["a b", "file://a"])
def test_who_pays_says_so_in_every_command(key: str) -> None:
    for copies in (
        of_object("b", key, Target(), pays=True),
        of_version("b", key, "v1", Target(), pays=True),
        of_location(S3Location("b", key), Target(), pays=True),
    ):
        texts = {copy.form: copy.text for copy in copies}
        assert "--request-payer requester" in texts[CopyForm.CLI]
        assert "RequestPayer='requester'" in texts[CopyForm.BOTO3]
        compile(texts[CopyForm.BOTO3], "boto3", "exec")
    assert "payer" not in " ".join(copy.text for copy in of_object("b", key, Target())).lower()


def test_commands_for_what_everybody_may_read_sign_nothing() -> None:
    copies = {each.form: each.text for each in of_object("b", "k", Target(unsigned=True))}
    assert "--no-sign-request" in words_of(copies[CopyForm.CLI])
    assert "config=Config(signature_version=UNSIGNED)" in copies[CopyForm.BOTO3]
    ast.parse(copies[CopyForm.BOTO3])


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1", None])
@pytest.mark.parametrize("prefix", ["", "a b/", "a/k+&=?#%2F.txt", "x//y", "日本/é", "./z"])
def test_the_page_of_the_console_leads_back_to_the_place(region: str | None, prefix: str) -> None:
    location = S3Location("my-bucket", prefix)
    copies = {each.form: each.text for each in of_location(location, Target(), region)}
    address = copies[CopyForm.CONSOLE]
    assert address.startswith(f"https://{region or 'us-east-1'}.console.")
    assert S3Location.parse(address) == location
    if prefix and not prefix.endswith("/"):
        same = {each.form: each.text for each in of_object("my-bucket", prefix, Target(), region)}
        assert same[CopyForm.CONSOLE] == address
        assert "/s3/object/my-bucket?" in address


def test_another_server_has_no_page_in_the_console() -> None:
    copies = of_object("b", "k", SANDBOX) + of_location(ROOT, SANDBOX)
    assert CopyForm.CONSOLE not in {each.form for each in copies}
