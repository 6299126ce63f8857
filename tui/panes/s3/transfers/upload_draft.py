"""The plan of an upload in the making."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.panes.s3.transfers.draft import PREVIEWED, PlanDraft, twins_name
from tui.panes.s3.transfers.empty_folders import FoundEmpty
from tui.panes.s3.transfers.plan_text import empty_folders_text, hidden_text, links_text
from tui.services.aws import Connection
from tui.services.blocking import while_awaited
from tui.services.s3 import Listed
from tui.services.transfers import (
    ExistingObject,
    LocalFile,
    Pattern,
    TransferService,
    Twins,
    UploadPlan,
    build_upload_plan,
    parse_patterns,
)
from tui.services.transfers.models import START
from tui.services.transfers.more import MoreFiles
from tui.services.transfers.planning.plan import with_existing


def _built(known: Mapping[str, ExistingObject | None], /, *args: Any, **kwargs: Any) -> UploadPlan:
    """As `build_upload_plan`, with what is `known` already of its keys."""
    plan = build_upload_plan(*args, **kwargs)
    return with_existing(plan, known, frozenset(i.key for i in plan.items if i.key not in known))


def _together(paths: Sequence[Path]) -> Path | None:
    """The folder in which all of them are; None where it is the root."""
    parents = {os.path.dirname(path) for path in paths}
    together = Path(os.path.commonpath(parents)) if parents else Path()
    return together if together.name else None


class UploadDraft(PlanDraft[UploadPlan]):
    """The files that were picked, and the folder that they go into."""

    def __init__(
        self,
        transfers: TransferService,
        paths: Sequence[Path],
        bucket: str,
        folder: str,
        *,
        at: Connection,
    ) -> None:
        super().__init__(transfers)
        self.paths = tuple(paths)
        self.bucket = bucket
        self.folder = folder
        """As it was typed."""
        self.keep_folder_names = True
        self.follows_links = True
        """Whether what links lead to is sent."""
        self.at = at
        """Where and as whom the bucket was chosen."""
        self.picked_in: Path | None = None
        """The folder in which all was picked; None where it is the root, or not known yet."""
        self.files: list[LocalFile] = []
        self._empty = FoundEmpty()
        self._links_beyond = 0
        """Links among the files that the plan does not hold."""
        self._last = START
        """Where the files end that are held."""
        self._looked_up: dict[str, ExistingObject | None] = {}
        """What S3 has said of keys; other patterns need not ask again."""

    @property
    def asked(self) -> tuple[object, ...]:
        how = (self.keep_folder_names, self.follows_links)
        return (self.patterns, self.folder, *how, self.attributes)

    @property
    def prefix(self) -> str:
        """The folder that was typed, as a prefix: it appears by itself with its first key."""
        folder = self.folder
        return f"{folder}/" if folder and not folder.endswith("/") else folder

    @property
    def has_folders(self) -> bool:
        """Whether folders were picked, whose names may be in the keys or not."""
        return any(file.root_name for file in self.files)

    @property
    def has_links(self) -> bool:
        """Whether there are links among what was found, or may be among what is found later."""
        return self.is_large or any(file.leads_to for file in self.files)

    async def _collect(self) -> None:
        self.files, self._last = [], START
        self._empty, self._links_beyond = FoundEmpty(), 0
        # On a thread: there may be 100,000.
        self.picked_in = await asyncio.to_thread(_together, self.paths)
        async for batch in self._transfers.planner.walk(self.paths):
            self._empty.add(batch.empty_folders)
            if len(self.files) + len(self.problems) >= PREVIEWED:
                size = sum(file.size for file in batch.files)
                self._links_beyond += sum(bool(file.leads_to) for file in batch.files)
                self._beyond(self._held_bytes, len(batch.files), size)
                continue
            self.files.extend(batch.files)
            self.problems.extend(batch.problems)
            self._last = batch.last
            await self._count(len(self.files))

    @property
    def _held_bytes(self) -> int:
        return 0 if self.is_large else sum(file.size for file in self.files)

    @property
    def more(self) -> MoreFiles | None:
        if not self.is_large:
            return None
        patterns = parse_patterns(self.patterns)
        return MoreFiles(
            self.paths,
            self.prefix,
            self.keep_folder_names,
            patterns,
            after=self._last,
            attributes=self.attributes,
            follows_links=self.follows_links,
        )

    async def _build(self, patterns: tuple[Pattern, ...], first: int | None = None) -> UploadPlan:
        with while_awaited(self.files[:first]) as files:
            return await self._transfers.planner.build(
                _built,
                dict(self._looked_up),
                files,
                tuple(self.problems),
                bucket=self.bucket,
                prefix=self.prefix,
                at=self.at,
                patterns=patterns,
                keep_folder_names=self.keep_folder_names,
                attributes=self.attributes,
                follows_links=self.follows_links,
                empty_folders=self._empty.folders,
            )

    async def _check(self, plan: UploadPlan) -> UploadPlan:
        return await self._transfers.planner.check(plan, self._looked_up)

    def twins(self, plan: UploadPlan) -> Sequence[Twins]:
        return [
            Twins(
                twins_name(item),
                item.path,
                Listed(plan.bucket, item.key, item.existing.size, item.existing.etag),
            )
            for item in plan.conflicts
            if item.existing is not None and item.existing.size == item.size
        ]

    def more_to_say(self, plan: UploadPlan) -> Sequence[str]:
        said = []
        if any(part != part.strip() for part in plan.prefix.split("/")):
            said.append(f"the folder has blanks around a name: “{plan.prefix}”")
        if plan.links:
            said.append(links_text(len(plan.links)))
        if plan.hidden:
            said.append(hidden_text(plan.hidden))
        if self._empty.count and not self.is_large:
            said.append(empty_folders_text(self._empty.count))
        if self._checked and plan.unchecked:
            said.append(f"{plan.unchecked:,} could not be looked up: what exists is left alone")
        return said

    def said_of_others(self) -> Sequence[str]:
        said = []
        if self._links_beyond:
            said.append(links_text(self._links_beyond))
        if self._empty.count:
            said.append(empty_folders_text(self._empty.count))
        return said
