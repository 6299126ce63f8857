"""Making a bucket, and reading and changing what is true of a bucket as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tui.services.aws import Done, Look, settled, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.clients import BucketClients, permission_named
from tui.services.s3.models import (
    BucketDetails,
    CreatedBucket,
    PolicyStatus,
    PublicAccessBlock,
    Unknown,
    Versioning,
)
from tui.services.s3.names import check_bucket_name

T = TypeVar("T")

WITHOUT_CONSTRAINT = "us-east-1"
"""The one region that must not be named in CreateBucket: it is what no region means."""


def create_bucket(
    clients: BucketClients, name: str, region: str, block_public: bool
) -> CreatedBucket:
    """Make a bucket in `region`, then set all four public access switches to `block_public`.

    Raises ServiceError if there is no new bucket; if only the second call fails the bucket exists
    and the answer says so. Refuses a name in use: in us-east-1 S3 answers "created" for a bucket
    that one already has, and resets its ACL.
    """
    problems = check_bucket_name(name)
    if problems:
        raise ServiceError(
            f"{name!r} cannot be the name of a bucket.",
            hint=" ".join(problems),
            code="InvalidBucketName",
            kind=ErrorKind.INVALID,
        )
    _refuse_taken(clients, name, region)
    parameters: dict[str, Any] = {"Bucket": name}
    if region != WITHOUT_CONSTRAINT:
        parameters["CreateBucketConfiguration"] = {"LocationConstraint": region}
    with permission_named("create_bucket"), translating(f"create the bucket {name} in {region}"):
        client = clients.account.client("s3", region=region)
        settled(
            lambda: client.create_bucket(**parameters),
            lambda refusal: _was_created(client, name, refusal),
            how_to_look="Press r on the list of buckets: if it is there, it was created.",
        )
    clients.learn(name, region)
    wanted = PublicAccessBlock.all(block_public)
    try:
        put_public_access_block(clients, name, wanted)
    except ServiceError as error:
        problem = ServiceError(
            f"The bucket {name} was created, but its public access block was not set by Tristore.",
            cause=error.cause or error.message,
            hint=f"{error.hint} Press i on the bucket to see and set it.".strip(),
            code=error.code,
            kind=error.kind,
        )
        return CreatedBucket(name, region, None, problem)
    return CreatedBucket(name, region, wanted)


def _was_created(client: Any, name: str, refusal: Mapping[str, Any]) -> Done[Any] | Look:
    """Whether the bucket, which was not there before, is there now."""
    if refusal.get("Error", {}).get("Code") == "BucketAlreadyExists":
        # S3 has another code for a bucket of one's own.
        return Look.NOT_DONE
    try:
        client.head_bucket(Bucket=name)
    except client.exceptions.ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return Look.NOT_DONE
        raise
    return Done(None)


def _refuse_taken(clients: BucketClients, name: str, region: str) -> None:
    from botocore.exceptions import ClientError

    with translating(f"see whether {name} is free"):
        try:
            clients.account.client("s3", region=region).head_bucket(Bucket=name)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == 301:
                # Taken, and in another region; whose it is shows when it is opened.
                pass
            elif status in (403, 404):
                # 403 is also what a user without s3:ListBucket gets: CreateBucket will tell.
                return
            else:
                raise
    raise ServiceError(
        f"There is a bucket named {name} already.",
        hint="Choose another name: bucket names are unique across all AWS accounts.",
        code="BucketAlreadyExists",
        kind=ErrorKind.EXISTS,
    )


def put_public_access_block(clients: BucketClients, bucket: str, block: PublicAccessBlock) -> None:
    """Set the bucket's four switches. Raises ServiceError."""

    def look(_: Mapping[str, Any]) -> Done[dict[str, Any]] | Look:
        now = get_public_access_block(clients, bucket)
        return Done({}) if now == block else Look.NOT_DONE

    clients.call(
        f"change the public access block of {bucket}",
        "put_public_access_block",
        bucket,
        look=look,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": block.block_acls,
            "IgnorePublicAcls": block.ignore_acls,
            "BlockPublicPolicy": block.block_policy,
            "RestrictPublicBuckets": block.restrict_buckets,
        },
    )


def get_public_access_block(clients: BucketClients, bucket: str) -> PublicAccessBlock | None:
    """The bucket's four switches; None if the bucket has no configuration. Raises ServiceError.

    The account's own block, which comes on top, is not part of this answer.
    """
    try:
        answer = clients.call(
            f"read the public access block of {bucket}", "get_public_access_block", bucket
        )
    except ServiceError as error:
        if error.code == "NoSuchPublicAccessBlockConfiguration":
            return None
        raise
    switches = answer["PublicAccessBlockConfiguration"]
    return PublicAccessBlock(
        bool(switches.get("BlockPublicAcls")),
        bool(switches.get("IgnorePublicAcls")),
        bool(switches.get("BlockPublicPolicy")),
        bool(switches.get("RestrictPublicBuckets")),
    )


def get_versioning(clients: BucketClients, bucket: str) -> Versioning:
    """Whether the bucket keeps old versions. Raises ServiceError."""
    answer = clients.call(f"read the versioning of {bucket}", "get_bucket_versioning", bucket)
    status = answer.get("Status")
    return {"Enabled": Versioning.ENABLED, "Suspended": Versioning.SUSPENDED}.get(
        str(status), Versioning.NEVER
    )


def _policy_status(clients: BucketClients, bucket: str) -> PolicyStatus:
    try:
        answer = clients.call(
            f"read whether the policy of {bucket} is public", "get_bucket_policy_status", bucket
        )
    except ServiceError as error:
        if error.code == "NoSuchBucketPolicy":
            return PolicyStatus.NO_POLICY
        raise
    public = answer.get("PolicyStatus", {}).get("IsPublic")
    return PolicyStatus.PUBLIC if public else PolicyStatus.NOT_PUBLIC


def _encryption(clients: BucketClients, bucket: str) -> str | None:
    try:
        answer = clients.call(
            f"read the default encryption of {bucket}", "get_bucket_encryption", bucket
        )
    except ServiceError as error:
        if error.code == "ServerSideEncryptionConfigurationNotFoundError":
            return None
        raise
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    algorithm = default.get("SSEAlgorithm")
    key = default.get("KMSMasterKeyID")
    return (f"{algorithm} (key {key})" if key else algorithm) or None


def _region(clients: BucketClients, bucket: str) -> str:
    known = clients.region_of(bucket)
    if known is not None:
        return known
    answer = clients.call(f"read the region of {bucket}", "get_bucket_location", bucket)
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: null and "EU"
    # are the old names of two regions.
    said = answer.get("LocationConstraint") or WITHOUT_CONSTRAINT
    region = "eu-west-1" if said == "EU" else str(said)
    clients.learn(bucket, region)
    return region


def bucket_details(clients: BucketClients, bucket: str) -> BucketDetails:
    """Everything about the bucket that may be read; the rest as Unknown, each for itself.

    Raises ServiceError (NOT_FOUND, CREDENTIALS, NETWORK) only where nothing at all can be known.
    """

    def part(read: Callable[[BucketClients, str], T]) -> T | Unknown:
        try:
            return read(clients, bucket)
        except ServiceError as error:
            if error.code == "NoSuchBucket" or error.kind in _HOPELESS:
                raise
            return Unknown(error)

    versioning = part(get_versioning)
    return BucketDetails(
        name=bucket,
        region=part(_region),
        versioning=versioning,
        public_access_block=part(get_public_access_block),
        policy=part(_policy_status),
        encryption=part(_encryption),
    )


_HOPELESS = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK}
