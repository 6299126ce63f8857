"""What there is: buckets, what is directly inside a bucket or a prefix, objects in bulk.

Blocking; every function raises ServiceError.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Paging, call
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.list_answer import decode_key, list_objects, objects_of, utc
from tui.services.s3.location import DELIMITER, MAX_KEY_BYTES, S3Location
from tui.services.s3.models import Bucket, BucketPage, ObjectPage, S3Object

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import (
        BucketTypeDef,
        ListObjectsV2OutputTypeDef,
    )

PAGE = 1000
"""Keys in a page; S3 gives no more."""

_OBJECTS: Paging[ListObjectsV2OutputTypeDef] = Paging(
    {"NextContinuationToken": "ContinuationToken"}
)

_LAST_CHARACTER = "\U0010ffff"

_REJECTED = {"InvalidArgument", "InvalidRequest", "NotImplemented", "MalformedXML", "400", "501"}
"""How S3-compatible servers answer parameters of ListBuckets that they do not know."""

_WITHOUT_LIST = (
    "Listing all buckets needs the permission s3:ListAllMyBuckets. A bucket that you may use opens "
    "without it: press : and type s3://bucket/prefix/"
)


def list_buckets(
    s3: S3Calls,
    token: str | None = None,
    *,
    limit: int = PAGE,
    at: Connection | None = None,
) -> BucketPage:
    """One page of the account's buckets; asks for the regions too where the server can tell.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
    """
    connection = s3.on(at).connection
    client = connection.client("s3")
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
    s3.payers.learn_own(connection, (bucket.name for bucket in buckets))
    # Some servers give the same token for ever.
    return BucketPage(buckets, following if following and following != token else None)


def _bucket(entry: BucketTypeDef) -> Bucket:
    return Bucket(entry["Name"], entry.get("BucketRegion") or None, utc(entry.get("CreationDate")))


def list_page(
    s3: S3Calls,
    location: S3Location,
    token: str | None = None,
    *,
    limit: int = PAGE,
    at: Connection | None = None,
) -> ObjectPage:
    """What is directly inside a location: at most `limit` (1 to 1,000) prefixes and objects.

    An object whose key is the folder itself (a zero-byte marker such as `dir/`) is listed.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    s3 = s3.on(at)
    if location.is_root:
        raise ServiceError("A bucket is needed to list objects.", kind=ErrorKind.INVALID)
    of_directory = is_directory_bucket(location.bucket)
    if of_directory and location.prefix != location.folder:
        raise ServiceError(
            f"A directory bucket lists whole folders only, and {location.prefix!r} is none.",
            hint='Give a prefix that ends in "/"; / filters what is loaded of it.',
            kind=ErrorKind.INVALID,
        )
    request = page_request(s3.connection, location) | {"MaxKeys": min(limit, PAGE)}
    if token is not None:
        request["ContinuationToken"] = token
    try:
        answer = s3.call(f"list {location}", list_objects, **request)
    except ServiceError as error:
        refused = of_directory and error.kind is not ErrorKind.NETWORK
        if refused and s3.connection.endpoint is not None:
            # MinIO calls the way wrong in which the SDK signs for such a bucket.
            error.hint = "Directory buckets are offered by AWS, not by compatible servers."
        elif error.code == "NoSuchBucket" and not error.hint:
            error.hint = "Check the name, or go to s3:// for the list of buckets."
        raise
    return page_of(location, answer)


def page_request(connection: Connection, location: S3Location) -> dict[str, Any]:
    """What asks for a page of a location."""
    request: dict[str, Any] = {
        "Bucket": location.bucket,
        "Prefix": location.prefix,
        "Delimiter": DELIMITER,
        "EncodingType": "url",
    }
    if connection.endpoint is None and not is_directory_bucket(location.bucket):
        # Nothing is archived in a directory bucket.
        # Compatible servers may reject the header that this becomes.
        request["OptionalObjectAttributes"] = ["RestoreStatus"]
    return request


def page_of(location: S3Location, answer: ListObjectsV2OutputTypeDef) -> ObjectPage:
    """The page in an answer."""
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


# -- everything under a prefix, and which of many keys exist ------------------------------------


def list_under(
    s3: S3Calls, bucket: str, prefix: str, *, after: str = "", at: Connection | None = None
) -> Iterator[tuple[S3Object, ...]]:
    """Every object whose key begins with `prefix`, at any depth, page by page; with `after` only
    those behind that key, which a directory bucket does not know."""
    return every_object(s3.on(at), bucket, prefix, **({"StartAfter": after} if after else {}))


def every_object(
    s3: S3Calls, bucket: str, prefix: str, **asked: Any
) -> Iterator[tuple[S3Object, ...]]:
    """Every object under a prefix, page by page; `asked` are further parameters of
    ListObjectsV2."""
    pages = s3.pages(
        f"list s3://{bucket}/{prefix}",
        list_objects,
        _OBJECTS,
        Bucket=bucket,
        Prefix=prefix,
        EncodingType="url",
        **asked,
    )
    return map(objects_of, pages)


@dataclass(frozen=True, slots=True)
class ExistingPage:
    """A part of a listing: all objects of it, from one key to another."""

    start: bytes
    end: bytes | None
    """The last key; None where the listing ends."""
    objects: Mapping[str, S3Object]

    def tells_of(self, key: str) -> bool:
        """Whether a key that is not in it does not exist."""
        encoded = key.encode("utf-8", "surrogateescape")
        return self.start <= encoded and (self.end is None or encoded <= self.end)


def list_from(
    s3: S3Calls, bucket: str, key: str, *, prefix: str = "", at: Connection | None = None
) -> ExistingPage:
    """What exists from `key` on, which begins with `prefix`: one page. Not of directory buckets."""
    answer = s3.on(at).call(
        "look up what is already there",
        list_objects,
        Bucket=bucket,
        Prefix=prefix,
        StartAfter=just_before(key),
        EncodingType="url",
    )
    found = objects_of(answer)
    end = None
    if answer.get("IsTruncated") and found:
        end = found[-1].key.encode("utf-8", "surrogateescape")
    return ExistingPage(key.encode(), end, {each.key: each for each in found})


def list_existing(
    s3: S3Calls, bucket: str, keys: Sequence[str], *, at: Connection | None = None
) -> Iterator[Mapping[str, S3Object]]:
    """Which of `keys` exist, page by page of the bucket's listing.

    A directory bucket is asked for the folders of the keys instead: its listings have no order.

    Jumps over what lies between two keys, so that it never asks more often than once per key,
    and asks once per thousand where they lie close together.
    """
    if is_directory_bucket(bucket):
        yield from _in_folders(s3.on(at), bucket, set(keys))
        return
    encoded = sorted({key.encode() for key in keys})
    wanted = {key.decode() for key in encoded}
    prefix = common_beginning(min(wanted), max(wanted)) if wanted else ""
    position, after = 0, b""
    while position < len(encoded):
        before = just_before(encoded[position].decode()).encode()
        if after < before or not _is_utf8(after):
            # A key that is not UTF-8, of which no request can be made, lies before the next one.
            after = before
        answer = s3.on(at).call(
            "look up what is already there",
            list_objects,
            Bucket=bucket,
            Prefix=prefix,
            StartAfter=after.decode(),
            EncodingType="url",
        )
        page = objects_of(answer)
        yield {each.key: each for each in page if each.key in wanted}
        if not answer.get("IsTruncated") or not page:
            return
        after = page[-1].key.encode("utf-8", "surrogateescape")
        position = bisect_right(encoded, after)


def _in_folders(s3: S3Calls, bucket: str, keys: set[str]) -> Iterator[Mapping[str, S3Object]]:
    for folder in sorted({S3Location(bucket, key).folder for key in keys}):
        pages = s3.pages(
            "look up what is already there",
            list_objects,
            _OBJECTS,
            Bucket=bucket,
            Prefix=folder,
            Delimiter=DELIMITER,
            EncodingType="url",
        )
        for page in pages:
            yield {each.key: each for each in objects_of(page) if each.key in keys}


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def common_beginning(first: str, last: str) -> str:
    """What all strings sorted between the two begin with."""
    same = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    return first[:same]


def just_before(key: str) -> str:
    """A string that sorts before `key` with next to nothing in between, for StartAfter."""
    stem, last = key[:-1], ord(key[-1])
    if last == 0:
        return stem
    # U+D800 to U+DFFF are not characters.
    previous = chr(0xD7FF if last == 0xE000 else last - 1)
    before = stem + previous + _LAST_CHARACTER
    return before if len(before.encode()) <= MAX_KEY_BYTES else stem
