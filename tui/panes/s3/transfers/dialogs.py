"""The plans of an upload and of a download, and the fields above them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Checkbox, Input, Static

from tui.panes.s3.transfers.download_draft import DownloadDraft, DownloadSource
from tui.panes.s3.transfers.messages import leftovers_text
from tui.panes.s3.transfers.plan_dialog import SettingDialog, TransferPlanDialog
from tui.panes.s3.transfers.rows import (
    DOWNLOAD_COLUMNS,
    UPLOAD_COLUMNS,
    PlanRow,
    download_rows,
    upload_rows,
)
from tui.panes.s3.transfers.upload_draft import UploadDraft
from tui.services.aws import Connection
from tui.services.transfers import DownloadPlan, TransferService, UploadPlan
from tui.widgets.dialogs.form_fields import Flag
from tui.widgets.text.safe_input import SafeInput
from tui.widgets.text.safe_text import content


class UploadDialog(SettingDialog[UploadPlan]):
    """The files that were picked, the folder that they go into, and the plan of it."""

    COLUMNS = UPLOAD_COLUMNS
    VERB = "Upload"

    draft: UploadDraft

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
        draft = UploadDraft(transfers, paths, bucket, prefix, at=at)
        if before is not None:
            before.take_fields()
            draft.folder, draft.patterns = before.draft.folder, before.draft.patterns
            draft.attributes = before.draft.attributes
            draft.follows_links = before.draft.follows_links
        super().__init__(f"Upload to s3://{bucket}/", draft)
        self._folder = SafeInput(draft.folder, id="prefix", placeholder="the top of the bucket")
        label = content("keep the names of chosen folders in the keys")
        self._keep = Flag(label, draft.keep_folder_names, id="keep")
        self._keep.display = False
        self._follow = Flag("follow links", draft.follows_links, id="follow")
        self._follow.display = False

    def compose_fields(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Static("Into folder", classes="label")
            yield self._folder
        yield self._keep
        yield self._follow
        yield self.attributes_row

    def take_fields(self) -> None:
        super().take_fields()
        self.draft.folder = self._folder.value
        self.draft.keep_folder_names = self._keep.value
        self.draft.follows_links = self._follow.value

    def draw_fields(self) -> None:
        self._keep.display = self.draft.has_folders
        self._follow.display = self.draft.has_links

    def rows(self, plan: UploadPlan) -> list[PlanRow]:
        draft = self.draft
        return upload_rows(
            plan,
            draft.policy_of,
            draft.same,
            looking=draft.is_looking,
            picked_in=draft.picked_in,
        )

    @on(Checkbox.Changed)
    def _keep_changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.replan(at_once=True)


class DownloadDialog(TransferPlanDialog[DownloadPlan]):
    """The objects that were chosen, the folder that they go into, and the plan of it."""

    COLUMNS = DOWNLOAD_COLUMNS
    VERB = "Download"

    draft: DownloadDraft

    def __init__(self, transfers: TransferService, source: DownloadSource, folder: Path) -> None:
        draft = DownloadDraft(transfers, source, folder)
        super().__init__(f"Download from s3://{source.bucket}/{source.base}", draft)
        self._as = SafeInput("", id="as")
        self._as_row = Horizontal(Static("As", classes="label"), self._as, classes="row")
        self._as_row.display = False
        self._leftovers = Flag("", False, id="leftovers")
        self._leftovers.display = False

    def compose_fields(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Static("Into folder", classes="label")
            yield Static(content(str(self.draft.folder), "bold"))
        yield self._as_row
        yield self._leftovers

    @property
    def first_field(self) -> Input:
        return self._patterns

    def take_fields(self) -> None:
        super().take_fields()
        self.draft.remove_leftovers = self._leftovers.value
        typed = self._as.value if self._as_row.display else ""
        self.draft.name = "" if typed == self.draft.usual_name else typed

    def draw_fields(self) -> None:
        usual = self.draft.usual_name
        if usual and not self._as_row.display:
            # The plan that is made next is for this name.
            with self._as.prevent(Input.Changed):
                self._as.value = usual
            self._as_row.display = True
        found = self.draft.leftovers
        self._leftovers.display = bool(found)
        self._leftovers.label = content(f"remove {leftovers_text(found)} from these folders")

    def rows(self, plan: DownloadPlan) -> list[PlanRow]:
        return download_rows(plan, self.draft.policy_of, self.draft.same)
