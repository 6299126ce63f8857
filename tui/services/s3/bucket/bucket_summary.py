"""What the list of buckets says about one of them that ListBuckets does not say. Blocking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.buckets import get_public_access_block, get_region, policy_status
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.bucket.public_grants import bucket_grants
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import BucketSummary, Exposure, Unknown

T = TypeVar("T")

_HOPELESS = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK}


def summarize_bucket(s3: S3Calls, bucket: str) -> BucketSummary:
    """The region of a bucket, and whether it is public; what may not be read is unknown.

    A bucket whose public access block is whole costs one request, another one up to five. Raises
    ServiceError (CREDENTIALS, NETWORK) where no other bucket could be read either.
    """
    if is_directory_bucket(bucket):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security.html: its block
        # of public access is on and cannot be changed. It has no GetBucketLocation.
        return BucketSummary(s3.region_of(bucket), public=False)
    # First: on AWS the headers of its answer say the region.
    block = _part(s3, bucket, get_public_access_block)
    region = _part(s3, bucket, get_region)
    known_region = None if isinstance(region, Unknown) else region
    if block is not None and not isinstance(block, Unknown) and block.is_full:
        return BucketSummary(known_region, public=False)
    exposure = Exposure(
        public_access_block=block,
        policy=_part(s3, bucket, policy_status),
        grants=_part(s3, bucket, bucket_grants),
    )
    return BucketSummary(known_region, exposure.public)


def _part(s3: S3Calls, bucket: str, read: Callable[[S3Calls, str], T]) -> T | Unknown:
    try:
        return read(s3, bucket)
    except ServiceError as error:
        if error.kind in _HOPELESS:
            raise
        return Unknown(error)
