"""From files or objects and a destination to a plan: what goes where. Nothing is sent or written
here but, if local names may collide, a probe of the file system. Blocking: run on a pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tui.services.aws import Connection
from tui.services.s3.data.part_layout import MAX_PART_BYTES, MAX_PARTS
from tui.services.s3.location import MAX_KEY_BYTES, key_length
from tui.services.s3.properties.upload_attributes import DEFAULTS, UploadAttributes
from tui.services.transfers.local.local_files import local_parts
from tui.services.transfers.local.naming import HeldNames, Named, Naming, chosen_folder, is_folder
from tui.services.transfers.models import (
    NO_EMPTY_FOLDERS,
    DownloadItem,
    DownloadPlan,
    EmptyFolders,
    ExistingObject,
    LocalFile,
    Problem,
    RemoteObject,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.patterns import Pattern, Sieve

NOT_FOLLOWED = "a link, which is not followed, or below one"
"""Why a file is left out where the user does not want what links lead to."""

# -- uploads -------------------------------------------------------------------------------------


def build_upload_plan(
    files: Iterable[LocalFile],
    problems: Sequence[Problem],
    *,
    bucket: str,
    prefix: str,
    at: Connection,
    patterns: Sequence[Pattern] = (),
    keep_folder_names: bool = True,
    attributes: UploadAttributes = DEFAULTS,
    follows_links: bool = True,
    empty_folders: EmptyFolders = NO_EMPTY_FOLDERS,
) -> UploadPlan:
    """The plan for `files` under `prefix`, which is put before each name exactly as it is.

    With `keep_folder_names` a chosen folder `csv` gives keys under `csv/`; without, its content
    goes straight under the prefix, as with `aws s3 cp --recursive`. Without `follows_links` what
    links lead to is left out, as with `--no-follow-symlinks`. The items are not checked yet.
    """
    sieve = Sieve(patterns)
    items: dict[str, UploadItem] = {}
    found = list(problems)
    for file in files:
        root = f"{file.root_name}/" if keep_folder_names and file.root_name else ""
        key = prefix + root + file.relative
        if not sieve.passes(file.relative, str(file.path), key):
            continue
        reason = unfit(file, key)
        if file.leads_to and not follows_links:
            reason = NOT_FOLLOWED
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
                attributes=attributes,
            )
    planned = tuple(items.values())
    return UploadPlan(bucket, prefix, planned, tuple(found), sieve.left_out, empty_folders, at=at)


def unfit(file: LocalFile, key: str) -> str:
    """Why a file cannot be sent to a key, "" if it can."""
    length = key_length(key)
    if length > MAX_KEY_BYTES:
        return f"its key would have {length} bytes, and S3 takes {MAX_KEY_BYTES}"
    if file.size > MAX_PARTS * MAX_PART_BYTES:
        return "it is larger than a multipart upload can be"
    return ""


def with_existing(
    plan: UploadPlan, existing: Mapping[str, ExistingObject | None], unchecked: frozenset[str]
) -> UploadPlan:
    """The same plan, knowing what its keys hold now."""
    return replace(
        plan,
        items=tuple(
            replace(item, existing=existing.get(item.key), checked=item.key not in unchecked)
            for item in plan.items
        ),
    )


# -- downloads -----------------------------------------------------------------------------------


def build_download_plan(
    objects: Iterable[RemoteObject],
    problems: Sequence[Problem],
    *,
    bucket: str,
    folder: Path,
    at: Connection,
    patterns: Sequence[Pattern] = (),
    naming: Naming | None = None,
) -> DownloadPlan:
    """The plan for `objects` below `folder`.

    Names that cannot be, or that two keys would share, are changed and say so in `renamed`. What
    cannot be written because of what is there is left out as a Problem. `naming` knows the names
    that were given before. Raises ServiceError.
    """
    folder = chosen_folder(folder)
    sieve = Sieve(patterns)
    named: list[Named] = []
    for found in objects:
        passes = sieve.passes(found.relative, f"{bucket}/{found.key}", found.inside)
        if passes and found.inside:
            parts, reason = local_parts(found.inside[:-1] if is_folder(found) else found.inside)
            named.append((found, parts, reason))
    if naming is None:
        naming = Naming(folder, HeldNames(folder, named))
    items: list[DownloadItem] = []
    found_problems = list(problems)
    for entry in named:
        item = naming.item(*entry)
        if isinstance(item, Problem):
            found_problems.append(item)
        else:
            items.append(item)
    return DownloadPlan(bucket, folder, tuple(items), tuple(found_problems), sieve.left_out, at=at)
