"""What the account holds: resources, what protects them, and the events of an inventory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from tui.services.aws import Connection
from tui.services.dynamodb import TableInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.rds import Cluster, InboundRule, Instance
from tui.services.s3 import BucketProtection


class ResourceKind(Enum):
    """What cleanup looks after; the value is the word on screen."""

    BUCKET = "bucket"
    UPLOADS = "uploads"
    """Of one bucket, by its name: parts of uploads that never ended, which are billed."""
    INSTANCE = "RDS instance"
    SNAPSHOT = "RDS snapshot"
    """A manual one: it stays when its instance goes, and is billed."""
    CLUSTER = "Aurora cluster"
    """Its members go first, then the cluster itself."""
    CLUSTER_SNAPSHOT = "cluster snapshot"
    """A manual one: it stays when its cluster goes, and is billed."""
    TABLE = "table"
    RULE = "inbound rule"
    """One that was added with this application: it stays when its instance goes."""

    @property
    def many(self) -> str:
        """ "buckets": the word for all of them."""
        return "multipart uploads" if self is ResourceKind.UPLOADS else f"{self.value}s"

    def number(self, number: int) -> str:
        """ "1 bucket", "multipart uploads in 2 buckets"."""
        if self is ResourceKind.UPLOADS:
            return f"{self.many} in {counted(number, 'bucket')}"
        return counted(number, self.value)


@dataclass(frozen=True, order=True)
class Ref:
    """One resource of the region; two resources never share a Ref at the same time."""

    kind_name: str
    name: str


class ProtectionKind(Enum):
    """What may protect a resource."""

    DELETION_PROTECTION = "deletion protection"
    GOVERNANCE = "GOVERNANCE retention"
    COMPLIANCE = "COMPLIANCE retention"
    LEGAL_HOLD = "legal hold"
    OBJECT_LOCK = "object lock"
    """Object lock is on and which versions are locked was not looked at."""
    MFA_DELETE = "MFA delete"
    POLICY = "bucket policy"
    CLUSTER = "cluster"
    STATE = "state"
    """A state in which the service refuses a delete."""


@dataclass(frozen=True)
class Protection:
    """One thing that stands between a resource and its deletion."""

    kind: ProtectionKind
    what: str
    """A sentence: what protects, and how far."""
    lifting: str | None = None
    """What the user may choose in the plan to go on, as an imperative; None for nothing."""
    goes: str = ""
    """What going on does to the protection itself, a sentence; empty if it stays as it is."""
    stays: str = ""
    """What stays although the user goes on, a sentence."""
    hint: str = ""
    """What to do outside of this application where it cannot be lifted."""
    only_bucket: bool = False
    """It protects the bucket itself, not what is in it: no matter when it is only emptied."""

    @property
    def liftable(self) -> bool:
        """Whether the user may choose in the plan to go on."""
        return self.lifting is not None


@dataclass(frozen=True)
class Resource:
    """One bucket, RDS instance, Aurora cluster or table, as far as it is known."""

    kind: ResourceKind
    name: str
    region: str | None
    identity: str | None = None
    """Which one of that name: RDS's and DynamoDB's own ids. A plan deletes only the one that it
    was made for. None if unknown, and for buckets: their creation date changes with their policy
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html), so every call names the
    expected owner instead."""
    created: datetime | None = None
    state: str = ""
    """The service's own word ("available", "ACTIVE"); empty for buckets, which have none."""
    count: int | None = None
    """Items of a table, of up to six hours ago; None if unknown."""
    size_bytes: int | None = None
    """Bytes of a table of up to six hours ago, allocated storage of an instance; None if
    unknown."""
    about: tuple[str, ...] = ()
    """Facts for the list: "postgres 16.3", "versioned"."""
    protections: tuple[Protection, ...] | None = ()
    """None while they have not been looked at."""
    unknown: tuple[str, ...] = ()
    """What could not be read, each with its reason: "versioning: access denied"."""
    detail: BucketProtection | Instance | Cluster | TableInfo | InboundRule | None = None

    @property
    def ref(self) -> Ref:
        """The resource's place in grids and plans."""
        return Ref(self.kind.value, self.name)


@dataclass(frozen=True)
class Found:
    """A resource; one that was found before is replaced by what is known now."""

    resource: Resource


@dataclass(frozen=True)
class Elsewhere:
    """A bucket of the account in another region: named, not acted upon."""

    name: str
    region: str


@dataclass(frozen=True)
class PartUnknown:
    """A part of the inventory that could not be read, or not to its end."""

    kind: ResourceKind
    error: ServiceError
    of: str = ""
    """Which of the kind, in the plural: "directory buckets"; empty for all of it."""

    @property
    def sentence(self) -> str:
        """Such as "Unknown: access denied"."""
        return f"Unknown: {reason(self.error)}"


@dataclass(frozen=True)
class PartDone:
    """Everything of one kind has been told."""

    kind: ResourceKind


@dataclass(frozen=True)
class InventoryBegins:
    """The first event of an inventory: what it is an inventory of."""

    connection: Connection


InventoryEvent = InventoryBegins | Found | Elsewhere | PartUnknown | PartDone


def reason(error: ServiceError) -> str:
    """Why something is unknown, in a few words: "access denied", else the vendor's code, else the
    sentence."""
    words = {
        ErrorKind.DENIED: "access denied",
        ErrorKind.NETWORK: "no connection",
        ErrorKind.CREDENTIALS: "no valid credentials",
        ErrorKind.THROTTLED: "throttled",
    }
    if error.code.isdecimal():
        return f"the service answered {error.code}"
    return words.get(error.kind) or error.code or error.message
