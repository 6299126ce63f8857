"""Buckets, and what is directly inside a bucket or a prefix, page by page."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from tui.services.aws import call
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.clients import BucketClients
from tui.services.s3.location import DELIMITER, S3Location
from tui.services.s3.models import Bucket, BucketPage, ObjectPage, S3Object

PAGE = 1000
"""Keys in a page; S3 gives no more."""

_REJECTED = {"InvalidArgument", "InvalidRequest", "NotImplemented", "MalformedXML", "400", "501"}
"""How S3-compatible servers answer parameters of ListBuckets that they do not know."""

_WITHOUT_LIST = (
    "Listing all buckets needs the permission s3:ListAllMyBuckets. A bucket that you may use opens "
    "without it: press : and type s3://bucket/prefix/"
)


def list_buckets(s3: S3Calls, token: str | None = None, limit: int = PAGE) -> BucketPage:
    """One page of the account's buckets; asks for the regions too where the server can tell.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
    """
    client = s3.connection.client("s3")
    action = "list the buckets"
    try:
        if token is None:
            answer = call(action, client.list_buckets, MaxBuckets=limit)
        else:
            answer = call(action, client.list_buckets, MaxBuckets=limit, ContinuationToken=token)
    except ServiceError as error:
        if error.kind is ErrorKind.DENIED:
            error.hint = _WITHOUT_LIST
        if error.code not in _REJECTED or token is not None:
            raise
        answer = call(action, client.list_buckets)
    following = answer.get("ContinuationToken")
    if not following and token is None and len(answer.get("Buckets", ())) == limit:
        # Some servers cut the list without saying so; asked plainly they give all of it.
        answer = call(action, client.list_buckets)
    buckets = tuple(_bucket(entry) for entry in answer.get("Buckets", ()))
    for bucket in buckets:
        s3.learn(bucket.name, bucket.region)
    # Some servers give the same token for ever.
    return BucketPage(buckets, following if following and following != token else None)


def _bucket(entry: Mapping[str, Any]) -> Bucket:
    return Bucket(entry["Name"], entry.get("BucketRegion") or None, _utc(entry.get("CreationDate")))


def list_page(
    clients: BucketClients, location: S3Location, token: str | None, limit: int
) -> ObjectPage:
    """What is directly inside a location: at most `limit` (1 to 1,000) prefixes and objects.

    An object whose key is the folder itself (a zero-byte marker such as `dir/`) is listed.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    if location.is_root:
        raise ServiceError("A bucket is needed to list objects.", kind=ErrorKind.INVALID)
    parameters: dict[str, Any] = {
        "Prefix": location.prefix,
        "Delimiter": DELIMITER,
        "MaxKeys": min(limit, PAGE),
        "EncodingType": "url",
    }
    if token is not None:
        parameters["ContinuationToken"] = token
    if clients.account.endpoint is None:
        # Compatible servers may reject the header that this becomes.
        parameters["OptionalObjectAttributes"] = ["RestoreStatus"]
    try:
        answer = clients.call(f"list {location}", "list_objects_v2", location.bucket, **parameters)
    except ServiceError as error:
        if error.code == "NoSuchBucket" and not error.hint:
            error.hint = "Check the name, or go to s3:// for the list of buckets."
        raise
    return _page(location, answer)


def _page(location: S3Location, answer: Mapping[str, Any]) -> ObjectPage:
    # Asked for explicitly, the encoding is left to us; a server may ignore the request, though.
    encoded = answer.get("EncodingType") == "url"
    prefixes = (entry["Prefix"] for entry in answer.get("CommonPrefixes", ()))
    token = answer.get("NextContinuationToken") if answer.get("IsTruncated") else None
    return ObjectPage(
        location,
        tuple(decode_key(prefix) if encoded else prefix for prefix in prefixes),
        objects_of(answer),
        token or None,
    )


def objects_of(answer: Mapping[str, Any]) -> tuple[S3Object, ...]:
    """The objects in an answer of ListObjectsV2 that was asked for with `EncodingType=url`."""
    encoded = answer.get("EncodingType") == "url"
    return tuple(_object(entry, encoded) for entry in answer.get("Contents", ()))


def decode_key(encoded: str) -> str:
    """A key as stored, from the form that `EncodingType=url` gives ("+" is a space).

    Bytes that are not UTF-8, which AWS does not have but other servers may, survive as surrogates.
    """
    return unquote_plus(encoded, encoding="utf-8", errors="surrogateescape")


def _object(entry: Mapping[str, Any], encoded: bool) -> S3Object:
    restore = entry.get("RestoreStatus") or {}
    until = restore.get("RestoreExpiryDate")
    return S3Object(
        key=decode_key(entry["Key"]) if encoded else entry["Key"],
        size=int(entry["Size"]),
        modified=_utc(entry.get("LastModified")),
        # One string for all objects: a listing may hold hundreds of thousands.
        storage_class=sys.intern(entry.get("StorageClass", "")),
        etag=entry.get("ETag", "").strip('"'),
        restore="in progress"
        if restore.get("IsRestoreInProgress")
        else f"until {_utc(until):%Y-%m-%d %H:%M} UTC"
        if until
        else "",
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None
