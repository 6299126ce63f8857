"""Making a bucket, with all that is to be true of it from its first moment.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-overview.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.services.aws import (
    Connection,
    Done,
    Look,
    call,
    change,
)
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.buckets import WITHOUT_CONSTRAINT, put_public_access_block
from tui.services.s3.bucket.names import check_bucket_name
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import CreatedBucket, PublicAccessBlock

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

AWS_KEY = "aws/s3"
"""The alias of the KMS key that AWS manages for S3."""

_WITHOUT_BLOCK = {"MalformedXML", "NotImplemented", "MethodNotAllowed"}
"""How S3-compatible servers answer a public access block that they do not have."""

NO_BLOCK = (
    "This server has probably no public access block: see in its own tools who may read the bucket."
)

MOST_TAGS = 50
LONGEST_TAG_KEY = 128
LONGEST_TAG_VALUE = 256


@dataclass(frozen=True)
class NewBucket:
    """What a new bucket is to be."""

    name: str
    region: str
    block_public: bool = True
    """All four switches of the public access block, on or off."""
    versioning: bool = False
    lock: bool = False
    """Object lock can be turned on, and never off again; it turns versioning on."""
    kms_key: str = ""
    """The KMS key that new objects are encrypted with by default; empty leaves S3's own."""
    tags: Mapping[str, str] = field(default_factory=dict)


def parse_tags(text: str) -> dict[str, str]:
    """ "team=data, cost centre=42" as tags; a part without "=" is a key with an empty value."""
    tags: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        key, _, value = part.partition("=")
        tags[key.strip()] = value.strip()
    return tags


def tag_problems(text: str) -> list[str]:
    """Every rule that typed tags break, as sentences.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html
    """
    tags = parse_tags(text)
    problems = []
    if len(tags) > MOST_TAGS:
        problems.append(f"At most {MOST_TAGS} tags; these are {len(tags)}.")
    for key, value in tags.items():
        if not key:
            problems.append("A tag needs a key before the =.")
        elif key.lower().startswith("aws:"):
            problems.append(f"{key!r}: keys that begin with aws: are reserved by AWS.")
        elif len(key) > LONGEST_TAG_KEY or len(value) > LONGEST_TAG_VALUE:
            problems.append(
                f"A key has at most {LONGEST_TAG_KEY} characters, a value {LONGEST_TAG_VALUE}."
            )
    return problems


def create_bucket(s3: S3Calls, new: NewBucket, *, at: Connection | None = None) -> CreatedBucket:
    """Make a bucket, then set what CreateBucket itself does not take.

    Raises ServiceError if there is no new bucket. Each part is set on its own: what could not be
    set is in the answer, and the others are set nevertheless. Refuses a name in use: in us-east-1
    S3 answers "created" for a bucket that one already has, and resets its ACL.
    """
    s3 = s3.on(at)
    name, region = new.name, new.region
    problems = check_bucket_name(name)
    if problems:
        raise ServiceError(
            f"{name!r} cannot be the name of a bucket.",
            hint=" ".join(problems),
            code="InvalidBucketName",
            kind=ErrorKind.INVALID,
        )
    _refuse_taken(s3, name, region)
    parameters: dict[str, Any] = {"Bucket": name}
    if region != WITHOUT_CONSTRAINT:
        parameters["CreateBucketConfiguration"] = {"LocationConstraint": region}
    if new.lock:
        parameters["ObjectLockEnabledForBucket"] = True
    client = s3.connection.client("s3", region=region)

    change(
        f"create the bucket {name} in {region}",
        lambda: client.create_bucket(**parameters),
        lambda refusal: _was_created(client, name, refusal),
        how_to_look="Press r on the list of buckets: if it is there, it was created.",
    )
    s3.learn(name, region)
    return _set_parts(s3, client, new)


def _set_parts(s3: S3Calls, client: S3Client, new: NewBucket) -> CreatedBucket:
    """Set the parts one by one; what is refused is told together."""
    block = PublicAccessBlock.all(new.block_public)
    parts: dict[str, Callable[[], object]] = {
        "public access block": lambda: put_public_access_block(s3, new.name, block)
    }
    if new.versioning and not new.lock:
        parts["versioning"] = lambda: _put_versioning(client, new)
    if new.kms_key:
        parts["encryption"] = lambda: _put_encryption(client, new)
    if new.tags:
        parts["tags"] = lambda: _put_tags(client, new)
    failed: dict[str, ServiceError] = {}
    for part, put in parts.items():
        try:
            put()
        except ServiceError as error:
            failed[part] = error
    was_blocked = "public access block" not in failed
    note = ""
    blocking = failed.get("public access block")
    other_server = s3.connection.endpoint is not None
    if blocking is not None and other_server and blocking.code in _WITHOUT_BLOCK:
        # Nothing failed that could have been done.
        del failed["public access block"]
        note = NO_BLOCK if new.block_public else ""
    set_block = block if was_blocked else None
    if not failed:
        return CreatedBucket(new.name, new.region, set_block, note=note)
    first = next(iter(failed.values()))
    verb = "was" if len(failed) == 1 and "tags" not in failed else "were"
    hints = dict.fromkeys(error.hint for error in failed.values() if error.hint)
    problem = ServiceError(
        f"The bucket {new.name} was created, but its {' and '.join(failed)} {verb} not set.",
        cause="; ".join(f"{error.cause or error.message}" for error in failed.values()),
        hint=" ".join([*hints, "Press i on the bucket to see what it has now."]),
        code=first.code,
        kind=first.kind,
    )
    return CreatedBucket(new.name, new.region, set_block, problem, note)


def _put_versioning(client: S3Client, new: NewBucket) -> None:
    call(
        f"turn on versioning of {new.name}",
        client.put_bucket_versioning,
        Bucket=new.name,
        VersioningConfiguration={"Status": "Enabled"},
    )


def _put_encryption(client: S3Client, new: NewBucket) -> None:
    """With a bucket key, which makes the calls of KMS, and their price, fewer."""
    by_default: dict[str, str] = {"SSEAlgorithm": "aws:kms"}
    if new.kms_key != AWS_KEY:
        by_default["KMSMasterKeyID"] = new.kms_key
    rule: Any = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    call(
        f"set the encryption of {new.name}",
        client.put_bucket_encryption,
        Bucket=new.name,
        ServerSideEncryptionConfiguration={"Rules": [rule]},
    )


def _put_tags(client: S3Client, new: NewBucket) -> None:
    call(
        f"set the tags of {new.name}",
        client.put_bucket_tagging,
        Bucket=new.name,
        Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in new.tags.items()]},
    )


def _was_created(client: S3Client, name: str, refusal: Mapping[str, Any]) -> Done[Any] | Look:
    """Whether the bucket, which was not there before, is there now."""
    if refusal.get("Error", {}).get("Code") == "BucketAlreadyExists":
        # S3 has another code for a bucket of one's own.
        return Look.NOT_DONE
    try:
        call(f"see whether {name} was created", client.head_bucket, Bucket=name)
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return Look.NOT_DONE
        raise
    return Done(None)


def _refuse_taken(s3: S3Calls, name: str, region: str) -> None:
    client = s3.connection.client("s3", region=region)
    try:
        call(f"see whether {name} is free", client.head_bucket, Bucket=name)
    except ServiceError as error:
        if error.kind in {ErrorKind.DENIED, ErrorKind.NOT_FOUND}:
            # Denied is also a user without s3:ListBucket: CreateBucket will tell.
            return
        if error.code != "301":
            raise
        # Taken, and in another region; whose it is shows when it is opened.
    raise ServiceError(
        f"There is a bucket named {name} already.",
        hint="Choose another name: bucket names are unique across all AWS accounts.",
        code="BucketAlreadyExists",
        kind=ErrorKind.EXISTS,
    )
