"""Reading and changing what is true of a bucket as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.bucket.public_grants import allows_everybody, bucket_grants
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import (
    BucketDetails,
    Exposure,
    PolicyStatus,
    PublicAccessBlock,
    Unknown,
    Versioning,
)

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import PublicAccessBlockConfigurationTypeDef

T = TypeVar("T")

WITHOUT_CONSTRAINT = "us-east-1"
"""The one region that must not be named in CreateBucket: it is what no region means."""

_NO_POLICY = frozenset({"NoSuchBucketPolicy"})


def _no_answer(answer: object) -> None:
    """What is read from an answer that says nothing."""


def put_public_access_block(s3: S3Calls, bucket: str, block: PublicAccessBlock) -> None:
    """Set the bucket's four switches. Raises ServiceError."""

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        now = get_public_access_block(s3, bucket)
        return Done(None) if now == block else Look.NOT_DONE

    configuration: PublicAccessBlockConfigurationTypeDef = {
        "BlockPublicAcls": block.block_acls,
        "IgnorePublicAcls": block.ignore_acls,
        "BlockPublicPolicy": block.block_policy,
        "RestrictPublicBuckets": block.restrict_buckets,
    }
    s3.change(
        f"change the public access block of {bucket}",
        lambda client: client.put_public_access_block,
        _no_answer,
        look,
        Bucket=bucket,
        PublicAccessBlockConfiguration=configuration,
    )


def get_public_access_block(s3: S3Calls, bucket: str) -> PublicAccessBlock | None:
    """The bucket's four switches; None if the bucket has no configuration. Raises ServiceError.

    The account's own block, which comes on top, is not part of this answer.
    """
    answer = s3.configuration(
        frozenset({"NoSuchPublicAccessBlockConfiguration"}),
        f"read the public access block of {bucket}",
        lambda client: client.get_public_access_block,
        Bucket=bucket,
    )
    if answer is None:
        return None
    switches = answer["PublicAccessBlockConfiguration"]
    return PublicAccessBlock(
        bool(switches.get("BlockPublicAcls")),
        bool(switches.get("IgnorePublicAcls")),
        bool(switches.get("BlockPublicPolicy")),
        bool(switches.get("RestrictPublicBuckets")),
    )


def get_versioning(s3: S3Calls, bucket: str, *, at: Connection | None = None) -> Versioning:
    """Whether the bucket keeps old versions. Raises ServiceError."""
    return get_versioning_and_mfa(s3.on(at), bucket)[0]


def get_mfa_delete(s3: S3Calls, bucket: str, *, at: Connection | None = None) -> bool:
    """Whether versions go only with a code of the root user's device. Raises ServiceError."""
    return get_versioning_and_mfa(s3.on(at), bucket)[1]


def get_versioning_and_mfa(s3: S3Calls, bucket: str) -> tuple[Versioning, bool]:
    """Whether the bucket keeps old versions, and whether it is under MFA delete: then they go
    only with a code of the root user's device. Raises ServiceError."""
    if is_directory_bucket(bucket):
        # It keeps none, and answers nothing about it.
        return Versioning.NEVER, False
    answer = s3.call(
        f"read the versioning of {bucket}",
        lambda client: client.get_bucket_versioning,
        Bucket=bucket,
    )
    known = {"Enabled": Versioning.ENABLED, "Suspended": Versioning.SUSPENDED}
    state = known.get(answer.get("Status", ""), Versioning.NEVER)
    return state, answer.get("MFADelete") == "Enabled"


def delete_bucket(s3: S3Calls, bucket: str, *, at: Connection) -> None:
    """Delete an empty bucket of one's own. Raises ServiceError; NOT_FOUND if it is gone already.

    AWS refuses to be told the owner of a directory bucket here.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
    """
    s3 = s3.on(at, owned=not is_directory_bucket(bucket))

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        try:
            s3.call(
                f"see whether {bucket} is gone", lambda client: client.head_bucket, Bucket=bucket
            )
        except ServiceError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return Done(None)
            raise
        return Look.NOT_DONE

    s3.change(
        f"delete the bucket {bucket}",
        lambda client: client.delete_bucket,
        _no_answer,
        look,
        Bucket=bucket,
    )


def find_region(s3: S3Calls, bucket: str, *, at: Connection) -> str | None:
    """The region of a bucket of one's own, from the headers of an answer, also of a refusal; None
    if the server does not say it. Raises ServiceError if nothing answers for the bucket."""
    s3 = s3.on(at, owned=True)
    try:
        answer = s3.call(
            f"find the region of {bucket}", lambda client: client.head_bucket, Bucket=bucket
        )
    except ServiceError:
        if s3.region_of(bucket) is None:
            raise
    else:
        s3.learn(bucket, answer.get("BucketRegion"))
    return s3.region_of(bucket)


def policy_status(s3: S3Calls, bucket: str) -> PolicyStatus:
    """Whether the policy makes the bucket public, as the server judges it. Raises ServiceError.

    Of a compatible server the policy is read as well: MinIO calls a policy public only if it lets
    everybody both list and write.
    """
    answer = s3.configuration(
        _NO_POLICY,
        f"read whether the policy of {bucket} is public",
        lambda client: client.get_bucket_policy_status,
        Bucket=bucket,
    )
    if answer is None:
        return PolicyStatus.NO_POLICY
    if answer.get("PolicyStatus", {}).get("IsPublic"):
        return PolicyStatus.PUBLIC
    if s3.connection.endpoint is None:
        return PolicyStatus.NOT_PUBLIC
    policy = s3.configuration(
        _NO_POLICY,
        f"read the policy of {bucket}",
        lambda client: client.get_bucket_policy,
        Bucket=bucket,
    )
    if policy is None:
        return PolicyStatus.NO_POLICY
    opens = allows_everybody(policy.get("Policy", ""))
    return PolicyStatus.PUBLIC if opens else PolicyStatus.NOT_PUBLIC


def _encryption(s3: S3Calls, bucket: str) -> str | None:
    answer = s3.configuration(
        frozenset({"ServerSideEncryptionConfigurationNotFoundError"}),
        f"read the default encryption of {bucket}",
        lambda client: client.get_bucket_encryption,
        Bucket=bucket,
    )
    if answer is None:
        return None
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    algorithm = default.get("SSEAlgorithm")
    key = default.get("KMSMasterKeyID")
    return (f"{algorithm} (key {key})" if key else algorithm) or None


def get_region(s3: S3Calls, bucket: str) -> str:
    """The region of a bucket; asked for if no answer has said it. Raises ServiceError."""
    known = s3.region_of(bucket)
    if known is not None:
        return known
    answer = s3.call(
        f"read the region of {bucket}", lambda client: client.get_bucket_location, Bucket=bucket
    )
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: null and "EU"
    # are the old names of two regions.
    said: str | None = answer.get("LocationConstraint")
    region = "eu-west-1" if said == "EU" else said or WITHOUT_CONSTRAINT
    s3.learn(bucket, region)
    return region


def read_exposure(s3: S3Calls, bucket: str) -> Exposure:
    """What may make a bucket public, or keeps it from that; each part may be unknown for itself.

    Raises ServiceError as `bucket_details`.
    """
    return Exposure(
        public_access_block=_part(s3, bucket, get_public_access_block),
        policy=_part(s3, bucket, policy_status),
        grants=_part(s3, bucket, bucket_grants),
    )


def _part(s3: S3Calls, bucket: str, read: Callable[[S3Calls, str], T]) -> T | Unknown:
    try:
        return read(s3, bucket)
    except ServiceError as error:
        if error.code == "NoSuchBucket" or error.kind in _HOPELESS:
            raise
        return Unknown(error)


def bucket_details(s3: S3Calls, bucket: str) -> BucketDetails:
    """Everything about the bucket that may be read; the rest as Unknown, each for itself.

    Raises ServiceError (NOT_FOUND, CREDENTIALS, NETWORK) only where nothing at all can be known.
    """
    # First: its answer says the region.
    versioning = _part(s3, bucket, get_versioning)
    return BucketDetails(
        name=bucket,
        region=_part(s3, bucket, get_region),
        versioning=versioning,
        exposure=read_exposure(s3, bucket),
        encryption=_part(s3, bucket, _encryption),
    )


_HOPELESS = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK}
