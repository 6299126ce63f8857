"""A file of a plan as the journal keeps it, and the file again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from tui.services.placing import ExistingFile
from tui.services.s3 import ObjectCopy
from tui.services.s3.properties.upload_attributes import UploadAttributes
from tui.services.transfers.models import (
    ConflictPolicy,
    CopyItem,
    DownloadItem,
    ExistingObject,
    Problem,
    UploadItem,
)
from tui.services.transfers.route import Direction

Item: TypeAlias = UploadItem | DownloadItem | CopyItem


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file of a job, as the journal keeps it."""

    source: bytes
    destination: bytes
    size: int
    details: str
    """What else the plan says of it, as JSON."""


@dataclass(frozen=True, slots=True)
class PlannedDeletion:
    """Something that a sync deletes, as the journal keeps it."""

    name: bytes
    """The key, or the local path."""
    size: int
    told: str
    """By what it is known again: the ETag of an object, the time of a file in nanoseconds."""


@dataclass(frozen=True, slots=True)
class UnfitFile:
    """Something that was found and cannot be transferred, as the journal keeps it."""

    source: bytes
    reason: str


def planned_upload(item: UploadItem, policy: ConflictPolicy) -> PlannedFile:
    """An upload as the journal keeps it."""
    details: dict[str, object] = {"policy": policy.value, "mtime": item.mtime_ns}
    if item.existing is not None:
        details["existing"] = [item.existing.size, item.existing.etag]
    if item.attributes:
        details["attributes"] = item.attributes.details
    return PlannedFile(os.fsencode(item.path), kept_key(item.key), item.size, json.dumps(details))


def planned_download(item: DownloadItem, policy: ConflictPolicy) -> PlannedFile:
    """A download as the journal keeps it."""
    details: dict[str, object] = {"policy": policy.value, "etag": item.etag}
    if item.existing is not None:
        details["existing"] = [item.existing.size, item.existing.mtime_ns]
    if item.modified is not None:
        details["modified"] = item.modified.isoformat()
    for name in ("is_folder", "renamed", "version_id"):
        if value := getattr(item, name):
            details[name] = value
    return PlannedFile(kept_key(item.key), os.fsencode(item.target), item.size, json.dumps(details))


def planned_copy(copy: ObjectCopy, *, found: bool = False, left: str = "") -> PlannedFile:
    """A copy as the journal keeps it; `found` and `left` as in a CopyItem."""
    details: dict[str, object] = {"etag": copy.etag}
    if left:
        details["left"] = left
    for name in ("replaces", "version_id"):
        if value := getattr(copy, name):
            details[name] = value
    if found:
        # What is not to be copied counts no bytes.
        details["found"] = copy.size
    size = 0 if found else copy.size
    return PlannedFile(kept_key(copy.key), kept_key(copy.to_key), size, json.dumps(details))


def item_of(
    direction: Direction, source: bytes, destination: bytes, size: int, details: Any
) -> Item:
    """The file that one of these was made of."""
    if direction is Direction.UPLOAD:
        return _upload(source, destination, size, details)
    if direction is Direction.DOWNLOAD:
        return _download(source, destination, size, details)
    return CopyItem(
        key_of(source),
        key_of(destination),
        details["etag"],
        details.get("found", size),
        details.get("replaces", ""),
        details.get("version_id", ""),
        "found" in details,
        details.get("left", ""),
    )


def kept_source(direction: Direction, source: str) -> bytes:
    """The source of a file, as the journal keeps it."""
    return os.fsencode(source) if direction is Direction.UPLOAD else kept_key(source)


def unfit_files(direction: Direction, problems: Iterable[Problem]) -> Iterator[UnfitFile]:
    """What cannot be transferred, as the journal keeps it."""
    return (UnfitFile(kept_source(direction, each.name), each.reason) for each in problems)


def source_of(direction: Direction, kept: bytes) -> str:
    """What `kept_source` was made of."""
    return os.fsdecode(kept) if direction is Direction.UPLOAD else key_of(kept)


def destination_of(direction: Direction, kept: bytes) -> str:
    """The destination of a file, as the journal keeps it."""
    return os.fsdecode(kept) if direction is Direction.DOWNLOAD else key_of(kept)


def key_of(kept: bytes) -> str:
    """What `kept_key` was made of."""
    return kept.decode("utf-8", "surrogatepass")


def kept_key(key: str) -> bytes:
    """A key, as the journal keeps it."""
    return key.encode("utf-8", "surrogatepass")


def _upload(source: bytes, destination: bytes, size: int, details: Any) -> UploadItem:
    existing = details.get("existing")
    return UploadItem(
        Path(os.fsdecode(source)),
        key_of(destination),
        size,
        details["mtime"],
        ExistingObject(existing[0], existing[1], None) if existing else None,
        checked=True,
        attributes=UploadAttributes.of(details.get("attributes", {})),
    )


def _download(source: bytes, destination: bytes, size: int, details: Any) -> DownloadItem:
    existing, modified = details.get("existing"), details.get("modified")
    return DownloadItem(
        key_of(source),
        size,
        details["etag"],
        datetime.fromisoformat(modified) if modified else None,
        Path(os.fsdecode(destination)),
        details.get("is_folder", False),
        details.get("renamed", ""),
        ExistingFile(existing[0], existing[1]) if existing else None,
        details.get("version_id", ""),
    )
