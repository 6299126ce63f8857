"""A sync before it starts: the way, what is compared, and what becomes of each name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Checkbox, Select, Static

from tui.panes.s3.transfers.plan_dialog import SettingDialog
from tui.panes.s3.transfers.rows import PlanRow, sync_rows
from tui.panes.s3.transfers.sync_draft import SyncDraft
from tui.services.aws import Connection
from tui.services.transfers import Direction, SyncBy, SyncPlan, TransferService
from tui.widgets.dialogs.form_fields import Flag
from tui.widgets.dialogs.option_pages import Dropdown
from tui.widgets.grid.cells import Column
from tui.widgets.text.safe_text import content

_BY = (
    ("size and time, as aws s3 sync", SyncBy.TIME.value),
    ("size and exact time, as --exact-timestamps", SyncBy.EXACT.value),
    ("size only", SyncBy.SIZE.value),
    ("content (checksum): reads every local file of the same size", SyncBy.CHECKSUM.value),
)


class SyncDialog(SettingDialog[SyncPlan]):
    """A folder and a prefix, and the plan that makes one as the other."""

    COLUMNS = (
        Column("Name", max_width=120, min_width=16, grow=True),
        Column("Size", align="right", min_width=9),
        Column("What happens", min_width=12, max_width=60),
        Column("There now", max_width=28),
    )
    VERB = "Sync"

    draft: SyncDraft

    def __init__(
        self,
        transfers: TransferService,
        bucket: str,
        prefix: str,
        folder: Path,
        *,
        at: Connection,
        before: SyncDialog | None = None,
    ) -> None:
        """`before` is a dialog that was left: what was chosen in it is kept; without one, the
        patterns of a sync that was left."""
        draft = SyncDraft(transfers, bucket, prefix, folder, at=at)
        draft.patterns = transfers.folders.sync_patterns
        if before is not None:
            before.take_fields()
            for name in ("direction", "by", "deletes", "patterns", "attributes"):
                setattr(draft, name, getattr(before.draft, name))
        super().__init__(f"Sync {folder} and s3://{bucket}/{prefix}", draft)
        ways = (
            ("↑ to S3: the prefix becomes as the folder", Direction.UPLOAD.value),
            ("↓ to this machine: the folder becomes as the prefix", Direction.DOWNLOAD.value),
        )
        self._way = Dropdown(
            [(content(label), value) for label, value in ways],
            value=draft.direction.value,
            allow_blank=False,
            compact=True,
            id="way",
        )
        self._by = Dropdown(
            [(content(label), value) for label, value in _BY],
            value=draft.by.value,
            allow_blank=False,
            compact=True,
            id="by",
        )
        self._deletes = Flag("", draft.deletes, id="deletes")

    def compose_fields(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Static("Which way", classes="label")
            yield self._way
        with Horizontal(classes="row"):
            yield Static("Compare by", classes="label")
            yield self._by
        yield self._deletes
        yield self.attributes_row

    def on_mount(self) -> None:
        self.draw_fields()

    def take_fields(self) -> None:
        super().take_fields()
        self.draft.deletes = self._deletes.value

    def draw_fields(self) -> None:
        there = "S3" if self.draft.direction is Direction.UPLOAD else "this machine"
        only = "only in S3" if there == "S3" else "only on this machine"
        self._deletes.label = content(f"delete what is {only}")
        self.attributes_row.display = there == "S3"
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "attributes":
            # Files of this machine have none of these.
            return self.draft.direction is Direction.UPLOAD
        return super().check_action(action, parameters)

    def rows(self, plan: SyncPlan) -> list[PlanRow]:
        return sync_rows(plan)

    @on(Select.Changed, "#way")
    def _way_chosen(self, event: Select.Changed) -> None:
        event.stop()
        chosen: Any = event.value
        self.draft.turn(Direction(chosen))
        self._by.value = self.draft.by.value
        self.draw_fields()
        self.replan(at_once=True)

    @on(Select.Changed, "#by")
    def _by_chosen(self, event: Select.Changed) -> None:
        event.stop()
        chosen: Any = event.value
        self.draft.by = SyncBy(chosen)
        self.replan(at_once=True)

    @on(Checkbox.Changed, "#deletes")
    def _deletes_changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.replan(at_once=True)
