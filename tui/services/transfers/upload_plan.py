"""From files and a destination to a plan: which file gets which key. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tui.services.aws import Standpoint
from tui.services.transfers.models import (
    ExistingObject,
    LocalFile,
    Problem,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.patterns import Pattern, compile_patterns
from tui.services.transfers.remote import MAX_KEY_BYTES

MAX_PARTS = 10_000
MAX_PART_BYTES = 5 * 1024**3
"""S3's limits of a multipart upload ("Amazon S3 multipart upload limits")."""


def build_upload_plan(
    files: Iterable[LocalFile],
    problems: Sequence[Problem],
    *,
    bucket: str,
    prefix: str,
    at: Standpoint,
    patterns: Sequence[Pattern] = (),
    keep_folder_names: bool = True,
) -> UploadPlan:
    """The plan for `files` under `prefix`, which is put before each name exactly as it is.

    With `keep_folder_names` a chosen folder `csv` gives keys under `csv/`; without, its content
    goes straight under the prefix, as with `aws s3 cp --recursive`. The items are not checked yet.
    """
    included = compile_patterns(patterns)
    items: dict[str, UploadItem] = {}
    found = list(problems)
    excluded = 0
    for file in files:
        if not included(file.relative, str(file.path)):
            excluded += 1
            continue
        root = f"{file.root_name}/" if keep_folder_names and file.root_name else ""
        key = prefix + root + file.relative
        reason = _unfit(file, key)
        if not reason and key in items:
            reason = f"{items[key].path} goes to the same key"
        if reason:
            found.append(Problem(str(file.path), reason))
        else:
            items[key] = UploadItem(
                file.path,
                key,
                file.size,
                file.mtime_ns,
                leads_to=file.leads_to,
                is_hidden=file.is_hidden,
            )
    return UploadPlan(bucket, prefix, tuple(items.values()), tuple(found), excluded, at=at)


def _unfit(file: LocalFile, key: str) -> str:
    length = len(key.encode("utf-8", "surrogateescape"))
    if length > MAX_KEY_BYTES:
        return f"its key would have {length} bytes, and S3 takes {MAX_KEY_BYTES}"
    if file.size > MAX_PARTS * MAX_PART_BYTES:
        return "it is larger than a multipart upload can be"
    return ""


def with_existing(
    plan: UploadPlan, existing: Mapping[str, ExistingObject], unchecked: frozenset[str]
) -> UploadPlan:
    """The same plan, knowing what its keys hold now."""
    return replace(
        plan,
        items=tuple(
            replace(item, existing=existing.get(item.key), checked=item.key not in unchecked)
            for item in plan.items
        ),
    )
