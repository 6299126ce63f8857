"""The directory buckets (S3 Express One Zone) of the account in the region of the connection.

ListBuckets does not name them. Blocking; raises ServiceError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.services.aws import Connection, call
from tui.services.aws.network_cause import NO_ADDRESS
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.list_answer import utc
from tui.services.s3.models import Bucket

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListDirectoryBucketsOutputTypeDef

PAGE = 1000
"""Buckets in a page; AWS gives no more, and an account has at most 100 in a region."""

REGIONS = frozenset(
    {
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "ap-south-1",
        "ap-northeast-1",
        "eu-north-1",
        "eu-west-1",
    }
)
"""Where AWS is known to offer them.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/endpoint-directory-buckets-AZ.html"""


def list_directory_buckets(s3: S3Calls, *, at: Connection | None = None) -> tuple[Bucket, ...]:
    """All of them; none where the server is not AWS, and nothing is sent then. None, too, in a
    region whose endpoint for them has no address: they are not offered there.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html
    """
    connection = s3.on(at).connection
    if connection.endpoint is not None:
        return ()
    try:
        buckets = _all(connection)
    except ServiceError as error:
        has_no_address = error.kind is ErrorKind.NETWORK and error.cause.endswith(NO_ADDRESS)
        # Where they are offered, a name without an address is a fault of this network.
        if has_no_address and connection.region not in REGIONS:
            return ()
        raise
    for bucket in buckets:
        s3.learn(bucket.name, bucket.region)
    s3.payers.learn_own(connection, (bucket.name for bucket in buckets))
    return buckets


def _all(connection: Connection) -> tuple[Bucket, ...]:
    client = connection.client("s3")
    action = "list the directory buckets"
    answer: ListDirectoryBucketsOutputTypeDef = call(
        action, client.list_directory_buckets, MaxDirectoryBuckets=PAGE
    )
    found = list(answer.get("Buckets", ()))
    while token := answer.get("ContinuationToken"):
        answer = call(
            action,
            client.list_directory_buckets,
            MaxDirectoryBuckets=PAGE,
            ContinuationToken=token,
        )
        found += answer.get("Buckets", ())
        if answer.get("ContinuationToken") == token:
            break
    return tuple(
        Bucket(
            each["Name"],
            each.get("BucketRegion") or connection.region,
            utc(each.get("CreationDate")),
        )
        for each in found
    )
