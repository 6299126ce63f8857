"""Changes of an object's properties: what may be asked for, and what one comes to on one object.

Nothing here asks S3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from tui.services.s3.models import ARCHIVES, Unknown
from tui.services.s3.properties.models import (
    HEADERS,
    Encryption,
    Lockless,
    ObjectProperties,
    Retention,
    Stored,
)
from tui.services.s3.properties.property_rules import metadata_problems, tag_set_problems

STORAGE_CLASSES = (
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
)

_SHORTEST = {
    "STANDARD_IA": 30,
    "ONEZONE_IA": 30,
    "GLACIER_IR": 90,
    "GLACIER": 90,
    "DEEP_ARCHIVE": 180,
}
"""Days that are billed at least.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html"""

SINGLE_COPY_BYTES = 5 * 1024**3
"""The largest object that one CopyObject takes; above it, a copy is made in parts."""

Patch = Mapping[str, str | None]
"""Name -> new value; None takes it away. What is not in it stays."""


@dataclass(frozen=True)
class PropertyChange:
    """What is asked for, of one object or of many. What is not said stays as it is."""

    headers: Patch = field(default_factory=dict)
    """By their names in `HEADERS`."""
    metadata: Patch = field(default_factory=dict)
    tags: Patch = field(default_factory=dict)
    storage_class: str = ""
    encryption: Encryption | None = None
    retention: Retention | None = None
    no_retention: bool = False
    """Take the retention away."""
    bypass_governance: bool = False
    """Use s3:BypassGovernanceRetention."""
    legal_hold: bool | None = None

    @property
    def rewrites(self) -> bool:
        """Whether the object has to be written anew, by a copy onto itself."""
        return bool(self.headers or self.metadata or self.storage_class or self.encryption)

    @property
    def locks(self) -> bool:
        """Whether it is about retention or legal hold."""
        return bool(self.retention or self.no_retention or self.legal_hold is not None)


@dataclass(frozen=True)
class ChangedProperty:
    """One thing that changes."""

    what: str
    before: str
    """Empty if it was not set."""
    after: str
    """Empty if it is taken away."""

    def __str__(self) -> str:
        return f"{self.what}: {self.before or 'not set'} -> {self.after or 'not set'}"


@dataclass(frozen=True)
class PlannedChange:
    """What a change comes to on one object."""

    properties: ObjectProperties
    """As they were read."""
    change: PropertyChange
    differences: tuple[ChangedProperty, ...] = ()
    notes: tuple[str, ...] = ()
    """What is not kept, what it costs, what else happens."""
    problem: str = ""
    """Why it cannot be done; empty if it can."""

    @property
    def key(self) -> str:
        """The key of the object."""
        return self.properties.key

    @property
    def size(self) -> int:
        """Bytes that are written anew; 0 if none are."""
        stored = self.properties.stored
        return stored.size if self.rewrites and isinstance(stored, Stored) else 0

    @property
    def rewrites(self) -> bool:
        """Whether the object is written anew."""
        return self.change.rewrites

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to do: it is so already."""
        return not self.problem and not self.differences


def patched(now: Mapping[str, str], patch: Patch) -> dict[str, str]:
    """What a patch makes of what is there."""
    after = {name: value for name, value in now.items() if patch.get(name, "") is not None}
    return after | {name: value for name, value in patch.items() if value is not None}


def patch_to(now: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str | None]:
    """The patch that makes `wanted` of what is there."""
    gone: dict[str, str | None] = {name: None for name in now if name not in wanted}
    return gone | {name: value for name, value in wanted.items() if now.get(name) != value}


def planned(properties: ObjectProperties, change: PropertyChange) -> PlannedChange:
    """What a change comes to on an object."""
    stored = properties.stored
    if isinstance(stored, Unknown):
        return PlannedChange(properties, change, problem=f"It could not be read: {stored}.")
    if change.locks:
        return _planned_lock(properties, change)
    differences = _header_differences(stored, change)
    tags = properties.tags
    if change.tags:
        if isinstance(tags, Unknown):
            why = f"Its tags could not be read, so they cannot be kept: {tags}."
            return PlannedChange(properties, change, problem=why)
        differences += _patch_differences("Tag ", tags, change.tags)
    if not differences:
        return PlannedChange(properties, change)
    problem = _problem(properties, stored, change)
    notes = () if problem or not change.rewrites else _notes(properties, stored, change)
    return PlannedChange(properties, change, tuple(differences), notes, problem)


def _header_differences(stored: Stored, change: PropertyChange) -> list[ChangedProperty]:
    found = []
    for name, value in change.headers.items():
        before = stored.headers.get(name, "")
        if before != (value or ""):
            found.append(ChangedProperty(HEADERS[name], before, value or ""))
    found += _patch_differences("Metadata ", stored.metadata, change.metadata)
    if change.storage_class and change.storage_class != stored.storage_class:
        found.append(ChangedProperty("Storage class", stored.storage_class, change.storage_class))
    wanted = change.encryption
    if wanted is not None and not _same_encryption(stored.encryption, wanted):
        after = str(wanted)
        if wanted.algorithm.startswith("aws:kms") and not wanted.key:
            after += " (default key)"
        found.append(ChangedProperty("Encryption", str(stored.encryption), after))
    return found


def _same_encryption(now: Encryption, wanted: Encryption) -> bool:
    # An alias or a short id names a key that is told as its whole ARN.
    same_key = wanted.key == now.key or bool(wanted.key and now.key.endswith(f"/{wanted.key}"))
    return now.algorithm == wanted.algorithm and same_key and now.bucket_key == wanted.bucket_key


def _patch_differences(what: str, now: Mapping[str, str], patch: Patch) -> list[ChangedProperty]:
    found = []
    for name, value in patch.items():
        if now.get(name) != value:
            before, after = now.get(name), value
            found.append(ChangedProperty(f"{what}{name}", _told(before), _told(after)))
    return found


def _told(value: str | None) -> str:
    return "" if value is None else value or '""'


def _problem(properties: ObjectProperties, stored: Stored, change: PropertyChange) -> str:
    """Why it cannot be done; empty if S3 may be asked."""
    if change.tags and not isinstance(properties.tags, Unknown):
        problems = tag_set_problems(patched(properties.tags, change.tags))
        if problems:
            return problems[0]
    if not change.rewrites:
        return ""
    if change.metadata:
        problems = metadata_problems(patched(stored.metadata, change.metadata))
        if problems:
            return problems[0]
    if stored.encryption.customer:
        return "It is encrypted with a key of the customer's, which a copy would need."
    if stored.has_hidden_metadata:
        return "It has metadata that no answer can say, so it would be lost."
    if is_unreadable(stored):
        return f"It is archived ({stored.storage_class}): it has to be restored first (t)."
    expires = patched(stored.headers, change.headers).get("Expires", "")
    if expires and not http_date(expires):
        return f"Its Expires header is no date and cannot be sent again: {expires}."
    return ""


def is_unreadable(stored: Stored) -> bool:
    """Whether the object is in an archive, and not restored."""
    archived = stored.storage_class in ARCHIVES or bool(stored.archive_status)
    return archived and not stored.restore.startswith("until")


def _notes(properties: ObjectProperties, stored: Stored, change: PropertyChange) -> tuple[str, ...]:
    """What rewriting an object does besides."""
    notes = []
    if stored.version_id and stored.version_id != "null":
        notes.append("A new version appears; the one before stays, and is billed.")
    if "-" in stored.etag and stored.size <= SINGLE_COPY_BYTES:
        notes.append("The ETag becomes another one: it is that of an upload in parts.")
    days = _SHORTEST.get(stored.storage_class)
    if days:
        notes.append(
            f"{stored.storage_class} is billed for at least {days} days: what is younger costs the "
            "rest of them."
        )
    if stored.size > SINGLE_COPY_BYTES and stored.checksums:
        notes.append(
            f"The {stored.checksums[0][0]} checksum is computed anew; some servers that are not "
            "AWS store none of a copy in parts."
        )
    acl = properties.acl
    if isinstance(acl, Unknown):
        notes.append(f"Not kept: the ACL, {acl}.")
    elif not acl.is_private:
        notes.append("The ACL is written again; it needs s3:PutObjectAcl.")
    for what, part in (("retention", properties.retention), ("legal hold", properties.legal_hold)):
        if isinstance(part, Unknown):
            notes.append(f"Not kept: the {what}, {part}.")
    wanted = change.encryption or stored.encryption
    if wanted.algorithm.startswith("aws:kms"):
        notes.append("Not kept: a KMS encryption context of its own, which S3 does not tell.")
    return tuple(notes)


def _planned_lock(properties: ObjectProperties, change: PropertyChange) -> PlannedChange:
    retention, hold = properties.retention, properties.legal_hold
    if isinstance(retention, Lockless) or isinstance(hold, Lockless):
        why = "Its bucket has no object lock, which has to be enabled first."
        return PlannedChange(properties, change, problem=why)
    found: list[ChangedProperty] = []
    notes: tuple[str, ...] = ()
    problem = ""
    if change.legal_hold is not None and change.legal_hold is not hold:
        before = str(hold) if isinstance(hold, Unknown) else "ON" if hold else "OFF"
        after = "ON" if change.legal_hold else "OFF"
        if before != after:
            found.append(ChangedProperty("Legal hold", before, after))
    if (change.retention or change.no_retention) and change.retention != retention:
        after = str(change.retention) if change.retention else ""
        before = "" if retention is None else str(retention)
        found.append(ChangedProperty("Retention", before, after))
        if isinstance(retention, Retention):
            problem = _held_back(retention, change)
        if change.retention is not None and change.retention.mode == "COMPLIANCE":
            notes = (
                "COMPLIANCE: until then nobody can delete these versions or shorten this, not the "
                "root user either.",
            )
    return PlannedChange(properties, change, tuple(found), notes, problem)


def _held_back(now: Retention, change: PropertyChange) -> str:
    """Why a retention that still holds may not be changed so; empty if it may.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """
    wanted = change.retention
    if not now.holds or (
        wanted is not None and wanted.until >= now.until and wanted.mode == now.mode
    ):
        return ""
    if now.mode == "COMPLIANCE":
        return f"It is kept in COMPLIANCE mode until {now.until:%Y-%m-%d}: that only grows longer."
    if not change.bypass_governance:
        return (
            "It is kept in GOVERNANCE mode: to shorten, end or replace that, choose to bypass it "
            "(needs s3:BypassGovernanceRetention)."
        )
    return ""


def http_date(text: str) -> str:
    """A date as HTTP writes it, from what is typed or was stored; empty if it is none."""
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            return ""
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return format_datetime(when, usegmt=True)
