"""S3: buckets, prefixes and objects."""

from tui.services.s3.beginning import Beginning
from tui.services.s3.body import CountedBody, Stop, StoppedError
from tui.services.s3.data_plane import DataPlane, Listed, Write
from tui.services.s3.location import ROOT, S3Location, is_rewritten_by_clients
from tui.services.s3.models import (
    Bucket,
    BucketDetails,
    BucketPage,
    CreatedBucket,
    DeleteOutcome,
    FailedKey,
    ObjectDetails,
    ObjectPage,
    PolicyStatus,
    PresignedLink,
    PublicAccessBlock,
    S3Object,
    Unknown,
    Versioning,
)
from tui.services.s3.names import check_bucket_name
from tui.services.s3.service import S3Service

__all__ = [
    "ROOT",
    "Beginning",
    "Bucket",
    "BucketDetails",
    "BucketPage",
    "CountedBody",
    "CreatedBucket",
    "DataPlane",
    "DeleteOutcome",
    "FailedKey",
    "Listed",
    "ObjectDetails",
    "ObjectPage",
    "PolicyStatus",
    "PresignedLink",
    "PublicAccessBlock",
    "S3Location",
    "S3Object",
    "S3Service",
    "Stop",
    "StoppedError",
    "Unknown",
    "Versioning",
    "Write",
    "check_bucket_name",
    "is_rewritten_by_clients",
]
