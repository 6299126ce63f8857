"""What is on screen, in the words of other tools: addresses, AWS CLI, boto3."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import Enum
from itertools import chain
from urllib.parse import quote

from tui.services.aws import Target
from tui.services.quoting import shell_command
from tui.services.s3.location import DELIMITER, S3Location

_READ_FROM_ELSEWHERE = ("file://", "fileb://", "http://", "https://")
"""The AWS CLI takes an option's value that begins so for the address of the value.
Source: "Loading a parameter from a file" in its user guide; the web addresses: version 1."""


_PAYER = ("--request-payer", "requester")


class CopyForm(Enum):
    """The ways to say a thing; the value is what a person calls it."""

    URI = "S3 URI"
    KEY = "key"
    PREFIX = "prefix"
    BUCKET = "bucket name"
    URL = "URL"
    ARN = "ARN"
    CONSOLE = "AWS console"
    ETAG = "ETag"
    VERSION = "version id"
    CLI = "as AWS CLI"
    BOTO3 = "as boto3"


@dataclass(frozen=True)
class Copy:
    """One thing that can be copied."""

    form: CopyForm
    text: str


def https_url(bucket: str, key: str, target: Target, region: str | None) -> str:
    """The object's web address. Opens only what is public or signed."""
    path = quote(key, safe="/~", errors="surrogateescape")
    if target.endpoint_url is not None:
        return f"{target.endpoint_url.rstrip('/')}/{bucket}/{path}"
    host = f"s3.{region or target.region or 'us-east-1'}.amazonaws.com"
    if (region or target.region or "").startswith("cn-"):
        host += ".cn"
    # A wildcard certificate covers one label: dots in the name need the older form.
    return f"https://{host}/{bucket}/{path}" if "." in bucket else f"https://{bucket}.{host}/{path}"


def arn(location: S3Location, target: Target, region: str | None) -> str:
    """The name of a bucket or an object in policies.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html
    """
    where = region or target.region or ""
    partition = "aws"
    for beginning, name in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if where.startswith(beginning):
            partition = name
    inside = f"{DELIMITER}{location.prefix}" if location.prefix else ""
    return f"arn:{partition}:s3:::{location.bucket}{inside}"


def _console(location: S3Location, target: Target, region: str | None) -> tuple[Copy, ...]:
    """The page of the AWS console that shows a bucket, a prefix or an object; none on a server that
    is not AWS."""
    if target.endpoint_url is not None:
        return ()
    where = region or target.region or "us-east-1"
    host = "console.aws.amazon.com"
    for beginning, other in (
        ("cn-", "console.amazonaws.cn"),
        ("us-gov-", "console.amazonaws-us-gov.com"),
    ):
        if where.startswith(beginning):
            host = other
    is_object = bool(location.prefix) and not location.prefix.endswith(DELIMITER)
    page = f"/{'object' if is_object else 'buckets'}/{location.bucket}" if location.bucket else ""
    prefix = quote(location.prefix, safe="", errors="surrogateescape")
    inside = f"&prefix={prefix}" if prefix else ""
    address = f"https://{where}.{host}/s3{page or '/buckets'}?region={where}{inside}"
    return (Copy(CopyForm.CONSOLE, address),)


def of_object(
    bucket: str,
    key: str,
    target: Target,
    region: str | None = None,
    *,
    etag: str = "",
    pays: bool = False,
) -> tuple[Copy, ...]:
    """The ways to say one object. Nothing in them is a secret. With `pays`, the commands say that
    the requester pays."""
    name = key.rstrip("/").rpartition("/")[2] or "object"
    if name in {".", ".."}:
        name = "object"
    place, payer = _at(target, region), _PAYER if pays else ()
    uri = str(S3Location(bucket, key))
    # The low-level commands would read a key like `file://x` from that file.
    get = (
        _cli(place, "s3", "cp", uri, f"./{name}", *payer)
        if key.startswith(_READ_FROM_ELSEWHERE)
        else _cli(
            place,
            "s3api",
            "get-object",
            "--bucket",
            bucket,
            f"--key={key}",
            *payer,
            last=f"./{name}",
        )
    )
    return (
        Copy(CopyForm.URI, uri),
        Copy(CopyForm.KEY, key),
        Copy(CopyForm.URL, https_url(bucket, key, target, region)),
        Copy(CopyForm.ARN, arn(S3Location(bucket, key), target, region)),
        *_console(S3Location(bucket, key), target, region),
        *([Copy(CopyForm.ETAG, etag)] if etag else []),
        Copy(CopyForm.CLI, get),
        Copy(
            CopyForm.BOTO3,
            f"{place.client_code('s3')}"
            f"body = s3.get_object(Bucket={bucket!r}, Key={key!r}{_payer_code(pays)})"
            "['Body'].read()\n",
        ),
    )


def of_version(
    bucket: str,
    key: str,
    version_id: str,
    target: Target,
    region: str | None = None,
    *,
    pays: bool = False,
) -> tuple[Copy, ...]:
    """The ways to say one version of an object. The AWS CLI takes no version id in a URI."""
    place, payer = _at(target, region), _PAYER if pays else ()
    name = key.rstrip("/").rpartition("/")[2] or "object"
    if name in {".", ".."}:
        name = "object"
    named = f"?versionId={quote(version_id, safe='')}"
    get = _cli(
        place,
        "s3api",
        "get-object",
        "--bucket",
        bucket,
        f"--key={key}",
        f"--version-id={version_id}",
        *payer,
        last=f"./{name}",
    )
    if key.startswith(_READ_FROM_ELSEWHERE):
        request = {"Bucket": bucket, "Key": key, "VersionId": version_id}
        get = _cli(
            place,
            "s3api",
            "get-object",
            "--cli-input-json",
            json.dumps(request),
            *payer,
            last=f"./{name}",
        )
    return (
        Copy(CopyForm.VERSION, version_id),
        Copy(CopyForm.URI, f"{S3Location(bucket, key)}{named}"),
        Copy(CopyForm.KEY, key),
        Copy(CopyForm.URL, https_url(bucket, key, target, region) + named),
        Copy(CopyForm.CLI, get),
        Copy(
            CopyForm.BOTO3,
            f"{place.client_code('s3')}body = s3.get_object(\n"
            f"    Bucket={bucket!r}, Key={key!r}, VersionId={version_id!r}{_payer_code(pays)}\n"
            ")['Body'].read()\n",
        ),
    )


def of_location(
    location: S3Location, target: Target, region: str | None = None, *, pays: bool = False
) -> tuple[Copy, ...]:
    """The ways to say a bucket or a prefix, and to list it."""
    place = _at(target, region)
    if location.is_root:
        return (
            *_console(location, target, region),
            Copy(CopyForm.CLI, _cli(place, "s3api", "list-buckets")),
            Copy(
                CopyForm.BOTO3, f"{place.client_code('s3')}buckets = s3.list_buckets()['Buckets']\n"
            ),
        )
    bucket, prefix = location.bucket, location.prefix
    within: tuple[str, ...] = ("--bucket", bucket, f"--prefix={prefix}", "--delimiter", "/")
    if prefix.startswith(_READ_FROM_ELSEWHERE):
        request = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/"}
        within = ("--cli-input-json", json.dumps(request))
    if pays:
        within += _PAYER
    return (
        Copy(CopyForm.URI, str(location)),
        *((Copy(CopyForm.PREFIX, prefix),) if prefix else (Copy(CopyForm.BUCKET, bucket),)),
        Copy(CopyForm.ARN, arn(location, target, region)),
        *_console(location, target, region),
        Copy(CopyForm.CLI, _cli(place, "s3api", "list-objects-v2", *within)),
        Copy(
            CopyForm.BOTO3,
            f"{place.client_code('s3')}pages = s3.get_paginator('list_objects_v2').paginate(\n"
            f"    Bucket={bucket!r}, Prefix={prefix!r}, Delimiter='/'{_payer_code(pays)}\n)\n",
        ),
    )


def _payer_code(pays: bool) -> str:
    return ", RequestPayer='requester'" if pays else ""


def _at(target: Target, region: str | None) -> Target:
    """The target, in the bucket's own region if that is known."""
    return replace(target, region=region or target.region)


def _cli(target: Target, *words: str, last: str | None = None) -> str:
    options = chain.from_iterable(target.cli_options)
    unsigned = ["--no-sign-request"] if target.unsigned else []
    return shell_command(["aws", *words, *options, *unsigned, *([last] if last else [])])
