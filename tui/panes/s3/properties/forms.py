"""What is asked for storage class, encryption and retention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tui.services.s3 import Unknown
from tui.services.s3.properties.models import Encryption, ObjectProperties, Retention, Stored
from tui.services.s3.properties.property_changes import STORAGE_CLASSES, PropertyChange
from tui.widgets.dialogs.forms import ChoiceField, Field, FlagField, TextField, Values

STAYS = ("as it is", "")

_NONE = "none"


def class_fields(found: ObjectProperties | None) -> Sequence[Field]:
    """The form of storage class and encryption; `found` is the only object, None means many."""
    stored = found.stored if found is not None and isinstance(found.stored, Stored) else None
    now = f"{STAYS[0]} ({stored.storage_class})" if stored else STAYS[0]
    encrypted = f"{STAYS[0]} ({str(stored.encryption) or 'not told'})" if stored else STAYS[0]
    return [
        ChoiceField(
            "class",
            "Storage class",
            [(now, ""), *((each, each) for each in STORAGE_CLASSES)],
            note="GLACIER and DEEP_ARCHIVE are read only after a restore (t).",
        ),
        ChoiceField(
            "encryption",
            "Encryption",
            [
                (encrypted, ""),
                ("keys of S3's own (SSE-S3)", "AES256"),
                ("a KMS key (SSE-KMS)", "aws:kms"),
                ("a KMS key, two layers (DSSE-KMS)", "aws:kms:dsse"),
            ],
        ),
        TextField(
            "key",
            "KMS key",
            note="ARN or id of the key; empty is the account's default key for S3.",
            when=lambda values: values["encryption"].startswith("aws:kms"),
        ),
        FlagField(
            "bucket_key",
            "Bucket key",
            note="Fewer requests to KMS, which are billed.",
            when=lambda values: values["encryption"] == "aws:kms",
        ),
    ]


def class_change(values: Values) -> PropertyChange:
    """What the form asks for."""
    algorithm = values["encryption"]
    encryption = Encryption(algorithm, values["key"].strip(), values["bucket_key"] == "yes")
    return PropertyChange(
        storage_class=values["class"], encryption=encryption if algorithm else None
    )


def class_problems(values: Values) -> list[str]:
    """What is wrong with the form as a whole."""
    if not values["class"] and not values["encryption"]:
        return ["Choose a storage class or an encryption."]
    return []


def retention_fields(found: ObjectProperties | None) -> Sequence[Field]:
    """The form of the retention; `found` is the only object, None means many."""
    now = found.retention if found is not None else None
    kept = now if isinstance(now, Retention) else None
    return [
        ChoiceField(
            "mode",
            "Mode",
            [
                ("GOVERNANCE: ends early with s3:BypassGovernanceRetention", "GOVERNANCE"),
                ("COMPLIANCE: nobody can end or shorten it", "COMPLIANCE"),
                ("none: take it away", _NONE),
            ],
            value=kept.mode if kept else "",
            note=f"Unknown now: {now.error.hint}" if isinstance(now, Unknown) else "",
        ),
        TextField(
            "until",
            "Until",
            kept.until.strftime("%Y-%m-%dT%H:%M:%SZ") if kept else "",
            note="A day or a moment in UTC: 2027-01-31 or 2027-01-31T12:00:00Z.",
            check=until_problems,
            when=lambda values: values["mode"] != _NONE,
        ),
        FlagField(
            "bypass",
            "Bypass governance",
            note="To shorten, end or replace one that holds; needs s3:BypassGovernanceRetention.",
        ),
    ]


def until_problems(text: str) -> list[str]:
    """What is wrong with the end of a retention."""
    until = parse_until(text)
    if until is None:
        return ["Write a day or a moment: 2027-01-31 or 2027-01-31T12:00:00Z."]
    return [] if until > datetime.now(UTC) else ["It has to be in the future."]


def parse_until(text: str) -> datetime | None:
    """A moment as it is typed, in UTC where no zone is; None if it is none."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def retention_change(values: Values) -> PropertyChange:
    """What the form asks for."""
    bypass = values["bypass"] == "yes"
    until = parse_until(values["until"])
    if values["mode"] == _NONE or until is None:
        return PropertyChange(no_retention=True, bypass_governance=bypass)
    return PropertyChange(retention=Retention(values["mode"], until), bypass_governance=bypass)
