"""Before an upload: where to, which files, what happens to what exists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Checkbox, Input, Static

from tui.panes.s3.transfers.plan_dialog import PlanDialog
from tui.panes.s3.transfers.rows import UPLOAD_COLUMNS, PlanRow, upload_rows
from tui.services.aws import Connection
from tui.services.quantities import counted
from tui.services.transfers import LocalFile, Pattern, TransferService, UploadPlan
from tui.widgets.form_fields import Flag
from tui.widgets.safe_text import content


class UploadDialog(PlanDialog[UploadPlan]):
    """The files that were picked, the folder that they go into, and the plan of it."""

    COLUMNS = UPLOAD_COLUMNS
    VERB = "Upload"

    def __init__(
        self,
        transfers: TransferService,
        paths: Sequence[Path],
        bucket: str,
        prefix: str,
        *,
        at: Connection,
        before: UploadDialog | None = None,
    ) -> None:
        """`before` is a dialog that was left with Esc: what was typed into it is kept."""
        super().__init__(transfers, f"Upload to s3://{bucket}/")
        self.paths = tuple(paths)
        self.bucket = bucket
        self.typed_prefix: str = before.typed_prefix if before is not None else prefix
        self.typed_patterns = before.typed_patterns if before is not None else ""
        self.at = at
        """Where and as whom the bucket was chosen."""
        self.files: list[LocalFile] = []

    def compose_fields(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Static("Into folder", classes="label")
            yield Input(self.typed_prefix, id="prefix", placeholder="the top of the bucket")
        yield Flag(
            content("keep the names of chosen folders in the keys"),
            True,
            id="keep",
            classes="plans",
        )

    def on_mount(self) -> None:
        self.query_one("#keep").display = False

    @property
    def prefix(self) -> str:
        """The folder that was typed, as a prefix: it appears by itself with its first key."""
        typed = self.query_one("#prefix", Input).value
        return f"{typed}/" if typed and not typed.endswith("/") else typed

    async def collect(self) -> None:
        async for batch in self.transfers.planner.walk(self.paths):
            self.files.extend(batch.files)
            self.problems.extend(batch.problems)
            self.show_found(len(self.files))
        self.query_one("#keep").display = any(file.root_name for file in self.files)

    async def make_plan(self, patterns: tuple[Pattern, ...]) -> UploadPlan:
        plan = await self.transfers.planner.build_upload(
            self.files,
            self.problems,
            bucket=self.bucket,
            prefix=self.prefix,
            at=self.at,
            patterns=patterns,
            keep_folder_names=self.query_one("#keep", Checkbox).value,
        )
        self.show_plan(plan)
        return await self.transfers.planner.check(plan)

    def rows(self, plan: UploadPlan) -> list[PlanRow]:
        return upload_rows(plan, self.policy_of)

    def more_to_say(self, plan: UploadPlan) -> Sequence[str]:
        said = []
        if any(part != part.strip() for part in plan.prefix.split("/")):
            said.append(f"the folder has blanks around a name: “{plan.prefix}”")
        if plan.links:
            count = counted(len(plan.links), "is a link", "are links")
            said.append(f"{count} (→): what it leads to is sent")
        if plan.hidden:
            count = counted(plan.hidden, "is hidden", "are hidden")
            said.append(f"{count} (a dot before the name)")
        if self.ready and plan.unchecked:
            said.append(f"{plan.unchecked:,} could not be looked up: what exists is left alone")
        return said

    @on(Input.Changed, "#prefix")
    def _prefix_typed(self, event: Input.Changed) -> None:
        self.typed_prefix = event.value

    @on(Checkbox.Changed)
    def _keep_changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.replan(at_once=True)
