"""The plan of a download in the making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.panes.s3.transfers.draft import Decided, PlanDraft
from tui.services.aws import Connection
from tui.services.blocking import while_awaited
from tui.services.s3 import ObjectVersion
from tui.services.transfers import (
    DownloadPlan,
    Leftover,
    Pattern,
    Problem,
    RemoteObject,
    TransferService,
    build_download_plan,
)
from tui.services.transfers.chosen_versions import remote_versions


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
        self.leftovers: tuple[Leftover, ...] = ()
        """Unfinished files of earlier downloads, in the folders that are written into."""
        self.remove_leftovers = False

    async def _collect(self) -> None:
        source = self.source
        self.objects.extend(remote_versions(source.versions, source.base))
        found = self._transfers.planner.objects(
            source.bucket, source.keys, source.prefixes, base=source.base, at=source.at
        )
        async for answer in found:
            if isinstance(answer, Problem):
                self.problems.append(answer)
            else:
                self.objects.extend(answer)
            await self._count(len(self.objects))

    async def _build(self, patterns: tuple[Pattern, ...], first: int | None = None) -> DownloadPlan:
        with while_awaited(self.objects[:first]) as objects:
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
        return plan

    def _decided(self, plan: DownloadPlan) -> Decided[DownloadPlan]:
        wanted = self.leftovers if self.remove_leftovers else ()
        return Decided(plan, self.policy, dict(self.overrides), wanted)

    def more_to_say(self, plan: DownloadPlan) -> Sequence[str]:
        renamed = len(plan.renamed)
        return (f"{renamed:,} get another name here",) if renamed else ()
