"""Everything that is known of an object, as lines."""

from __future__ import annotations

from tui.panes.s3.details import Facts, exact_moment
from tui.panes.s3.entries import exact_size
from tui.services.s3 import S3Location, Unknown
from tui.services.s3.models import ARCHIVES
from tui.services.s3.properties.models import HEADERS, Acl, ObjectProperties, Stored


def property_facts(found: ObjectProperties) -> Facts:
    """An object; what is not set, denied or failed says so."""
    facts = [("Key", found.key), ("URI", str(S3Location(found.bucket, found.key)))]
    if isinstance(found.stored, Unknown):
        facts.append(("Size, headers, metadata", str(found.stored)))
    else:
        facts += _stored(found.stored)
    if isinstance(found.tags, Unknown):
        facts.append(("Tags", str(found.tags)))
    else:
        facts += _named("Tag", "Tags", found.tags)
    facts.append(("Retention", "not set" if found.retention is None else str(found.retention)))
    facts.append(("Legal hold", hold_text(found)))
    return facts + _acl(found.acl)


def hold_text(found: ObjectProperties) -> str:
    """The legal hold in words."""
    hold = found.legal_hold
    if hold is None:
        return "not set"
    return {True: "ON", False: "OFF"}[hold] if isinstance(hold, bool) else str(hold)


def _stored(stored: Stored) -> list[tuple[str, str]]:
    facts = [
        ("Size", exact_size(stored.size)),
        ("Modified", exact_moment(stored.modified)),
        ("Version", _version(stored.version_id)),
        ("ETag", stored.etag or "not told by the server"),
        ("Checksum", _checksum(stored)),
        ("Storage class", stored.storage_class),
    ]
    restore = restore_text(stored)
    if restore:
        facts.append(("Restore", restore))
    facts.append(("Encryption", str(stored.encryption) or "not told by the server"))
    facts += [(HEADERS[name], value) for name, value in stored.headers.items()]
    missing = [label for name, label in HEADERS.items() if name not in stored.headers]
    if missing:
        facts.append(("Not set", ", ".join(missing)))
    facts += _named("Metadata", "Metadata", stored.metadata)
    return facts + list(stored.other)


def _version(version_id: str) -> str:
    if not version_id:
        return "none: the bucket has never kept versions"
    return "null: written while versions were not kept" if version_id == "null" else version_id


def _checksum(stored: Stored) -> str:
    if not stored.checksums:
        return "none stored, or it may not be read"
    kind = {"FULL_OBJECT": " of the whole object", "COMPOSITE": " of the checksums of its parts"}
    of = kind.get(stored.checksum_type, "")
    return "\n".join(f"{name} {value}{of}" for name, value in stored.checksums)


def restore_text(stored: Stored) -> str:
    """Whether an archived object can be read; empty if it is in no archive."""
    if stored.storage_class not in ARCHIVES and not stored.archive_status and not stored.restore:
        return ""
    tier = f"in {stored.archive_status}: " if stored.archive_status else ""
    if stored.restore == "in progress":
        return f"{tier}in progress"
    if stored.restore:
        return f"{tier}can be read {stored.restore}"
    return f"{tier}cannot be read; t restores it"


def _named(one: str, all_of_them: str, found: object) -> list[tuple[str, str]]:
    assert hasattr(found, "items")
    return [(f"{one} {name}", value) for name, value in found.items()] or [(all_of_them, "none")]


def _acl(acl: Acl | Unknown) -> list[tuple[str, str]]:
    if isinstance(acl, Unknown):
        return [("Owner, ACL", str(acl))]
    facts = [("Owner", acl.owner or "not told by the server")]
    if acl.is_private:
        return [*facts, ("ACL", "nobody but the owner")]
    return facts + [("ACL", f"{permission}: {grantee}") for grantee, permission in acl.grants]
