"""The directory buckets (S3 Express One Zone) of the account in the region of the connection.

ListBuckets does not name them. Blocking; raises ServiceError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.services.aws import Connection, call
from tui.services.s3.calls import S3Calls
from tui.services.s3.list_answer import utc
from tui.services.s3.models import Bucket

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListDirectoryBucketsOutputTypeDef

PAGE = 1000
"""Buckets in a page; AWS gives no more, and an account has at most 100 in a region."""


def list_directory_buckets(s3: S3Calls, *, at: Connection | None = None) -> tuple[Bucket, ...]:
    """All of them; none where the server is not AWS, and nothing is sent then.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html
    """
    connection = s3.on(at).connection
    if connection.endpoint is not None:
        return ()
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
    buckets = tuple(
        Bucket(
            each["Name"],
            each.get("BucketRegion") or connection.region,
            utc(each.get("CreationDate")),
        )
        for each in found
    )
    for bucket in buckets:
        s3.learn(bucket.name, bucket.region)
    s3.payers.learn_own(connection, (bucket.name for bucket in buckets))
    return buckets
