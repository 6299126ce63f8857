"""The plan of a download in the making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tui.panes.s3.transfers.draft import PREVIEWED, Decided, PlanDraft, twins_name
from tui.services.aws import Connection
from tui.services.blocking import while_awaited
from tui.services.quantities import counted, size_text
from tui.services.s3 import Listed, ObjectVersion
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.transfers import (
    DownloadPlan,
    Leftover,
    Pattern,
    Problem,
    RemoteObject,
    TransferService,
    Twins,
    build_download_plan,
    parse_patterns,
)
from tui.services.transfers.models import START, WalkPosition
from tui.services.transfers.more import MoreObjects
from tui.services.transfers.planning.chosen_versions import remote_versions


@dataclass(frozen=True)
class DownloadSource:
    """What is to be downloaded."""

    bucket: str
    keys: tuple[str, ...]
    prefixes: tuple[str, ...]
    base: str
    """The prefix that every key and prefix begins with; local names begin after it."""
    at: Connection
    """Where and as whom it was chosen."""
    versions: tuple[ObjectVersion, ...] = ()
    """Versions that were chosen, beside the keys and prefixes."""


class DownloadDraft(PlanDraft[DownloadPlan]):
    """The objects that were chosen, and the folder that they go into."""

    def __init__(self, transfers: TransferService, source: DownloadSource, folder: Path) -> None:
        super().__init__(transfers)
        self.source = source
        self.folder = folder
        self.objects: list[RemoteObject] = []
        self._last = START
        """Where the objects end that are held."""
        self.leftovers: tuple[Leftover, ...] = ()
        """Unfinished files of earlier downloads, in the folders that are written into."""
        self._too_little: int | None = None
        """Bytes that are free where they go, if that is too little for what is new."""
        self.remove_leftovers = False
        self.name = ""
        """What a single object is to be called here, below the folder; empty: as its key says."""

    @property
    def asked(self) -> tuple[object, ...]:
        return (self.patterns, self.name)

    @property
    def usual_name(self) -> str:
        """What a single object is called if nothing else is typed; empty where there are several,
        or a prefix was chosen."""
        alone = len(self.objects) == 1 and not self.source.prefixes and not self.is_large
        found = self.objects[0].inside if alone else ""
        return "" if found.endswith("/") else found

    async def _collect(self) -> None:
        source, self.objects, self._last = self.source, [], START
        self.objects.extend(remote_versions(source.versions, source.base))
        if source.keys:
            await self._take(source.keys, (), 0)
        for number, prefix in enumerate(source.prefixes):
            await self._take((), (prefix,), number)

    async def _take(self, keys: tuple[str, ...], prefixes: tuple[str, ...], number: int) -> None:
        source = self.source
        found = self._transfers.planner.objects(
            source.bucket, keys, prefixes, base=source.base, at=source.at
        )
        # The listings of a directory bucket cannot be gone on with.
        can_be_large = bool(prefixes) and not is_directory_bucket(source.bucket)
        async for answer in found:
            is_enough = can_be_large and len(self.objects) >= PREVIEWED
            if isinstance(answer, Problem):
                if not is_enough:
                    self.problems.append(answer)
                continue
            if is_enough:
                self._beyond(self._held_bytes, len(answer), sum(each.size for each in answer))
                continue
            self.objects.extend(answer)
            if prefixes and answer:
                self._last = WalkPosition(number, answer[-1].key)
            await self._count(len(self.objects))

    @property
    def _held_bytes(self) -> int:
        return 0 if self.is_large else sum(each.size for each in self.objects)

    @property
    def more(self) -> MoreObjects | None:
        if not self.is_large:
            return None
        patterns = parse_patterns(self.patterns)
        return MoreObjects(self.source.prefixes, self.source.base, patterns, after=self._last)

    async def _build(self, patterns: tuple[Pattern, ...], first: int | None = None) -> DownloadPlan:
        held = self.objects[:first]
        if self.name and self.usual_name:
            # As in a copy, a slash at the end means: into that folder, under the same name.
            last = self.usual_name if self.name.endswith("/") else ""
            held = [replace(held[0], inside=self.name + last)]
        with while_awaited(held) as objects:
            return await self._transfers.planner.build(
                build_download_plan,
                objects,
                tuple(self.problems),
                bucket=self.source.bucket,
                folder=self.folder,
                at=self.source.at,
                patterns=patterns,
            )

    async def _check(self, plan: DownloadPlan) -> DownloadPlan:
        self.leftovers = await self._transfers.leftovers.beside(plan)
        free = await self._transfers.folders.free(plan.folder)
        needed = sum(item.size for item in plan.items if item.existing is None)
        if self.is_large and not self.patterns:
            needed = max(needed, self._bytes)
        self._too_little = free if free is not None and needed > free else None
        return plan

    def _decided(self, plan: DownloadPlan) -> Decided[DownloadPlan]:
        wanted = self.leftovers if self.remove_leftovers else ()
        return Decided(plan, self.policy, dict(self.overrides), wanted, self.more)

    def twins(self, plan: DownloadPlan) -> Sequence[Twins]:
        return [
            Twins(
                twins_name(item),
                item.target,
                Listed(plan.bucket, item.key, item.size, item.etag, item.version_id),
            )
            for item in plan.conflicts
            if item.existing is not None and item.existing.size == item.size
        ]

    def more_to_say(self, plan: DownloadPlan) -> Sequence[str]:
        said = []
        if plan.renamed:
            said.append(f"{counted(len(plan.renamed), 'gets', 'get')} another name here")
        if self._too_little is not None:
            said.append(f"only {size_text(self._too_little)} are free on this disk")
        return said
