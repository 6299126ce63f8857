"""From files or objects and a destination to a plan: what goes where. Nothing is sent or written
here but, if local names may collide, a probe of the file system. Blocking: run on a pool.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from tui.services.aws import Connection
from tui.services.s3.location import MAX_KEY_BYTES
from tui.services.s3.multipart import MAX_PART_BYTES, MAX_PARTS
from tui.services.transfers.local_files import (
    expanded,
    folded,
    free_names,
    is_case_sensitive,
    local_parts,
    look_at,
    reason_of,
    resolved,
    translating_local,
)
from tui.services.transfers.models import (
    DownloadItem,
    DownloadPlan,
    ExistingObject,
    LocalFile,
    Problem,
    RemoteObject,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.patterns import Pattern, Sieve

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
) -> UploadPlan:
    """The plan for `files` under `prefix`, which is put before each name exactly as it is.

    With `keep_folder_names` a chosen folder `csv` gives keys under `csv/`; without, its content
    goes straight under the prefix, as with `aws s3 cp --recursive`. The items are not checked yet.
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
    return UploadPlan(bucket, prefix, tuple(items.values()), tuple(found), sieve.left_out, at=at)


def unfit(file: LocalFile, key: str) -> str:
    """Why a file cannot be sent to a key, "" if it can."""
    length = len(key.encode("utf-8", "surrogateescape"))
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

_Named = tuple[RemoteObject, tuple[str, ...], str]


def build_download_plan(
    objects: Iterable[RemoteObject],
    problems: Sequence[Problem],
    *,
    bucket: str,
    folder: Path,
    at: Connection,
    patterns: Sequence[Pattern] = (),
) -> DownloadPlan:
    """The plan for `objects` below `folder`.

    Names that cannot be, or that two keys would share, are changed and say so in `renamed`. What
    cannot be written because of what is there is left out as a Problem. Raises ServiceError.
    """
    # Without `..`, and without resolving links: the folder stays as the user named it.
    with translating_local(f"use the folder {folder}"):
        folder = Path(os.path.abspath(expanded(folder)))
    sieve = Sieve(patterns)
    named: list[_Named] = []
    for found in objects:
        passes = sieve.passes(found.relative, f"{bucket}/{found.key}", found.inside)
        if passes and found.inside:
            is_folder = found.inside.endswith("/") and found.size == 0
            parts, reason = local_parts(found.inside[:-1] if is_folder else found.inside)
            named.append((found, parts, reason))
    naming = _Naming(folder, named)
    items: list[DownloadItem] = []
    found_problems = list(problems)
    for entry in named:
        item = naming.item(*entry)
        if isinstance(item, Problem):
            found_problems.append(item)
        else:
            items.append(item)
    return DownloadPlan(bucket, folder, tuple(items), tuple(found_problems), sieve.left_out, at=at)


class _Naming:
    """Gives each object its own local name."""

    def __init__(self, folder: Path, named: Sequence[_Named]) -> None:
        self._folder = folder
        self._obstacles: dict[tuple[str, ...], str] = {}
        self._case_sensitive = True
        if _may_collide(named):
            self._case_sensitive = is_case_sensitive(folder)
        self._folders = {
            self._fold(parts[:depth])
            for found, parts, _ in named
            for depth in range(1, len(parts) + _is_folder(found))
        }
        self._taken: set[str] = set()

    def item(
        self, found: RemoteObject, parts: tuple[str, ...], reason: str
    ) -> DownloadItem | Problem:
        try:
            return self._item(found, parts, reason)
        except OSError as error:
            return Problem(found.key, f"{self._folder.joinpath(*parts)}: {reason_of(error)}")

    def _item(
        self, found: RemoteObject, parts: tuple[str, ...], reason: str
    ) -> DownloadItem | Problem:
        is_folder = _is_folder(found)
        obstacle = self._obstacle(parts if is_folder else parts[:-1])
        if obstacle:
            return Problem(found.key, obstacle)
        if not is_folder:
            parts, why = self._own_name(parts)
            reason = "; ".join(text for text in (reason, why) if text)
        target = self._folder.joinpath(*parts)
        return DownloadItem(
            found.key,
            found.size,
            found.etag,
            found.modified,
            target,
            is_folder,
            reason,
            None if is_folder else look_at(target),
            found.version_id,
        )

    def _own_name(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        *above, name = parts
        for candidate in chain((name,), free_names(name)):
            path = (*above, candidate)
            fold = self._fold(path)
            is_free = fold not in self._taken and fold not in self._folders
            if is_free and not self._folder.joinpath(*path).is_dir():
                self._taken.add(fold)
                why = "" if candidate == name else "another key or a folder has this name here"
                return path, why
        return parts, "no free name was found"

    def _obstacle(self, parts: tuple[str, ...]) -> str:
        """Why the folder cannot be used, "" if it can; looked up once per folder."""
        if not parts:
            return ""
        if parts not in self._obstacles:
            self._obstacles[parts] = self._obstacle(parts[:-1]) or self._look_for_obstacle(parts)
        return self._obstacles[parts]

    def _look_for_obstacle(self, parts: tuple[str, ...]) -> str:
        path = self._folder.joinpath(*parts)
        try:
            if path.is_symlink() and not resolved(path).is_relative_to(resolved(self._folder)):
                return f"{path} is a link that leads out of the chosen folder"
            if os.path.lexists(path) and not path.is_dir():
                return f"{path} is a file, and a folder is needed there"
        except OSError as error:
            return f"{path}: {reason_of(error)}"
        return ""

    def _fold(self, parts: tuple[str, ...]) -> str:
        return folded("/".join(parts), case_sensitive=self._case_sensitive)


def _is_folder(found: RemoteObject) -> bool:
    return found.inside.endswith("/") and found.size == 0


def _may_collide(named: Sequence[_Named]) -> bool:
    """Whether two of the paths are one on a file system that ignores case."""
    exact: set[str] = set()
    loose: set[str] = set()
    for _, parts, _ in named:
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            exact.add(path)
            loose.add(folded(path, case_sensitive=False))
    return len(loose) < len(exact)
