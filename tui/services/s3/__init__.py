"""S3: buckets, prefixes and objects."""

from tui.services.s3.bucket.bucket_protection import BucketProtection, ObjectLock, PolicyDenies
from tui.services.s3.bucket.names import check_bucket_name
from tui.services.s3.bucket.new_bucket import AWS_KEY, NewBucket, parse_tags, tag_problems
from tui.services.s3.copying.copy_parts import CopyInParts, needs_no_checksums
from tui.services.s3.copying.copy_source import CopySource, ObjectCopy
from tui.services.s3.copying.copy_terms import CopyTerms
from tui.services.s3.copying.copying import Copier
from tui.services.s3.data.body import (
    CountedBody,
    PausedError,
    Stop,
    StoppedError,
    is_paused,
)
from tui.services.s3.data.conditions import Listed, Write
from tui.services.s3.data.data_plane import DataPlane
from tui.services.s3.data.multipart import MultipartUpload
from tui.services.s3.deleting.batch_delete import NO_VERSION, Name
from tui.services.s3.deleting.versions import ObjectVersion, RefusedVersion, VersionLock
from tui.services.s3.location import (
    MAX_KEY_BYTES,
    ROOT,
    S3Location,
    is_rewritten_by_clients,
    key_length,
)
from tui.services.s3.models import (
    Bucket,
    BucketDetails,
    BucketPage,
    BucketSummary,
    CreatedBucket,
    DeleteOutcome,
    Exposure,
    FailedKey,
    Grants,
    ObjectDetails,
    ObjectPage,
    PolicyStatus,
    PresignedLink,
    PublicAccessBlock,
    PublicGrant,
    S3Object,
    Unknown,
    Versioning,
)
from tui.services.s3.objects import Beginning
from tui.services.s3.service import S3Service

__all__ = [
    "AWS_KEY",
    "MAX_KEY_BYTES",
    "NO_VERSION",
    "ROOT",
    "Beginning",
    "Bucket",
    "BucketDetails",
    "BucketPage",
    "BucketProtection",
    "BucketSummary",
    "Copier",
    "CopyInParts",
    "CopySource",
    "CopyTerms",
    "CountedBody",
    "CreatedBucket",
    "DataPlane",
    "DeleteOutcome",
    "Exposure",
    "FailedKey",
    "Grants",
    "Listed",
    "MultipartUpload",
    "Name",
    "NewBucket",
    "ObjectCopy",
    "ObjectDetails",
    "ObjectLock",
    "ObjectPage",
    "ObjectVersion",
    "PausedError",
    "PolicyDenies",
    "PolicyStatus",
    "PresignedLink",
    "PublicAccessBlock",
    "PublicGrant",
    "RefusedVersion",
    "S3Location",
    "S3Object",
    "S3Service",
    "Stop",
    "StoppedError",
    "Unknown",
    "VersionLock",
    "Versioning",
    "Write",
    "check_bucket_name",
    "is_paused",
    "is_rewritten_by_clients",
    "key_length",
    "needs_no_checksums",
    "parse_tags",
    "tag_problems",
]
