"""Before a download: which objects, which names, what happens to what exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Checkbox, Static

from tui.panes.s3.transfers.messages import leftovers_text
from tui.panes.s3.transfers.plan_dialog import Decided, PlanDialog
from tui.panes.s3.transfers.rows import DOWNLOAD_COLUMNS, PlanRow, download_rows
from tui.services.aws import Connection
from tui.services.transfers import (
    DownloadPlan,
    Leftover,
    Pattern,
    Problem,
    RemoteObject,
    TransferService,
)
from tui.widgets.form_fields import Flag
from tui.widgets.safe_text import content


@dataclass(frozen=True)
class Source:
    """What is to be downloaded."""

    bucket: str
    keys: tuple[str, ...]
    prefixes: tuple[str, ...]
    base: str
    """The prefix that every key and prefix begins with; local names begin after it."""
    at: Connection
    """Where and as whom it was chosen."""


class DownloadDialog(PlanDialog[DownloadPlan]):
    """The objects that were chosen, the folder that they go into, and the plan of it."""

    COLUMNS = DOWNLOAD_COLUMNS
    VERB = "Download"

    def __init__(self, transfers: TransferService, source: Source, folder: Path) -> None:
        super().__init__(transfers, f"Download from s3://{source.bucket}/{source.base}")
        self.source = source
        self.folder = folder
        self.objects: list[RemoteObject] = []
        self.leftovers: tuple[Leftover, ...] = ()
        """Unfinished files of earlier downloads, in the folders that are written into."""

    def compose_fields(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Static("Into folder", classes="label")
            yield Static(content(str(self.folder), "bold"))
        yield Flag("", False, id="leftovers")

    def on_mount(self) -> None:
        self.query_one("#leftovers").display = False

    async def collect(self) -> None:
        source = self.source
        found = self.transfers.planner.objects(
            source.bucket, source.keys, source.prefixes, base=source.base, at=source.at
        )
        async for answer in found:
            if isinstance(answer, Problem):
                self.problems.append(answer)
            else:
                self.objects.extend(answer)
            self.show_found(len(self.objects))

    async def make_plan(self, patterns: tuple[Pattern, ...]) -> DownloadPlan:
        plan = await self.transfers.planner.build_download(
            self.objects,
            self.problems,
            bucket=self.source.bucket,
            folder=self.folder,
            at=self.source.at,
            patterns=patterns,
        )
        self.leftovers = await self.transfers.leftovers.beside(plan)
        flag = self.query_one("#leftovers", Flag)
        flag.display = bool(self.leftovers)
        flag.label = content(f"remove {leftovers_text(self.leftovers)} from these folders")
        return plan

    def decided(self, plan: DownloadPlan) -> Decided[DownloadPlan]:
        wanted = self.query_one("#leftovers", Checkbox).value
        return replace(super().decided(plan), leftovers=self.leftovers if wanted else ())

    def rows(self, plan: DownloadPlan) -> list[PlanRow]:
        return download_rows(plan, self.policy_of)

    def more_to_say(self, plan: DownloadPlan) -> Sequence[str]:
        renamed = len(plan.renamed)
        return (f"{renamed:,} get another name here",) if renamed else ()
