"""What S3 says of one object: its headers, encryption, tags, lock and ACL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tui.services.s3.models import Unknown

HEADERS = {
    "ContentType": "Content type",
    "ContentEncoding": "Content encoding",
    "ContentLanguage": "Content language",
    "ContentDisposition": "Content disposition",
    "CacheControl": "Cache control",
    "Expires": "Expires",
    "WebsiteRedirectLocation": "Website redirect",
}
"""The headers that are stored with an object and can be changed: the name in the API, and in the
words of people."""


OTHER_HEADERS = {
    "Expiration": "Expiration rule",
    "ReplicationStatus": "Replication",
    "PartsCount": "Parts",
    "MissingMeta": "Metadata left out",
}
"""What else HeadObject may say, likewise."""


@dataclass(frozen=True)
class Encryption:
    """How an object is encrypted at rest."""

    algorithm: str = ""
    """"AES256", "aws:kms", "aws:kms:dsse"; empty if the server did not say."""
    key: str = ""
    """The KMS key; empty for one of S3's own, or for the default key."""
    bucket_key: bool = False
    """Whether a bucket key is used, which makes KMS cheaper."""
    customer: bool = False
    """Encrypted with a key that only the customer has: S3 tells and copies it to nobody else."""

    def __str__(self) -> str:
        if self.customer:
            return f"{self.algorithm} with a key of the customer's"
        key = f" (key {self.key})" if self.key else ""
        return f"{self.algorithm}{key}{', bucket key' if self.bucket_key else ''}"


@dataclass(frozen=True)
class Stored:
    """What HeadObject says."""

    size: int
    """Bytes."""
    modified: datetime | None
    """Aware, UTC."""
    etag: str
    """Without quotes."""
    version_id: str
    """Empty where the bucket has never kept versions."""
    storage_class: str
    """"STANDARD" when S3 sends no header, which is how it says so."""
    encryption: Encryption
    headers: Mapping[str, str]
    """By their names in `HEADERS`; only those that were sent."""
    metadata: Mapping[str, str]
    """The user's own, in the server's order."""
    checksums: tuple[tuple[str, str], ...] = ()
    """(algorithm, value) pairs."""
    checksum_type: str = ""
    """"FULL_OBJECT" or "COMPOSITE"; empty if the server did not say."""
    restore: str = ""
    """"in progress", "until <time>"; empty if nothing was said."""
    archive_status: str = ""
    """Of INTELLIGENT_TIERING: the archive tier that the object is in; empty if it can be read."""
    other: tuple[tuple[str, str], ...] = ()
    """(what, how it is) pairs of further headers."""

    @property
    def has_hidden_metadata(self) -> bool:
        """Whether there is metadata that no answer can say."""
        return any(label == OTHER_HEADERS["MissingMeta"] for label, _ in self.other)


@dataclass(frozen=True)
class Retention:
    """Until when a version is kept from being deleted or overwritten."""

    mode: str
    """"GOVERNANCE" or "COMPLIANCE"."""
    until: datetime
    """Aware, UTC."""

    @property
    def holds(self) -> bool:
        """Whether it has not ended yet."""
        return self.until > datetime.now(UTC)

    def __str__(self) -> str:
        ended = "" if self.holds else " (ended)"
        return f"{self.mode} until {self.until:%Y-%m-%d %H:%M:%S} UTC{ended}"


@dataclass(frozen=True)
class Lockless:
    """The bucket has no object lock: there is neither retention nor legal hold."""

    def __str__(self) -> str:
        return "the bucket has no object lock"


@dataclass(frozen=True)
class Acl:
    """Who owns an object, and who has been granted what."""

    owner: str
    """A name, or else the canonical id; empty if the server did not say."""
    owner_id: str
    grants: tuple[tuple[str, str], ...]
    """(grantee, permission) pairs; the grantee as the API's headers name it: `id="…"`."""

    @property
    def is_private(self) -> bool:
        """Whether only the owner has access by it."""
        mine = {f'id="{self.owner_id}"', 'id=""'}
        return all(grantee in mine for grantee, _ in self.grants)


Tags = Mapping[str, str]


@dataclass(frozen=True)
class ObjectProperties:
    """Everything that S3 says of one object; each part may be unknown for itself."""

    bucket: str
    key: str
    stored: Stored | Unknown
    tags: Tags | Unknown
    retention: Retention | Lockless | Unknown | None
    """None: not set."""
    legal_hold: bool | Lockless | Unknown | None
    """None: never set."""
    acl: Acl | Unknown
