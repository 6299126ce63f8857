"""Uploading files and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.s3.transfers.messages import TransferLine, ended_text
from tui.services.transfers import Direction, JobSnapshot, JobState
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane


class Upload(OldCommand["S3Pane"]):
    """Upload files and folders that you pick into this prefix, or into a folder that appears by
    itself; shows what goes where first, and never overwrites unasked."""

    verb = verbs.UPLOAD
    asks = True
    changes = True
    footer = True

    def available(self, host: S3Pane) -> bool:
        return bool(host.bucket)

    def instead(self, host: S3Pane) -> str:
        return "Upload needs a bucket; there is none here. n creates one."

    async def run(self, host: S3Pane) -> None:
        from tui.panes.s3.transfers.upload_dialog import UploadDialog
        from tui.widgets.file_picker import FilesPicker

        transfers = host.services.transfers
        transfers.refuse_if_read_only()
        bucket, at = host.bucket, transfers.connection
        prefix = "" if host.location.is_root else host.location.folder
        start = await transfers.folders.nearest(transfers.folders.last_upload)
        title = f"Upload to s3://{bucket}/{prefix}: choose files and folders"
        picker = FilesPicker(transfers.folders, start, title=title)
        dialog: UploadDialog | None = None
        decided = None
        while decided is None:
            paths = await host.ask(picker, follows=True)
            if not paths:
                return
            transfers.folders.last_upload = paths[0].parent
            dialog = UploadDialog(transfers, paths, bucket, prefix, at=at, before=dialog)
            decided = await host.ask(dialog)
            # Esc in the plan leads back to where the files were chosen.
            picker = FilesPicker(transfers.folders, picker.folder, title=title, before=picker)
        job = await transfers.start_upload(decided.plan, decided.policy, decided.overrides)
        follow(host, job)


def follow(pane: S3Pane, job: int) -> None:
    """Show the job in the pane, and how it ended; an upload into this bucket is listed anew."""
    lines = pane.query(TransferLine)
    if lines:
        lines.first().follow(job)
        return
    line = TransferLine(pane.services.transfers, lambda ended: _ended(pane, ended))
    pane.mount(line)
    line.call_after_refresh(line.follow, job)


def _ended(pane: S3Pane, job: JobSnapshot) -> None:
    severity = "information" if job.state is JobState.DONE else "warning"
    pane.say(ended_text(job), severity=severity)
    if job.direction is Direction.UPLOAD and pane.location.bucket == job.bucket:
        pane.reload()
