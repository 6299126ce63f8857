"""What the S3 service answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.deleting.batch_delete import Name
from tui.services.s3.location import S3Location

_NOT_OFFERED = {"NotImplemented", "MethodNotAllowed"}
"""How compatible servers say that they do not have something of S3's at all."""


ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes whose objects cannot be read before they are restored."""


@dataclass(frozen=True)
class Unknown:
    """A fact that could not be read. Not the same as "no", "none" or "not configured"."""

    error: ServiceError

    @property
    def denied(self) -> bool:
        """Whether it is only the permission that is missing."""
        return self.error.kind is ErrorKind.DENIED

    @property
    def not_offered(self) -> bool:
        """Whether the server has nothing of this kind, for no bucket."""
        return self.error.code in _NOT_OFFERED

    def __str__(self) -> str:
        if self.denied:
            return f"unknown: access denied ({self.error.hint})".replace(" ()", "")
        return f"unknown: {self.error.cause or self.error.message}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One line of the list of buckets."""

    name: str
    region: str | None
    """None if the server did not say."""
    created: datetime | None
    """Aware, UTC. None if the server did not say."""


@dataclass(frozen=True)
class BucketPage:
    """One bounded part of the list of buckets."""

    buckets: tuple[Bucket, ...]
    next_token: str | None
    """None on the last page."""


@dataclass(frozen=True, slots=True)
class S3Object:
    """One object as a listing gives it."""

    key: str
    """Raw and whole, exactly as stored."""
    size: int
    """Bytes."""
    modified: datetime | None
    """Aware, UTC."""
    storage_class: str
    """"STANDARD", "GLACIER", …; empty if the server did not say."""
    etag: str
    """Without its quotes; empty if the server did not say. Not always an MD5."""
    restore: str = ""
    """For archived objects "in progress" or "until <time>"; empty if nothing was said."""

    @property
    def is_archived(self) -> bool:
        """Whether it cannot be read before it is restored, as far as the listing says."""
        return self.storage_class in ARCHIVES and not self.restore.startswith("until")


@dataclass(frozen=True)
class ObjectPage:
    """One bounded part of what is directly inside a location."""

    location: S3Location
    """The location that this answers."""
    prefixes: tuple[str, ...]
    """Whole common prefixes, each ending in "/", in the server's order."""
    objects: tuple[S3Object, ...]
    next_token: str | None
    """None on the last page."""

    def __len__(self) -> int:
        return len(self.prefixes) + len(self.objects)


@dataclass(frozen=True)
class PublicAccessBlock:
    """The four switches that a bucket has against becoming public.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """

    block_acls: bool
    ignore_acls: bool
    block_policy: bool
    restrict_buckets: bool

    @classmethod
    def all(cls, on: bool) -> PublicAccessBlock:
        """All four on, or all four off."""
        return cls(on, on, on, on)

    @property
    def is_full(self) -> bool:
        """Whether all four are on."""
        return self == PublicAccessBlock.all(True)

    def __str__(self) -> str:
        if self.is_full:
            return "on (all four)"
        if self == PublicAccessBlock.all(False):
            return "off (all four)"
        names = {
            "new public ACLs": self.block_acls,
            "existing public ACLs": self.ignore_acls,
            "new public policies": self.block_policy,
            "public and cross-account access": self.restrict_buckets,
        }
        on = [name for name, value in names.items() if value]
        off = [name for name, value in names.items() if not value]
        return f"partly: blocks {', '.join(on)}; does not block {', '.join(off)}"


class PolicyStatus(Enum):
    """Whether the bucket's policy makes it public, as S3 itself judges it."""

    PUBLIC = "public"
    NOT_PUBLIC = "not public"
    NO_POLICY = "no bucket policy"


class Versioning(Enum):
    """What happens to the old version when an object is overwritten or deleted."""

    NEVER = "never enabled"
    ENABLED = "enabled"
    SUSPENDED = "suspended"

    @property
    def keeps_versions(self) -> bool:
        """Whether a delete without a version id leaves older versions in the bucket."""
        return self is not Versioning.NEVER


@dataclass(frozen=True)
class PublicGrant:
    """One permission that an ACL gives to one of the two public groups."""

    who: str
    """In words: "anybody on the internet"."""
    permission: str
    """As S3 names it: READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL."""

    def __str__(self) -> str:
        return f"{self.permission} for {self.who}"


Grants = tuple[PublicGrant, ...]
"""What an ACL gives to everybody."""


@dataclass(frozen=True)
class Exposure:
    """What may make a bucket public, or keeps it from that."""

    public_access_block: PublicAccessBlock | Unknown | None
    """None: not configured for this bucket (the account may still have one)."""
    policy: PolicyStatus | Unknown
    grants: Grants | Unknown
    """Of the bucket's ACL."""

    @property
    def public(self) -> bool | None:
        """Whether the policy or the ACL opens the bucket and its public access block lets them;
        None if what was read does not decide it. The account's own block is not looked at."""
        block = self.public_access_block
        if isinstance(block, Unknown) and block.not_offered:
            block = None
        unknown = isinstance(block, Unknown)
        by_policy = None if isinstance(self.policy, Unknown) else self.policy is PolicyStatus.PUBLIC
        by_acl = None if isinstance(self.grants, Unknown) else bool(self.grants)
        if isinstance(block, PublicAccessBlock):
            by_policy = False if block.restrict_buckets else by_policy
            by_acl = False if block.ignore_acls else by_acl
        ways = (by_policy, by_acl)
        if True in ways and not unknown:
            return True
        return None if None in ways or True in ways else False


@dataclass(frozen=True)
class BucketSummary:
    """What the list of buckets says about one of them beside its name and date."""

    region: str | None = None
    """None if it may not be read."""
    public: bool | None = None
    """Whether its policy or ACL opens it to everybody; None if that may not be read."""


@dataclass(frozen=True)
class BucketDetails:
    """What is known of one bucket; each part may be unknown for itself."""

    name: str
    region: str | Unknown
    versioning: Versioning | Unknown
    exposure: Exposure
    encryption: str | Unknown | None
    """"AES256", "aws:kms (key …)"; None: not configured."""


@dataclass(frozen=True)
class CreatedBucket:
    """The bucket exists. What the second call made of its public access is told apart."""

    name: str
    region: str
    block: PublicAccessBlock | None
    """What was set; None if setting it failed, which `problem` or `note` explains."""
    problem: ServiceError | None = None
    note: str = ""
    """What the server does not have, and so was not done."""


@dataclass(frozen=True)
class ObjectDetails:
    """HeadObject's answer. An empty string is a header that was not sent."""

    bucket: str
    key: str
    size: int
    """Bytes."""
    modified: datetime | None
    etag: str
    content_type: str
    content_encoding: str
    storage_class: str
    """"STANDARD" when S3 sends no header, which is how it says so."""
    version_id: str
    encryption: str
    metadata: tuple[tuple[str, str], ...]
    """The user's own, in the server's order."""
    extra: tuple[tuple[str, str], ...]
    """Other headers that were sent: restore, cache control, lock, replication, …"""


@dataclass(frozen=True)
class PresignedLink:
    """An address that anybody who has it may read the object with, until it expires."""

    url: str
    expires: datetime
    """The earliest of what was asked, the service's limit and the credentials' own end. UTC."""
    limited_by: str
    """Why it is earlier than asked, as a sentence; empty if it is not."""
    certain: bool
    """False if the credentials are temporary and do not say when they end."""


@dataclass(frozen=True)
class FailedKey:
    """One key that a delete left where it was."""

    key: str
    code: str
    message: str


@dataclass(frozen=True)
class DeleteOutcome:
    """What became of each key that was to be deleted."""

    deleted: tuple[str, ...]
    failed: tuple[FailedKey, ...]
    markers: int
    """How many of `deleted` only got a delete marker: their older versions are still there."""
    made: tuple[Name, ...] = ()
    """The delete markers that the answer names, where each has a version id of its own."""
    removed: tuple[Name, ...] = ()
    """Where versions were named by their ids: those that are gone. A key may have several."""
