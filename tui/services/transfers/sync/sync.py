"""A local folder and a prefix side by side: what is new, changed, the same, or on one side only.

Both come in the order of S3's listing and are merged, so that only what is to be done is kept.
Nothing is sent, written or deleted here. Blocking: run on a pool.

What counts as changed is what `aws s3 sync` says ("sync" in the reference of the AWS CLI, and its
own `customizations/s3/syncstrategy`): another size; or a source that is newer, in an upload the
local file. In a download its rule is the other way round, and a newer object of the same size
stays unseen; with `--exact-timestamps` any other time counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tui.services.aws import Connection
from tui.services.placing import ExistingFile
from tui.services.quantities import size_text
from tui.services.s3.properties.upload_attributes import DEFAULTS, UploadAttributes
from tui.services.transfers.local.local_files import local_parts, resolved
from tui.services.transfers.local.naming import TAKEN, TakenNames, chosen_folder
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
from tui.services.transfers.planning.plan import unfit
from tui.services.transfers.route import Direction
from tui.services.transfers.sync.sync_merge import in_order, merged
from tui.services.transfers.sync.sync_places import SyncPlaces
from tui.services.transfers.sync.sync_plan import SyncBy, SyncKind, SyncPlan, SyncRow, SyncTally
from tui.services.transfers.sync.sync_sides import (
    KeptDownloads,
    KeptFiles,
    KeptObjects,
    KeptPairs,
    KeptProblems,
    KeptUploads,
    saying_what_is_full,
)

NAMED = 2000
"""Rows of each kind that are kept to be shown; the rest is counted."""


def build_sync_plan(
    files: Iterable[LocalFile],
    objects: Iterable[RemoteObject],
    problems: Iterable[Problem],
    *,
    direction: Direction,
    bucket: str,
    prefix: str,
    folder: Path,
    at: Connection,
    by: SyncBy = SyncBy.TIME,
    deletes: bool = False,
    patterns: Sequence[Pattern] = (),
    verdicts: Mapping[str, bool | None] | None = None,
    attributes: UploadAttributes = DEFAULTS,
) -> SyncPlan:
    """The plan that makes one side of `folder` and `prefix` as the other.

    `files` were walked below `folder`, `objects` listed below `prefix`; both come in the order of
    their names' bytes, except objects that are in memory. What the patterns leave
    out is left alone on both sides. `verdicts` says of names whether the contents of both sides
    are the same, None where nothing tells it. Raises ServiceError.
    """
    known = verdicts or {}
    made = _Comparison(direction, bucket, prefix, folder, by, patterns, known, attributes, deletes)
    ordered = in_order(objects) if isinstance(objects, list | tuple) else objects
    with saying_what_is_full():
        for problem in problems:
            made.problem(problem)
        for file, found in merged(files, ordered):
            made.take(file, found)
        return made.plan(at)


class _Comparison:
    """Takes pair after pair, and keeps what is to be done and shown."""

    def __init__(
        self,
        direction: Direction,
        bucket: str,
        prefix: str,
        folder: Path,
        by: SyncBy,
        patterns: Sequence[Pattern],
        verdicts: Mapping[str, bool | None],
        attributes: UploadAttributes,
        deletes: bool,
    ) -> None:
        self._deletes = deletes
        self._direction = direction
        self._is_upload = direction is Direction.UPLOAD
        self._bucket = bucket
        self._prefix = prefix
        self._folder = folder if self._is_upload else chosen_folder(folder)
        self._start = os.path.join(folder, "")
        """What the path of a file begins with, before its name below the folder."""
        self._inside = resolved(folder)
        self._by = by
        self._sieve = Sieve(patterns)
        self._verdicts = verdicts
        self._attributes = attributes
        self._same = _same_text(by, is_upload=self._is_upload)
        self._problems = KeptProblems()
        self._unknown = TakenNames()
        """Names below the folder of which it is not known what is there: the same name on the
        other side, and what is under it, is not "only there"."""
        self._is_unknown = False
        """Whether there are any."""
        self._rows: dict[SyncKind, list[SyncRow]] = {kind: [] for kind in SyncKind}
        self._tallies = {kind: SyncTally() for kind in SyncKind}
        self._uploads = KeptUploads()
        self._hidden = self._links = 0
        self._extra_objects = KeptObjects(prefix)
        """What an upload deletes."""
        self._downloads = KeptDownloads()
        self._extras = KeptFiles()
        self._places = SyncPlaces(self._folder)
        """Every name of the source of a download."""
        self._to_compare = KeptPairs(prefix)

    def problem(self, problem: Problem) -> None:
        """Something local that cannot be read or sent."""
        self._problems.append(problem)
        name = problem.name.removeprefix(self._start)
        self._unknown.take(_known_as("" if name == str(self._folder) else name))
        self._is_unknown = True

    def take(self, file: LocalFile | None, found: RemoteObject | None) -> None:
        name = file.relative if file is not None else found.inside if found is not None else ""
        if not self._sieve.passes(name, self._start + name, name):
            return
        if file is not None and not self._is_inside(file):
            why = "a link leads out of the chosen folder"
            self.problem(Problem(str(file.path), f"{why}: {file.leads_to}"))
            return
        source, there = (file, found) if self._is_upload else (found, file)
        if source is None:
            self._extra(file, found)
        elif there is None:
            self._send(name, SyncKind.NEW, "", file, found)
        elif file is not None and found is not None:
            reason = self._changed(name, file, found)
            if reason:
                self._send(name, SyncKind.CHANGED, reason, file, found)
            else:
                self._count(name, SyncKind.SAME, self._same, file, found)

    def _extra(self, file: LocalFile | None, found: RemoteObject | None) -> None:
        """What is on the far side only."""
        if file is not None:
            # A link is never deleted for what it leads to.
            if not file.leads_to:
                self._extras.append(file)
        elif found is not None and not self._may_be_here(found.inside):
            # Of very many, only those are kept that are to be deleted.
            if self._deletes:
                self._extra_objects.append(found)
            self._count(found.inside, SyncKind.EXTRA, self._what("only in S3"), None, found)

    def _what(self, where: str) -> str:
        return f"{where}: DELETE" if self._deletes else f"{where}: stays"

    def _is_inside(self, file: LocalFile) -> bool:
        return not file.leads_to or Path(file.leads_to).is_relative_to(self._inside)

    # -- what differs ----------------------------------------------------------------------

    def _changed(self, name: str, file: LocalFile, found: RemoteObject) -> str:
        """Why the two differ, "" if they do not."""
        sizes = (found.size, file.size) if self._is_upload else (file.size, found.size)
        if sizes[0] != sizes[1]:
            return f"another size: {size_text(sizes[0])} → {size_text(sizes[1])}"
        if self._by is SyncBy.SIZE:
            return ""
        if self._by is SyncBy.CHECKSUM:
            if name not in self._verdicts:
                self._to_compare.append(file, found)
                return ""
            same = self._verdicts[name]
            if same is None:
                return "nothing tells whether its content is the same"
            return "" if same else "another content"
        return self._by_time(file, found)

    def _by_time(self, file: LocalFile, found: RemoteObject) -> str:
        if found.modified is None:
            return "when the object was stored is not known"
        # In microseconds, as the CLI has them.
        here = file.mtime_ns // 1000
        there = round(found.modified.timestamp() * 1_000_000)
        if self._is_upload:
            return "newer here" if here > there else ""
        if self._by is SyncBy.EXACT:
            return "" if here == there else "newer in S3" if there > here else "older in S3"
        return "older in S3" if there < here else ""

    # -- what is done ----------------------------------------------------------------------

    def _send(
        self,
        name: str,
        kind: SyncKind,
        reason: str,
        file: LocalFile | None,
        found: RemoteObject | None,
    ) -> None:
        if self._is_upload and file is not None:
            key = self._prefix + name
            if why := unfit(file, key):
                self._problems.append(Problem(str(file.path), why))
                return
            self._hidden += file.is_hidden
            self._links += bool(file.leads_to)
            existing = None
            if found is not None:
                existing = ExistingObject(found.size, found.etag, found.modified)
            self._uploads.append(
                UploadItem(
                    file.path,
                    key,
                    file.size,
                    file.mtime_ns,
                    existing,
                    checked=True,
                    leads_to=file.leads_to,
                    is_hidden=file.is_hidden,
                    attributes=self._attributes,
                )
            )
        elif found is not None:
            parts, why = local_parts(name)
            if file is not None and file.leads_to:
                why = f"here it is a link to {file.leads_to}, which is not replaced"
            seen = ExistingFile(file.size, file.mtime_ns) if file is not None else None
            target = self._folder.joinpath(*parts)
            if why := why or self._places.take(parts, target, seen):
                # Where names are not told apart, what stands there may seem to be only here.
                self._places.note(name)
                self._problems.append(Problem(found.key, f"not synchronised: {why}"))
                return
            self._downloads.append(
                DownloadItem(
                    found.key, found.size, found.etag, found.modified, target, existing=seen
                )
            )
        self._count(name, kind, reason, file, found)

    def _count(
        self,
        name: str,
        kind: SyncKind,
        reason: str,
        file: LocalFile | None,
        found: RemoteObject | None,
    ) -> None:
        if kind is SyncKind.SAME and not self._is_upload:
            self._places.note(name)
        source, there = (file, found) if self._is_upload else (found, file)
        shown = source or there
        size = shown.size if shown is not None else 0
        self._tallies[kind].count += 1
        self._tallies[kind].bytes += size
        if len(self._rows[kind]) < NAMED:
            there_size = there.size if there is not None else None
            is_sent = self._is_upload and kind in {SyncKind.NEW, SyncKind.CHANGED}
            leads_to = file.leads_to if is_sent and file is not None else ""
            self._rows[kind].append(
                SyncRow(name, kind, reason, size, there_size, _modified(there), leads_to)
            )

    # -- the plan --------------------------------------------------------------------------

    def plan(self, at: Connection) -> SyncPlan:
        transfers, deletes = self._transfers(at), self._deletes
        files = self._extra_files()
        # Whoever draws the plan finds them on disk, and is not the one who is told that it is full.
        self._problems.write()
        self._places.close()
        self._unknown.close()
        order = (SyncKind.EXTRA,) if deletes else ()
        kinds = (
            *order,
            SyncKind.CHANGED,
            SyncKind.NEW,
            *(() if deletes else (SyncKind.EXTRA,)),
            SyncKind.SAME,
        )
        return SyncPlan(
            self._direction,
            self._folder,
            transfers,
            self._by,
            deletes,
            tuple(row for kind in kinds for row in self._rows[kind]),
            self._tallies,
            self._extra_objects,
            files,
            self._problems,
            self._sieve.left_out,
            self._to_compare,
            hidden=self._hidden,
            links=self._links,
        )

    def _transfers(self, at: Connection) -> UploadPlan | DownloadPlan:
        if self._is_upload:
            return UploadPlan(self._bucket, self._prefix, self._uploads, at=at)
        self._leave_lost()
        return DownloadPlan(self._bucket, self._folder, self._downloads, at=at)

    def _leave_lost(self) -> None:
        """What has no place of its own here counts as a problem only."""
        for name in self._places.lost():
            item = self._downloads.remove(self._prefix + name)
            self._problems.append(Problem(item.key, f"not synchronised: {TAKEN}"))
            kind = SyncKind.NEW if item.existing is None else SyncKind.CHANGED
            self._tallies[kind].count -= 1
            self._tallies[kind].bytes -= item.size
            self._rows[kind] = [row for row in self._rows[kind] if row.name != name]

    def _extra_files(self) -> KeptFiles:
        """What a download finds on this machine only."""
        folds = bool(self._extras) and bool(self._places.folds)
        files = KeptFiles()
        for file in self._extras:
            if folds and self._places.holds(file.relative):
                # By its other name it is what was downloaded.
                continue
            files.append(file)
            self._count(file.relative, SyncKind.EXTRA, self._what("only here"), file, None)
        return files

    def _may_be_here(self, name: str) -> bool:
        if not self._is_unknown:
            return False
        parts = name.split("/")
        above = ("/".join(parts[:depth]) for depth in range(len(parts) + 1))
        return any(self._unknown.holds(_known_as(each)) for each in above)


def _known_as(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _same_text(by: SyncBy, *, is_upload: bool) -> str:
    """Why two are called identical."""
    return {
        SyncBy.SIZE: "same size",
        SyncBy.CHECKSUM: "same content",
        SyncBy.TIME: "same size, not newer" if is_upload else "same size, not older",
        SyncBy.EXACT: "same size, not newer" if is_upload else "same size and time",
    }[by]


def _modified(there: LocalFile | RemoteObject | None) -> datetime | None:
    if isinstance(there, LocalFile):
        return datetime.fromtimestamp(there.mtime_ns / 1e9, UTC)
    return there.modified if there is not None else None
